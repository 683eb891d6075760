"""Tell whether source files are provably what they were when something was found out about them.

In: what `list_sources` says now and said then. Out: whether every file is the same. A file counts as unchanged when
size, times, inode and device are the same and older than the snapshot by a margin, or when its content has the same
hash. The time of the last status change is among them: no program can set it back, so an edit that restores size and
modification time is seen. What is not seen: a program that keeps writing into a memory-mapped file without telling
the kernel.

Source:
    Files touched around the time of the snapshot are compared by content, as git does for "racily clean"
    entries (git, Documentation/technical/racy-git.txt).
"""

import hashlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kimera_di.architecture.reading.source_files import SourceFile, Stamp, list_sources, stamp_of

STAMPS_TELL = os.name != "nt"
"""Whether stamps change with every edit. On Windows they do not: what Python calls the time of the last status change
is the time of creation there, so that only the content counts."""
_MARGIN_NS = 2_000_000_000
"""File systems round times, by up to two seconds on FAT."""


class Unchanged(NamedTuple):
    """Files that are what they were."""

    digests: Mapping[str, str]
    """Hash of the content of each file, which is the same now."""
    settled: bool
    """Whether the stamps alone were enough; else it pays to keep them anew."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The source files below some folders at one moment."""

    folders: tuple[Path, ...]
    taken_ns: int
    sources: tuple[SourceFile, ...]

    @classmethod
    def take(cls, folders: Iterable[Path]) -> "Snapshot":
        """List the files now; the clock is read before, so that a later change is never taken for an earlier one."""
        places, taken = tuple(folders), time.time_ns()
        return cls(places, taken, list_sources(places))

    def still_holds(self) -> bool:
        """Say whether no file changed or went since, as far as stamps tell.

        A file that came meanwhile is no matter: the list that is kept lacks it. What would be is a file that was
        another one while it was read, and has its old content again when it is compared.
        """
        try:
            return all(source.fault or stamp_of(os.stat(source.path)) == source.stamp for source in self.sources)
        except OSError:
            return False


def stored_snapshot(taken_ns: int, sources: Iterable[SourceFile], digests: Mapping[str, str]) -> Mapping[str, object]:
    """Give plain data from which `unchanged` can tell later whether something changed.

    Args:
        taken_ns: The time at which ``sources`` were listed.
        sources: The files.
        digests: Hash of each file, taken before anything was found out about it.

    Returns:
        Data for JSON.
    """
    files = [(source.path, source.stamp, source.fault, digests[source.path]) for source in sources]
    return {"taken": taken_ns, "files": files}


def unchanged(
    stored: Mapping[str, Any], sources: Sequence[SourceFile], *, stamps_tell: bool = STAMPS_TELL
) -> Unchanged | None:
    """Compare files with those of a stored snapshot.

    Args:
        stored: From `stored_snapshot`.
        sources: The files now.
        stamps_tell: Whether stamps count at all.

    Returns:
        ``None`` when a file came, went or changed. Time O(files), plus reading those whose stamp changed.

    Raises:
        OSError: A file whose stamp changed cannot be read.
        KeyError: The data has not the form that `stored_snapshot` gives; likewise the other two.
        TypeError: See above.
        ValueError: See above.
    """
    kept = {path: (stamp, fault, digest) for path, stamp, fault, digest in stored["files"]}
    if kept.keys() != {source.path for source in sources}:
        return None
    latest, settled = stored["taken"] - _MARGIN_NS, True
    for source in sources:
        stamp, fault, digest = kept[source.path]
        if fault != source.fault:
            return None
        if source.fault or (stamps_tell and _settled(stamp, source.stamp, latest)):
            continue
        settled = False
        if digest_of(source) != digest:
            return None
    return Unchanged({path: digest for path, (_, _, digest) in kept.items()}, settled)


def digest_of(source: SourceFile) -> str:
    """Hash the content of a file; empty when it is known that it cannot be read.

    Args:
        source: A file.

    Returns:
        A hash that two different contents do not share.

    Raises:
        OSError: It cannot be read now.
    """
    if source.fault:
        return ""
    with open(source.path, "rb", buffering=0) as file:  # `Path.read_bytes` costs as much again for a small file
        return hashlib.blake2b(file.read(), digest_size=16).hexdigest()


def digest_sources(sources: Iterable[SourceFile]) -> Mapping[str, str] | None:
    """Hash the content of every file; ``None`` when one cannot be read, so that nothing is cached."""
    try:
        return {source.path: digest_of(source) for source in sources}
    except OSError:
        return None  # scanning reports the file itself


def _settled(old: Sequence[int], new: Stamp, latest_ns: int) -> bool:
    return Stamp(*old) == new and max(new.mtime_ns, new.ctime_ns) < latest_ns
