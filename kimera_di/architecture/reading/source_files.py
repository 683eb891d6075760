"""List the Python files of packages, with what tells whether they changed.

In: folders of packages. Out: one `SourceFile` per ``.py`` file, also those that no import graph holds and those that
cannot be read. Reads folders, not files; raises nothing, because what is not there or not allowed is an answer too.
"""

import os
import stat
from collections.abc import Iterable
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
_JUNCTIONS = os.name == "nt"
"""Whether a folder may lead elsewhere without being a link."""


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
    found: dict[str, SourceFile] = {}
    for folder in folders:
        _find_below(str(folder), found)
    return tuple([found[path] for path in sorted(found)])


def stamp_of(found: os.stat_result) -> Stamp:
    """Give the stamp of a file that the file system was asked about."""
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)


def read_source(path: str) -> bytes:
    """Read a file; `Path.read_bytes` costs as much again for a small one.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, "rb", buffering=0) as file:
        return file.read()


class _Folder(NamedTuple):
    """A folder on the way down."""

    path: str
    around: "_Folder | None" = None
    linked: bool = False
    """Whether a link was followed on the way: only below one can a plain folder be one around it again."""

    def is_inside(self, own: _Identity) -> bool:
        """Say whether a folder with this identity is this one, or around it; O(depth) questions to the file system."""
        folder: _Folder | None = self
        while folder is not None:
            if _identity(folder.path) == own:
                return True
            folder = folder.around
        return False


def _find_below(root: str, found: dict[str, SourceFile]) -> None:
    """Walk a folder without recursion, so that no depth of folders is too deep."""
    waiting = [_Folder(root)]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder.path) as entries:
                for entry in entries:
                    _look_at(entry, folder, found, waiting)
        except OSError as error:
            found[folder.path] = SourceFile(folder.path, _NO_STAMP, f"the folder cannot be read: {error.strerror}")


def _look_at(entry: "os.DirEntry[str]", folder: _Folder, found: dict[str, SourceFile], waiting: list[_Folder]) -> None:
    named_like_a_module = entry.name.endswith(".py")
    try:
        if entry.is_dir():
            if entry.name == "__pycache__":
                return
            link = entry.is_symlink()
            if (link or folder.linked or _JUNCTIONS) and folder.is_inside(_target(entry)):
                found[entry.path] = SourceFile(entry.path, _NO_STAMP, "the link leads to a folder around it")
            else:
                waiting.append(_Folder(entry.path, folder, link or folder.linked))
        elif named_like_a_module:
            status = entry.stat()
            fault = "" if stat.S_ISREG(status.st_mode) else "it is no regular file"
            found[entry.path] = SourceFile(entry.path, stamp_of(status), fault)
    except OSError as error:
        if named_like_a_module or entry.is_symlink():
            found[entry.path] = SourceFile(entry.path, _NO_STAMP, _link_fault(entry, error))


def _link_fault(entry: "os.DirEntry[str]", error: OSError) -> str:
    if not entry.is_symlink():
        return f"it cannot be read: {error.strerror}"
    return f"the link leads nowhere: {error.strerror}"


def _target(entry: "os.DirEntry[str]") -> _Identity:
    # Not `DirEntry.stat`, which says nothing of device and inode on Windows.
    found = os.stat(entry.path)
    return found.st_dev, found.st_ino


def _identity(folder: str) -> _Identity | None:
    try:
        found = os.stat(folder)
    except OSError:
        return None  # listing the folder says why
    return found.st_dev, found.st_ino
