"""Write a picture for Graphviz.

In: a picture. Out: DOT text. Lays nothing out: ``dot`` does.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from kimera_di.architecture.drawing.picture import EDGE_KINDS, Edge, Node, Picture

_STYLES = {kind: "dashed" for kind in EDGE_KINDS if kind != "runtime"} | {
    "runtime": "solid",
    "wires": "bold",
    "resolves": "dotted",
}
_LANE = 'labeljust=l; style="rounded,filled"; fillcolor="#eef1f5"; color="#c5ccd6";'
_RED = "#c0182b"


def to_dot(picture: Picture) -> str:
    """Write a Graphviz digraph.

    Args:
        picture: What to draw.

    Returns:
        Text that ends with a line break: one cluster per lane, the highest above the others; imports are solid, those
        that are not plain dashed, wiring bold, violations red.
    """
    lines = [
        f"digraph {quoted(picture.title)} {{",
        "    rankdir=TB; newrank=true; compound=true;",
        '    node [shape=box, style="rounded,filled", fillcolor=white, fontname="sans-serif", fontsize=11];',
        '    edge [color="#5b6470", arrowsize=0.7];',
    ]
    used = sorted({node.lane for node in picture.nodes})
    lane_of = {node.id: node.lane for node in picture.nodes}
    for lane in used:
        lines.append(f"    subgraph cluster_{lane} {{")
        label = quoted(picture.lanes[lane].label)
        lines.append(f"        label={label}; {_LANE}")
        inside = [node for node in picture.nodes if node.lane == lane]
        lines += [f"        {quoted(node.id)} [label={quoted(_label(node))}];" for node in inside]
        lines.append("    }")
    lines += _separators(picture, used)
    lines += [
        f"    {quoted(each.importer)} -> {quoted(each.imported)} [{_look(each, lane_of)}];" for each in picture.edges
    ]
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    """Write a text as a string of DOT, in which only quotation marks, backslashes and line breaks mean something."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _label(node: Node) -> str:
    return f"{node.id} (and {node.inside} more)" if node.inside else node.id


def _separators(picture: Picture, used: Sequence[int]) -> Iterator[str]:
    """Keep the lanes below each other with a point that is not seen, below all of one and above all of the next."""
    for number, (upper, lower) in enumerate(pairwise(used)):
        yield f'    "between {number}" [shape=point, style=invis, width=0];'
        for node in picture.nodes:
            if node.lane == upper:
                yield f'    {quoted(node.id)} -> "between {number}" [style=invis, weight=0];'
            elif node.lane == lower:
                yield f'    "between {number}" -> {quoted(node.id)} [style=invis, weight=0];'


def _look(edge: Edge, lane_of: Mapping[str, int]) -> str:
    # What leads up must not turn the picture upside down.
    up = ", constraint=false" if lane_of[edge.importer] > lane_of[edge.imported] else ""
    red = f', color="{_RED}", penwidth=2' if edge.violation else ""
    return f"style={_STYLES[edge.kind]}{red}{up}"
