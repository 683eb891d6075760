"""Write a picture as one HTML page that needs nothing else: no network, no server, no library.

In: a picture. Out: the page, put together from the files in ``page/``. Names come from code nobody has looked at, so
they get in as data only: JSON without ``<``, read by a script that never makes markup of text. The page's policy lets
exactly its own script and style run, by their hashes.

Source:
    Content Security Policy Level 3 (W3C), section 2.3.1, hash sources.
"""

import base64
import hashlib
import json
from importlib.resources import files
from string import Template

from kimera_di.architecture.drawing.picture import EDGE_KINDS, Edge, Line, Picture

SCRIPTS = ("model.js", "view.js", "edges.js", "panel.js", "main.js")
"""In the order in which they need each other."""


def to_html(picture: Picture) -> str:
    """Write the page.

    Args:
        picture: With every module; the page itself collapses what is too much.

    Returns:
        The page, about 35 KB and 100 bytes per edge. Equal pictures give equal pages.
    """
    folder = files("kimera_di.architecture.drawing").joinpath("page")

    def text(name: str) -> str:
        return folder.joinpath(name).read_text(encoding="utf-8")

    style = text("page.css")
    script = '"use strict";\n(() => {\n' + "".join(text(name) for name in SCRIPTS) + "})();\n"
    sources = f"script-src {_hash(script)}; style-src {_hash(style)}"
    policy = f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"
    return Template(text("page.html")).substitute(
        policy=policy, style=style, script=script, data=embedded(_data(picture)), title=_shown(picture.title)
    )


def embedded(data: object) -> str:
    """Write data so that it can stand inside of a ``script`` element.

    Args:
        data: Plain data.

    Returns:
        JSON in ASCII, in which ``<``, ``>`` and ``&`` are escaped too: nothing in it can end the element or begin a
        comment, and no line separator (U+2028) is left.
    """
    written = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(picture: Picture) -> dict[str, object]:
    """Give the picture with numbers in place of names, files and kinds: a third of the size."""
    number = {node.id: position for position, node in enumerate(picture.nodes)}
    places = [node.file for node in picture.nodes] + [line.file for edge in picture.edges for line in edge.lines]
    named = dict.fromkeys(place for place in places if place is not None)
    place_of = {place: position for position, place in enumerate(named)}

    def line(each: Line) -> list[int | None]:
        return [None if each.file is None else place_of[each.file], each.line, EDGE_KINDS.index(each.kind)]

    def edge(each: Edge) -> list[object]:
        faults = [[fault.contract, fault.message] for fault in each.faults]
        return [
            number[each.importer],
            number[each.imported],
            EDGE_KINDS.index(each.kind),
            [line(one) for one in each.lines],
            *([faults] if faults else []),
        ]

    return {
        "title": picture.title,
        "kinds": EDGE_KINDS,
        "lanes": [[lane.label, lane.contract] for lane in picture.lanes],
        "files": list(named),
        "nodes": [
            [node.id, node.kind, node.lane, node.layer, None if node.file is None else place_of[node.file]]
            for node in picture.nodes
        ],
        "edges": [edge(each) for each in picture.edges],
        "unseen": [[item.file, item.reason] for item in picture.unseen],
    }


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shown(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
