"""Which parameter of a decorator takes the inner service.

In: the parameters of a decorator and what it decorates. Out: the parameters as they are to be matched, and services in
which the decorated interface means the inner one; or why no parameter can be found. Calls nothing.
"""

import typing
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kimera_di.planning.fit import is_subclass
from kimera_di.planning.generics import origin_of
from kimera_di.planning.relations import relation_kind
from kimera_di.planning.templates import is_open
from kimera_di.planning.views import overlaid
from kimera_di.records import replace
from kimera_di.registration.annotations import EMPTY, Parameter, split_annotated, union_members
from kimera_di.registration.descriptors import ServiceDescriptor
from kimera_di.rendering import listed, short_name
from kimera_di.vocabulary import ANY_KEY, HiddenKey, ServiceId

if TYPE_CHECKING:
    from kimera_di.planning.services import Services


def decorated_view(
    descriptor: ServiceDescriptor,
    inner: ServiceId,
    parameters: Sequence[Parameter],
    services: "Services",
    closed_like: Callable[[Parameter], Parameter],
) -> "tuple[tuple[Parameter, ...], Services] | str":
    """Find the parameter that takes the inner service.

    Args:
        descriptor: The decorator.
        inner: What it wraps.
        parameters: The parameters of its class or factory.
        services: What it can get besides.
        closed_like: Puts types in the place of the type variables of a parameter, as the decorated service says.

    Returns:
        The parameters, that one annotated with the interface, and services in which the interface is the inner
        service; or what is wrong, as a sentence. O(parameters).
    """
    interface = inner.interface
    if fixed := _fixed(descriptor, inner, services):
        return fixed
    key = _plain(inner.key)
    direct = [each for each in parameters if _means(each.annotation, interface, key)]
    direct = direct or [each for each in parameters if _means(closed_like(each).annotation, interface, key)]
    found = direct or [each for each in parameters if _could_take(each, interface, services)]
    if len(found) != 1:
        others = _other_arguments(descriptor, interface, map(closed_like, parameters))
        return others or _unclear(descriptor, interface, found)
    (taking,) = found
    closed, own_key = descriptor.service.interface, _plain(descriptor.service.key)
    open_numbers = services.templates.numbers.get(ServiceId(origin_of(interface), inner.key), ())
    if open_numbers and (own_key is ANY_KEY or (key is not ANY_KEY and closed == interface)):
        # The decorator is open itself: what it wraps is known once it is closed.
        return tuple(each for each in parameters if each is not taking), services
    if key is ANY_KEY and open_numbers and services.derive is not None and isinstance(inner.key, HiddenKey):
        key = own_key
        number: int | None = services.derive(open_numbers[-1], ServiceId(closed, replace(inner.key, key=own_key)))
    else:
        number = services.one(ServiceId(closed, inner.key))
    if number is None:
        return f"{short_name(descriptor.maker)} wraps {short_name(inner)}, which cannot be a {short_name(closed)}"
    if not direct or (closed != interface and taking.annotation == interface):
        forced = replace(taking, annotation=closed, problem="", followed="")
        parameters = [forced if each is taking else each for each in parameters]
    return tuple(parameters), overlaid(services, {ServiceId(closed): number, ServiceId(closed, key): number})


def _fixed(descriptor: ServiceDescriptor, inner: ServiceId, services: "Services") -> str:
    """Say that a decorator of an open registration makes one type only; "" where it does not."""
    numbers = services.templates.numbers.get(ServiceId(origin_of(inner.interface), inner.key), ())
    if descriptor.service.interface != inner.interface or services.templates.open_numbers.isdisjoint(numbers):
        return ""
    if is_open(descriptor, services.known):
        return ""
    maker, name = short_name(descriptor.maker), short_name(inner.interface)
    return f"{maker} decorates every {name}[...], but leaves no type arguments open itself"


def _other_arguments(descriptor: ServiceDescriptor, interface: Any, parameters: Iterable[Parameter]) -> str:
    """Say that the parameter takes the decorated class with other type arguments; "" where none does."""
    for each in parameters:
        plain, _ = split_annotated(each.annotation)
        if typing.get_origin(plain) is not None and origin_of(plain) is origin_of(interface):
            maker, taken = short_name(descriptor.maker), short_name(plain)
            return f"{maker} decorates {short_name(interface)}, but its parameter {each.name} takes a {taken}"
    return ""


def _plain(key: Hashable) -> Hashable:
    return key.key if isinstance(key, HiddenKey) else key


def _means(annotation: Any, interface: Any, key: object) -> bool:
    """``IVault``, ``IVault | None``, ``Lazy[IVault]``, ``Annotated[IVault, Key(k)]`` with the key of the decorated."""
    plain, marked = split_annotated(annotation)
    if marked is not None and marked != key:
        return False
    if _same(plain, interface):
        return True
    members = union_members(plain)
    if not members and relation_kind(plain) is not None:
        members = typing.get_args(plain)[-1:]
    return any(_means(member, interface, key) for member in members)


def _same(annotation: Any, interface: Any) -> bool:
    """An open decorator of ``Repository`` takes ``Repository[T]``."""
    if annotation == interface:
        return True
    origin = typing.get_origin(annotation)
    return origin is not None and origin is interface


def _could_take(parameter: Parameter, interface: Any, services: "Services") -> bool:
    """No annotation, or one of a base class that nothing else provides; ``object`` says nothing."""
    if parameter.annotation is EMPTY:
        return not parameter.has_default and not parameter.problem
    plain, marked = split_annotated(parameter.annotation)
    if marked is not None or not isinstance(plain, type) or plain is object:
        return False
    cls = typing.get_origin(interface) or interface
    return isinstance(cls, type) and is_subclass(cls, plain) and ServiceId(plain) not in services.single


def _unclear(descriptor: ServiceDescriptor, interface: Any, found: Sequence[Parameter]) -> str:
    maker, name = short_name(descriptor.maker), short_name(interface)
    if found:
        names = listed((each.name for each in found), shown=9)
        return f"{maker} decorates {name}, but several of its parameters could take the inner {name}: {names}"
    return f"{maker} decorates {name}, but none of its parameters takes the inner {name}"
