"""Draw packages in place of their modules, so that a large picture can be read.

In: a picture with every module. Out: a picture with fewer nodes; what stands between two packages becomes one edge.
Never joins modules of different layers, and never loses a violation.
"""

from collections.abc import Sequence
from dataclasses import replace

from kimera_di.architecture.drawing.lanes import Lanes
from kimera_di.architecture.drawing.picture import Edge, Fault, Line, Node, Picture, strongest
from kimera_di.architecture.model.patterns import covers

MOST_LINES = 5
"""Lines of code that a joined edge keeps."""


def collapse(picture: Picture, lanes: Lanes, packages: Sequence[str], depth: int) -> Picture:
    """Draw everything below a depth as the package it is in.

    Args:
        picture: With every module.
        lanes: Of the picture.
        packages: Those that are drawn; depth is counted from these.
        depth: 1 draws the children of the packages, 2 their children, and so on. A layer stays apart, however
            deep its package lies.

    Returns:
        A smaller picture; a joined edge is as strong as its strongest part, and a violation when one of its parts
        is. Its first line is that of a violation if there is one. Time O(nodes x layers + edges).
    """
    home = {node.id: _home(node.id, lanes, packages, depth) for node in picture.nodes}
    members: dict[str, list[Node]] = {}
    for node in picture.nodes:
        members.setdefault(home[node.id], []).append(node)
    nodes = tuple(_node(name, some) for name, some in sorted(members.items()))
    joined: dict[tuple[str, str, int], list[Edge]] = {}
    for edge in picture.edges:
        importer, imported = home[edge.importer], home[edge.imported]
        if importer != imported:
            joined.setdefault((importer, imported, edge.family), []).append(edge)
    edges = [_join(importer, imported, parts) for (importer, imported, _), parts in joined.items()]
    return replace(picture, nodes=nodes, edges=tuple(sorted(edges, key=Edge.order)))


def deepest(picture: Picture) -> int:
    """Give the depth at which nothing is joined any more."""
    return max((node.id.count(".") for node in picture.nodes), default=0) + 1


def _home(name: str, lanes: Lanes, packages: Sequence[str], depth: int) -> str:
    package = max((each for each in packages if covers(each, name)), key=len, default="")
    parts = package.count(".") + 1 + depth if package else depth + 1
    _, layer = lanes.place(name)
    if layer is not None:
        parts = max(parts, layer.package.count(".") + 1)
    return ".".join(name.split(".")[:parts])


def _node(name: str, members: Sequence[Node]) -> Node:
    own = next((node for node in members if node.id == name), None)
    if own is not None:
        return replace(own, inside=len(members) - 1)
    # A package of somebody else, of which only some classes are drawn: it stands where they do.
    return Node(name, "package", members[0].lane, members[0].layer, None, len(members))


def _join(importer: str, imported: str, parts: Sequence[Edge]) -> Edge:
    if len(parts) == 1:
        return replace(parts[0], importer=importer, imported=imported)
    lines = [line for edge in sorted(parts, key=lambda each: not each.violation) for line in edge.lines]
    kept: tuple[Line, ...] = tuple(dict.fromkeys(lines))[:MOST_LINES]
    faults: tuple[Fault, ...] = tuple(dict.fromkeys(fault for edge in parts for fault in edge.faults))
    return Edge(importer, imported, strongest(edge.kind for edge in parts), kept, faults)
