"""Keep what scanning found, and give it back with the files that are provably not the same any more.

In: a list of source files and a `ScannedTree`. Out: the tree of an earlier run and the files that changed since, or
nothing. grimp's own cache is not used: it goes by modification times, shares them between option sets, and has
answered with imports that no longer exist. What counts as the same is in ``snapshots``. Anything odd is a miss, never
an error.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, cast

from kimera_di.architecture.model.findings import Finding, Unseen
from kimera_di.architecture.model.module_graph import Lines, ModuleGraph, ScannedTree, UnresolvedImport
from kimera_di.architecture.reading.cache_files import CacheFile
from kimera_di.architecture.reading.snapshots import STAMPS_TELL, compare, stored_snapshot
from kimera_di.architecture.reading.source_files import SourceFile

FORMAT = 4
"""Raised whenever the layout of the file or the meaning of a tree changes."""


class CachedTree(NamedTuple):
    """A tree of an earlier run."""

    tree: ScannedTree
    digests: Mapping[str, str]
    """Hash of the content of each file as it is now."""
    settled: bool
    """Whether the stamps alone were enough; else it pays to save them anew."""
    changed: frozenset[str] = frozenset()
    """Paths of files with another content now: what the tree says about these is not true any more."""


@dataclass(frozen=True, slots=True)
class TreeCache:
    """One cache file for one set of options; different options never share a file.

    Args:
        folder: Where caches live, ``.kimera_cache`` for the command.
        options: Everything a tree depends on besides the content of the files.
        stamps_tell: Whether stamps change with every edit; else only the content counts.
    """

    folder: Path
    options: Sequence[str] = field(default=())
    stamps_tell: bool = STAMPS_TELL

    @property
    def file(self) -> CacheFile:
        """The file of this set of options."""
        return CacheFile(self.folder, (str(FORMAT), *self.options), "tree.json")

    def load(self, sources: Sequence[SourceFile]) -> CachedTree | None:
        """Give the tree of an earlier run when ``sources`` are what they were.

        Args:
            sources: Every Python file of the packages now.

        Returns:
            The tree, or ``None``. Time O(files), plus reading those whose stamp changed.
        """
        known = self.earlier(sources)
        return None if known is None or known.changed else known

    def earlier(self, sources: Sequence[SourceFile]) -> CachedTree | None:
        """Give the tree of an earlier run when there are the same files, with other contents perhaps.

        Args:
            sources: Every Python file of the packages now.

        Returns:
            The tree with the files that changed; ``None`` also when more than half of them did, because reading all
            costs less then. Time O(files), plus reading those whose stamp changed.
        """
        try:
            stored = self.file.read()
            now = None if stored is None else compare(stored["snapshot"], sources, stamps_tell=self.stamps_tell)
            if stored is None or now is None or 2 * len(now.changed) > len(sources):
                return None
            return CachedTree(_tree(stored["tree"]), now.digests, now.settled, now.changed)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None  # no cache yet, or one that somebody damaged: scanning again is always right

    def save(self, taken_ns: int, digests: Mapping[str, str], sources: Iterable[SourceFile], tree: ScannedTree) -> None:
        """Keep a tree; whoever reads at the same time gets the old or the new one, never a half.

        Args:
            taken_ns: The time at which ``sources`` were listed.
            digests: Hash of each file, taken before it was scanned; a change in between is a miss later.
            sources: The files the tree was made from.
            tree: The result.

        Raises:
            OSError: The folder cannot be written.
        """
        self.file.write({"snapshot": stored_snapshot(taken_ns, sources, digests), "tree": _data(tree)})


def _data(tree: ScannedTree) -> object:
    return {
        "files": tree.graph.files,
        "imports": {
            importer: {imported: _packed(lines) for imported, lines in targets.items()}
            for importer, targets in tree.graph.imports.items()
        },
        "external": sorted(tree.graph.external),
        "dynamic": tree.graph.dynamic,
        "unresolved": [asdict(item) for item in tree.graph.unresolved],
        "unseen": [asdict(item) for item in tree.unseen],
        "syntax": [asdict(item) for item in tree.syntax],
    }


def _packed(lines: Lines) -> object:
    """Write the usual case, one line that runs when the module is loaded, as a number: a third of the file."""
    line, kind = lines[0]
    return line if len(lines) == 1 and kind == "runtime" else lines


def _unpacked(packed: Any) -> Lines:
    return ((packed, "runtime"),) if isinstance(packed, int) else tuple((line, kind) for line, kind in packed)


def _tree(data: Mapping[str, Any]) -> ScannedTree:
    imports = {
        importer: {imported: _unpacked(packed) for imported, packed in targets.items()}
        for importer, targets in data["imports"].items()
    }
    dynamic = {
        importer: {imported: tuple(cast("list[int]", lines)) for imported, lines in targets.items()}
        for importer, targets in data["dynamic"].items()
    }
    graph = ModuleGraph(
        files=data["files"],
        imports=imports,
        external=frozenset(cast("list[str]", data["external"])),
        dynamic=dynamic,
        unresolved=tuple(UnresolvedImport(**item) for item in data["unresolved"]),
    )
    syntax = tuple(replace(Finding(**item), chain=()) for item in data["syntax"])
    return ScannedTree(graph=graph, unseen=tuple(Unseen(**item) for item in data["unseen"]), syntax=syntax)
