"""Whether a builder gets a second way, for scopes in which nothing was built yet.

In: the wiring graph and the number of a root. Out: how many claims the builder may write without looking first whether
the object is there. A look costs 30 ns for each scoped service, and nests what follows in a branch; where nothing was
built it finds nothing. Calls nothing. See docs/decisions/0033.
"""

from collections.abc import Container, Sequence

from kimera_di.planning.graph import ServiceNode
from kimera_di.vocabulary import Lifetime

LEAST_CLAIMS = 3
"""From how many scoped services on a second way is written: it is as long as the first."""
MOST_NODES = 64
"""With more nodes below it the root is built by several functions, and gets no second way: keeps the walk short."""


def claims_below(nodes: Sequence[ServiceNode], root: int, constants: Container[int]) -> int:
    """Count the scoped services that building a node may build.

    Args:
        nodes: All nodes of the graph.
        root: Number of the node.
        constants: Numbers of nodes that are finished.

    Returns:
        Their number; 0 when a transient stands below one of them: without the look it would be made although the scoped
        service is there; 0 for a graph that is too large. O(edges of 64 nodes), without recursion.
    """
    todo = [(root, False)]
    seen = {(root, False)}
    scoped: set[int] = set()
    while todo:
        number, inside = todo.pop()
        if number in constants:
            continue
        if len(seen) > MOST_NODES:
            return 0
        node = nodes[number]
        if node.lifetime is Lifetime.SCOPED:
            scoped.add(number)
            inside = True
        elif inside:
            return 0
        for dependency in node.dependencies:
            if dependency.relation is not None and inside:
                return 0
            for target in dependency.targets:
                if (target, inside) not in seen:
                    seen.add((target, inside))
                    todo.append((target, inside))
    return len(scoped)
