"""Answer where the import cycles of some packages are, and what to cut.

In: a tree that was read, names of packages, the kinds of imports that count. Out: a `CycleReport` of plain data. Reads
no file and prints nothing. The contract type ``kimera_acyclic`` answers the same question for a contract file.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kimera_di.architecture.cycles.cycle_search import Chain, Component, find_components, shortest_cycle
from kimera_di.architecture.cycles.feedback import SMALL, Cut, Weigh, cut_of_pairs
from kimera_di.architecture.cycles.siblings import home_of, outermost
from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.model.module_graph import ScannedTree
from kimera_di.architecture.model.scopes import refuse_unknown, unseen_in
from kimera_di.architecture.model.specs import ImportKind


@dataclass(frozen=True, slots=True)
class Knot:
    """Modules that all reach each other, with what to cut."""

    component: Component
    shortest: Chain
    cut: Cut
    """The cheapest to remove."""
    fewest: Cut
    """The smallest; the same as ``cut`` where removing every import costs the same, or nobody asked what it costs."""


@dataclass(frozen=True, slots=True)
class CycleReport:
    """The cycles of some packages; equal code gives an equal report for every hash seed."""

    knots: tuple[Knot, ...]
    """By their first module."""
    modules: int
    """Modules that were looked at."""
    imports: int
    """Pairs of modules with an import that counts."""
    uncounted: int
    """Pairs with other imports only."""
    unseen: tuple[Unseen, ...]
    """Files of the packages that the graph does not hold, with absolute paths."""


def report_cycles(
    tree: ScannedTree, packages: Sequence[str], kinds: Collection[ImportKind], weigh: Weigh | None = None
) -> CycleReport:
    """Find every import cycle inside of some packages.

    Args:
        tree: What reading their root packages gave.
        packages: Names of packages or modules; all of them together are looked at as one.
        kinds: The kinds of imports that count.
        weigh: What removing imports costs, for small components; the same for all when left out.

    Returns:
        The report. Bounded effort for each component, see `cut_of_pairs`.

    Raises:
        KimeraError: One of ``packages`` does not exist; the message guesses.
    """
    graph = tree.graph
    refuse_unknown(graph, packages)
    homes = outermost(packages)
    modules = {name for name in graph.files if name not in graph.external and home_of(name, homes)}
    pairs = [pair for pair in graph.pairs(kinds) if modules.issuperset(pair)]
    return CycleReport(
        knots=tuple(_knot(some, weigh) for some in find_components(pairs)),
        modules=len(modules),
        imports=len(pairs),
        uncounted=sum(modules.issuperset(pair) for pair in graph.pairs()) - len(pairs),
        unseen=unseen_in(tree, homes),
    )


def _knot(component: Component, weigh: Weigh | None) -> Knot:
    fewest = cut_of_pairs(component.pairs)
    weighed = weigh is not None and len(component.modules) <= SMALL
    return Knot(
        component, shortest_cycle(component), cut_of_pairs(component.pairs, weigh) if weighed else fewest, fewest
    )
