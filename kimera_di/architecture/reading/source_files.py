"""List the Python files of packages, with what tells whether they changed.

In: folders of packages. Out: one `SourceFile` per ``.py`` file, also those that no import graph holds and those that
cannot be read. Reads folders, not files; raises nothing, because what is not there or not allowed is an answer too.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_Identity = tuple[int, int]
"""Device and inode of a folder."""


class Stamp(NamedTuple):
    """What the file system says about a version of a file, without reading it."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int


class SourceFile(NamedTuple):
    """One file, or a folder or link that hides some."""

    path: str
    stamp: Stamp
    fault: str = ""
    """Why it cannot be read, as half a sentence; empty when nothing is known against it."""


_NO_STAMP = Stamp(0, 0, 0, 0, 0)


def list_sources(folders: Iterable[Path]) -> tuple[SourceFile, ...]:
    """List every ``.py`` file below ``folders``, sorted by path.

    Args:
        folders: Folders of root packages.

    Returns:
        Files with their stamps; ``__pycache__`` is left out, hidden folders are not. Links are followed as Python
        follows them, except into a folder around them, which would never end. Folders that cannot be listed, links
        that lead nowhere or round in a circle, and pipes or devices named like a module have a fault. Time
        O(entries).
    """
    found = {file.path: file for folder in folders for file in _below(str(folder))}
    return tuple(found[path] for path in sorted(found))


def stamp_of(found: os.stat_result) -> Stamp:
    """Give the stamp of a file that the file system was asked about."""
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)


def _below(root: str) -> Iterator[SourceFile]:
    """Walk a folder without recursion, so that no depth of folders is too deep."""
    around = _identity(root)
    waiting: list[tuple[str, frozenset[_Identity]]] = [(root, frozenset(() if around is None else (around,)))]
    while waiting:
        folder, around_it = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    yield from _entry(entry, around_it, waiting)
        except OSError as error:
            yield SourceFile(folder, _NO_STAMP, f"the folder cannot be read: {error.strerror}")


def _entry(
    entry: "os.DirEntry[str]", around: frozenset[_Identity], waiting: list[tuple[str, frozenset[_Identity]]]
) -> Iterator[SourceFile]:
    named_like_a_module = entry.name.endswith(".py")
    try:
        if entry.is_dir():
            if entry.name == "__pycache__":
                return
            # An inode costs nothing for a folder; for a link its target has to be asked.
            own = _target(entry) if entry.is_symlink() else (entry.stat().st_dev, entry.inode())
            if own in around:
                yield SourceFile(entry.path, _NO_STAMP, "the link leads to a folder around it")
            else:
                waiting.append((entry.path, around | {own}))
        elif named_like_a_module:
            found = entry.stat()
            yield SourceFile(
                entry.path, stamp_of(found), "" if stat.S_ISREG(found.st_mode) else "it is no regular file"
            )
    except OSError as error:
        if named_like_a_module or entry.is_symlink():
            yield SourceFile(entry.path, _NO_STAMP, _link_fault(entry, error))


def _link_fault(entry: "os.DirEntry[str]", error: OSError) -> str:
    if not entry.is_symlink():
        return f"it cannot be read: {error.strerror}"
    return f"the link leads nowhere: {error.strerror}"


def _target(entry: "os.DirEntry[str]") -> _Identity:
    found = entry.stat()
    return found.st_dev, found.st_ino


def _identity(folder: str) -> _Identity | None:
    try:
        found = os.stat(folder)
    except OSError:
        return None  # listing the folder says why
    return found.st_dev, found.st_ino
