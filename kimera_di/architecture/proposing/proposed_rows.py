"""Put the children of a package into rows: the order that the imports between them already have.

In: the import graph and a package. Out: the graph of its children, each squashed into one node, and their rows.
Modules that are no child of the package (its own ``__init__``) stay nodes, because ways lead through them. Judges
nothing and reads no file. Loads networkx.

Source:
    Components: Tarjan 1972, SIAM J. Comput. 1(2), pp. 146-160; rows: longest paths in the condensed graph, as in
    the first step of Sugiyama, Tagawa and Toda 1981, IEEE Trans. SMC 11(2), pp. 109-125.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.specs import ImportKind

if TYPE_CHECKING:
    import networkx as nx

Node = tuple[bool, str]
"""A child of the package by its name below it, or (False) a module of no child by its whole name."""


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """Children of the same height, by their names below the package."""

    names: tuple[str, ...]
    tangled: bool = False
    """They reach each other; else none reaches another one."""

    def __str__(self) -> str:
        """Write the row as a contract has it."""
        return (" : " if self.tangled else " | ").join(self.names)


def node_of(module: str, package: str, children: Collection[str]) -> Node:
    """Give what a module counts as: the child it belongs to, or itself."""
    child = module[len(package) + 1 :].partition(".")[0] if module.startswith(f"{package}.") else ""
    return (True, child) if child in children else (False, module)


def squashed_graph(
    graph: ModuleGraph, package: str, children: Collection[str], kinds: Collection[ImportKind]
) -> "nx.DiGraph[Node]":
    """Make a graph of children and of modules that are in none.

    Args:
        graph: The imports.
        package: The package.
        children: Its children, by their names below it.
        kinds: The imports that count.

    Returns:
        The graph; ``weight`` counts the imports behind an edge.
    """
    import networkx as nx

    known = frozenset(children)
    squashed: nx.DiGraph[Node] = nx.DiGraph()
    squashed.add_nodes_from((True, child) for child in children)
    for pair in graph.pairs(kinds):
        user, used = (node_of(module, package, known) for module in pair)
        if user != used:
            before = squashed.edges[user, used]["weight"] if squashed.has_edge(user, used) else 0
            squashed.add_edge(user, used, weight=before + 1)
    return squashed


def rows_of(squashed: "nx.DiGraph[Node]") -> tuple[ProposedRow, ...]:
    """Put children into rows, high to low.

    Args:
        squashed: From `squashed_graph`.

    Returns:
        Rows; within a height the children that do not reach each other come first, then one row for each group of
        children that do. Sorted by name, so that equal graphs give equal rows.
    """
    import networkx as nx

    condensed = nx.condensation(squashed)
    members: dict[int, list[str]] = {
        number: sorted(name for is_child, name in condensed.nodes[number]["members"] if is_child)
        for number in condensed.nodes
    }
    height: dict[int, int] = {}
    used_by_child: dict[int, bool] = dict.fromkeys(members, False)
    order = list(nx.topological_sort(condensed))
    for number in reversed(order):
        below = condensed.successors(number)
        height[number] = max((height[other] + bool(members[other]) for other in below), default=0)
    for number in order:
        for other in condensed.successors(number):
            used_by_child[other] |= used_by_child[number] or bool(members[number])
    top = max((height[number] for number in order if members[number]), default=0)
    level = {
        number: top if height[number] and not used_by_child[number] else height[number]
        for number in order
        if members[number]
    }
    rows: list[ProposedRow] = []
    for wanted in range(top, -1, -1):
        here = sorted(members[number] for number in level if level[number] == wanted)
        singles = tuple(names[0] for names in here if len(names) == 1)
        rows += [ProposedRow(singles)] if singles else []
        rows += [ProposedRow(tuple(names), tangled=True) for names in here if len(names) > 1]
    return tuple(rows)
