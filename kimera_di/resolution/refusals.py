"""What a look-up is refused with: data in, errors out.

In: a layer and nodes. Out: errors with their paths. Builds nothing.
"""

from typing import TYPE_CHECKING

from kimera_di.errors import (
    AsyncRequiredError,
    ContainerClosedError,
    MissingServiceError,
    RegistrationError,
    ScopeRequiredError,
)
from kimera_di.planning import WiringGraph
from kimera_di.planning.problems import missing_facts
from kimera_di.rendering import short_name
from kimera_di.resolution.failures import steps_of
from kimera_di.vocabulary import Lifetime, ServiceId, Step

if TYPE_CHECKING:
    from kimera_di.resolution.layer import Layer


class OverrideEndedError(ContainerClosedError):
    """A look-up that began inside an override needs another object of it after its end; it starts again."""


def closed(kind: str = "container") -> ContainerClosedError:
    """Make the error for using something that is closed."""
    advice = "build a new container" if kind == "container" else "open a new scope"
    return ContainerClosedError(f"the {kind} is closed", facts=(("do this", advice),))


def override_ended() -> OverrideEndedError:
    """Make the error that sends a look-up back to the layer below."""
    return OverrideEndedError("the override has ended")


def async_required(layer: "Layer", path: tuple[int, ...]) -> AsyncRequiredError:
    """Make the error for a synchronous look-up that would have to await."""
    nodes = layer.describe(path)
    first, last = short_name(nodes[0].service), short_name(nodes[-1].service)
    return AsyncRequiredError(
        f"{first} cannot be built without await: {last} is made by async code",
        path=steps_of(nodes),
        facts=(("do this", f"await aresolve({short_name(nodes[0].service.interface)})"),),
    )


def being_built(layer: "Layer", cell: int) -> AsyncRequiredError:
    """Make the error for a synchronous look-up of what a task of the same loop is building."""
    service, step = layer.describe_cell(cell)
    return AsyncRequiredError(
        f"{short_name(service)} is being built by a task of this event loop",
        path=(step,),
        facts=(("do this", f"await aresolve({short_name(service.interface)})"),),
    )


def refuse_scoped(layer: "Layer", number: int) -> None:
    """Refuse a look-up at the root of what only a scope can hold.

    Raises:
        ScopeRequiredError: The service, or something it needs, is scoped or is a transient with cleanup.
    """
    path = _way_to_scope(layer.graph, number)
    if not path:
        return
    nodes = layer.describe(path)
    first, last = nodes[0], nodes[-1]
    what = "is scoped" if last.lifetime is Lifetime.SCOPED else "must be closed"
    advice = f"with container.scope() as scope: scope.resolve({short_name(first.service.interface)})"
    raise ScopeRequiredError(
        f"{short_name(first.service)} needs a scope: {short_name(last.service)} {what}",
        service=first.service,
        path=steps_of(nodes),
        facts=(("do this", advice),),
    )


def _way_to_scope(graph: WiringGraph, start: int) -> tuple[int, ...]:
    """Nodes from ``start`` to the first one that only a scope can hold; ``()`` when there is none."""
    before = {start: -1}
    todo = [start]
    for number in todo:
        node = graph.nodes[number]
        if node.lifetime is Lifetime.SINGLETON:
            continue
        if node.lifetime is Lifetime.SCOPED or node.closes:
            path = [number]
            while before[path[-1]] >= 0:
                path.append(before[path[-1]])
            return tuple(reversed(path))
        for dependency in node.dependencies:
            for target in dependency.targets:
                if target not in before:
                    before[target] = number
                    todo.append(target)
    return ()


def missing(service: ServiceId, graph: WiringGraph) -> MissingServiceError:
    """Make the error for a look-up of something nobody registered."""
    last = Step(service.interface if service.key is None else service, None, None, None, None)
    return MissingServiceError(
        f"nothing provides {short_name(service)}", service=service, path=(last,), end="not registered",
        facts=missing_facts(service, graph),
    )  # fmt: skip


def not_a_service(service: ServiceId) -> RegistrationError:
    """Make the error for a look-up by something that cannot be hashed."""
    return RegistrationError(
        f"{short_name(service)} cannot be a service or a key: it is not hashable",
        facts=(("do this", "ask for a type, with a hashable key"),),
    )
