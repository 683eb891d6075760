"""Keep what scanning found, and give it back only when every file is provably the same.

In: a list of source files and a `ScannedTree`. Out: the tree of an earlier run, or nothing. grimp's own cache
is not used: it goes by modification times, shares them between option sets, and has answered with imports
that no longer exist. Here a file counts as unchanged when size, times, inode and device are the same and older than
the snapshot by a margin, or when its content has the same hash. The time of the last status change is among them: no
program can set it back, so an edit that restores size and modification time is seen. Anything odd is a miss, never
an error. What is not seen: a program that keeps writing into a memory-mapped file without telling the kernel.

Source:
    Files touched around the time of the snapshot are compared by content, as git does for "racily clean"
    entries (git, Documentation/technical/racy-git.txt). CACHEDIR.TAG: Cache Directory Tagging Specification 0.6,
    https://bford.info/cachedir/.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, cast

from kimera_di.architecture.model.findings import Finding, Unseen
from kimera_di.architecture.model.module_graph import ModuleGraph, ScannedTree
from kimera_di.architecture.reading.source_files import SourceFile, Stamp

FORMAT = 2
"""Raised whenever the layout of the file or the meaning of a tree changes."""
_MARGIN_NS = 2_000_000_000
"""File systems round times, by up to two seconds on FAT."""
_MARKS = {
    ".gitignore": "*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Written by kimera; may be deleted at any time.\n",
}
"""What tells other programs to leave the folder alone."""


class CachedTree(NamedTuple):
    """A tree of an earlier run."""

    tree: ScannedTree
    digests: Mapping[str, str]
    """Hash of the content of each file, which is the same now."""
    settled: bool
    """Whether the stamps alone were enough; else it pays to save them anew."""


@dataclass(frozen=True, slots=True)
class TreeCache:
    """One cache file for one set of options; different options never share a file.

    Args:
        folder: Where caches live, ``.kimera_cache`` for the command.
        options: Everything a tree depends on besides the content of the files.
        stamps_tell: Whether stamps change with every edit. On Windows they do not: what Python calls the time of the
            last status change is the time of creation there, so that only the content counts.
    """

    folder: Path
    options: Sequence[str] = field(default=())
    stamps_tell: bool = os.name != "nt"

    @property
    def path(self) -> Path:
        """The file of this set of options."""
        digest = hashlib.blake2b(
            "\0".join((str(FORMAT), *self.options)).encode("utf-8", "surrogateescape"), digest_size=12
        ).hexdigest()
        return self.folder / digest / "tree.json"

    def load(self, sources: Sequence[SourceFile]) -> CachedTree | None:
        """Give the tree of an earlier run when ``sources`` are what they were.

        Args:
            sources: Every Python file of the packages now.

        Returns:
            The tree, or ``None``. Time O(files), plus reading those whose stamp changed.
        """
        try:
            stored = _unsealed(self.path.read_bytes())
            if stored is None or stored["options"] != list(self.options):
                return None
            kept = {
                path: (SourceFile(path, Stamp(*stamp), fault), digest) for path, stamp, fault, digest in stored["files"]
            }
            if kept.keys() != {source.path for source in sources}:
                return None
            settled = True
            for source in sources:
                known, digest = kept[source.path]
                if known.fault != source.fault:
                    return None
                if source.fault or (self.stamps_tell and _settled(known.stamp, source.stamp, stored["taken"])):
                    continue
                settled = False
                if digest_of(source) != digest:
                    return None
            return CachedTree(_tree(stored["tree"]), {path: digest for path, (_, digest) in kept.items()}, settled)
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
        files = [(source.path, source.stamp, source.fault, digests[source.path]) for source in sources]
        content = _sealed({"options": list(self.options), "taken": taken_ns, "files": files, "tree": _data(tree)})
        self._make_folder()
        handle, temporary = tempfile.mkstemp(dir=self.path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, self.path)
        except OSError:
            with suppress(OSError):  # the first error is the one to report
                os.unlink(temporary)
            raise

    def _make_folder(self) -> None:
        if not self.folder.exists():
            # Only in a folder of our own: the user may have named one with other things in it.
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, text in _MARKS.items():
                (self.folder / name).write_text(text, encoding="utf-8")
        self.path.parent.mkdir(exist_ok=True)


def digest_of(source: SourceFile) -> str:
    """Hash the content of a file; empty when it is known that it cannot be read.

    Args:
        source: A file.

    Returns:
        A hash that two different contents do not share.

    Raises:
        OSError: It cannot be read now.
    """
    return "" if source.fault else hashlib.blake2b(Path(source.path).read_bytes(), digest_size=16).hexdigest()


def digest_sources(sources: Iterable[SourceFile]) -> Mapping[str, str] | None:
    """Hash the content of every file; ``None`` when one cannot be read, so that nothing is cached."""
    try:
        return {source.path: digest_of(source) for source in sources}
    except OSError:
        return None  # scanning reports the file itself


def _settled(old: Stamp, new: Stamp, taken_ns: int) -> bool:
    return old == new and max(new.mtime_ns, new.ctime_ns) + _MARGIN_NS < taken_ns


def _sealed(content: object) -> bytes:
    body = json.dumps(content, separators=(",", ":")).encode()
    return f"{hashlib.blake2b(body, digest_size=16).hexdigest()}\n".encode() + body


def _unsealed(content: bytes) -> Any:
    """Give what was sealed, or ``None`` when a byte of it has changed since."""
    seal, _, body = content.partition(b"\n")
    return json.loads(body) if hashlib.blake2b(body, digest_size=16).hexdigest().encode() == seal else None


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
