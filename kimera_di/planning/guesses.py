"""What may have been meant by a service that nothing provides: labelled lines for errors.

In: the service and the wiring graph. Out: guesses and advice. Looks for classes in memory, so it runs only when
something is wrong; a class that this library made is never guessed. Calls nothing.
"""

import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kimera_di.errors import Facts
from kimera_di.planning.fit import implements
from kimera_di.planning.generics import origin_of, parameters_of
from kimera_di.planning.graph import Construction, ServiceNode, WiringGraph
from kimera_di.planning.open_problems import rival_facts
from kimera_di.registration.annotations import built_class
from kimera_di.registration.identities import is_type
from kimera_di.registration.interception import is_interceptor
from kimera_di.rendering import did_you_mean, listed, safe_repr, short_name, show_place
from kimera_di.vocabulary import ANY_KEY, HiddenKey, ServiceId

_SHOWN = 3
_VALUES = {"builtins", "datetime", "decimal", "pathlib", "uuid", "fractions", "ipaddress"}
"""Modules whose classes say what a value looks like, not what it is for."""


def missing_facts(wanted: ServiceId, graph: WiringGraph, needed_by: ServiceNode | None = None) -> Facts:
    """Guess what was meant by a service nothing provides: an implementation, another key, a like name.

    Args:
        wanted: The service.
        graph: The wiring.
        needed_by: The registration one of whose parameters asks for it; ``None`` for a look-up.

    Returns:
        Labelled lines, the last one says what to do. O(services).
    """
    if not is_type(wanted.interface) and not isinstance(wanted.interface, str):
        return _no_type(wanted.interface)
    found = _registered_otherwise(wanted, graph) or rival_facts(wanted, graph) or _closed_ones(wanted, graph)
    return found or _of_a_kind(wanted, needed_by) or _like(wanted, graph)


def _registered_otherwise(wanted: ServiceId, graph: WiringGraph) -> Facts:
    """The interface is registered: not under a condition that holds, for another collection, or with another key."""
    name = short_name(wanted.interface)
    lost = [each for each in graph.lost if each.service == wanted]
    if lost:
        lines = [f"{short_name(each.maker)} ({show_place(*each.place)}): {each.reason}" for each in lost[:_SHOWN]]
        return (("not chosen", "\n".join(lines)), ("do this", f"register {name} without the condition, or otherwise"))
    same = [each for each in graph.single if each.interface == wanted.interface]
    private = [each for each in same if isinstance(each.key, HiddenKey) and each.key.module]
    if any(isinstance(each.key, HiddenKey) and each.key.key == wanted.key for each in private):
        return private_facts(private, graph)
    others = [each for each in same if not isinstance(each.key, HiddenKey)]
    if others:
        return _other_keys(wanted, others, graph)
    if wanted.key is None and (with_any := graph.templates.with_any_key(wanted.interface)):
        guess = f"{name} with any key ({show_place(*graph.nodes[with_any[-1]].registered)})"
        return (("did you mean", guess), ("do this", f"ask with a key: resolve({name}, key=...)"))
    return ()


def _of_a_kind(wanted: ServiceId, needed_by: ServiceNode | None) -> Facts:
    """Types that are seldom registered: what they are asked for is said otherwise."""
    if is_open_class(wanted) and needed_by is not None:
        asked = short_name(needed_by.service.interface)
        return (("do this", f"say the type arguments: {asked}[...] in the place of {asked}"),)
    if typing.get_origin(wanted.interface) is Callable:
        return _callable(wanted.interface)
    return _value(short_name(wanted.interface), needed_by) if is_value(wanted.interface) else ()


def is_open_class(wanted: ServiceId) -> bool:
    """Tell whether ``type[T]`` is asked for where nothing says what ``T`` is."""
    return typing.get_origin(wanted.interface) is type and typing.get_args(wanted.interface)[0] is Any


def is_value(interface: Any) -> bool:
    """Tell whether a class says what a value looks like and not what it is for: ``str``, ``int``, ``Path``."""
    return isinstance(interface, type) and interface is not object and interface.__module__.partition(".")[0] in _VALUES


def fitting_facts(node: ServiceNode, nodes: Sequence[ServiceNode]) -> Facts:
    """Say what to register instead of an implementation that does not fit its interface.

    Args:
        node: The registration.
        nodes: All of them, for guesses.

    Returns:
        Labelled lines: an implementation of a class that cannot be built, the two classes the other way round, or
        what is always true.
    """
    interface, given = node.service.interface, built_class(node.maker)
    name, key = short_name(interface), "" if node.service.key is None else f", key={safe_repr(node.service.key)}"
    if node.construction is Construction.INSTANCE and isinstance(node.maker, type):
        return (("do this", f"pass an object, or factory={short_name(node.maker)}"),)
    if node.construction is Construction.INSTANCE or given is None:
        given = None
    method = f"services.{node.lifetime.value}"
    if given is not None and given is interface:
        found = implementations(interface, nodes)
        guess = (("did you mean", "\n".join(text for _, text in found)),) if found else ()
        named = found[0][0] if found else "Implementation"
        return (*guess, ("do this", f"name the class that is built: {method}({name}, {named}{key})"))
    if given is not None and isinstance(interface, type) and implements(interface, given):
        other = short_name(given)
        return (("do this", f"are the two swapped? the interface comes first: {method}({other}, {name}{key})"),)
    return (("do this", f"make it fit {short_name(node.service)}, or register it for another interface"),)


def private_facts(private: Sequence[ServiceId], graph: WiringGraph) -> Facts:
    """Say whose private service was asked for."""
    lines = [f"{short_name(each.interface)} is {each.key!r} ({_place(each, graph)})" for each in private[:_SHOWN]]
    return (("note", "\n".join(lines)), ("do this", "register it there without private=True, or ask for it there"))


def implementations(interface: Any, nodes: Sequence[ServiceNode]) -> list[tuple[str, str]]:
    """Give what implements an interface, registered or not, by name: its name, and a sentence about it."""
    return sorted(_implementing(interface, nodes), key=lambda pair: pair[0])[:_SHOWN]


def what_it_is(asked: Any) -> str:
    """Describe what is no type and was asked for all the same."""
    if isinstance(asked, tuple):
        parts: tuple[Any, ...] = asked  # pyright: ignore[reportUnknownVariableType]
        return f"({', '.join(short_name(each) if is_type(each) else safe_repr(each) for each in parts)})"
    if callable(asked):
        return f"the function {short_name(asked)}"
    is_object = asked is not None and not isinstance(asked, str)
    return f"an object of {short_name(type(asked))}" if is_object else safe_repr(asked)


def _no_type(asked: Any) -> Facts:
    """What was asked for is an object, a pair or nothing at all."""
    parts: tuple[Any, ...] = asked if isinstance(asked, tuple) else ()  # pyright: ignore[reportUnknownVariableType]
    if len(parts[1:]) == 1 and is_type(parts[0]):
        name, given = short_name(parts[0]), safe_repr(parts[1])
        return (("do this", f"resolve({name}, key={given}), or ask for Annotated[{name}, Key({given})]"),)
    if asked is None or isinstance(asked, tuple):
        return (("do this", "ask for a class, a Protocol or an abstract class"),)
    if callable(asked):
        return (("do this", "ask for the type that it returns"),)
    return (("do this", f"ask for its class: resolve({short_name(type(asked))})"),)


def _other_keys(wanted: ServiceId, others: Sequence[ServiceId], graph: WiringGraph) -> Facts:
    """The interface is there, under other keys or without one."""
    name = short_name(wanted.interface)
    by_text = {safe_repr(each.key): each for each in others}
    near = () if wanted.key is None else did_you_mean(safe_repr(wanted.key), by_text)
    chosen = [by_text[text] for text in near] or sorted(others, key=short_name)
    unkeyed = [each for each in others if each.key is None]
    shown = list(dict.fromkeys([*chosen, *unkeyed]))[:_SHOWN]
    lines = [f"{_asked(each)} ({_place(each, graph)})" for each in shown]
    more = len(others) - len(shown)
    best = chosen[0] if chosen[0].key is not None else None
    if best is None or (unkeyed and not near):
        advice = f"ask without a key: resolve({name})"
    else:
        key = "..." if best.key is ANY_KEY else safe_repr(best.key)
        advice = f"ask with its key: Annotated[{name}, Key({key})], or resolve({name}, key={key})"
    return (("did you mean", "\n".join([*lines, *([f"and {more} more"] if more else [])])), ("do this", advice))


def _asked(service: ServiceId) -> str:
    name = short_name(service.interface)
    if service.key is None:
        return f"{name} without a key"
    return f"{name} with any key" if service.key is ANY_KEY else f"Annotated[{name}, Key({safe_repr(service.key)})]"


def _closed_ones(wanted: ServiceId, graph: WiringGraph) -> Facts:
    """A generic class is asked for without type arguments, but registered with some only."""
    if origin_of(wanted.interface) is not wanted.interface or not parameters_of(wanted.interface):
        return ()
    closed = [
        each
        for each in graph.single
        if each.key == wanted.key and each.interface is not wanted.interface
        and origin_of(each.interface) is wanted.interface
    ]  # fmt: skip
    if not closed:
        return ()
    lines = [f"{short_name(each)} ({_place(each, graph)})" for each in closed[:_SHOWN]]
    return (("did you mean", "\n".join(lines)), ("do this", f"ask with type arguments: {short_name(closed[0])}"))


def _callable(interface: Any) -> Facts:
    """A callable that gives an object is what relations are for."""
    taken, given = (*typing.get_args(interface), ..., ...)[:2]
    if given is ... or taken is ...:
        return (("do this", "ask for Provider[T], or for Factory[[...], T] where the caller gives something"),)
    name = short_name(given)
    arguments = ", ".join(short_name(each) for each in taken)
    asked = f"Factory[[{arguments}], {name}]" if taken else f"Provider[{name}]"
    return (("do this", f"ask for {asked}, or register a function for this type: services.instance(...)"),)


def _value(name: str, needed_by: ServiceNode | None) -> Facts:
    """A string or a number says nothing about what it is for, so nobody should register it for everybody."""
    if needed_by is None:
        own = f"ask for a type of its own: NewType('Name', {name})"
        return (("do this", f"ask for the settings that hold it (services.settings), or {own}"),)
    owner = short_name(needed_by.service.interface)
    advice = "give the parameter a default, or ask for the settings that hold the value: services.settings(...)"
    if built_class(needed_by.maker) is None:
        return (("do this", advice),)
    factory = f"build it with a factory that passes the value: services.{needed_by.lifetime.value}({owner}, make)"
    return (("do this", advice), ("or", factory))


def _like(wanted: ServiceId, graph: WiringGraph) -> Facts:
    """The class is built for something else, something implements it, or a name looks like it."""
    name = short_name(wanted.interface)
    wanted_key = "" if wanted.key is None else f", key={safe_repr(wanted.key)}"
    built = [node for node in graph.nodes if node.produces is wanted.interface]
    if built:
        role = short_name(built[-1].service)
        guess = f"{role}, for which {name} is registered ({show_place(*built[-1].registered)})"
        return (("did you mean", guess), ("do this", f"ask for {role}, or register {name} for itself as well"))
    implementing = implementations(wanted.interface, graph.nodes)
    if implementing:
        guess = "\n".join(text for _, text in implementing)
        return (("did you mean", guess), ("do this", f"services.singleton({name}, {implementing[0][0]}{wanted_key})"))
    names = {_last(short_name(each.interface)): short_name(each.interface) for each in graph.single}
    like = [names[near] for near in did_you_mean(_last(name), names)]
    if isinstance(wanted.interface, str) and "." not in wanted.interface:
        meant: Facts = (("did you mean", f"{like[0]}, the class"),) if like else ()
        return (*meant, ("do this", f"ask for the class, not for its name: {like[0] if like else name}"))
    guesses: Facts = (("did you mean", listed(like)),) if like else ()
    return (*guesses, ("do this", f"services.singleton({name}, ...{wanted_key})"))


def _place(service: ServiceId, graph: WiringGraph) -> str:
    return show_place(*graph.nodes[graph.single[service]].registered)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _implementing(interface: Any, nodes: Sequence[ServiceNode]) -> Iterable[tuple[str, str]]:
    if not isinstance(interface, type) or interface.__module__ == "builtins":
        return  # what inherits from object or int says nothing
    for node in nodes:
        if isinstance(node.produces, type) and implements(node.produces, interface) and node.produces is not interface:
            name, role = short_name(node.produces), short_name(node.service)
            what = f"{name}, which implements {short_name(interface)} and is registered as {role}"
            yield name, f"{what} ({show_place(*node.registered)})"
    seen = {node.produces for node in nodes}
    direct: list[type] = type.__subclasses__(interface)
    subclasses = {cls.__qualname__: cls for cls in direct if cls not in seen and not is_interceptor(cls)}
    for _, cls in sorted(subclasses.items()):
        yield short_name(cls), f"{short_name(cls)}, which implements {short_name(interface)} ({cls.__module__})"
