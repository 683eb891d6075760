"""Look-ups of relations: ``resolve(Lazy[T])``, ``resolve(list[Provider[T]])``, ``resolve(Scope)``.

In: what is asked for. Out: a builder that makes the relation for the scope that asks, as a parameter of that type
would be given it. What it gives is built when it is used, not here.
"""

import typing
from collections.abc import Callable
from typing import Any

from kimera_di.compilation import argument_value
from kimera_di.errors import AnnotationError, AsyncDependencyError, ScopeRequiredError
from kimera_di.planning.dependencies import Unmet, match_parameter
from kimera_di.planning.graph import Dependency
from kimera_di.planning.relations import held, relation_kind, relations_in, ties_of, wants_scope
from kimera_di.planning.services import Services
from kimera_di.registration.annotations import Parameter, identity_of, split_annotated
from kimera_di.rendering import short_name
from kimera_di.resolution.failures import steps_of
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.refusals import missing, refuse_scoped
from kimera_di.resolution.supplying import relate
from kimera_di.vocabulary import Key, ServiceId

_ANYTHING: Any = typing.Annotated


def is_related(service: Any) -> bool:
    """Tell whether a look-up asks for a relation, or for a collection of relations."""
    interface = identity_of(service).interface
    if relation_kind(interface) is not None:
        return True
    arguments = typing.get_args(interface)
    return bool(arguments) and any(relation_kind(split_annotated(each)[0]) is not None for each in arguments)


def related_builder(layer: Layer, services: Services, service: Any, *, at_root: bool) -> Callable[[Any], Any]:
    """Give what makes the relation for a scope.

    Args:
        layer: The layer that the look-up sees.
        services: What is registered.
        service: What is asked for.
        at_root: The container itself is asked, not a scope.

    Returns:
        A function of the scope.

    Raises:
        MissingServiceError: Nothing provides what the relation would give.
        AsyncDependencyError: A ``Lazy`` or ``Provider`` of something that must be awaited.
        ScopeRequiredError: What it gives can only live in a scope.
        AnnotationError: The relation does not say what it gives.
    """
    identity = identity_of(service)
    found = _matched(identity, services, layer)
    layer.catch_up()
    _refuse_awaiting(found, layer)
    if at_root:
        for number in held(found):
            refuse_scoped(layer, number)
        if wants_scope(found):
            raise _outside(identity)
    ties = ties_of(-1, found)
    return lambda scope: argument_value(found, [relate(scope, layer, tie) for tie in ties])


def _matched(identity: ServiceId, services: Services, layer: Layer) -> Dependency:
    keyed = identity.interface if identity.key is None else _ANYTHING[identity.interface, Key(identity.key)]
    found = match_parameter(Parameter("it", keyed, False, False, False), services)
    if isinstance(found, Dependency):
        return found
    if isinstance(found, Unmet) and found.wanted is None:
        raise AnnotationError(found.text, facts=(("do this", "say what it is to give"),))
    wanted = found.wanted if isinstance(found, Unmet) and found.wanted is not None else identity
    raise missing(wanted, layer.graph)


def _refuse_awaiting(found: Dependency, layer: Layer) -> None:
    for relation, inner in relations_in(found):
        for number in inner.targets if relation.kind in {"lazy", "provider", "factory"} else ():
            node = layer.graph.nodes[number]
            if node.needs_async:
                raise AsyncDependencyError(
                    f"{short_name(relation.asked)} cannot await, but {short_name(node.service)} is made by async code",
                    service=node.service,
                    path=steps_of([node]),
                    facts=(("do this", f"ask for AsyncProvider[{short_name(node.service.interface)}], and await it"),),
                )


def _outside(identity: ServiceId) -> ScopeRequiredError:
    return ScopeRequiredError(
        f"{short_name(identity)} is asked for outside of any scope",
        service=identity,
        facts=(
            ("do this", "open one: with container.scope() as scope"),
            ("or", "ask for ScopeFactory, which opens them"),
        ),
    )
