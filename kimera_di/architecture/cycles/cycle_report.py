"""Answer where the import cycles of some packages are, and what to cut.

In: a tree that was read, names of packages, the kinds of imports that count. Out: a `CycleReport` of plain data. Reads
no file and prints nothing. The contract type ``kimera_acyclic`` answers the same question for a contract file.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kimera_di.architecture.cycles.cycle_search import Chain, Component, find_components, shortest_cycle
from kimera_di.architecture.cycles.feedback import Cut, cut_of_pairs
from kimera_di.architecture.cycles.siblings import home_of, outermost
from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.model.module_graph import ModuleGraph, ScannedTree
from kimera_di.architecture.model.patterns import covers
from kimera_di.architecture.model.specs import ImportKind
from kimera_di.errors import KimeraError
from kimera_di.rendering import did_you_mean


@dataclass(frozen=True, slots=True)
class Knot:
    """Modules that all reach each other, with what to cut."""

    component: Component
    shortest: Chain
    cut: Cut


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


def report_cycles(tree: ScannedTree, packages: Sequence[str], kinds: Collection[ImportKind]) -> CycleReport:
    """Find every import cycle inside of some packages.

    Args:
        tree: What reading their root packages gave.
        packages: Names of packages or modules; all of them together are looked at as one.
        kinds: The kinds of imports that count.

    Returns:
        The report. Bounded effort for each component, see `cut_of_pairs`.

    Raises:
        KimeraError: One of ``packages`` does not exist; the message guesses.
    """
    graph = tree.graph
    for package in packages:
        _refuse_unknown(package, graph)
    homes = outermost(packages)
    modules = {name for name in graph.files if name not in graph.external and home_of(name, homes)}
    pairs = [pair for pair in graph.pairs(kinds) if modules.issuperset(pair)]
    return CycleReport(
        knots=tuple(Knot(some, shortest_cycle(some), cut_of_pairs(some.pairs)) for some in find_components(pairs)),
        modules=len(modules),
        imports=len(pairs),
        uncounted=sum(modules.issuperset(pair) for pair in graph.pairs()) - len(pairs),
        unseen=tuple(item for item in tree.unseen if any(_may_belong(item.file, home, graph) for home in homes)),
    )


def _refuse_unknown(package: str, graph: ModuleGraph) -> None:
    own = [name for name in graph.files if name not in graph.external]
    if package not in own:
        parent = next((name for name in reversed(own) if covers(name, package)), "")
        facts = (
            ("did you mean", ", ".join(did_you_mean(package, own))),
            ("do this", f"name something in {parent}" if parent else "correct the name, or add --root"),
        )
        raise KimeraError(f"there is no package or module {package!r}", facts=facts)


def _may_belong(file: str, package: str, graph: ModuleGraph) -> bool:
    """Say whether a file that the graph does not hold may be a part of ``package``."""
    home = graph.file_of(package)
    if home is None:
        return True  # a namespace package has no file that says where it is
    return file == home or (os.path.basename(home) == "__init__.py" and file.startswith(os.path.dirname(home) + os.sep))
