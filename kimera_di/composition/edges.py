"""Wiring edges: which class is given which other class, through which interface.

In: the wiring graph of a plan. Out: one frozen edge per parameter and target: consumer -> interface ->
implementation, each with the module it is written in. Never calls a factory and knows no layers.

The consumer and the implementation are *parts*: the class that is built (for a factory what its return
annotation names), and after it the factory function, which stands for the class when the class says nothing
about the layer (``sqlite3.Connection`` opened by ``shop.infra.db.open_connection``). A factory written in the
file that registers it belongs to the composition root and stands for nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import UnionType
from typing import Any, Union, get_args, get_origin

from kimera_di.planning.graph import Construction, Dependency, ServiceNode, WiringGraph
from kimera_di.rendering import dotted_name
from kimera_di.settings.makers import part_of
from kimera_di.vocabulary import Place


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
    """The class that is passed and the factory that builds it; the first one that lies in a layer counts."""
    built_by: ServiceNode
    """The registration of the consumer; its ``defined`` is the line of the class or factory, and slow to find."""
    binding: Place
    """The line that registered the implementation."""


def wiring_edges(graph: WiringGraph) -> Iterator[WiringEdge]:
    """Walk every edge of the wiring, in registration order.

    Args:
        graph: What the planner made; parameters without a target (defaults, missing services) have no edge.

    Yields:
        One edge per parameter and target. Time O(nodes + edges).
    """
    parts = tuple(_parts_of_node(node) for node in graph.nodes)
    for node in graph.nodes:
        if part_of(node.maker) is not None:
            continue  # a nested model is a field of the settings around it, not their consumer
        for dependency in node.dependencies:
            for target in (*dependency.targets, *dependency.later):
                yield _edge(node, parts[node.number], dependency, graph.nodes[target], parts[target])


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


def _edge(
    node: ServiceNode, consumer: tuple[Part, ...], dependency: Dependency, target: ServiceNode, built: tuple[Part, ...]
) -> WiringEdge:
    return WiringEdge(
        consumer=consumer,
        parameter=dependency.parameter,
        interface=parts_of(dependency.wanted.interface),
        implementation=built,
        built_by=node,
        binding=target.registered,
    )


def _parts_of_node(node: ServiceNode) -> tuple[Part, ...]:
    built = parts_of(node.produces)
    if isinstance(node.maker, type) or node.construction is Construction.INSTANCE:
        return built
    function = _function(node.maker)
    written_in = getattr(getattr(function, "__code__", None), "co_filename", None)
    if written_in is None or written_in == node.registered.file:
        return built
    factory = parts_of(function)
    return (*factory, *built) if _is_abstract(node.produces) else (*built, *factory)


def _is_abstract(thing: Any) -> bool:
    kind = get_origin(thing) or thing
    return bool(getattr(kind, "__abstractmethods__", ())) or getattr(kind, "_is_protocol", False) is True


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
