"""Put nodes into an order that few arcs point against.

In: `Arcs`. Out: orders of all nodes; the arcs against one cut every cycle. Proves nothing about large graphs.

Source:
    All orders of a small graph by sets of nodes: Lawler 1964, IEEE Transactions on Electronic Computers EC-13(6),
    pp. 758-759, with the recursion of Held and Karp 1962. The start for large ones: Eades, Lin and Smyth 1993,
    Information Processing Letters 47(6), pp. 319-323, with weights. The improvement, one node at a time to
    its best place: "sifting", Rudell 1993 (there for variables of decision diagrams).
"""

from collections.abc import Mapping, Sequence

from kimera_di.architecture.cycles.arcs import Arcs

_ROUNDS = 30
"""Improvement ends by itself long before; a bound all the same."""


def best_order(arcs: Arcs) -> list[int]:
    """Find an order with the lightest arcs against it, out of all.

    Args:
        arcs: A small graph.

    Returns:
        The order; among equal ones the same each time. Time O(2^n x n), space O(2^n).
    """
    nodes = range(len(arcs.names))
    planes = [_bit_planes(arcs.out[node]) for node in nodes]
    cost, last = [0] * (1 << len(nodes)), [0] * (1 << len(nodes))
    for chosen in range(1, 1 << len(nodes)):
        best = -1
        for node in nodes:
            if chosen >> node & 1:
                before = chosen & ~(1 << node)
                # Arcs from the node that comes last back to those before it point against the order.
                price = cost[before] + sum((heads & before).bit_count() << bit for bit, heads in planes[node])
                if best < 0 or price < best:
                    best, last[chosen] = price, node
        cost[chosen] = best
    order: list[int] = []
    left = (1 << len(nodes)) - 1
    while left:
        order.append(last[left])
        left &= ~(1 << last[left])
    return order[::-1]


def good_order(arcs: Arcs) -> list[int]:
    """Find an order with few arcs against it: the best of three starts, each improved until nothing helps.

    Args:
        arcs: A graph of any size.

    Returns:
        The order; equal graphs give equal orders. About O(arcs x log(arcs)) for each round of improvement.
    """
    backwards = Arcs(arcs.names, arcs.into, arcs.out)
    starts = [greedy_order(arcs), greedy_order(backwards)[::-1], list(range(len(arcs.names)))]
    improved = [_improved(arcs, start) for start in starts]
    return min(improved, key=lambda order: arcs.weight(arcs.against(order)))


def greedy_order(arcs: Arcs) -> list[int]:
    """Take sinks to the end and sources to the front, else the node with the most out and the least in to the front.

    Args:
        arcs: A graph of any size.

    Returns:
        An order; at most half of the weight is against it. Time O(nodes^2 + arcs).
    """
    left = dict.fromkeys(range(len(arcs.names)))
    out = [sum(heads.values()) for heads in arcs.out]
    into = [sum(tails.values()) for tails in arcs.into]
    front: list[int] = []
    end: list[int] = []
    while left:
        node = next((node for node in left if not out[node]), None)
        if node is not None:
            end.append(node)
        else:
            node = min(left, key=lambda some: (into[some] > 0, into[some] - out[some], some))
            front.append(node)
        del left[node]
        for head, weight in arcs.out[node].items():
            into[head] -= weight
        for tail, weight in arcs.into[node].items():
            out[tail] -= weight
    return front + end[::-1]


def _improved(arcs: Arcs, start: Sequence[int]) -> list[int]:
    order, weight = list(start), arcs.weight(arcs.against(start))
    for _ in range(_ROUNDS):
        place = [0] * len(order)
        for number, node in enumerate(order):
            place[node] = number
        for node in range(len(order)):
            _move_to_best_place(arcs, order, place, node)
        # What the cut does not need may stay, and then the order is another one, from which more can be gained.
        order = arcs.order_without(arcs.needed_of(arcs.against(order)))
        now = arcs.weight(arcs.against(order))
        if now >= weight:
            break
        weight = now
    return order


def _move_to_best_place(arcs: Arcs, order: list[int], place: list[int], node: int) -> None:
    """Move one node to where the least weight points against the order; it stays when nothing is gained."""
    here = place[node]
    steps: dict[int, int] = {}
    # Gaps are numbered as if the node were taken out: what is behind it is one place nearer.
    for head, weight in arcs.out[node].items():
        gap = place[head] + (place[head] < here)
        steps[gap] = steps.get(gap, 0) + weight
    for tail, weight in arcs.into[node].items():
        gap = place[tail] + (place[tail] < here)
        steps[gap] = steps.get(gap, 0) - weight
    # Price of each gap, relative to the front: behind a node it points to, an arc is against the order.
    price, best, best_gap, stay = 0, 0, 0, 0
    for gap in sorted(steps):
        price += steps[gap]
        if gap <= here:
            stay = price
        if price < best:
            best, best_gap = price, gap
    if best < stay:
        order.insert(best_gap, order.pop(here))
        for number in range(min(here, best_gap), max(here, best_gap) + 1):
            place[order[number]] = number


def _bit_planes(heads: Mapping[int, int]) -> list[tuple[int, int]]:
    """Write weights in binary: for each bit the set of heads whose weight has it."""
    planes: dict[int, int] = {}
    for head, weight in heads.items():
        for bit in range(weight.bit_length()):
            if weight >> bit & 1:
                planes[bit] = planes.get(bit, 0) | 1 << head
    return sorted(planes.items())
