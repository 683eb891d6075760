"""Write a picture as a Mermaid flowchart, small enough to be drawn.

In: a picture. Out: text. Draws less where Mermaid would refuse: with the settings it comes with, it draws no more than
500 edges and reads no more than 50,000 characters (``maxEdges`` and ``maxTextSize`` in its configuration).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kimera_di.architecture.drawing.collapsing import collapse, deepest
from kimera_di.architecture.drawing.lanes import Lanes
from kimera_di.architecture.drawing.picture import EDGE_KINDS, Edge, Node, Picture

MOST_NODES = 50
"""More cannot be read in a flowchart, whatever could be drawn."""
MOST_EDGES = 500
MOST_CHARACTERS = 50_000

_ARROWS = {kind: "-.->" for kind in EDGE_KINDS if kind != "runtime"} | {"runtime": "-->", "wires": "==>"}
_RED = "stroke:#c0182b,stroke-width:3px"


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A picture that fits, and how it was made to."""

    picture: Picture
    depth: int | None
    """To which it was collapsed; ``None`` when nothing was joined."""
    fits: bool
    """It keeps the limits; a flat package with hundreds of modules cannot."""


def shrink(picture: Picture, lanes: Lanes, packages: Sequence[str], depth: int | None = None) -> Shrunk:
    """Collapse a picture until Mermaid draws it.

    Args:
        picture: With every module.
        lanes: Of the picture.
        packages: Those that are drawn.
        depth: What the user asked for, which is done whether it fits or not; the deepest that fits when left out.

    Returns:
        The picture. Time O(depth x (nodes + edges)).
    """
    if depth is not None:
        asked = collapse(picture, lanes, packages, depth)
        return Shrunk(asked, depth if len(asked.nodes) < len(picture.nodes) else None, _fits(asked))
    if _fits(picture):
        return Shrunk(picture, None, fits=True)
    smaller = picture
    for tried in range(deepest(picture), 0, -1):
        smaller = collapse(picture, lanes, packages, tried)
        if _fits(smaller):
            return Shrunk(smaller, tried, fits=True)
    return Shrunk(smaller, 1, fits=False)


def to_mermaid(shrunk: Shrunk) -> str:
    """Write a Mermaid flowchart.

    Args:
        shrunk: From `shrink`.

    Returns:
        Text that ends with a line break: one subgraph per lane from top to bottom; imports are arrows, dotted ones
        when they are not plain (typing, deferred, lazy); wiring is thick; violations are red.
    """
    picture = shrunk.picture
    lines = ["flowchart TB", *_comments(shrunk)]
    number = {node.id: position for position, node in enumerate(picture.nodes)}
    used = sorted({node.lane for node in picture.nodes})
    for lane in used:
        lines.append(f'    subgraph lane{lane}["{escaped(picture.lanes[lane].label)}"]')
        lines += [f'        n{number[node.id]}["{_label(node)}"]' for node in picture.nodes if node.lane == lane]
        lines.append("    end")
    edges = _downward_first(picture)
    lines += [f"    n{number[each.importer]} {_ARROWS[each.kind]} n{number[each.imported]}" for each in edges]
    red = ",".join(str(position) for position, edge in enumerate(edges) if edge.violation)
    # Links that are not seen keep the lanes in order; they come last, so that they shift no number of `linkStyle`.
    lines += [f"    lane{upper} ~~~ lane{lower}" for upper, lower in pairwise(used)]
    lines += [f"    linkStyle {red} {_RED}"] if red else []
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Write a text so that Mermaid shows it as it is: everything but letters, digits and ``._`` as entities."""
    return "".join(each if each.isalnum() or each in "._ " else f"#{ord(each)};" for each in text)


def _downward_first(picture: Picture) -> list[Edge]:
    """Put edges to the next lane first and those that lead up last: Mermaid turns around what it meets last."""
    lane = {node.id: node.lane for node in picture.nodes}

    def steps(edge: Edge) -> tuple[bool, int]:
        down = lane[edge.imported] - lane[edge.importer]
        return (down < 0, abs(down))

    return sorted(picture.edges, key=steps)


def _label(node: Node) -> str:
    return escaped(node.id) + (f" #40;and {node.inside} more#41;" if node.inside else "")


def _comments(shrunk: Shrunk) -> Iterator[str]:
    picture = shrunk.picture
    if shrunk.depth is not None:
        yield f"    %% collapsed to packages at depth {shrunk.depth}; --format json or html has every module"
    if not shrunk.fits:
        size = f"{len(picture.nodes)} nodes and {len(picture.edges)} edges"
        yield f"    %% {size}: Mermaid draws at most {MOST_EDGES} edges unless maxEdges and maxTextSize are raised"
    if picture.unseen:
        yield f"    %% {len(picture.unseen)} files could not be read; their imports are missing"


def _fits(picture: Picture) -> bool:
    if len(picture.nodes) > MOST_NODES or len(picture.edges) > MOST_EDGES:
        return False
    return len(to_mermaid(Shrunk(picture, 1, fits=True))) <= MOST_CHARACTERS
