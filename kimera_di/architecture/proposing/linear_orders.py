"""Put names in an order that few of their uses lead up in.

In: who uses whom, and how often. Out: the names, users before what they use as far as possible. The best order
for a few names, a good one above. Knows no imports.

Source:
    Linear ordering: dynamic programming over subsets (Lawler 1964, Management Science 11(2), pp. 280-288); above
    the limit insertion moves until none helps (Marti and Reinelt 2011, The Linear Ordering Problem, ch. 3).
"""

from collections.abc import Mapping, Sequence

MOST_EXACT = 11
"""Names for which every order is considered: 2 to the power of this, times this, steps."""

Uses = Mapping[tuple[str, str], int]
"""How often the first name uses the second one."""


def closest_order(names: Sequence[str], uses: Uses) -> tuple[str, ...]:
    """Find an order with little weight on uses that lead up.

    Args:
        names: What to order.
        uses: Weights; a pair that is missing weighs nothing.

    Returns:
        Every name once, the highest first. Equal input gives the same order, whatever the hash seed.
    """
    ordered = sorted(names)
    return _exact(ordered, uses) if len(ordered) <= MOST_EXACT else _improved(ordered, uses)


def weight_up(order: Sequence[str], uses: Uses) -> int:
    """Add up the uses that lead from a name to one before it."""
    return sum(uses.get((user, used), 0) for at, user in enumerate(order) for used in order[:at])


def _exact(names: Sequence[str], uses: Uses) -> tuple[str, ...]:
    """Build orders from the bottom: the cost of a set of lowest names does not depend on what is above it."""
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    weights = [[uses.get((user, used), 0) for used in names] for user in names]
    for below in range((1 << len(names)) - 1):
        cost, order = best.pop(below)
        for number in range(len(names)):
            if not below & 1 << number:
                option = (cost + sum(weights[low][number] for low in order), (number, *order))
                key = below | 1 << number
                best[key] = min(best.get(key, option), option)
    return tuple(names[number] for number in best.popitem()[1][1])


def _improved(names: Sequence[str], uses: Uses) -> tuple[str, ...]:
    def surplus(name: str) -> int:
        return sum(uses.get((name, other), 0) - uses.get((other, name), 0) for other in names)

    order = sorted(names, key=lambda name: (-surplus(name), name))
    moved = True
    while moved:
        moved = False
        for name in names:
            moved |= _insert_best(order, name, uses)
    return tuple(order)


def _insert_best(order: list[str], name: str, uses: Uses) -> bool:
    """Move one name to where it costs least; says whether that is better than before."""
    at = order.index(name)
    rest = order[:at] + order[at + 1 :]
    cost = sum(uses.get((other, name), 0) for other in rest)  # at the very top every user leads up
    costs = [cost]
    for other in rest:
        cost += uses.get((name, other), 0) - uses.get((other, name), 0)
        costs.append(cost)
    target = min(range(len(costs)), key=lambda place: (costs[place], place))
    if costs[target] >= costs[at]:
        return False
    order[:] = [*rest[:target], name, *rest[target:]]
    return True
