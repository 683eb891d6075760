"""``kimera why``: the shortest chains of imports between two modules or packages.

In: two names. Out: chains with file and line on stdout, and an exit code. Says on stderr what it did not see.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from pathlib import Path

from kimera_di.architecture.model.module_graph import ModuleGraph, ScannedTree
from kimera_di.architecture.model.patterns import covers
from kimera_di.architecture.reading.packages import find_packages, root_package_of, search_folders
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.routes import Chain, Routes, shortest_routes
from kimera_di.cli.links import import_link, link_json, link_line, place_width
from kimera_di.cli.outputs import write, write_trouble
from kimera_di.cli.progress import progress
from kimera_di.errors import KimeraError
from kimera_di.rendering import listed, show_place

SHOWN_CHAINS = 20
"""Chains that the text shows."""
MOST_LINKS = 100_000
"""Links of all chains together that JSON writes; beyond, `complete` is false, and `imports` still has every import."""


def run_why(importer: str, imported: str, *, output: str, roots: Sequence[Path]) -> int:
    """Look for chains and write them.

    Args:
        importer: A module or package.
        imported: A module or package.
        output: ``text`` or ``json``.
        roots: Folders that hold packages.

    Returns:
        0 when there is a chain, 1 when there is none in the files that could be read; stderr names the others.

    Raises:
        KimeraError: A package or module does not exist, or both names are the same.
    """
    with progress(f"reading {importer} and {imported}"):
        tree = read_roots((importer, imported), roots)
        routes = shortest_routes(tree.graph, importer, imported)
    if output == "json":
        write(f"{_json(routes, tree)}\n", None)
    else:
        write(_text(routes, tree.graph, importer, imported), None)
    write_trouble(_trouble(tree, routes, as_json=output == "json"))
    return 0 if routes.length else 1


def read_roots(names: Iterable[str], roots: Sequence[Path]) -> ScannedTree:
    """Read the root packages that some modules or packages are in.

    Args:
        names: Dotted names.
        roots: Folders that hold packages.

    Returns:
        Everything below these root packages.

    Raises:
        KimeraError: A name is not dotted, or its root package is nowhere.
    """
    folders = search_folders(roots)
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            guess = ".".join(part for part in name.removesuffix(".py").split("/") if part)
            facts = (
                ("did you mean", guess if guess != name and all(map(str.isidentifier, guess.split("."))) else ""),
                ("do this", "write it as in an import statement"),
            )
            raise KimeraError(f"{name!r} is no module name", facts=facts)
    found = {root_package_of(name, folders) for name in names}
    outermost = sorted(root for root in found if not any(root != other and covers(other, root) for other in found))
    return TreeReader().read(find_packages(outermost, folders, named_by="the name"))


def _json(routes: Routes, tree: ScannedTree) -> str:
    links = {pair: link_json(*import_link(tree.graph, *pair)) for pair in routes.imports()}
    chains = islice(routes.chains(), _most_chains(routes))
    data = {
        "chains": [[links[pair] for pair in pairwise(chain)] for chain in chains],
        "count": routes.count(),
        "complete": routes.count() <= _most_chains(routes),
        "imports": list(links.values()),
        "unseen": [{"file": show_place(item.file, None), "reason": item.reason} for item in tree.unseen],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _most_chains(routes: Routes) -> int:
    return MOST_LINKS // max(1, routes.length)


def _text(routes: Routes, graph: ModuleGraph, importer: str, imported: str) -> str:
    if not routes.length:
        return f"{importer} does not import {imported}, neither directly nor through other modules.\n"
    chains, count = list(islice(routes.chains(), SHOWN_CHAINS)), routes.count()
    between = routes.length - 1
    through = f"through {between} other{'s' * (between > 1)}" if between else "directly"
    ways = "1 shortest chain" if count == 1 else f"{count} shortest chains"
    parts = [f"{importer} imports {imported} {through}: {ways}"]
    width = place_width(import_link(graph, *pair)[0] for chain in chains for pair in pairwise(chain))
    parts += [_chain(chain, graph, width) for chain in chains]
    if count > len(chains):
        parts.append(f"{count - len(chains)} more chains; --format json has every import on them")
    # One import needs no empty line to stand apart from the next.
    return ("\n\n" if between else "\n").join(parts) + "\n"


def _chain(chain: Chain, graph: ModuleGraph, width: int) -> str:
    links = [import_link(graph, *pair) for pair in pairwise(chain)]
    return "\n".join(link_line(link, width, kind, depth=depth) for depth, (link, kind) in enumerate(links))


def _trouble(tree: ScannedTree, routes: Routes, *, as_json: bool) -> str:
    lines = list[str]()
    if tree.unseen:
        files = listed(show_place(item.file, None) for item in tree.unseen)
        lines.append(f"not read, so imports in it are missing here: {files}")
    if as_json and routes.count() > _most_chains(routes):
        lines.append(
            f"{routes.count()} chains are too many for JSON: the first {_most_chains(routes)} and every import on any"
        )
    return "".join(f"{line}\n" for line in lines)
