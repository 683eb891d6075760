"""Put what was read anew of some files into what an earlier run found in all of them.

In: the tree of an earlier run, and a tree of the same files of which only some were read. Out: the tree that reading
all of them would give. Holds only where the list of files is the same: which modules exist decides what ``from shop
import x`` means, and nothing else outside of a file does. Reads nothing. See docs/decisions/0031-one-edited-file.md.
"""

from collections.abc import Collection
from dataclasses import replace
from operator import attrgetter

from kimera_di.architecture.model.module_graph import ModuleGraph, ScannedTree


def merged(earlier: ScannedTree, part: ScannedTree, read: Collection[str]) -> ScannedTree:
    """Replace what is known of some files.

    Args:
        earlier: A tree of the same files.
        part: The same files, of which only ``read`` were read.
        read: Paths of the files whose content changed since.

    Returns:
        The tree that `scan_tree` gives when it reads all files; imports by calls are those of files that did not
        change. Time O(modules), and O(imports) when imports of other distributions are in it.
    """
    own = {module for module, file in part.graph.files.items() if file in read}
    unseen = [item for item in earlier.unseen if item.file not in read]
    unseen += [item for item in part.unseen if item.file in read]
    syntax = [*(finding for finding in earlier.syntax if finding.importer not in own), *part.syntax]
    return ScannedTree(
        graph=_merged_graph(earlier.graph, part.graph, own),
        unseen=tuple(sorted(unseen, key=attrgetter("file"))),
        syntax=tuple(sorted(syntax, key=attrgetter("importer"))),
    )


def _merged_graph(earlier: ModuleGraph, part: ModuleGraph, own: Collection[str]) -> ModuleGraph:
    lines = {importer: targets for importer, targets in earlier.imports.items() if importer not in own}
    lines.update(part.imports)
    imports = {importer: lines[importer] for importer in sorted(lines)}
    files = {module: file for module, file in part.files.items() if module not in part.external}
    external = frozenset[str]()
    if earlier.external or part.external:
        external = frozenset(module for targets in imports.values() for module in targets if module not in files)
        every = {**files, **dict.fromkeys(external)}
        files = {module: every[module] for module in sorted(every)}
    return replace(
        earlier,
        files=files,
        imports=imports,
        external=external,
        dynamic={importer: targets for importer, targets in earlier.dynamic.items() if importer not in own},
        unresolved=tuple(item for item in earlier.unresolved if item.importer not in own),
    )
