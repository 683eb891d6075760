"""What each parameter of a class or factory will be given.

In: a descriptor's parameters and the registered services. Out: dependencies, and what is missing or
unclear. Calls nothing.
"""

import typing
from collections.abc import Hashable
from typing import Any

from kimera_di.errors import CircularDependencyError, KimeraError
from kimera_di.planning.askers import Asker, WrongKey
from kimera_di.planning.assisted import ArgumentKey, with_arguments
from kimera_di.planning.collected import Collected, collected_by
from kimera_di.planning.decorators import decorated_view
from kimera_di.planning.graph import Dependency, Form
from kimera_di.planning.relations import each_related, item_of, match_relation, relation_kind
from kimera_di.planning.services import Services
from kimera_di.records import dataclass, replace
from kimera_di.registration.annotations import EMPTY, Parameter, read_parameters, split_annotated, union_members
from kimera_di.vocabulary import ANY_KEY, ServiceId


@dataclass(frozen=True, slots=True)
class Unmet:
    """A parameter that nothing can be passed for."""

    parameter: str
    wanted: ServiceId | None
    """``None`` when the annotation cannot be read."""
    reason: str
    """"missing", "ambiguous", "annotation", "key", "endless", or "inner" for a decorator that takes nothing."""
    text: str = ""
    candidates: tuple[ServiceId, ...] = ()
    error: KimeraError | None = None
    """The whole problem, where it is known already."""


def dependencies_of(
    maker: Any, services: Services, asker: Asker | None = None
) -> tuple[tuple[Dependency, ...], tuple[Unmet, ...]]:
    """Match every parameter of ``maker`` with registered services.

    Args:
        maker: A class or factory.
        services: What is registered.
        asker: The registration it belongs to, for its key and its type variables.

    Returns:
        The dependencies in parameter order, and the parameters that cannot be filled. O(parameters).
    """
    met: list[Dependency] = []
    unmet: list[Unmet] = []
    parameters = read_parameters(maker, services.known)
    descriptor = None if asker is None else asker.descriptor
    if descriptor is not None and descriptor.inner is not None:
        view = decorated_view(descriptor, descriptor.inner, parameters, services, lambda each: _closed(each, asker))
        if isinstance(view, str):
            return (), (Unmet("", descriptor.service, "inner", view),)
        parameters, services = view
    matches = [match_parameter(parameter, services, asker) for parameter in parameters]
    if descriptor is not None and isinstance(descriptor.service.key, ArgumentKey):
        fitted = [_closed(parameter, asker) for parameter in parameters]
        matches, reason = with_arguments(fitted, matches, descriptor.service.key.given)
        if reason:
            unmet.append(Unmet("", descriptor.service, "argument", reason))
            matches = [each for each in matches if not _is_for_the_caller(each)]
    for found in matches:
        if isinstance(found, Dependency):
            met.append(found)
        elif found is not None:
            unmet.append(found)
    wrong_keys = tuple(each for each in unmet if each.reason == "key")  # what else is missing may follow from the key
    return tuple(met), wrong_keys or tuple(unmet)


def _closed(parameter: Parameter, asker: Asker | None) -> Parameter:
    """Put types in the place of the type variables of a parameter."""
    found = None if asker is None else asker.fitted(parameter)
    return found if isinstance(found, Parameter) else parameter


def _is_for_the_caller(found: Dependency | Unmet | None) -> bool:
    """Tell whether nobody would register what is missing, a string or a number: the caller was to give it."""
    if not isinstance(found, Unmet) or found.wanted is None:
        return False
    return isinstance(found.wanted.interface, type) and found.wanted.interface.__module__ == "builtins"


def match_parameter(parameter: Parameter, services: Services, asker: Asker | None = None) -> Dependency | Unmet | None:
    """Find what one parameter will be given, or why nothing can be.

    Args:
        parameter: The parameter.
        services: What is registered.
        asker: The registration it belongs to; a function has none, so it has no key.

    Returns:
        ``None`` when that can only be said once the registration is closed. O(size of the annotation).
    """
    fitted = (asker or Asker(None, services.known)).fitted(parameter)
    if isinstance(fitted, WrongKey):
        return Unmet(fitted.parameter, None, "key", fitted.text)
    if not isinstance(fitted, Parameter):
        return fitted
    try:
        return _matched(fitted, services)
    except CircularDependencyError as error:
        error.path = (error.path[0]._replace(parameter=parameter.name), *error.path[1:])
        return Unmet(parameter.name, None, "endless", error=error)


def _matched(parameter: Parameter, services: Services) -> Dependency | Unmet | None:
    if parameter.annotation is EMPTY:
        return _unreadable(parameter)
    annotation, key = split_annotated(parameter.annotation)
    wanted = ServiceId(annotation, key)
    number = services.one(wanted)
    if number is not None:
        return _dependency(parameter, wanted, (number,))
    members = union_members(annotation)
    if members:
        return _union(parameter, wanted, members, services)
    collected = collected_by(annotation)
    if collected is not None:
        return _collection(parameter, wanted, collected, services)
    related = match_relation(parameter, annotation, key, services, lambda inner: match_parameter(inner, services))
    if related is not None:
        return related
    return _unprovided(parameter, wanted, services)


def _unprovided(parameter: Parameter, wanted: ServiceId, services: Services) -> Dependency | Unmet:
    if parameter.argument:
        return replace(_dependency(parameter, wanted, ()), constant=parameter.argument)
    if parameter.has_default:
        return _dependency(parameter, wanted, (), default=True)
    if wanted.key is ANY_KEY:
        return Unmet(parameter.name, wanted, "ambiguous", candidates=tuple(keyed(services, wanted)))
    return Unmet(parameter.name, wanted, "missing")


def keyed(services: Services, wanted: ServiceId) -> list[ServiceId]:
    """Give every keyed service of an interface, in order."""
    return [ServiceId(wanted.interface, key) for key in services.keys_of(wanted.interface)]


def collect(wanted: ServiceId, collected: Collected, services: Services) -> tuple[ServiceId, dict[Hashable, int]]:
    """Find what a collection holds.

    Args:
        wanted: The collection itself, for its key.
        collected: What it collects.
        services: What is registered.

    Returns:
        The service each item is, and the node of every item, by its key for a mapping, else by its position.
    """
    kind, item_key = split_annotated(item_of(collected.item))
    each = ServiceId(kind, wanted.key if item_key is None else item_key)
    if collected.form == "mapping":
        return each, services.by_key(each, collected.key_type)
    return each, dict(enumerate(services.all(each)))


def _collection(parameter: Parameter, wanted: ServiceId, collected: Collected, services: Services) -> Dependency:
    each, found = collect(wanted, collected, services)
    if not found and parameter.has_default and typing.get_origin(wanted.interface) is not list:
        return _dependency(parameter, each, (), default=True)  # options such as Mapping[str, str] = {} are kept
    made = _dependency(parameter, each, tuple(found.values()), form=collected.form)
    made = replace(made, keys=tuple(found)) if collected.form == "mapping" else made
    return each_related(made, collected.item)


def _union(parameter: Parameter, wanted: ServiceId, members: tuple[Any, ...], services: Services) -> Dependency | Unmet:
    options = [split_annotated(member) for member in members if member is not type(None)]
    ids = [ServiceId(kind, wanted.key if key is None else key) for kind, key in options]
    found = {each: number for each in ids if (number := services.one(each)) is not None}
    registered = list(found)
    if len(registered) == 1:
        return _dependency(parameter, registered[0], (found[registered[0]],))
    if registered:
        return Unmet(parameter.name, wanted, "ambiguous", candidates=tuple(registered))
    related = _related_member(parameter, ids, services)
    if related is not None:
        return related
    if parameter.has_default:
        return _dependency(parameter, ids[0], (), default=True)
    if type(None) in members:
        return _dependency(parameter, ids[0], (), optional=True)
    return Unmet(parameter.name, wanted if len(ids) > 1 else ids[0], "missing")


def _related_member(parameter: Parameter, members: list[ServiceId], services: Services) -> Dependency | None:
    """Match ``Lazy[T] | None``; ``None`` when nobody provides ``T``, or when no single member is a relation."""
    relations = [each for each in members if relation_kind(each.interface) is not None]
    if len(relations) != 1:
        return None
    only, bare = relations[0], replace(parameter, has_default=False)
    found = match_relation(bare, only.interface, only.key, services, lambda inner: match_parameter(inner, services))
    return found if isinstance(found, Dependency) else None


def _unreadable(parameter: Parameter) -> Unmet | Dependency:
    if parameter.has_default:
        return _dependency(parameter, ServiceId(object), (), default=True)
    if parameter.followed:
        return Unmet(parameter.name, ServiceId(parameter.followed), "missing", parameter.problem)
    return Unmet(parameter.name, None, "annotation", parameter.problem or "it has no annotation")


def _dependency(
    parameter: Parameter, wanted: ServiceId, targets: tuple[int, ...], *,
    form: Form = "single", optional: bool = False, default: bool = False,
) -> Dependency:  # fmt: skip
    return Dependency(
        parameter.name,
        wanted,
        targets,
        parameter.positional_only,
        parameter.keyword_only,
        optional,
        default,
        form,
    )
