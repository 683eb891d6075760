"""Walks over the wiring graph: cycles, captives, who waits for what. All iterative, linear in edges.

In: nodes with their edges. Out: node numbers. Builds nothing, raises nothing.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence

Edges = Sequence[Sequence[int]]
_UNSEEN = -2


def components(edges: Edges) -> list[list[int]]:
    """Give the strongly connected components that are cycles, each sorted, in order of their first node.

    Args:
        edges: For every node the nodes it depends on.

    Returns:
        Components of more than one node, and single nodes that depend on themselves. O(n + e).

    Source:
        Tarjan 1972, SIAM J. Comput. 1(2), pp. 146-160, with an explicit stack.
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    found: list[list[int]] = []
    for start, targets in enumerate(edges):
        # A cycle has an edge that does not lead to a lower number: where there is none, no search begins.
        if not targets or max(targets) < start or start in index:
            continue
        work = [(start, iter(targets))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, rest = work[-1]
            child = next(rest, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    _pop_component(node, stack, on_stack, edges, found)
            elif child not in index:
                index[child] = low[child] = len(index)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(edges[child])))
            elif child in on_stack:
                low[node] = min(low[node], index[child])
    return sorted(found)


def _pop_component(root: int, stack: list[int], on_stack: set[int], edges: Edges, found: list[list[int]]) -> None:
    component: list[int] = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        component.append(node)
        if node == root:
            break
    if len(component) > 1 or root in edges[root]:
        found.append(sorted(component))


def shortest_cycle(component: Sequence[int], edges: Edges) -> list[int]:
    """Give the shortest cycle through the component's first node; first and last entry are that node."""
    start, inside = component[0], set(component)
    before: dict[int, int] = {}
    queue = deque([start])
    while True:  # inside a component there is always a way back
        node = queue.popleft()
        for child in edges[node]:
            if child == start:
                return [start, *reversed(_back(node, start, before)), start]
            if child in inside and child not in before:
                before[child] = node
                queue.append(child)


def _back(node: int, start: int, before: dict[int, int]) -> list[int]:
    path: list[int] = []
    while node != start:
        path.append(node)
        node = before[node]
    return path


def consumers_of(edges: Edges) -> list[list[int]]:
    """Turn the edges around: for every node who depends on it, sorted."""
    reverse: list[list[int]] = [[] for _ in edges]
    for node, children in enumerate(edges):
        for child in children:
            if not reverse[child] or reverse[child][-1] != node:
                reverse[child].append(node)
    return reverse


def reached(starts: Iterable[int], edges: Edges) -> set[int]:
    """Give every node that can be reached from ``starts``, these included. O(n + e)."""
    seen = set(starts)
    todo = list(seen)
    while todo:
        for child in edges[todo.pop()]:
            if child not in seen:
                seen.add(child)
                todo.append(child)
    return seen


def tree_from_roots(edges: Edges, consumers: Edges) -> list[int]:
    """Give every node its parent on a shortest path from a root; -1 for roots (nodes nobody depends on).

    Nodes that only cycles lead to count as roots themselves. Breadth first, in registration order. O(n + e).
    """
    parent = [_UNSEEN] * len(edges)
    queue = deque(node for node, who in enumerate(consumers) if not who)
    for node in queue:
        parent[node] = -1
    for start in range(-1, len(edges)):
        if start >= 0:
            if parent[start] != _UNSEEN:
                continue
            parent[start] = -1
            queue.append(start)
        while queue:
            node = queue.popleft()
            for child in edges[node]:
                if parent[child] == _UNSEEN:
                    parent[child] = node
                    queue.append(child)
    return parent


def way_to(start: int, onwards: Callable[[int], Iterable[int]], *, goal: Callable[[int], bool]) -> tuple[int, ...]:
    """Find the shortest path from ``start`` to the first goal; ``start`` may be one.

    Args:
        start: The first node.
        onwards: Gives the nodes to go on to; asked once for each node that is reached.
        goal: Tells where to stop.

    Returns:
        The nodes, both ends included; ``()`` when no goal is reached. O(nodes and edges that are reached).
    """
    before = {start: -1}
    todo = [start]
    for node in todo:
        if goal(node):
            path = [node]
            while before[path[-1]] >= 0:
                path.append(before[path[-1]])
            return tuple(reversed(path))
        for child in onwards(node):
            if child not in before:
                before[child] = node
                todo.append(child)
    return ()


def search(start: int, edges: Edges, *, through: Callable[[int], bool], goal: Callable[[int], bool]) -> list[list[int]]:
    """Find the shortest path from ``start`` to every goal, passing only nodes that ``through`` allows.

    Returns:
        One path per goal, start included, goals in the order they were met. O(n + e).
    """
    before = {start: -1}
    queue = deque([start])
    paths: list[list[int]] = []
    while queue:
        node = queue.popleft()
        for child in edges[node]:
            if child in before:
                continue
            before[child] = node
            if goal(child):
                path = [child]
                while path[-1] != start:
                    path.append(before[path[-1]])
                paths.append(path[::-1])
            elif through(child):
                queue.append(child)
    return paths
