"""The command line: choose adapters and workloads, measure, report, judge. Exit codes: 0, 1 (failed), 2 (usage)."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks import cold, imports, memory, tables, threads
from benchmarks.adapters import ENTRIES, Entry, load
from benchmarks.figures import from_cell
from benchmarks.gate import Miss, find_misses
from benchmarks.record import Record, from_json, to_record, update
from benchmarks.report import describe_environment, render_text
from benchmarks.runner import DEFAULT, QUICK, Cell, Contestant, Profile, measure
from benchmarks.workloads import WORKLOADS, Workload

_MORE_ROUNDS = 3
RESULTS: Final = Path(__file__).resolve().parent / "results"
SECTIONS: Final = {
    "W8": ("threads", threads.measure),
    "W9": ("registered, built, resolved", cold.measure),
    "W10": ("memory", memory.measure),
    "W11": ("import", imports.measure),
}
"""What is measured otherwise than by a timing loop."""


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, checked."""

    entries: tuple[Entry, ...]
    extras: tuple[str, ...]
    workloads: tuple[Workload, ...]
    sections: tuple[str, ...]
    profile: Profile
    subject: str | None
    is_quick: bool
    old: Record | None
    json: Path | None
    markdown: Path | None


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; ends the program with code 2 when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="kimera_di next to other containers")
    parser.add_argument("--quick", action="store_true", help="W1 to W7, under a minute")
    parser.add_argument("--assert-quick", action="store_true", help="exit 1 unless the subject keeps its place")
    parser.add_argument("--subject", default="kimera", metavar="NAME", help="whom --assert-quick judges")
    parser.add_argument("--workloads", default="", metavar="W1,W5", help="only these")
    parser.add_argument("--only", default="", metavar="NAMES", help="only these adapters, separated by commas")
    parser.add_argument("--without", default="", metavar="NAMES", help="all but these adapters")
    parser.add_argument("--extra", action="append", default=[], metavar="MODULE:CLASS", help="one more adapter")
    parser.add_argument("--rounds", type=int, metavar="N", help="samples for each cell")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the record")
    parser.add_argument("--update", action="store_true", help="keep what is in --json and was not measured now")
    parser.add_argument("--markdown", type=Path, metavar="PATH", help="write the tables")
    given = parser.parse_args(arguments)
    known = {entry.name for entry in ENTRIES}
    only, without = _names(given.only) or known, _names(given.without)
    workloads = _names(given.workloads)
    unknown = sorted(((only | without) - known) | (workloads - {each.id for each in WORKLOADS} - SECTIONS.keys()))
    if unknown:
        parser.error(f"not known: {', '.join(unknown)}")
    if given.rounds is not None and given.rounds < 2:
        parser.error("--rounds needs at least 2")
    names = only - without
    if given.quick and not given.only:
        names -= {entry.name for entry in ENTRIES if not entry.is_quick}
    if given.assert_quick and given.subject in known - names:
        parser.error(f"--assert-quick judges {given.subject}, which is left out")
    try:
        old = from_json(given.json.read_text("utf-8")) if given.update else None
    except (AttributeError, OSError, ValueError) as error:
        parser.error(f"--update needs --json with a record: {error}")
    is_whole = not (given.quick or workloads)
    profile = QUICK if given.quick else DEFAULT
    return Options(
        entries=tuple(entry for entry in ENTRIES if entry.name in names),
        extras=tuple(given.extra),
        workloads=tuple(
            workload
            for workload in WORKLOADS
            if (workload.id in workloads if workloads else workload.is_quick or not given.quick)
        ),
        sections=tuple(each for each in SECTIONS if (each in workloads if workloads else not given.quick)),
        profile=replace(profile, rounds=given.rounds) if given.rounds else profile,
        subject=given.subject if given.assert_quick else None,
        is_quick=given.quick,
        old=old,
        json=given.json or (RESULTS / "containers.json" if is_whole else None),
        markdown=given.markdown or (RESULTS / "containers.md" if is_whole else None),
    )


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",") if name.strip()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks and return the exit code."""
    options = parse(arguments)
    contestants, problems = _load(options)
    if not contestants:
        _say("nothing to measure")
        return 1
    environment = describe_environment(contestants)
    rows: list[tuple[Workload, list[Cell]]] = []
    misses: list[Miss] = []
    for workload in options.workloads:
        _say(f"{workload.id} {workload.title} ...")
        cells = measure(workload, contestants, options.profile)
        if options.subject is not None:
            cells, missed = _judge(workload, cells, contestants, options)
            misses += missed
        rows.append((workload, cells))
    figures = [from_cell(cell, workload.title) for workload, cells in rows for cell in cells]
    for section in options.sections:
        title, measured = SECTIONS[section]
        _say(f"{section} {title} ...")
        figures += measured(contestants, options.profile)
    record = to_record(figures, environment, options.profile.rounds)
    if options.old is not None:
        record = update(options.old, record)
    print(render_text(rows, environment, options.profile) if options.is_quick else tables.render(record))
    for path, text in ((options.json, record.to_json()), (options.markdown, tables.render(record))):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    problems += [f"{figure.adapter}, {figure.row}: {figure.note}" for figure in figures if figure.status == "failed"]
    problems += [miss.text for miss in misses]
    for problem in problems:
        _say(f"FAILED  {problem}")
    return 1 if problems else 0


def _load(options: Options) -> tuple[list[Contestant], list[str]]:
    """Import the adapters; one that is not installed is left out, ours and any that is to be compared with may not."""
    contestants: list[Contestant] = []
    problems: list[str] = []
    for entry in (*options.entries, *(Entry(path, path, "own") for path in options.extras)):
        try:
            contestants.append(Contestant(load(entry.path), entry.kind))
        except ImportError as error:
            if entry.kind == "own":
                problems.append(f"{entry.name} cannot be imported: {error} (leave it out with --without)")
            elif options.subject is not None:
                problems.append(f"{entry.name} is not installed, so nothing can be said about it: {error}")
            else:
                _say(f"skipped {entry.name}, which is not installed: {error}")
    return contestants, problems


def _judge(
    workload: Workload, cells: list[Cell], contestants: list[Contestant], options: Options
) -> tuple[list[Cell], list[Miss]]:
    """Judge the cells; a miss is measured once more with more rounds, because the machine may have been busy."""
    subject = options.subject or ""
    misses = find_misses(cells, subject)
    mine = next((cell for cell in cells if cell.adapter == subject), None)
    if not misses or mine is None or mine.status != "ok":
        return cells, misses
    for miss in misses:
        _say(f"again   {miss.text}")
    again = replace(options.profile, rounds=options.profile.rounds * _MORE_ROUNDS)
    cells = measure(workload, contestants, again)
    return cells, find_misses(cells, subject)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
