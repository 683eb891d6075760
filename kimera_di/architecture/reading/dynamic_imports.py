"""Add the imports by calls to an import graph, for the contracts that ask for them.

In: a `ScannedTree`. Out: the same tree, its graph with `dynamic` and `unresolved`. Parses only files that mention
``import_module`` or ``__import__``. Runs nothing; a file that grimp could not read is left out, it is reported already.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from kimera_di.architecture.model.module_graph import ScannedTree, UnresolvedImport
from kimera_di.architecture.reading.dynamic_calls import DynamicCalls, dynamic_calls, mentions_calls


def add_dynamic_imports(tree: ScannedTree, only: Collection[str] | None = None) -> ScannedTree:
    """Find every import by a call.

    A name that is no module counts as its nearest package, as for ``import`` statements; modules of other distributions
    are left out.

    Args:
        tree: What `scan_tree` gave.
        only: Paths of the files to read; the calls of all others are in the tree already.

    Returns:
        The tree with the calls, in the same order everywhere. Reads every file that is asked for once, time O(size of
        the files).
    """
    graph = tree.graph
    unseen = {item.file for item in tree.unseen}
    dynamic: dict[str, Mapping[str, tuple[int, ...]]] = dict(graph.dynamic)
    unresolved = list(graph.unresolved)
    for module, file in graph.files.items():
        if file is None or file in unseen or (only is not None and file not in only):
            continue
        calls = _calls(module, file)
        lines: dict[str, list[int]] = {}
        for name, line in calls.named:
            imported = _nearest(name, graph.files)
            if imported is not None and imported != module and imported not in graph.external:
                lines.setdefault(imported, []).append(line)
        if lines:
            dynamic[module] = {imported: tuple(dict.fromkeys(lines[imported])) for imported in sorted(lines)}
        unresolved += [UnresolvedImport(module, file, line, reason) for reason, line in calls.unresolved]
    ordered = tuple(sorted(unresolved, key=lambda item: (item.file, item.line)))
    in_order = {importer: dynamic[importer] for importer in graph.files if importer in dynamic}
    return replace(tree, graph=replace(graph, dynamic=in_order, unresolved=ordered))


def _calls(module: str, file: str) -> DynamicCalls:
    try:
        source = Path(file).read_bytes()
    except OSError as error:  # deleted since it was scanned
        return DynamicCalls(unresolved=((f"the file cannot be read: {error.strerror}", 1),))
    if not mentions_calls(source):
        return DynamicCalls()
    return dynamic_calls(source, module, is_package=os.path.basename(file) == "__init__.py")


def _nearest(name: str, modules: Collection[str]) -> str | None:
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None
