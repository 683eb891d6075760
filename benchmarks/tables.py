"""Markdown of a record: targets first, then one table for each group of rows, containers down and rows across.

In: a record. Out: text that depends on the record alone, so that a page and its record can be compared.
"""

from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.record import Entry, Record
from benchmarks.targets import ABSOLUTE, TARGETS, Target, Verdict, is_good, judge

TIMES: Final = ("W1", "W1r", "W2", "W3", "W4", "W5", "W6", "W7", "W5x6", "W6x6", "W7x6", "W12")
OTHERS: Final = {
    "Threads (W8), ns for each operation of all threads together": "W8",
    "Cold (W9)": "W9",
    "Memory (W10)": "W10",
    "Import (W11), ms of processor time": "W11",
}


def render(record: Record) -> str:
    """Give the whole record as Markdown."""
    timed = [(entries[0].workload, entries) for entries in record.rows().values() if entries[0].workload in TIMES]
    blocks = [facts(record), "## Targets", targets(record)]
    if timed:
        blocks += ["## Nanoseconds for one operation", _grid(timed, _value)]
        blocks += ["## To the same objects built by hand, in the same rounds", _grid(timed, _to_byhand)]
        blocks += ["## To the fastest peer, in the same rounds", _grid(timed, _to_fastest)]
    for title, workload in OTHERS.items():
        rows = _rows_of(record, workload)
        if rows:
            blocks += [f"## {title}", _grid(rows, _value)]
    blocks += ["## Notes", notes(record)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def section(record: Record, workload: str) -> str:
    """Give the rows of one workload in their own units."""
    rows = _rows_of(record, workload)
    return _grid(rows, _value) if rows else "Not measured in this run."


def to_byhand(record: Record) -> str:
    """Give every warm operation as a ratio to the same objects built by hand."""
    rows = [(entries[0].workload, entries) for entries in record.rows().values()]
    return _grid([(name, entries) for name, entries in rows if name in TIMES], _to_byhand)


def facts(record: Record) -> str:
    """Say where, when and with what it was measured."""
    at = record.environment
    packages = ", ".join(f"{name} {version}" for name, version in at.packages.items())
    gil = "" if at.gil else ", without GIL"
    return "\n".join(
        [
            f"- {at.date}, {at.machine}, {at.cores} cores, load {at.load}",
            f"- {at.python}{gil} on {at.system}, clock {at.clock}, {record.rounds} interleaved rounds",
            f"- {packages}",
        ]
    )


def targets(record: Record) -> str:
    """Give a line for each target: what was measured, and whether it is met or how far away it is."""
    verdicts = judge(record)
    if not verdicts:
        return ""
    lines = ["| row | against | measured | target | |", "|---|---|---:|---:|---|"]
    for verdict in verdicts:
        measured = f"{_number(verdict.value)} {verdict.unit}".strip()
        limit = f"{_number(verdict.target.limit)} {verdict.unit}".strip()
        lines.append(f"| {verdict.row} | {_against(verdict)} | {measured} | {limit} | {_said(verdict, verdicts)} |")
    met = sum(is_good(verdict, verdicts) for verdict in verdicts)
    unknown = len(TARGETS) - len(verdicts)
    left = f" {unknown} were not measured." if unknown else ""
    return "\n".join([*lines, "", f"{met} of {len(verdicts)} targets are met.{left}"])


def _against(verdict: Verdict) -> str:
    target: Target = verdict.target
    if target.against == ABSOLUTE:
        return ""
    return verdict.against if verdict.against == target.against else f"{target.against} ({verdict.against})"


def _said(verdict: Verdict, verdicts: list[Verdict]) -> str:
    if verdict.is_met:
        return "met"
    distance = f"{verdict.distance:.0%} over" if verdict.target.limit else f"{_number(verdict.value)} over"
    return f"met by its other form ({distance})" if is_good(verdict, verdicts) else f"**not met**, {distance}"


def notes(record: Record) -> str:
    """Say why there is no number, or how a container does it differently, each once."""
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for entry in record.entries:
        if entry.note:
            name = entry.workload if entry.workload in {*TIMES, "W8"} else entry.row
            found.setdefault((entry.adapter, entry.status, entry.note), {})[name] = None
    return "\n".join(
        f"- {adapter}{'' if status == 'ok' else f', {status}'} ({'; '.join(where)}): {note}"
        for (adapter, status, note), where in found.items()
    )


def _rows_of(record: Record, workload: str) -> list[tuple[str, list[Entry]]]:
    rows = [(row, entries) for row, entries in record.rows().items() if entries[0].workload == workload]
    return [(_heading(row.removeprefix(f"{workload} "), entries[0].unit), entries) for row, entries in rows]


def _heading(row: str, unit: str) -> str:
    return row if unit in row else f"{row}, {unit}"


def _grid(rows: Sequence[tuple[str, Sequence[Entry]]], shown: Callable[[Entry], float | None]) -> str:
    """Give a table with a line for each container that has an entry in any row."""
    names = list(dict.fromkeys(entry.adapter for _, entries in rows for entry in entries))
    lines = [f"| | {' | '.join(head for head, _ in rows)} |", f"|---|{'---:|' * len(rows)}"]
    for name in names:
        found = [next((entry for entry in entries if entry.adapter == name), None) for _, entries in rows]
        cells = [_cell(entry, shown) for entry in found]
        heading = f"**{name}**" if name == "kimera" else name
        lines.append(f"| {heading} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _value(entry: Entry) -> float | None:
    return entry.value


def _to_byhand(entry: Entry) -> float | None:
    return entry.to_byhand


def _to_fastest(entry: Entry) -> float | None:
    return entry.to_fastest


def _cell(entry: Entry | None, shown: Callable[[Entry], float | None]) -> str:
    if entry is None or entry.status != "ok":
        return "" if entry is None else entry.status
    value = shown(entry)
    return "" if value is None else _number(value)


def _number(value: float) -> str:
    """Write three figures that mean something, and whole numbers whole."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
