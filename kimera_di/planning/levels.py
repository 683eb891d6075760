"""Levels of scopes: who may hold whom.

In: the wiring graph. Out: paths from a service of an outer level to one of an inner level, which the outer one
would keep after its scope has ended. Only collections that name levels get here.
"""

from collections.abc import Sequence

from kimera_di.planning.graph import ServiceNode, WiringGraph
from kimera_di.planning.walks import consumers_of, reached, search
from kimera_di.registration import ServiceDescriptor
from kimera_di.vocabulary import Lifetime


def level_of(descriptor: ServiceDescriptor, levels: Sequence[str]) -> int:
    """Give the level a descriptor lives at: what it says, else the innermost one; 0 without names."""
    if descriptor.scope is not None and descriptor.scope in levels:
        return levels.index(descriptor.scope)
    return max(len(levels) - 1, 0)


def level_captives(graph: WiringGraph, edges: Sequence[Sequence[int]], only: frozenset[int] | None) -> list[list[int]]:
    """Find scoped services that would hold one of a level further in, directly or through transients.

    Args:
        graph: The wiring, with levels.
        edges: For every node what it holds.
        only: Look at these holders alone; ``None`` for all.

    Returns:
        Paths from holder to held, both included. O(levels * (n + e)), without recursion.
    """
    nodes = graph.nodes
    consumers = consumers_of(edges)
    found: list[list[int]] = []
    for level in range(len(graph.levels) - 1):
        inner = [n.number for n in nodes if _is_inside(n, level)]
        if inner:
            found += _captives_at(level, graph, edges, consumers, inner, only)
    return found


def _captives_at(
    level: int,
    graph: WiringGraph,
    edges: Sequence[Sequence[int]],
    consumers: Sequence[Sequence[int]],
    inner: Sequence[int],
    only: frozenset[int] | None,
) -> list[list[int]]:
    """Find them at one level; only transients that lead further in are walked."""
    nodes = graph.nodes
    backwards: list[Sequence[int]] = [
        who if _is_inside(nodes[n], level) or nodes[n].lifetime is Lifetime.TRANSIENT else []
        for n, who in enumerate(consumers)
    ]
    suspects = reached(inner, backwards)
    found: list[list[int]] = []
    for number in sorted(suspects):
        holder = nodes[number]
        if holder.lifetime is Lifetime.SCOPED and holder.level == level and (only is None or number in only):
            found += search(
                number,
                edges,
                through=lambda n: nodes[n].lifetime is Lifetime.TRANSIENT and n in suspects,
                goal=lambda n: _is_inside(nodes[n], level),
            )
    return found


def _is_inside(node: ServiceNode, level: int) -> bool:
    """Tell whether a node lives at a level further in."""
    return node.lifetime is Lifetime.SCOPED and node.level > level
