"""List the Python files of packages, with what tells whether they changed.

In: folders of packages. Out: one `SourceFile` per ``.py`` file, also those that no import graph holds. Reads
folders, not files.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """What the file system says about a version of a file, without reading it."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class SourceFile(NamedTuple):
    """One file."""

    path: str
    stamp: Stamp


def list_sources(folders: Iterable[Path]) -> tuple[SourceFile, ...]:
    """List every ``.py`` file below ``folders``, sorted by path.

    Args:
        folders: Folders of root packages.

    Returns:
        Files with their stamps; ``__pycache__`` is left out, hidden folders are not. Links are followed, each
        folder once. Time O(entries).
    """
    seen: set[tuple[int, int]] = set()
    return tuple(sorted({file.path: file for folder in folders for file in _below(str(folder), seen)}.values()))


def _below(folder: str, seen: set[tuple[int, int]]) -> Iterator[SourceFile]:
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        with os.scandir(current) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__" and _first_visit(entry, seen):
                        waiting.append(entry.path)
                elif entry.name.endswith(".py") and entry.is_file():
                    found = entry.stat()
                    stamp = Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
                    yield SourceFile(entry.path, stamp)


def _first_visit(entry: "os.DirEntry[str]", seen: set[tuple[int, int]]) -> bool:
    if not entry.is_symlink():
        return True
    found = entry.stat()
    identity = (found.st_dev, found.st_ino)
    known = identity in seen
    seen.add(identity)
    return not known
