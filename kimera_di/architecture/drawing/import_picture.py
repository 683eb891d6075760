"""Make a picture of modules and their imports.

In: an import graph, the packages to draw, the layers, the findings of a check. Out: a `Picture` without wiring.
Judges no import: what is a violation is what a finding says.
"""

from collections.abc import Iterable, Mapping, Sequence

from kimera_di.architecture.drawing.lanes import Lanes, LayerTable, lanes_of_layers, lanes_of_levels
from kimera_di.architecture.drawing.picture import EDGE_KINDS, WIRES, Edge, Fault, Line, Node, Picture
from kimera_di.architecture.model.findings import Finding, Unseen
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.patterns import covers

_WIRING = (WIRES, "captive", "plan")
"""Kinds of findings whose chain is a way through the wiring; of imports only the first one has to change."""

Faults = Mapping[Pair, tuple[Fault, ...]]


def faults_of(findings: Iterable[Finding]) -> Faults:
    """Say which edges the findings of a check name.

    Args:
        findings: Of any contracts, those that a baseline knows included.

    Returns:
        Pair -> what is said against it, sorted. An import finding names its import; a wiring finding names both
        steps, consumer -> interface and interface -> implementation.
    """
    found: dict[Pair, dict[Fault, None]] = {}
    for finding in findings:
        if finding.importer is None or finding.imported is None:
            continue
        steps = [(link.importer, link.imported) for link in finding.chain] if finding.kind in _WIRING else []
        for pair in steps or [(finding.importer, finding.imported)]:
            found.setdefault(pair, {})[Fault(finding.contract or "", finding.message)] = None
    return {pair: tuple(sorted(some, key=lambda each: (each.contract, each.message))) for pair, some in found.items()}


def draw_imports(
    graph: ModuleGraph,
    packages: Sequence[str],
    tables: Sequence[LayerTable] = (),
    faults: Faults | None = None,
    unseen: tuple[Unseen, ...] = (),
) -> tuple[Picture, Lanes]:
    """Draw the modules of some packages and the imports between them.

    Args:
        graph: Modules and imports.
        packages: Packages or modules to draw, with everything below them.
        tables: The layers; without them packages stand in levels, by who imports whom.
        faults: From `faults_of`.
        unseen: Files that could not be read.

    Returns:
        The picture, and its lanes for what is added to it. Time O(modules x layers + imports).
    """
    names = [
        name for name in graph.files if name not in graph.external and any(covers(each, name) for each in packages)
    ]
    drawn = frozenset(names)
    pairs = [(a, b) for a, b in graph.pairs() if a in drawn and b in drawn and a != b]
    blocks = {name: _block(name, packages) for name in names}
    lanes = lanes_of_layers(tables) if tables else lanes_of_levels(blocks, pairs, packages)
    parents = {name.rpartition(".")[0] for name in names}
    nodes = tuple(sorted((_node(graph, name, lanes, name in parents) for name in names), key=lambda node: node.id))
    edges = tuple(_edge(graph, pair, faults or {}) for pair in pairs)
    title = ", ".join(packages)
    return Picture(title, lanes.rows, nodes, tuple(sorted(edges, key=Edge.order)), unseen), lanes


def _block(name: str, packages: Sequence[str]) -> str:
    """The child of a drawn package that a module is in; the package itself for its ``__init__``."""
    package = max((each for each in packages if covers(each, name)), key=len)
    return ".".join(name.split(".")[: package.count(".") + 2])


def _node(graph: ModuleGraph, name: str, lanes: Lanes, parent: bool) -> Node:
    lane, layer = lanes.place(name)
    file = graph.shown_file(name)
    package = parent or file is None or file.endswith("/__init__.py")
    return Node(name, "package" if package else "module", lane, None if layer is None else layer.name, file)


def _edge(graph: ModuleGraph, pair: Pair, faults: Faults) -> Edge:
    file = graph.shown_file(pair[0])
    lines = sorted(graph.imports[pair[0]][pair[1]], key=lambda each: (EDGE_KINDS.index(each[1]), each[0]))
    kind = lines[0][1]
    return Edge(*pair, kind, tuple(Line(file, line, each) for line, each in lines), faults.get(pair, ()))
