"""Where another container is ahead of ours. In: the record of ``python -m benchmarks``. Out: lines of Markdown."""

from collections.abc import Iterator
from typing import Final

from benchmarks.page_text import number
from benchmarks.record import Record
from benchmarks.targets import SUBJECT

OTHERS: Final = {"peer", "unlocked"}
"""Who is listed: with their locks turned off too, although no target compares with those."""
NOISE: Final = 1.05
"""Less than that between two containers is not called a difference."""


def behind(record: Record) -> Iterator[str]:
    """List the rows in which another container needs less than ours, each with all that are ahead, the best first."""
    found = False
    for row, entries in record.rows().items():
        mine = record.find(row, SUBJECT)
        if mine is None or mine.value is None:
            continue
        ahead = sorted(
            (entry.value, entry.adapter)
            for entry in entries
            if entry.kind in OTHERS and entry.value is not None and entry.value * NOISE < mine.value
        )
        if ahead:
            found = True
            listed = ", ".join(f"{name} {number(value)}" for value, name in ahead)
            yield f"- {row}: ours {number(mine.value)} {mine.unit}; {listed}"
    if not found:
        yield "None."
