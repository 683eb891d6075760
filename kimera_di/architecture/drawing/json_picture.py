"""Write a picture as JSON, complete and sorted.

In: a picture. Out: text in the form of the documentation. Leaves nothing out.
"""

import json

from kimera_di.architecture.drawing.picture import Edge, Picture


def to_json(picture: Picture) -> str:
    """Write every node and edge.

    Args:
        picture: What to write.

    Returns:
        ``{nodes, edges, lanes, unseen}``, ending with a line break; nodes sorted by name, edges by both names.
    """
    data = {
        "nodes": [
            {
                "id": node.id,
                "layer": node.layer,
                "lane": node.lane,
                "kind": node.kind,
                "file": node.file,
                **({"inside": node.inside} if node.inside else {}),
            }
            for node in picture.nodes
        ],
        "edges": [_edge(edge) for edge in picture.edges],
        "lanes": [{"label": lane.label, "contract": lane.contract} for lane in picture.lanes],
        "unseen": [{"file": item.file, "reason": item.reason} for item in picture.unseen],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _edge(edge: Edge) -> dict[str, object]:
    first = edge.lines[0]
    return {
        "importer": edge.importer,
        "imported": edge.imported,
        "file": first.file,
        "line": first.line,
        "kind": edge.kind,
        "violation": edge.violation,
        "lines": [{"file": each.file, "line": each.line, "kind": each.kind} for each in edge.lines],
        "findings": [{"contract": each.contract, "message": each.message} for each in edge.faults],
    }
