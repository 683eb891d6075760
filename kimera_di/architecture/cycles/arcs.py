"""A small directed graph on numbers, for searches that ask the same question many times.

In: weighted pairs of names. Out: numbered arcs, and whether a set of them cuts every cycle. Reads no file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kimera_di.architecture.model.module_graph import Pair

Arc = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Arcs:
    """Nodes ``0 .. n-1`` with weighted arcs in both directions of reading, each sorted."""

    names: tuple[str, ...]
    """Sorted, so that numbers do not depend on the hash seed."""
    out: tuple[Mapping[int, int], ...]
    """Of each node: the nodes it points to, with the weight of the arc."""
    into: tuple[Mapping[int, int], ...]
    """Of each node: the nodes that point to it."""

    def weight(self, cut: Iterable[Arc]) -> int:
        """Add up the weights of some arcs."""
        return sum(self.out[tail][head] for tail, head in cut)

    def against(self, order: Sequence[int]) -> tuple[Arc, ...]:
        """Give the arcs that point backwards in an order of all nodes, sorted; without them there is no cycle."""
        place = [0] * len(order)
        for number, node in enumerate(order):
            place[node] = number
        return tuple((tail, head) for tail, heads in enumerate(self.out) for head in heads if place[tail] > place[head])

    def order_without(self, cut: Iterable[Arc]) -> list[int]:
        """Give an order in which every arc that is not in ``cut`` points forwards.

        Args:
            cut: Arcs without which there is no cycle.

        Returns:
            All nodes; among those that could come next the first. Shorter than the graph when a cycle is left.

        Source:
            Kahn 1962, Communications of the ACM 5(11), pp. 558-562.
        """
        gone = set(cut)
        missing = [sum((tail, node) not in gone for tail in self.into[node]) for node in range(len(self.names))]
        ready = [node for node in reversed(range(len(self.names))) if not missing[node]]
        order: list[int] = []
        while ready:
            node = ready.pop()
            order.append(node)
            for head in self.out[node]:
                if (node, head) not in gone:
                    missing[head] -= 1
                    if not missing[head]:
                        ready.append(head)
        return order

    def needed_of(self, cut: Iterable[Arc]) -> tuple[Arc, ...]:
        """Leave out of a cut what can stay, heavy arcs first.

        Args:
            cut: Arcs without which there is no cycle.

        Returns:
            Part of it, sorted; without any one of these arcs in it there would be a cycle again.
            Time O(arcs of the cut x arcs) at most.
        """
        needed = set(cut)
        place = self._places_without(needed)
        for arc in sorted(needed, key=lambda arc: (-self.out[arc[0]][arc[1]], arc)):
            if not self._closes_cycle(arc, needed, place):
                needed.discard(arc)
                place = self._places_without(needed)
        return tuple(sorted(needed))

    def _places_without(self, cut: Iterable[Arc]) -> dict[int, int]:
        return {node: number for number, node in enumerate(self.order_without(cut))}

    def _closes_cycle(self, arc: Arc, cut: set[Arc], place: Mapping[int, int]) -> bool:
        """Say whether the head of an arc of the cut reaches its tail without the cut."""
        tail, head = arc
        seen, waiting = {head}, [head]
        while waiting:
            node = waiting.pop()
            for following in self.out[node]:
                # What is left points forwards, so that nothing behind the tail leads to it.
                if following not in seen and place[following] <= place[tail] and (node, following) not in cut:
                    if following == tail:
                        return True
                    seen.add(following)
                    waiting.append(following)
        return False


def number_arcs(weights: Mapping[Pair, int]) -> Arcs:
    """Number the names of weighted pairs in sorted order.

    Args:
        weights: Positive weights; no pair of a name with itself.

    Returns:
        The same graph on numbers.
    """
    names = tuple(sorted({name for pair in weights for name in pair}))
    numbers = {name: number for number, name in enumerate(names)}
    out: list[dict[int, int]] = [{} for _ in names]
    into: list[dict[int, int]] = [{} for _ in names]
    for tail, head in sorted(weights):
        out[numbers[tail]][numbers[head]] = weights[tail, head]
        into[numbers[head]][numbers[tail]] = weights[tail, head]
    return Arcs(names, tuple(out), tuple(into))
