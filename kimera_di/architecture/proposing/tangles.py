"""Say how children that reach each other could be ordered, and what is in the way.

In: a row of such children, the other rows, the import graph. Out: a `Tangle`. Changes no row.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kimera_di.architecture.cuts.layer_cuts import LayerCut, cut_layers
from kimera_di.architecture.cuts.layer_rules import LayerRule
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.specs import ImportKind
from kimera_di.architecture.proposing.linear_orders import closest_order
from kimera_di.architecture.proposing.order_costs import WayCosts
from kimera_di.architecture.proposing.order_search import Order, OrderSearch
from kimera_di.architecture.proposing.proposed_rows import Node, ProposedRow, node_of

if TYPE_CHECKING:
    import networkx as nx

_CUT_WORK = 200_000
"""A tenth of what `kimera cut` may do: the number is a hint in a comment."""


@dataclass(frozen=True, slots=True)
class Tangle:
    """Children that cannot be ordered, and an order that comes close."""

    names: tuple[str, ...]
    order: tuple[str, ...]
    """High to low."""
    cut: LayerCut
    """The imports to remove so that this order holds, the other rows being as proposed."""
    mutual: tuple["MutualPair", ...]
    """Those that import each other directly."""


class MutualPair(NamedTuple):
    """Two children that import each other."""

    upper: str
    """The one that comes first in the closest order."""
    lower: str
    down: int
    """Imports from the upper to the lower one."""
    up: int


def untangle(
    row: ProposedRow,
    rows: Sequence[ProposedRow],
    squashed: "nx.DiGraph[Node]",
    code: tuple[ModuleGraph, str, Collection[ImportKind]],
) -> Tangle:
    """Find the order of a tangled row that the fewest imports are in the way of, as far as that is cheap.

    Args:
        row: One of ``rows``.
        rows: All rows, high to low.
        squashed: The graph that they were made from.
        code: The import graph, the package, and the kinds of imports that count.

    Returns:
        The order, and the imports to remove so that it holds. A bounded number of steps, see `OrderSearch`; two cuts
        where the ways through modules of no child are so many that only whole orders can be costed.
    """
    costed = [(_cut(order, row, rows, code), order) for order in _orders(row, rows, squashed, code)]
    cut, order = min(costed, key=lambda each: len(each[0].imports))
    return Tangle(row.names, order, cut, tuple(_mutual(order, squashed)))


def _orders(
    row: ProposedRow,
    rows: Sequence[ProposedRow],
    squashed: "nx.DiGraph[Node]",
    code: tuple[ModuleGraph, str, Collection[ImportKind]],
) -> Sequence[Order]:
    """Give orders of which one is likely the best: one, or two when ways cannot be costed one by one."""
    reached = _uses(row.names, squashed)
    direct = {pair: weight for pair, weight in reached.items() if squashed.has_edge(*((True, name) for name in pair))}
    ways = WayCosts(row.names, frozenset(name for each in rows for name in each.names), code)
    starts = [closest_order(row.names, uses) for uses in (direct, reached)]
    if ways.affordable:
        return [OrderSearch(direct, ways).best(starts)]
    searched = [OrderSearch(uses, ways).best([start]) for uses, start in zip((direct, reached), starts, strict=True)]
    return list(dict.fromkeys(searched))


def _cut(
    order: Order,
    row: ProposedRow,
    rows: Sequence[ProposedRow],
    code: tuple[ModuleGraph, str, Collection[ImportKind]],
) -> LayerCut:
    ordered: list[ProposedRow] = []
    for other in rows:
        ordered += [ProposedRow((name,)) for name in order] if other is row else [other]
    return cut_layers([_rule(ordered, *code)], work=_CUT_WORK)


def _mutual(order: Sequence[str], squashed: "nx.DiGraph[Node]") -> Iterator[MutualPair]:
    for at, upper in enumerate(order):
        for lower in order[at + 1 :]:
            down, up = ((True, upper), (True, lower)), ((True, lower), (True, upper))
            if squashed.has_edge(*down) and squashed.has_edge(*up):
                yield MutualPair(upper, lower, squashed.edges[down]["weight"], squashed.edges[up]["weight"])


def _uses(names: Iterable[str], squashed: "nx.DiGraph[Node]") -> Mapping[tuple[str, str], int]:
    """Count the imports between children; reaching one only through modules of no child counts as one import."""
    uses: dict[tuple[str, str], int] = {}
    wanted = sorted(names)
    for user in wanted:
        seen: set[Node] = {(True, user)}
        waiting: list[Node] = [(True, user)]
        while waiting:
            for found in squashed.successors(waiting.pop()):
                if found in seen:
                    continue
                seen.add(found)
                if not found[0]:
                    waiting.append(found)
        for used in wanted:
            if used != user and (True, used) in seen:
                edge = ((True, user), (True, used))
                uses[user, used] = squashed.edges[edge]["weight"] if squashed.has_edge(*edge) else 1
    return uses


def _rule(rows: Sequence[ProposedRow], graph: ModuleGraph, package: str, kinds: Collection[ImportKind]) -> LayerRule:
    row_of = {name: number for number, row in enumerate(rows) for name in row.names}
    names = sorted(row_of)
    number = {name: position for position, name in enumerate(names)}

    def refused(user: str) -> frozenset[int]:
        side_by_side = rows[row_of[user]].tangled
        return frozenset(
            number[used]
            for used in names
            if used != user and (row_of[used] < row_of[user] or (row_of[used] == row_of[user] and not side_by_side))
        )

    layer_of = {
        module: number[child]
        for module in graph.files
        for is_child, child in [node_of(module, package, row_of.keys())]
        if is_child
    }
    return LayerRule(
        contract=package,
        layer_of=layer_of,
        forbidden=tuple(refused(name) for name in names),
        pairs=frozenset(graph.pairs(kinds)),
        kinds=tuple(kinds),
        transitive=True,
    )
