"""What a look-up means when nothing is registered as exactly that: open registrations, unions, collections.

In: a service and the layer that the look-up sees. Out: node numbers, or why there are none. Builds nothing.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Hashable
from typing import Any

from kimera_di.errors import AmbiguousServiceError
from kimera_di.planning.collected import collected_by
from kimera_di.planning.dependencies import collect, keyed
from kimera_di.planning.generics import has_variables
from kimera_di.planning.graph import Form
from kimera_di.planning.open_problems import any_key
from kimera_di.planning.relations import relation_kind
from kimera_di.planning.services import Services
from kimera_di.records import dataclass
from kimera_di.registration.annotations import identity_of, split_annotated, union_members
from kimera_di.rendering import listed, short_name
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.refusals import missing, not_a_service, open_type
from kimera_di.resolution.related_lookups import is_related
from kimera_di.vocabulary import ANY_KEY, ServiceId, Step

_WAYS = {"lazy", "provider", "async_provider", "owned"}


@dataclass(frozen=True, slots=True)
class Gathering:
    """What a look-up for several objects collects."""

    form: Form
    """"single" for an optional service nobody registered: its object is ``None``."""
    keys: tuple[Hashable, ...]
    numbers: tuple[int, ...]


def number_of(layer: Layer, wanted: ServiceId) -> int | None:
    """Give the node that answers a look-up of something that is not registered as such.

    Args:
        layer: What the look-up sees; it learns of nodes that are derived here.
        wanted: Interface and key.

    Returns:
        Its number; ``None`` for a collection, a relation, and for ``T | None`` without a ``T``.

    Raises:
        MissingServiceError: Nothing provides it.
        AmbiguousServiceError: Several members of a union are registered, or the key is ``ANY_KEY``.
        RegistrationError: A type variable stands in it.
        KimeraError: An open registration answers, but what it would build has problems.
    """
    if has_variables(wanted.interface):
        raise open_type(wanted)
    services: Services = layer.root.services
    number = services.one(wanted)
    members = union_members(wanted.interface)
    if number is None and members:
        number = _of_union(services, wanted, members)
    if number is not None:
        layer.catch_up()
        return number
    if is_related(wanted) or type(None) in members or collected_by(wanted.interface) is not None:
        return None
    if wanted.key is ANY_KEY:
        raise any_key(wanted, keyed(services, wanted), (Step(wanted, None, None, None, None),))
    raise missing(wanted, layer.graph)


def _members(wanted: ServiceId, members: tuple[Any, ...]) -> list[ServiceId]:
    options = [split_annotated(member) for member in members if member is not type(None)]
    return [ServiceId(kind, wanted.key if key is None else key) for kind, key in options]


def _of_union(services: Services, wanted: ServiceId, members: tuple[Any, ...]) -> int | None:
    found = {each: number for each in _members(wanted, members) if (number := services.one(each)) is not None}
    if len(found) > 1:
        names = listed((short_name(each) for each in found), shown=9)
        raise AmbiguousServiceError(
            f"{short_name(wanted)} could be any of {names}",
            service=wanted,
            path=(Step(wanted.interface if wanted.key is None else wanted, None, None, None, None),),
            end="more than one is registered",
            facts=(("do this", f"register the union itself, or ask for one of {names}"),),
        )
    return next(iter(found.values()), None)


def gathering(layer: Layer, service: Any) -> Gathering:
    """Give what a look-up of several objects collects; a ``list[T]`` that nobody registers is empty.

    Args:
        layer: What the look-up sees; it learns of nodes that are derived here.
        service: What is asked for, as the user wrote it.

    Returns:
        Nodes in registration order. O(registrations of the item).
    """
    wanted = identity_of(service)
    asked = collected_by(wanted.interface)
    if asked is None:
        return Gathering("single", (), ())
    _, found = collect(wanted, asked, layer.root.services)
    layer.catch_up()
    return Gathering(asked.form, tuple(found), tuple(found.values()))


def _refuse_unhashable(wanted: ServiceId) -> None:
    try:
        hash(wanted)
    except TypeError:
        raise not_a_service(wanted) from None


def is_known(services: Services, wanted: ServiceId) -> bool:
    """Tell whether a look-up would find something, without making a node for it; for ``get``.

    Raises:
        RegistrationError: It cannot be hashed.
    """
    _refuse_unhashable(wanted)
    if wanted in services.single or wanted.key is ANY_KEY or collected_by(wanted.interface) is not None:
        return True
    if relation_kind(wanted.interface) in _WAYS:  # what it leads to must be there: get(Lazy[T]) is None without a T
        inner = _members(wanted, getattr(wanted.interface, "__args__", ()))
        return not inner or any(is_known(services, each) for each in inner)
    if is_related(wanted):
        return True
    if services.template_of(wanted) is not None or services.target_of(wanted) is not None:
        return True
    members = union_members(wanted.interface)
    return type(None) in members or any(is_known(services, each) for each in _members(wanted, members))


def is_service(services: Services, wanted: ServiceId) -> bool:
    """Tell whether something can be asked for: a registration, a collection, what the container itself provides.

    Returns:
        ``True`` for every collection of a type, also an empty one; ``False`` for a bare ``list``, for a class that is
        registered with open type arguments only, and for ``ANY_KEY``.

    Raises:
        RegistrationError: It cannot be hashed.
    """
    _refuse_unhashable(wanted)
    if has_variables(wanted.interface):
        return False
    if services.answers(wanted):
        return True
    if collected_by(wanted.interface) is not None:
        return True
    kind = relation_kind(wanted.interface)
    if kind in {"container", "scope", "scope_factory"}:
        return wanted.key is None
    members = union_members(wanted.interface) if kind is None else getattr(wanted.interface, "__args__", ())[-1:]
    return any(is_service(services, each) for each in _members(wanted, members))
