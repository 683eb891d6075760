"""Search for a cheaper cut than a known one, or prove that there is none.

In: `Arcs` and a cut of them. Out: the best cut found, and what every cut costs at least. Gives up after a fixed
number of steps, never after a time.

Source:
    Branch and bound: one arc of a shortest cycle must go. The bound is a packing of cycles that share no weight;
    each costs at least its lightest arc (the easy half of Lucchesi and Younger's relation of cuts and packings).
"""

from kimera_di.architecture.cycles.arcs import Arc, Arcs

_NEVER = 1 << 60
"""Heavier than any cut: a cycle of arcs that must stay."""


class CutSearch:
    """One search.

    Args:
        arcs: The graph.
        known: A cut of it; ``best`` until a lighter one is found.
        work: Arcs to look at before giving up.
    """

    def __init__(self, arcs: Arcs, known: tuple[Arc, ...], *, work: int) -> None:
        self.best: tuple[Arc, ...] = known
        self._arcs = arcs
        self._out: list[dict[int, int]] = [dict(heads) for heads in arcs.out]
        self._weight = arcs.weight(known)
        self._kept: set[Arc] = set()
        self._cut: list[Arc] = []
        self._left = work

    def run(self) -> int:
        """Search.

        Returns:
            What every cut costs at least: the weight of ``best`` when the search came to its end.
        """
        bound, _ = self._bound(self._weight)
        self._visit(0)
        return self._weight if self._left > 0 else bound

    def _visit(self, spent: int) -> None:
        bound, cycle = self._bound(self._weight - spent)
        if self._left <= 0 or spent + bound >= self._weight:
            return
        if not cycle:
            self.best, self._weight = tuple(sorted(self._cut)), spent
            return
        free = [arc for arc in cycle if arc not in self._kept]
        for tail, head in free:
            weight = self._out[tail].pop(head)
            self._cut.append((tail, head))
            self._visit(spent + weight)
            self._cut.pop()
            self._out[tail][head] = weight
            # The next branches keep this arc, so that no set of arcs is looked at twice.
            self._kept.add((tail, head))
        self._kept.difference_update(free)

    def _bound(self, enough: int) -> tuple[int, list[Arc]]:
        """Pack cycles, short ones first, until their price is ``enough``; give the price and the first cycle."""
        out = [dict(heads) for heads in self._out]
        total, first, length = 0, list[Arc](), 2
        # Taking weight away makes no cycle shorter, so that no length has to be looked at twice.
        while core := self._core(out):
            for start in core:
                while total < enough and self._left > 0:
                    cycle = self._cycle_through(out, start, length)
                    if not cycle:
                        break
                    first = first or cycle
                    price = self._take(out, cycle)
                    if not price:
                        return _NEVER, first
                    total += price
                if total >= enough or self._left <= 0:
                    return total, first
            length += 1
        return total, first

    def _take(self, out: list[dict[int, int]], cycle: list[Arc]) -> int:
        """Take the weight of the lightest arc from a whole cycle; 0 when every arc of it must stay."""
        free = [arc for arc in cycle if arc not in self._kept]
        price = min((out[tail][head] for tail, head in free), default=0)
        for tail, head in free:
            out[tail][head] -= price
            if not out[tail][head]:
                del out[tail][head]
        return price

    def _core(self, out: list[dict[int, int]]) -> list[int]:
        """Give the nodes that are in cycles or behind one; none when there is no cycle."""
        missing = [0] * len(out)
        for heads in out:
            self._left -= len(heads)
            for head in heads:
                missing[head] += 1
        ready = [node for node, count in enumerate(missing) if not count]
        while ready:
            for head in out[ready.pop()]:
                missing[head] -= 1
                if not missing[head]:
                    ready.append(head)
        return [node for node, count in enumerate(missing) if count]

    def _cycle_through(self, out: list[dict[int, int]], start: int, longest: int) -> list[Arc]:
        """Find a shortest cycle through ``start`` of at most ``longest`` arcs."""
        before: dict[int, int] = {}
        front, length = [start], 1
        while front and length <= longest:
            reached: list[int] = []
            for node in front:
                self._left -= len(out[node])
                if start in out[node]:
                    nodes = [start, node]
                    while nodes[-1] != start:
                        nodes.append(before[nodes[-1]])
                    return [(nodes[number + 1], nodes[number]) for number in range(len(nodes) - 1)]
                for head in sorted(out[node]):
                    if head not in before:
                        before[head] = node
                        reached.append(head)
            front, length = reached, length + 1
        return []
