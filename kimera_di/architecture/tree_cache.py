"""Keep what scanning found, and give it back only when every file is provably the same.

In: a list of source files and a `ScannedTree`. Out: the tree of an earlier run, or nothing. grimp's own cache
is not used: it goes by modification times, shares them between option sets, and has answered with imports
that no longer exist. Here a file counts as unchanged when size, times and inode are the same and older than
the snapshot by a margin, or when its content has the same hash. Anything odd is a miss, never an error.

Source:
    Files touched around the time of the snapshot are compared by content, as git does for "racily clean"
    entries (git, Documentation/technical/racy-git.txt).
"""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from kimera_di.architecture.findings import Finding, Unseen
from kimera_di.architecture.module_graph import ModuleGraph, ScannedTree
from kimera_di.architecture.source_files import SourceFile, Stamp

FORMAT = 1
"""Raised whenever the layout of the file or the meaning of a tree changes."""
_MARGIN_NS = 2_000_000_000
"""File systems round times, by up to two seconds on FAT."""
_LOG = logging.getLogger("kimera_di")


@dataclass(frozen=True, slots=True)
class TreeCache:
    """One cache file for one set of options; different options never share a file.

    Args:
        folder: Where caches live, ``.kimera_cache`` for the command.
        options: Everything a tree depends on besides the content of the files.
    """

    folder: Path
    options: Sequence[str] = field(default=())

    @property
    def path(self) -> Path:
        """The file of this set of options."""
        digest = hashlib.blake2b("\0".join((str(FORMAT), *self.options)).encode(), digest_size=12).hexdigest()
        return self.folder / digest / "tree.json"

    def load(self, sources: Sequence[SourceFile]) -> ScannedTree | None:
        """Give the tree of an earlier run when ``sources`` are what they were.

        Args:
            sources: Every Python file of the packages now.

        Returns:
            The tree, or ``None``. Time O(files), plus reading those whose stamp changed.
        """
        try:
            stored = json.loads(self.path.read_bytes())
            kept = {path: (Stamp(*stamp), digest) for path, (stamp, digest) in stored["files"].items()}
            if kept.keys() != {source.path for source in sources}:
                return None
            for source in sources:
                stamp, digest = kept[source.path]
                if not _settled(stamp, source.stamp, stored["taken"]) and _digest(source.path) != digest:
                    return None
            return _tree(stored["tree"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # no cache yet, or one that somebody damaged: scanning again is always right

    def save(self, taken_ns: int, digests: Mapping[str, str], sources: Iterable[SourceFile], tree: ScannedTree) -> None:
        """Keep a tree.

        Args:
            taken_ns: The time at which ``sources`` were listed.
            digests: Hash of each file, taken before it was scanned; a change in between is a miss later.
            sources: The files the tree was made from.
            tree: The result.
        """
        files = {source.path: (source.stamp, digests[source.path]) for source in sources}
        content = json.dumps({"taken": taken_ns, "files": files, "tree": _data(tree)}, separators=(",", ":"))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / ".gitignore").write_text("*\n", encoding="utf-8")
            handle, temporary = tempfile.mkstemp(dir=self.path.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
            os.replace(temporary, self.path)
        except OSError as error:
            _LOG.warning("the cache in %s cannot be written, every run reads all files: %s", self.folder, error)


def digest_sources(sources: Iterable[SourceFile]) -> Mapping[str, str] | None:
    """Hash the content of every file; ``None`` when one cannot be read, so that nothing is cached."""
    try:
        return {source.path: _digest(source.path) for source in sources}
    except OSError:
        return None  # scanning reports the file itself


def _settled(old: Stamp, new: Stamp, taken_ns: int) -> bool:
    return old == new and max(new.mtime_ns, new.ctime_ns) + _MARGIN_NS < taken_ns


def _digest(path: str) -> str:
    return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()


def _data(tree: ScannedTree) -> object:
    return {
        "files": tree.graph.files,
        "imports": tree.graph.imports,
        "external": sorted(tree.graph.external),
        "unseen": [asdict(item) for item in tree.unseen],
        "syntax": [asdict(item) for item in tree.syntax],
    }


def _tree(data: Mapping[str, Any]) -> ScannedTree:
    imports = {
        importer: {imported: tuple((line, kind) for line, kind in lines) for imported, lines in targets.items()}
        for importer, targets in data["imports"].items()
    }
    graph = ModuleGraph(files=data["files"], imports=imports, external=frozenset(cast("list[str]", data["external"])))
    syntax = tuple(replace(Finding(**item), chain=()) for item in data["syntax"])
    return ScannedTree(graph=graph, unseen=tuple(Unseen(**item) for item in data["unseen"]), syntax=syntax)
