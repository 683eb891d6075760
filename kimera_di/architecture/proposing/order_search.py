"""Search the order of a tangle that the fewest imports are in the way of, counted as ``kimera cut`` counts them.

In: how often the members import each other, what their ways through modules of no member cost, orders to start from.
Out: an order that moving any one member does not make better, and usually the best of many such. Bounded by counted
steps, not by time: same order for every hash seed and on every machine. Knows no imports. See docs/decisions/0018.

Source:
    Iterated local search with insertion moves for the linear ordering problem (Marti and Reinelt 2011, The Linear
    Ordering Problem, ch. 3.2 and 4.3).
"""

from collections.abc import Callable, Iterable, Sequence
from random import Random

from kimera_di.architecture.proposing.linear_orders import Uses, weight_up

STEPS = 400_000
"""Names looked at in all moves that are tried: a quarter of a second."""
_KICKS = 200
"""Restarts from the best order, shaken by a few random moves."""
_SHAKEN = 3
"""Random moves of one restart."""

Order = tuple[str, ...]
WaysCost = Callable[[Order], tuple[int, int]]
"""What an order costs beyond the uses, and how many steps it took to find out."""


class OrderSearch:
    """Looks for the cheapest order of some names.

    Args:
        uses: How often the first name uses the second one; every use that leads up costs one.
        ways_cost: Told an order, gives what it costs beyond that.
        steps: Limit of the search.
    """

    def __init__(self, uses: Uses, ways_cost: WaysCost, *, steps: int = STEPS) -> None:
        self._uses = uses
        self._ways_cost = ways_cost
        self.left: int = steps

    def best(self, starts: Iterable[Order]) -> Order:
        """Find a cheap order.

        Args:
            starts: Orders of the same names; at least one.

        Returns:
            The cheapest order met; among equals the one met first. Takes at most ``steps`` steps, and one more try.
        """
        found = [self._settled(start) for start in dict.fromkeys(starts)]
        cost, best = min(found, key=lambda each: each[0])
        chance = Random(0)  # noqa: S311 - repeatable on purpose
        for _ in range(_KICKS if len(best) > 2 else 0):  # noqa: PLR2004 - two names have no third order
            if self.left <= 0 or not cost:
                break
            other, order = self._settled(_shaken(best, chance))
            if other < cost:
                cost, best = other, order
        return best

    def _settled(self, order: Order) -> tuple[int, Order]:
        """Move single names as long as that makes the order cheaper."""
        cost, moved = self._cost(order), True
        while moved and self.left > 0:
            moved = False
            for name in sorted(order):
                better, order_ = self._moved(order, name, cost)
                if better < cost:
                    cost, order, moved = better, order_, True
        return cost, order

    def _moved(self, order: Order, name: str, cost: int) -> tuple[int, Order]:
        """Move one name to where the order costs less than ``cost``, as little as possible."""
        best = (cost, order)
        rest = tuple(other for other in order if other != name)
        self.left -= len(order)
        fixed = weight_up(order, self._uses) - self._share(order, name)
        places = sorted((fixed + share, place) for place, share in enumerate(self._shares(rest, name)))
        for direct, place in places:
            if direct >= best[0] or self.left <= 0:
                break
            option = (*rest[:place], name, *rest[place:])
            total = direct + self._ways(option)
            if total < best[0]:
                best = (total, option)
        return best

    def _cost(self, order: Order) -> int:
        return weight_up(order, self._uses) + self._ways(order)

    def _ways(self, order: Order) -> int:
        cost, steps = self._ways_cost(order)
        self.left -= steps
        return cost

    def _share(self, order: Order, name: str) -> int:
        at = order.index(name)
        up = sum(self._uses.get((name, other), 0) for other in order[:at])
        return up + sum(self._uses.get((other, name), 0) for other in order[at + 1 :])

    def _shares(self, rest: Sequence[str], name: str) -> Iterable[int]:
        """Give what the name costs in front of each other one, and behind the last."""
        share = sum(self._uses.get((other, name), 0) for other in rest)
        yield share
        for other in rest:
            share += self._uses.get((name, other), 0) - self._uses.get((other, name), 0)
            yield share


def _shaken(order: Order, chance: Random) -> Order:
    # Only `random` promises the same numbers in every version of Python.
    names = list(order)
    for _ in range(_SHAKEN):
        name = names.pop(int(chance.random() * len(names)))
        names.insert(int(chance.random() * (len(names) + 1)), name)
    return tuple(names)
