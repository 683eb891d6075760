"""Errors and guesses about open registrations: a key of the wrong type, type arguments that do not fit.

In: the wiring graph and what was asked for. Out: an error, or labelled lines for one. Runs when something is wrong.
"""

import typing
from collections.abc import Sequence
from typing import Any

from kimera_di.errors import AmbiguousServiceError, Facts, InterfaceMismatchError
from kimera_di.planning.generics import origin_of, parameters_of
from kimera_di.planning.graph import ServiceNode, WiringGraph
from kimera_di.registration.entries import Alias
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import listed, safe_repr, short_name, show_place
from kimera_di.vocabulary import ServiceId, Step

_SHOWN = 3


def wrong_key(node: ServiceNode, parameter: str, text: str, path: Sequence[Step]) -> InterfaceMismatchError:
    """Make the error for a key that the parameter which receives it cannot take.

    Args:
        node: The registration with the key.
        parameter: The parameter annotated with ``ServiceKey``.
        text: What the key is, and what it is not.
        path: From a root to the node.
    """
    name, maker = short_name(node.service.interface), short_name(node.maker)
    return InterfaceMismatchError(
        f"{maker}({parameter}) receives the key of {name}: {text}",
        service=node.service,
        path=path,
        facts=(
            ("registered", show_place(*node.registered)),
            ("do this", f"use a key that it takes, or annotate {parameter} with a type that takes this one"),
        ),
    )


def any_key(wanted: ServiceId, known: Sequence[ServiceId], path: Sequence[Step]) -> AmbiguousServiceError:
    """Make the error for ``ANY_KEY`` where one service is asked for.

    Args:
        wanted: The interface, with ``ANY_KEY``.
        known: Its registered keys.
        path: To the look-up or parameter.
    """
    name = short_name(wanted.interface)
    registered = listed((short_name(each) for each in known), shown=9)
    return AmbiguousServiceError(
        f"ANY_KEY stands for every key, so it names no single {name}",
        service=wanted,
        path=path,
        end="any of its keys",
        facts=(
            *((("registered", registered),) if registered else ()),
            ("do this", f"name one key, or ask for all of them: resolve_all({name}, key=ANY_KEY)"),
        ),
    )


def takes_inner(decorator: Any, interface: Any) -> str:
    """Say what to do with a decorator that takes nothing which it decorates.

    Args:
        decorator: A class, perhaps with type arguments, or a factory.
        interface: What it decorates; open if it is a generic class without type arguments.
    """
    name, generic = short_name(interface), typing.get_origin(decorator)
    if generic is not None:
        plain = short_name(generic)
        return f"leave its type arguments out, they follow from what is decorated: decorate({name}, {plain})"
    variables = ", ".join(short_name(each) for each in parameters_of(interface))
    if not variables:
        return f"annotate the parameter that takes what is decorated: inner: {name}"
    return f"annotate what it takes and what it makes with type variables: inner: {name}[{variables}]"


def open_alias_facts(alias: Alias, target: ServiceId, graph: WiringGraph) -> Facts:
    """Say what to do where an alias names what is registered with its type arguments left open.

    Args:
        alias: The alias.
        target: What it names.
        graph: The wiring.

    Returns:
        Labelled lines; ``()`` when the target is nothing open.
    """
    base, keys = origin_of(target.interface), dict.fromkeys((target.key, alias.service.key))
    all_numbers = [number for key in keys for number in graph.templates.numbers.get(ServiceId(base, key), ())]
    numbers = [number for number in all_numbers if number in graph.templates.open_numbers]
    if not numbers or not parameters_of(target.interface):
        return ()
    name, other = short_name(base), short_name(origin_of(alias.service.interface))
    key = "" if alias.service.key is None else f", key={safe_repr(alias.service.key)}"
    return (
        ("note", f"{name} is registered with open type arguments ({show_place(*graph.nodes[numbers[-1]].registered)})"),
        ("do this", f"name the closed types, in one line for each: services.alias({other}[...], {name}[...]{key})"),
        ("or", f"register {name} for {other} as well; the objects are others then"),
    )


def rival_facts(wanted: ServiceId, graph: WiringGraph) -> Facts:
    """Say which open registrations do not answer for a service, and why; ``()`` when there are none."""
    known = KnownTypes([node.service.interface for node in graph.nodes])
    rivals = graph.templates.rivals(wanted, known)
    lines = [
        f"{rival.reason} ({show_place(*graph.nodes[rival.number].registered)})"
        for rival in reversed(rivals)
        if rival.reason
    ]
    if not lines:
        return ()
    name = short_name(wanted.interface)
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return (
        ("no candidate", "\n".join([*lines[:_SHOWN], *more])),
        ("do this", f"register {name} itself, or ask for type arguments that fit"),
    )


def open_facts(wanted: ServiceId, graph: WiringGraph) -> Facts:
    """Say what to do for a closed type that only an open registration answers for, where it must be registered itself.

    Args:
        wanted: The closed type, to be decorated.
        graph: The wiring.

    Returns:
        Labelled lines; ``()`` when no open registration answers.
    """
    known = KnownTypes([node.service.interface for node in graph.nodes])
    answering = [rival.number for rival in graph.templates.rivals(wanted, known) if not rival.reason]
    if not answering:
        return ()
    node = graph.nodes[answering[-1]]
    name, base = short_name(wanted.interface), short_name(node.service.interface)
    key = "" if wanted.key is None else f", key={safe_repr(wanted.key)}"
    maker = "..." if graph.templates.descriptors[answering[-1]].inner is not None else short_name(node.maker)
    return (
        ("note", f"{base} is registered with open type arguments ({show_place(*node.registered)})"),
        ("do this", f"register {name} too: services.{node.lifetime.value}({name}, {maker}{key})"),
        ("or", f"decorate {base}, which decorates every {base}[...]"),
    )
