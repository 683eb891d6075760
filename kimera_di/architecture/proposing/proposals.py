"""Find the layers that a package already has.

In: the import graph and a package. Out: its children in rows, high to low, such that every import goes down the
rows or stays within one. Children that import each other, directly or through others, share a row and are a
tangle; how it could be ordered is part of the answer. Every static import counts, also through modules that are
no child of the package (its own ``__init__``). Reads no file. Loads networkx.
"""

from collections.abc import Collection
from dataclasses import dataclass

from kimera_di.architecture.layering.placement import ModuleNames
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.specs import IMPORT_KINDS, ImportKind
from kimera_di.architecture.proposing.proposed_rows import ProposedRow, rows_of, squashed_graph
from kimera_di.architecture.proposing.tangles import Tangle, untangle


@dataclass(frozen=True, slots=True)
class Proposal:
    """The layers of one package."""

    package: str
    rows: tuple[ProposedRow, ...]
    """High to low; none when the package has no children."""
    tangles: tuple[Tangle, ...] = ()


def propose_layers(graph: ModuleGraph, package: str, *, kinds: Collection[ImportKind] = IMPORT_KINDS) -> Proposal:
    """Put the children of a package into rows.

    A child stands as low as what it imports allows; one that imports others and is imported by none stands at the
    top.

    Args:
        graph: The imports of the root package that ``package`` is in.
        package: A package of the graph.
        kinds: The imports that count.

    Returns:
        The rows. Time O(modules + imports), and more for the order of a tangle, see `closest_order`.
    """
    children = [name[len(package) + 1 :] for name in ModuleNames(graph).children(package)]
    squashed = squashed_graph(graph, package, children, kinds)
    rows = rows_of(squashed)
    tangles = tuple(untangle(row, rows, squashed, (graph, package, kinds)) for row in rows if row.tangled)
    return Proposal(package, rows, tangles)
