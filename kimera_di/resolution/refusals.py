"""What a look-up is refused with: data in, errors out.

In: a layer and nodes. Out: errors with their paths. Builds nothing.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kimera_di.errors import (
    AsyncRequiredError,
    ContainerClosedError,
    MissingServiceError,
    RegistrationError,
    ScopeRequiredError,
)
from kimera_di.planning import ServiceNode, WiringGraph
from kimera_di.planning.generics import parameters_of
from kimera_di.planning.guesses import missing_facts, what_it_is
from kimera_di.planning.relations import held, wants_scope
from kimera_di.planning.walks import way_to
from kimera_di.registration import ServiceDescriptor, caller_place
from kimera_di.registration.identities import is_type
from kimera_di.rendering import listed, short_name, show_place
from kimera_di.resolution.failures import steps_of
from kimera_di.vocabulary import Lifetime, ServiceId, Step

if TYPE_CHECKING:
    from kimera_di.resolution.layer_state import LayerState


class OverrideEndedError(ContainerClosedError):
    """A look-up that began inside an override needs another object of it after its end; it starts again."""


def closed(kind: str = "container") -> ContainerClosedError:
    """Make the error for using something that is closed."""
    advice = "build a new container" if kind == "container" else "open a new scope"
    return ContainerClosedError(f"the {kind} is closed", facts=(("do this", advice),))


def open_advice(graph: WiringGraph, path: Sequence[ServiceNode], inside: int = -1) -> str:
    """Say which scopes to open for a service, level by level.

    Args:
        graph: The wiring.
        path: From the service that is asked for to the one that needs a scope.
        inside: The level the look-up was made at; -1 for the container.
    """
    name = short_name(path[0].service.interface)
    if not graph.levels:
        return f"with container.scope() as scope: scope.resolve({name})"
    first = inside + 1 if path[-1].level > inside else 0
    levels = graph.levels[first : max(node.level for node in path) + 1]
    around = ("container" if first == 0 else graph.levels[first - 1], *levels)
    opened = ", ".join(f"{outer}.scope(name={level!r}) as {level}" for outer, level in pairwise(around))
    return f"with {opened}: {levels[-1]}.resolve({name})"


def closing_now() -> ContainerClosedError:
    """Make the error for asking the current scope while it is being closed."""
    return ContainerClosedError(
        "the current scope is being closed",
        facts=(("do this", "ask for services before the scope ends, or give them to the function by hand"),),
    )


def exclusive(wanted: ServiceDescriptor, other: ServiceDescriptor, *, everywhere: bool) -> RegistrationError:
    """Make the error for two overrides of which one is for the whole process.

    Args:
        wanted: What the override that is refused gives.
        other: What an override in force gives.
        everywhere: The refused one is for the whole process; else the other one is.
    """
    name, theirs = short_name(wanted.service), short_name(other.service)
    summary = (
        f"{name} cannot be overridden everywhere while {theirs} is overridden"
        if everywhere
        else f"{name} cannot be overridden while {theirs} is overridden everywhere"
    )
    return RegistrationError(
        summary,
        facts=(
            ("at", show_place(*wanted.place)),
            ("in force", show_place(*other.place)),
            ("note", "everywhere=True reaches all threads and tasks, so it excludes every other override"),
            ("do this", "end the other one first, or build a variant: services.build(overrides={...})"),
        ),
    )


def override_ended() -> OverrideEndedError:
    """Make the error that sends a look-up back to the layer below."""
    return OverrideEndedError("the override has ended")


def withdrawn() -> OverrideEndedError:
    """Make the error that sends a look-up back to the start: a singleton it found was taken back meanwhile."""
    return OverrideEndedError("the start that built it has failed")


def async_required(layer: "LayerState", path: tuple[int, ...]) -> AsyncRequiredError:
    """Make the error for a synchronous look-up that would have to await."""
    nodes = layer.describe(path)
    first, last = short_name(nodes[0].service), short_name(nodes[-1].service)
    return AsyncRequiredError(
        f"{first} cannot be built without await: {last} is made by async code",
        path=steps_of(nodes),
        facts=(("do this", f"await aresolve({short_name(nodes[0].service.interface)})"),),
    )


def being_built(layer: "LayerState", cell: int) -> AsyncRequiredError:
    """Make the error for a synchronous look-up of what a task of the same loop is building."""
    service, step = layer.describe_cell(cell)
    return AsyncRequiredError(
        f"{short_name(service)} is being built by a task of this event loop",
        path=(step,),
        facts=(("do this", f"await aresolve({short_name(service.interface)})"),),
    )


def refuse_scoped(layer: "LayerState", number: int) -> None:
    """Refuse a look-up at the root of what only a scope can hold.

    Raises:
        ScopeRequiredError: The service, or something it needs, is scoped or is a transient with cleanup.
    """
    path = _way_to_scope(layer.graph, number)
    if not path:
        return
    nodes = layer.describe(path)
    first, last = nodes[0], nodes[-1]
    asks = next((d for d in last.dependencies if wants_scope(d)), None)
    what = "is scoped" if last.lifetime is Lifetime.SCOPED else "must be closed" if last.closes else "asks for one"
    asked = short_name(first.service.interface)
    facts = [("do this", open_advice(layer.graph, nodes))]
    if last.closes and last.lifetime is Lifetime.TRANSIENT:
        facts.append(
            ("or", f"close it yourself: with container.resolve(Owned[{asked}]) as it, or ask for Owned[{asked}]")
        )
    elif asks is not None and not last.closes:
        facts.append(("or", "ask for ScopeFactory, and open a scope for each use"))
    raise ScopeRequiredError(
        f"{short_name(first.service)} needs a scope: {short_name(last.service)} {what}",
        service=first.service,
        path=steps_of(nodes),
        facts=tuple(facts),
    )


def _way_to_scope(graph: WiringGraph, start: int) -> tuple[int, ...]:
    """Nodes from ``start`` to the first one that only a scope can hold; ``()`` when there is none."""
    nodes = graph.nodes

    def needs_scope(number: int) -> bool:
        node = nodes[number]
        if node.lifetime is not Lifetime.TRANSIENT:
            return node.lifetime is Lifetime.SCOPED
        return node.closes or any(wants_scope(d) for d in node.dependencies)

    def onwards(number: int) -> list[int]:
        if nodes[number].lifetime is Lifetime.SINGLETON:
            return []
        return [target for dependency in nodes[number].dependencies for target in held(dependency)]

    return way_to(start, onwards, goal=needs_scope)


def missing(service: ServiceId, graph: WiringGraph) -> MissingServiceError:
    """Make the error for a look-up of something nobody registered."""
    last = Step(service.interface if service.key is None else service, None, None, None, None)
    facts = missing_facts(service, graph)
    if not is_type(service.interface):
        asked, text = service.interface, what_it_is(service.interface)
        kind: Any = type(asked)  # pyright: ignore[reportUnknownVariableType] - whatever the user asked for
        kind = asked if asked is None or isinstance(asked, str) or callable(asked) else kind
        return MissingServiceError(
            f"{text} is no type, so nothing can provide it", service=service,
            path=(last._replace(service=kind),), end="no type", facts=facts,
        )  # fmt: skip
    return MissingServiceError(
        f"nothing provides {short_name(service)}", service=service, path=(last,), end="not registered", facts=facts
    )


def open_type(service: ServiceId) -> RegistrationError:
    """Make the error for a look-up of a generic whose type variables nobody has said."""
    name = short_name(service.interface)
    variables = listed(short_name(each) for each in parameters_of(service.interface))
    is_what = f"leaves open what {variables} stands for" if variables else "is a type variable"
    return RegistrationError(
        f"{name} {is_what}, so it is no service",
        facts=(("at", show_place(*caller_place())), ("do this", "name the type that is meant: Repository[User], say")),
    )


def not_a_service(service: ServiceId) -> RegistrationError:
    """Make the error for a look-up by something that cannot be hashed."""
    return RegistrationError(
        f"{short_name(service)} cannot be a service or a key: it is not hashable",
        facts=(("at", show_place(*caller_place())), ("do this", "ask for a type, with a hashable key")),
    )
