"""More nodes for a finished graph: what open registrations are asked for while a container is in use.

In: a graph without problems and the services asked for. Out: the graph with their nodes at its end, proven like the
others; or the problems. Numbers of existing nodes stay what they are. Calls nothing, changes nothing.
"""

from collections.abc import Sequence

from kimera_di.errors import BuildErrors, KimeraError
from kimera_di.planning.assisted import assist_with
from kimera_di.planning.derivation import Drafts
from kimera_di.planning.graph import ServiceNode, WiringGraph
from kimera_di.planning.misfits import misfits
from kimera_di.planning.planner import derive_nodes, find_problems, spread_async
from kimera_di.planning.relation_problems import awaited
from kimera_di.planning.relations import has_relations, held, mark_cycles, wants_scope
from kimera_di.planning.services import Services
from kimera_di.planning.walks import components, consumers_of, reached
from kimera_di.records import replace
from kimera_di.rendering import short_name
from kimera_di.vocabulary import Lifetime


def grown(graph: WiringGraph, drafts: Drafts, services: Services) -> WiringGraph:
    """Plan what was asked for, with everything it needs in turn.

    Args:
        graph: The graph as it is.
        drafts: Numbers given out for it; none is left pending.
        services: What is registered.

    Returns:
        The graph with the new nodes. O(new nodes and what they reach), and one copy of the list of nodes; a graph
        with problems is walked as a whole, for their paths.

    Raises:
        KimeraError: The only problem: a missing service, a cycle, a captive dependency and so on.
        BuildErrors: There are several.
    """
    first, nodes = len(graph.nodes), list(graph.nodes)
    assist = assist_with(drafts, graph.nodes).number_for
    unmet = derive_nodes(drafts, replace(services, derive=drafts.number_for, assist=assist), nodes, graph.private)
    nodes[first:] = _with_async(nodes, first)
    if has_relations(nodes[first:]):
        nodes[first:] = mark_cycles(nodes[first:], first)
    result = replace(graph, nodes=tuple(nodes))
    suspect = unmet or any(misfits(node, services.known) for node in nodes[first:]) or _is_suspect(result, first)
    if suspect:
        problems = find_problems(result, unmet, services.known, only=frozenset(range(first, len(nodes))))
        _raise(problems, nodes[first])
    return result


def _raise(problems: Sequence[KimeraError], asked: ServiceNode) -> None:
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise BuildErrors(f"{short_name(asked.service)} has {len(problems)} problems", problems)


def _inner_edges(new: Sequence[ServiceNode], first: int) -> list[tuple[int, ...]]:
    """Edges of construction among new nodes, counted from 0: no node before them depends on any of them."""
    return [tuple(t - first for d in node.dependencies for t in d.targets if t >= first) for node in new]


def _with_async(nodes: Sequence[ServiceNode], first: int) -> list[ServiceNode]:
    """``spread_async`` for the nodes from ``first`` on; those before are settled. O(new nodes and their edges)."""
    new = nodes[first:]
    awaiting = [
        index
        for index, node in enumerate(new)
        if node.needs_async or any(nodes[t].needs_async for d in node.dependencies for t in d.targets)
    ]
    waiting = reached(awaiting, consumers_of(_inner_edges(new, first))) if awaiting else set[int]()
    return [replace(node, needs_async=True) if index in waiting else node for index, node in enumerate(new)]


def _is_suspect(graph: WiringGraph, first: int) -> bool:
    """Tell whether a problem of the whole graph is possible among the new nodes; usually it is not.

    O(new nodes and the transients they hold): a container may derive a node for each of its users.
    """
    new = graph.nodes[first:]
    return bool(components(_inner_edges(new, first))) or any(
        (node.lifetime is not Lifetime.TRANSIENT and _may_keep(node, graph.nodes))
        or any(True for dependency in node.dependencies for _ in awaited(dependency, graph))
        for node in new
    )


def _may_keep(holder: ServiceNode, nodes: Sequence[ServiceNode]) -> bool:
    """Tell whether a singleton or scoped node may keep what is shorter-lived; walks the transients it holds."""
    is_single, many, closing = holder.lifetime is Lifetime.SINGLETON, False, False
    seen, todo = {holder.number}, [holder]
    while todo:
        node = todo.pop()
        for dependency in node.dependencies:
            if is_single and wants_scope(dependency):
                return True
            many = many or dependency.relation is not None
            for number in held(dependency):
                child = nodes[number]
                if child.lifetime is Lifetime.SCOPED and (is_single or child.level > holder.level):
                    return True
                if child.lifetime is Lifetime.TRANSIENT and number not in seen:
                    seen.add(number)
                    todo.append(child)
                    closing = closing or child.closes
    return is_single and many and closing


def extended(graph: WiringGraph, below: WiringGraph, affected: frozenset[int]) -> tuple[WiringGraph, frozenset[int]]:
    """Add the nodes that a lower layer has gained to the graph of an override above it.

    Args:
        graph: The graph of the override.
        below: The grown graph it stands on.
        affected: The nodes it rebuilds.

    Returns:
        The longer graph, and those of the new nodes that reach what is overridden. O(n + e).
    """
    first = len(graph.nodes)
    nodes = [*graph.nodes, *below.nodes[first:]]
    edges = [tuple(t for d in node.dependencies for t in (*d.targets, *d.later)) for node in nodes]
    touched = frozenset(n for n in reached(affected, consumers_of(edges)) if n >= first)
    for number in touched:
        nodes[number] = replace(nodes[number], needs_async=_awaits_itself(nodes[number]))
    return replace(graph, nodes=spread_async(nodes)), touched


def _awaits_itself(node: ServiceNode) -> bool:
    return node.enter == "async" or node.construction.value in {"coroutine", "async generator"}
