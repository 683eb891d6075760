"""Write imports, one by one, as JSON and as lines of text: the same form in `why`, `cut` and `cycles`.

In: links. Out: plain data and lines. Decides nothing and prints nothing.
"""

from collections.abc import Iterable

from kimera_di.architecture.model.findings import Link
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.specs import IMPORT_KINDS, ImportKind
from kimera_di.rendering import show_place

JsonLink = dict[str, str | int | None]
"""``{importer, imported, file, line}``, and ``kind`` where it is known."""


def import_link(graph: ModuleGraph, importer: str, imported: str) -> tuple[Link, ImportKind]:
    """Find where one module imports another one.

    Args:
        graph: The imports.
        importer: A module.
        imported: A module that it imports.

    Returns:
        The first line with the strongest kind, the file as it is shown, and that kind.

    Raises:
        KeyError: There is no such import.
    """
    kind, line = graph.strongest(importer, imported, IMPORT_KINDS)
    return Link(importer, imported, graph.shown_file(importer), line), kind


def link_json(link: Link, kind: ImportKind | None = None) -> JsonLink:
    """Give a link as JSON has it.

    Args:
        link: The import.
        kind: Its kind, when the reader should learn it.

    Returns:
        A new dictionary, keys in the order of the documentation.
    """
    data: JsonLink = {"importer": link.importer, "imported": link.imported, "file": link.file, "line": link.line}
    return data if kind is None else {**data, "kind": kind}


def link_line(link: Link, width: int, kind: ImportKind | None = None, *, depth: int = 0) -> str:
    """Give a link as a line of text, as `kimera check` shows the links of a chain.

    Args:
        link: The import.
        width: Column width of the place, from `place_width`.
        kind: Its kind; said unless it is ``runtime``.
        depth: Number of links before it in its chain.

    Returns:
        ``  shop/cart.py:11   shop.cart -> shop.db   (typing)``, without a line break.
    """
    branch = "   " * (depth - 1) + "└─ " if depth else ""
    said = "" if kind in {None, "runtime"} else f"   ({kind})"
    return f"  {show_place(link.file, link.line):<{width}}   {branch}{link.importer} -> {link.imported}{said}"


def place_width(links: Iterable[Link]) -> int:
    """Give the width of the widest place, so that the imports stand below each other."""
    return max((len(show_place(link.file, link.line)) for link in links), default=0)
