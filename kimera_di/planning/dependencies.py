"""What each parameter of a class or factory will be given.

In: a descriptor's parameters and the registered services. Out: dependencies, and what is missing or
unclear. Calls nothing.
"""

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from kimera_di.planning.graph import Dependency, WiringGraph
from kimera_di.registration.annotations import EMPTY, Parameter, read_parameters, split_annotated, union_members
from kimera_di.registration.names import KnownTypes
from kimera_di.vocabulary import ServiceId


@dataclass(frozen=True, slots=True)
class Services:
    """The registered services, by what they are asked for."""

    single: Mapping[ServiceId, int]
    every: Mapping[ServiceId, tuple[int, ...]]
    known: KnownTypes

    @classmethod
    def of(cls, graph: WiringGraph) -> Self:
        """Take them out of a finished graph. O(services)."""
        named = [node.service.interface for node in graph.nodes] + [node.produces for node in graph.nodes]
        return cls(graph.single, graph.every, KnownTypes(named))


@dataclass(frozen=True, slots=True)
class Unmet:
    """A parameter that nothing can be passed for."""

    parameter: str
    wanted: ServiceId | None
    """``None`` when the annotation cannot be read."""
    reason: str
    """"missing", "ambiguous" or "annotation"."""
    text: str = ""
    candidates: tuple[ServiceId, ...] = ()


def dependencies_of(maker: Any, services: Services) -> tuple[tuple[Dependency, ...], tuple[Unmet, ...]]:
    """Match every parameter of ``maker`` with registered services.

    Args:
        maker: A class or factory.
        services: What is registered.

    Returns:
        The dependencies in parameter order, and the parameters that cannot be filled. O(parameters).
    """
    met: list[Dependency] = []
    unmet: list[Unmet] = []
    for parameter in read_parameters(maker, services.known):
        found = match_parameter(parameter, services)
        if isinstance(found, Dependency):
            met.append(found)
        elif found is not None:
            unmet.append(found)
    return tuple(met), tuple(unmet)


def match_parameter(parameter: Parameter, services: Services) -> Dependency | Unmet | None:
    """Find what one parameter will be given, or why nothing can be."""
    if parameter.annotation is EMPTY:
        return _unreadable(parameter)
    annotation, key = split_annotated(parameter.annotation)
    wanted = ServiceId(annotation, key)
    number = _single(services, wanted)
    if number is not None:
        return _dependency(parameter, wanted, (number,))
    members = union_members(annotation)
    if members:
        return _union(parameter, wanted, members, services)
    if typing.get_origin(annotation) is list:
        item, item_key = split_annotated(typing.get_args(annotation)[0])
        each = ServiceId(item, key if item_key is None else item_key)
        return _dependency(parameter, each, services.every.get(each, ()), collection=True)
    if parameter.has_default:
        return _dependency(parameter, wanted, (), default=True)
    return Unmet(parameter.name, wanted, "missing")


def _single(services: Services, wanted: ServiceId) -> int | None:
    try:
        return services.single.get(wanted)
    except TypeError:  # an annotation such as Literal[[]] that cannot be hashed names no service
        return None


def _union(parameter: Parameter, wanted: ServiceId, members: tuple[Any, ...], services: Services) -> Dependency | Unmet:
    options = [split_annotated(member) for member in members if member is not type(None)]
    ids = [ServiceId(kind, wanted.key if key is None else key) for kind, key in options]
    registered = [each for each in ids if _single(services, each) is not None]
    if len(registered) == 1:
        return _dependency(parameter, registered[0], (services.single[registered[0]],))
    if registered:
        return Unmet(parameter.name, wanted, "ambiguous", candidates=tuple(registered))
    if parameter.has_default:
        return _dependency(parameter, ids[0], (), default=True)
    if type(None) in members:
        return _dependency(parameter, ids[0], (), optional=True)
    return Unmet(parameter.name, wanted if len(ids) > 1 else ids[0], "missing")


def _unreadable(parameter: Parameter) -> Unmet | Dependency:
    if parameter.has_default:
        return _dependency(parameter, ServiceId(object), (), default=True)
    if parameter.followed:
        return Unmet(parameter.name, ServiceId(parameter.followed), "missing", parameter.problem)
    return Unmet(parameter.name, None, "annotation", parameter.problem or "it has no annotation")


def _dependency(
    parameter: Parameter, wanted: ServiceId, targets: tuple[int, ...], *,
    collection: bool = False, optional: bool = False, default: bool = False,
) -> Dependency:  # fmt: skip
    return Dependency(
        parameter.name,
        wanted,
        targets,
        parameter.positional_only,
        parameter.keyword_only,
        collection,
        optional,
        default,
    )
