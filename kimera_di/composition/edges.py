"""Wiring edges: which class is given which other class, through which interface.

In: the wiring graph of a plan. Out: one frozen edge per parameter and target: consumer -> interface ->
implementation, each with the module it is written in. Never calls a factory and knows no layers.

The consumer and the implementation are *parts*: the class that is built (for a factory what its return
annotation names), and after it the factory function, which stands for the class when the class says nothing
about the layer (``sqlite3.Connection`` opened by ``shop.infra.db.open_connection``). A factory written in the
file that registers it belongs to the composition root and stands for nothing. A decorator or interceptor is followed
by what it wraps, which counts where the wrapper says nothing about the layer (docs/decisions/0025).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from types import UnionType
from typing import Any, Union, get_args, get_origin

from kimera_di.planning.call_targets import called_with
from kimera_di.planning.graph import Construction, Dependency, ServiceNode, WiringGraph
from kimera_di.registration.call_targets import CallTarget
from kimera_di.rendering import dotted_name
from kimera_di.settings.makers import part_of
from kimera_di.vocabulary import HiddenKey, Place, ServiceId


@dataclass(frozen=True, slots=True)
class Part:
    """A class or function that takes part in the wiring."""

    name: str
    """Dotted name, as contracts and reports write it."""
    module: str
    """The module it is written in; empty when it has none."""


@dataclass(frozen=True, slots=True)
class WiringEdge:
    """One object that is passed to a class or factory when it is built."""

    consumer: tuple[Part, ...]
    """The class built and the factory that builds it; the first one that lies in a layer counts."""
    parameter: str
    interface: tuple[Part, ...]
    """The interface asked for; a union has several."""
    implementation: tuple[Part, ...]
    """The class that is passed, the factory that builds it, and what it wraps; the first one in a layer counts."""
    built_by: ServiceNode | CallTarget
    """The consumer's registration, or the function called with services; ``defined`` is its line, slow to find."""
    asked: ServiceId
    """What the parameter asks for."""
    given: ServiceNode
    """The registration of what is passed."""

    @property
    def binding(self) -> Place:
        """The line that registered the implementation."""
        return self.given.registered


def wiring_edges(graph: WiringGraph, targets: Iterable[CallTarget] = ()) -> Iterator[WiringEdge]:
    """Walk every edge of the wiring: registrations in their order, then functions that are called with services.

    Args:
        graph: What the planner made; parameters without a target (defaults, missing services) have no edge.
        targets: What ``validate_call`` named.

    Yields:
        One edge per parameter and target. Time O(nodes + edges), and the depth of what decorators wrap.
    """
    own = tuple(_parts_of_node(node) for node in graph.nodes)
    parts = tuple((*own[node.number], *_wrapped(node, graph, own)) for node in graph.nodes)
    for node in graph.nodes:
        if part_of(node.maker) is not None:
            continue  # a nested model is a field of the settings around it, not their consumer
        for dependency in node.dependencies:
            for number in (*dependency.targets, *dependency.later):
                yield _edge(node, own[node.number], dependency, graph.nodes[number], parts[number])
    for target, dependency, known in called_with(targets, graph):
        for number in (*dependency.targets, *dependency.later):
            given = known.nodes[number]
            built = parts[number] if number < len(parts) else _parts_of_node(given)
            yield _edge(target, parts_of(target.function), dependency, given, built)


def parts_of(thing: Any) -> tuple[Part, ...]:
    """Name the classes an annotation or registered type stands for.

    Args:
        thing: A class, a generic alias (its class counts), a union (each member counts), a ``NewType``,
            ``Annotated``, or a function.

    Returns:
        One part per class; ``()`` for ``None`` and for forms without a name of their own.
    """
    origin = get_origin(thing)
    if origin is Union or isinstance(thing, UnionType):
        return tuple(part for member in get_args(thing) for part in parts_of(member))
    if hasattr(thing, "__metadata__"):
        return parts_of(get_args(thing)[0])
    named = thing if origin is None else origin
    if named is None or named is type(None) or not hasattr(named, "__qualname__"):
        return ()
    return (Part(dotted_name(named), getattr(named, "__module__", None) or ""),)


def is_abstract(thing: Any) -> bool:
    """Tell whether a class is a Protocol or leaves methods abstract; of a generic alias its class counts."""
    kind = get_origin(thing) or thing
    return bool(getattr(kind, "__abstractmethods__", ())) or getattr(kind, "_is_protocol", False) is True


def _edge(
    by: ServiceNode | CallTarget,
    consumer: tuple[Part, ...],
    dependency: Dependency,
    given: ServiceNode,
    built: tuple[Part, ...],
) -> WiringEdge:
    return WiringEdge(
        consumer=consumer,
        parameter=dependency.parameter,
        interface=parts_of(dependency.wanted.interface),
        implementation=built,
        built_by=by,
        asked=dependency.wanted,
        given=given,
    )


def _wrapped(node: ServiceNode, graph: WiringGraph, own: tuple[tuple[Part, ...], ...]) -> tuple[Part, ...]:
    """The parts of what a decorator wraps, of what that wraps, and so on."""
    found: list[Part] = []
    inner = _inner_of(node, graph)
    while inner is not None:
        found.extend(own[inner.number])
        inner = _inner_of(inner, graph)
    return tuple(found)


def _inner_of(node: ServiceNode, graph: WiringGraph) -> ServiceNode | None:
    """Find what a decorator wraps: the one service of its own interface whose key is hidden, and not for privacy."""
    for dependency in node.dependencies:
        for number in (*dependency.targets, *dependency.later):
            interface, key = graph.nodes[number].service
            if type(key) is HiddenKey and not key.module and interface == node.service.interface:
                return graph.nodes[number]
    return None


def _parts_of_node(node: ServiceNode) -> tuple[Part, ...]:
    built = parts_of(node.produces)
    if isinstance(node.maker, type) or node.construction is Construction.INSTANCE:
        return built
    function = _function(node.maker)
    written_in = getattr(getattr(function, "__code__", None), "co_filename", None)
    if written_in is None or written_in == node.registered.file:
        return built
    factory = parts_of(function)
    return (*factory, *built) if is_abstract(node.produces) else (*built, *factory)


def _is_partial(maker: Any) -> bool:
    return isinstance(maker, partial)


def _function(maker: Any) -> Any:
    """Find the function below partials, bound methods and decorators that used ``functools.wraps``."""
    names = ("func",) if _is_partial(maker) else ("__wrapped__", "__func__")
    for name in names:
        inner = getattr(maker, name, None)
        if inner is not None:
            return _function(inner)
    return maker
