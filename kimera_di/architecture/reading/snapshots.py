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
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, cast

from kimera_di.architecture.reading.source_files import SourceFile, Stamp, list_sources, read_source, stamp_of

STAMPS_TELL = os.name != "nt"
"""Whether stamps change with every edit. On Windows they do not: what Python calls the time of the last status change
is the time of creation there, so that only the content counts."""
_MARGIN_NS = 2_000_000_000
"""File systems round times, by up to two seconds on FAT."""
_ROOM = 64 * 2**20
"""Bytes of source code that are held between hashing and scanning; what is more is read twice."""


class Compared(NamedTuple):
    """The same files as in a stored snapshot, perhaps with other contents."""

    digests: Mapping[str, str]
    """Hash of the content of each file as it is now."""
    settled: bool
    """Whether the stamps alone were enough; else it pays to keep them anew."""
    changed: frozenset[str]
    """Paths of those whose content is another one."""


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

    def still_holds(self, paths: Collection[str] | None = None) -> bool:
        """Say whether no file changed or went since, as far as stamps tell.

        A file that came meanwhile is no matter: the list that is kept lacks it. What would be is a file that was
        another one while it was read, and has its old content again when it is compared.

        Args:
            paths: Look at these files only; at all of them when left out.
        """
        asked = self.sources if paths is None else [source for source in self.sources if source.path in paths]
        stat = os.stat
        try:
            return all(source.fault or stamp_of(stat(source.path)) == source.stamp for source in asked)
        except OSError:
            return False


def stored_snapshot(taken_ns: int, sources: Iterable[SourceFile], digests: Mapping[str, str]) -> Mapping[str, object]:
    """Give plain data from which `unchanged` and `compare` can tell later whether something changed.

    Args:
        taken_ns: The time at which ``sources`` were listed.
        sources: The files.
        digests: Hash of each file, taken before anything was found out about it.

    Returns:
        Data for JSON: a few long columns, because a list for each file takes four times as long to read.
    """
    files = tuple(sources)
    return {"taken": taken_ns, **_columns(files), "digests": [digests[file.path] for file in files]}


def unchanged(
    stored: Mapping[str, Any], sources: Sequence[SourceFile], *, stamps_tell: bool = STAMPS_TELL
) -> Compared | None:
    """Tell whether files are exactly those of a stored snapshot.

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
    return _compared(stored, sources, stamps_tell, at_first=True)


def compare(
    stored: Mapping[str, Any], sources: Sequence[SourceFile], *, stamps_tell: bool = STAMPS_TELL
) -> Compared | None:
    """Find out which files have another content than in a stored snapshot.

    Args:
        stored: From `stored_snapshot`.
        sources: The files now.
        stamps_tell: Whether stamps count at all.

    Returns:
        ``None`` when a file came or went, or can be read no longer. Time as for `unchanged`.

    Raises:
        OSError: As for `unchanged`; likewise the others.
        KeyError: See above.
        TypeError: See above.
        ValueError: See above.
    """
    return _compared(stored, sources, stamps_tell, at_first=False)


def _compared(
    stored: Mapping[str, Any], sources: Sequence[SourceFile], stamps_tell: bool, *, at_first: bool
) -> Compared | None:
    """Compare column by column; only when the stamps differ somewhere, file by file.

    Args:
        stored: From `stored_snapshot`.
        sources: The files now.
        stamps_tell: Whether stamps count at all.
        at_first: Give up at the first file that changed.
    """
    now = _columns(sources)
    if stored["paths"] != now["paths"] or stored["faults"] != now["faults"]:
        return None
    digests = dict(zip([source.path for source in sources], stored["digests"], strict=True))
    latest: int = stored["taken"] - _MARGIN_NS
    stamps: list[int] = now["stamps"]
    times = (*stamps[1 :: len(Stamp._fields)], *stamps[2 :: len(Stamp._fields)])
    if stamps_tell and stored["stamps"] == stamps and max(times, default=0) < latest:
        return Compared(digests, settled=True, changed=frozenset())
    settled, changed = True, set[str]()
    kept = zip(*[iter(cast("list[int]", stored["stamps"]))] * len(Stamp._fields), strict=True)
    for source, stamp in zip(sources, kept, strict=True):
        if source.fault or (stamps_tell and _settled(stamp, source.stamp, latest)):
            continue
        settled = False
        digest = digest_of(source)
        if digest != digests[source.path]:
            if at_first:
                return None
            digests[source.path] = digest
            changed.add(source.path)
    return Compared(digests, settled, frozenset(changed))


class _Columns(TypedDict):
    """Files as JSON holds them; a path holds everything but NUL."""

    paths: str
    faults: dict[str, str]
    stamps: list[int]


def _columns(sources: Sequence[SourceFile]) -> _Columns:
    return {
        "paths": "\0".join([source.path for source in sources]),
        "faults": {source.path: source.fault for source in sources if source.fault},
        "stamps": [number for source in sources for number in source.stamp],
    }


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
    return _digest(read_source(source.path))


def digest_sources(
    sources: Iterable[SourceFile], texts: MutableMapping[str, bytes] | None = None
) -> Mapping[str, str] | None:
    """Hash the content of every file.

    Args:
        sources: The files.
        texts: Filled with contents by path, 64 MB at most, for who looks at them next.

    Returns:
        Hashes by path; ``None`` when a file cannot be read, so that nothing is cached.
    """
    digests: dict[str, str] = {}
    room = 0 if texts is None else _ROOM
    try:
        for source in sources:
            text = b"" if source.fault else read_source(source.path)
            digests[source.path] = "" if source.fault else _digest(text)
            room -= len(text)
            if texts is not None and room > 0:
                texts[source.path] = text
    except OSError:
        return None  # scanning reports the file itself
    return digests


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _settled(old: Sequence[int], new: Stamp, latest_ns: int) -> bool:
    return old == new and max(new.mtime_ns, new.ctime_ns) < latest_ns
