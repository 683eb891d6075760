"""Registrations that answer for more than one service: open generics, and those made with ``ANY_KEY``.

In: descriptors. Out: which of them answers for ``Repository[User]`` or for a key, why another one does not, and the
type variables of what it builds. The nodes made from them ("derived nodes") are planned like any other: see
``planning.derivation``. Follows docs/decisions/0012.
"""

import typing
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kimera_di.planning.bounds import outside
from kimera_di.planning.generics import (
    Bindings,
    arguments_for,
    base_bindings,
    has_variables,
    match,
    origin_of,
    parameters_of,
    substitute,
)
from kimera_di.records import dataclass, field, replace
from kimera_di.registration import Construction, ServiceDescriptor
from kimera_di.registration.annotations import built_class, read_return, yielded
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name
from kimera_di.vocabulary import ANY_KEY, HiddenKey, ServiceId

_BUILT = (Construction.CALL, Construction.COROUTINE, Construction.GENERATOR, Construction.ASYNC_GENERATOR)


class Rival(NamedTuple):
    """An open registration that a service could be answered by."""

    position: int
    """The number of the registration, for its place in a list."""
    number: int
    """The number of what is built: of the registration inside, where a decorator is left out."""
    reason: str
    """Why it is no candidate; "" if it is one."""


@dataclass(frozen=True, slots=True)
class Templates:
    """The open registrations of a collection, and the nodes made from them so far."""

    descriptors: Mapping[int, ServiceDescriptor] = field(default_factory=dict[int, ServiceDescriptor])
    """By the number of the registration."""
    numbers: Mapping[ServiceId, tuple[int, ...]] = field(default_factory=dict[ServiceId, tuple[int, ...]])
    """By the class without arguments and the key they were registered with, in registration order."""
    open_numbers: frozenset[int] = frozenset()
    """Those that leave type arguments open; the others are registered with ``ANY_KEY`` alone."""
    made: dict[tuple[int, ServiceId], int] = field(default_factory=dict[tuple[int, ServiceId], int])
    """The node of a registration and the service it was closed for; grows while a container is in use."""
    names: Mapping[Any, Any] = field(default_factory=dict[Any, Any])
    """By the interface of an alias of every key that of its target, which is registered with ``ANY_KEY``."""

    def with_any_key(self, interface: Any) -> tuple[int, ...]:
        """Give the numbers of what is registered for an interface with ``ANY_KEY``, in order."""
        numbers = self.numbers.get(ServiceId(origin_of(interface), ANY_KEY), ())
        return tuple(n for n in numbers if self.descriptors[n].service.interface == interface)

    def __bool__(self) -> bool:
        return bool(self.descriptors)

    def rivals(self, wanted: ServiceId, known: KnownTypes, *, any_key: bool = True) -> "list[Rival]":
        """Give every open registration of a service, from the one that answers last to the one that answers first.

        Args:
            wanted: A service that is not registered as such.
            known: The registered types, for bounds written as strings.
            any_key: Count those registered with ``ANY_KEY``.

        Returns:
            Closed ones come after open ones, those of the key itself after those of ``ANY_KEY``.
            O(open registrations of the class).
        """
        origin, found = origin_of(wanted.interface), list[tuple[bool, bool, Rival]]()
        keys = (wanted.key,) if wanted.key is None or not any_key else (wanted.key, ANY_KEY)
        for key in keys:
            for number in self.numbers.get(ServiceId(origin, key), ()):
                closed = number not in self.open_numbers
                if closed and self.descriptors[number].service.interface != wanted.interface:
                    continue
                rival = Rival(number, number, "") if closed else self._rival(number, wanted.interface, known)
                found.append((closed, key is not ANY_KEY, rival))
        return [rival for _, _, rival in sorted(found)]

    def _rival(self, position: int, interface: Any, known: KnownTypes) -> "Rival":
        """Judge an open registration; a decorator that does not take the type arguments is left out."""
        number = position
        reason = refusal(self.descriptors[number], interface, known)
        while reason and (inner := self.descriptors[number].inner) is not None:
            inside = self.numbers.get(ServiceId(origin_of(inner.interface), inner.key), ())
            if not inside:
                break
            number = inside[-1]
            reason = refusal(self.descriptors[number], interface, known)
        return Rival(position, number, reason)

    def closed(self, number: int, wanted: ServiceId) -> ServiceDescriptor:
        """Give the descriptor of an open registration for one service."""
        return replace(self.descriptors[number], service=wanted)


def templates_of(descriptors: Sequence[ServiceDescriptor], known: KnownTypes) -> Templates:
    """Find the open registrations. O(descriptors)."""
    found: dict[int, ServiceDescriptor] = {}
    numbers: dict[ServiceId, list[int]] = {}
    open_numbers: set[int] = set()
    for number, descriptor in enumerate(descriptors):
        interface, key = descriptor.service.interface, descriptor.service.key
        if parameters_of(interface) and is_open(descriptor, known):
            open_numbers.add(number)
        elif key is None:
            continue
        own_key = key.key if isinstance(key, HiddenKey) else key  # what a decorator of every key wraps
        if own_key is ANY_KEY or number in open_numbers:
            found[number] = descriptor
            numbers.setdefault(ServiceId(origin_of(interface), key), []).append(number)
    return Templates(found, {each: tuple(those) for each, those in numbers.items()}, frozenset(open_numbers))


def is_open(descriptor: ServiceDescriptor, known: KnownTypes) -> bool:
    """Tell whether a registration leaves type arguments open, in its service and in what it builds."""
    if descriptor.construction not in _BUILT:
        return False
    built = promised(descriptor.maker, descriptor.construction, known)
    return bool(parameters_of(built)) if isinstance(built, type) else has_variables(built)


def promised(maker: Any, construction: Construction, known: KnownTypes) -> Any:
    """Give the class or alias that a maker builds, with its type variables; ``EMPTY`` when it does not say."""
    if construction is Construction.INSTANCE:
        return type(maker)  # pyright: ignore[reportUnknownVariableType] - a user's object
    if built_class(maker) is not None:
        return maker
    annotation = read_return(maker, known)
    if construction in {Construction.GENERATOR, Construction.ASYNC_GENERATOR}:
        annotation = yielded(annotation)
    return annotation


def refusal(descriptor: ServiceDescriptor, interface: Any, known: KnownTypes) -> str:
    """Say why an open registration cannot answer for a closed type, "" when it can."""
    built = promised(descriptor.maker, descriptor.construction, known)
    found = variables_for(descriptor.service.interface, built, interface)
    name = short_name(descriptor.maker)
    if found is None:
        return f"{name} is no {short_name(interface)}, whatever its type arguments are"
    for variable, argument in found.items():
        reason = outside(variable, argument, known)
        if reason:
            return f"{name} does not take {short_name(argument)}: {reason}"
    return ""


def variables_for(registered: Any, built: Any, wanted: Any) -> dict[Any, Any] | None:
    """Work out the type variables of what is registered and built for a closed type.

    Args:
        registered: The service as it was registered: a generic class, or an alias with open variables.
        built: The class or alias that its maker builds.
        wanted: The closed type; a bare class means ``Any`` for each argument.

    Returns:
        What stands for each variable of both, ``None`` when no choice makes them agree.
    """
    origin: Any = origin_of(wanted)
    arguments = _arguments_of(wanted)
    asked: dict[Any, Any] = {}
    pattern = _arguments_of(registered) if registered is not origin else parameters_of(origin)
    if len(pattern) != len(arguments) or not _all_match(pattern, arguments, asked):
        return None
    given = arguments_for(built, origin) if isinstance(origin, type) else None
    if given is None:  # it fits by its members, if at all: its own arguments are taken in order
        given = parameters_of(built)
    bound: dict[Any, Any] = {}
    if len(given) != len(arguments) or not _all_match(given, arguments, bound):
        return None
    return {**asked, **bound}


def _arguments_of(thing: Any) -> tuple[Any, ...]:
    return typing.get_args(thing) or tuple(Any for _ in parameters_of(thing))


def _all_match(patterns: tuple[Any, ...], wanted: tuple[Any, ...], bound: dict[Any, Any]) -> bool:
    return all(match(one, other, bound) for one, other in zip(patterns, wanted, strict=True))


def bindings_of(service: Any, maker: Any, built: Any) -> Mapping[Any, Bindings]:
    """Work out what stands for the type variables in the parameters of a maker.

    Args:
        service: The service it is registered for, without open variables.
        maker: A class, an alias such as ``SqlRepository[User]``, or a factory.
        built: What ``promised`` says of it.

    Returns:
        By class (the parameters of an inherited constructor are written in the variables of a base), and by
        ``None`` for a factory. What nothing binds is ``Any``.
    """
    bound = variables_for(origin_of(service), built, service) or {} if service is not maker else {}
    cls = built_class(maker)
    if cls is None:
        return {None: bound}
    thing = substitute(maker[parameters_of(maker)], bound, otherwise=Any) if _is_open_class(maker) else maker
    return base_bindings(thing)


def _is_open_class(maker: Any) -> bool:
    return isinstance(maker, type) and bool(parameters_of(maker))
