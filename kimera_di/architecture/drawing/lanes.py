"""Which lane a module or class is drawn in: the rows of the layer contracts, or levels where there are none.

In: contract files, or the imports between packages. Out: `Lanes` that answer for a name. Judges no import.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kimera_di.architecture.cuts.layer_rules import layer_contracts, layer_options
from kimera_di.architecture.drawing.picture import Lane
from kimera_di.architecture.layering.layers import Layer, LayerOrder
from kimera_di.architecture.model.module_graph import Pair
from kimera_di.architecture.model.specs import ContractFile, WiringOptions

OUTSIDE = Lane("in no layer", None)
"""Above all others: what is in no layer is as a rule what puts the layers together."""


@dataclass(frozen=True, slots=True)
class LayerTable:
    """The layers of one contract."""

    contract: str
    order: LayerOrder


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lanes from top to bottom, and who stands in which.

    With tables a name stands in the row of the first contract that has a layer for it, else in lane 0.
    """

    rows: tuple[Lane, ...]
    tables: tuple[LayerTable, ...] = ()
    levels: Mapping[str, int] | None = None
    """Package -> lane; only without tables."""

    def place(self, name: str) -> tuple[int, Layer | None]:
        """Give the lane and the layer of a dotted name. O(parts of the name, layers)."""
        lane = 1
        for table in self.tables:
            layer = table.order.layer_of(name)
            if layer is not None:
                return lane + layer.row, layer
            lane += len(table.order.rows)
        return self._level(name), None

    def _level(self, name: str) -> int:
        levels = self.levels or {}
        while name and name not in levels:
            name = name.rpartition(".")[0]
        return levels.get(name, 0)


def layer_tables(files: Iterable[ContractFile]) -> tuple[LayerTable, ...]:
    """Take the layers out of contract files.

    Args:
        files: Without mistakes outside of their contracts; contracts with mistakes are left out.

    Returns:
        One table per contract about layers, in the order of the files; wiring contracts with layers of their own
        come where a file has no other. Equal tables come once.

    Raises:
        ContractError: The layers of a built-in contract cannot be read.
    """
    tables: dict[LayerOrder, LayerTable] = {}
    for file in files:
        specs = [spec for spec in layer_contracts(file) if not spec.mistakes]
        found = [LayerTable(spec.id, LayerOrder.from_options(layer_options(spec)[0])) for spec in specs]
        if not found:
            found = [
                LayerTable(spec.id, LayerOrder.from_options(spec.options.as_layers()))
                for spec in file.contracts
                if isinstance(spec.options, WiringOptions)
            ]
        for table in found:
            tables.setdefault(table.order, table)
    return tuple(tables.values())


def lanes_of_layers(tables: Sequence[LayerTable]) -> Lanes:
    """Make one lane for each row of each contract, below a lane for what is in no layer."""
    rows = [OUTSIDE]
    for table in tables:
        for row in table.order.rows:
            label = (" | " if row.independent else " : ").join(row.names)
            rows.append(Lane(label, table.contract))
    return Lanes(tuple(rows), tuple(tables))


def lanes_of_levels(blocks: Mapping[str, str], pairs: Iterable[Pair], roots: Collection[str] = ()) -> Lanes:
    """Put packages in order by their imports, for code without a layer contract.

    Args:
        blocks: Module -> the package that is put in order, for every module.
        pairs: Every import.
        roots: Blocks that stand on top, whoever imports them: the ``__init__`` of a root package, which as a rule
            hands on what is in it and would tie everything into one knot.

    Returns:
        Lanes in which a package stands one below the lowest one that imports it; packages that import each other
        stand in one lane.

    Source:
        Layers of the condensation by longest paths (Sugiyama, Tagawa and Toda 1981, IEEE Trans. SMC 11(2), step 1).
    """
    import networkx  # loads in 0.1 s, and only pictures without layers need it

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    ordered = set(blocks.values()).difference(roots)
    between = {(blocks[a], blocks[b]) for a, b in pairs if blocks[a] != blocks[b]}
    graph.add_nodes_from(sorted(ordered))
    graph.add_edges_from(sorted((a, b) for a, b in between if a in ordered and b in ordered))
    knots = networkx.condensation(graph)
    level: dict[str, int] = {}
    depth = 0
    for depth, generation in enumerate(networkx.topological_generations(knots), start=1):
        for knot in generation:
            level.update(dict.fromkeys(knots.nodes[knot]["members"], depth - 1))
    return Lanes(tuple(Lane(f"level {number}", None) for number in range(1, max(depth, 1) + 1)), levels=level)
