"""Results of the timing loops for a terminal. In: cells of one run and what they were measured on. Out: text."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.case import CLOCK_NAME, has_gil
from benchmarks.runner import Cell, Contestant, Profile, fastest_peer
from benchmarks.workloads import Workload

Rows = Sequence[tuple[Workload, Sequence[Cell]]]
Grid = list[list[str]]


@dataclass(frozen=True, slots=True)
class Environment:
    """What the numbers depend on; everything a reader needs to judge them."""

    date: str
    machine: str
    cores: int
    load: str
    system: str
    python: str
    gil: bool
    clock: str
    packages: dict[str, str]


def describe_environment(contestants: Sequence[Contestant]) -> Environment:
    """Look at the machine, the interpreter and the installed packages."""
    packages: dict[str, str] = {}
    for name in sorted({item.adapter.package for item in contestants if item.adapter.package}):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "not installed (imported from the checkout)"
    return Environment(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        machine=_processor(),
        cores=os.cpu_count() or 1,
        load=f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown",
        system=f"{platform.system()} {platform.machine()}",
        python=f"{platform.python_implementation()} {platform.python_version()}, {platform.python_compiler()}",
        gil=has_gil(),
        clock=CLOCK_NAME,
        packages=packages,
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def render_text(rows: Rows, environment: Environment, profile: Profile) -> str:
    """Return the tables for a terminal."""
    blocks = ["\n".join(_facts(environment, profile))]
    for title, grid in _grids(rows):
        widths = [max(len(line[column]) for line in grid) for column in range(len(grid[0]))]
        lines = [
            "  ".join(
                [
                    line[0].ljust(widths[0]),
                    *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
                ]
            ).rstrip()
            for line in grid
        ]
        blocks.append("\n".join([title, "", *lines]))
    blocks.append("\n".join(_notes(rows)))
    return "\n\n".join(block for block in blocks if block)


def _facts(environment: Environment, profile: Profile) -> list[str]:
    gil = "" if environment.gil else ", without GIL"
    return [
        f"{environment.date}, {environment.machine}, {environment.cores} cores, load {environment.load}",
        f"{environment.python}{gil} on {environment.system}, clock {environment.clock}",
        ", ".join(f"{name} {number}" for name, number in environment.packages.items()),
        f"profile {profile.name}: {profile.rounds} interleaved rounds of about {profile.sample_s * 1000:.0f} ms",
    ]


def _grids(rows: Rows) -> list[tuple[str, Grid]]:
    names = [cell.adapter for cell in rows[0][1]]
    head = ["", *names]
    times: Grid = [head]
    to_byhand: Grid = [head]
    to_fastest: Grid = [["", "fastest peer", *names]]
    for workload, cells in rows:
        title = f"{workload.id} {workload.title}"
        times.append([title, *(f"{cell.median_ns:.0f}" if cell.status == "ok" else cell.status for cell in cells)])
        byhand, fastest = _byhand(cells), fastest_peer(cells)
        if byhand is not None:
            to_byhand.append([title, *(_ratio(cell, byhand) for cell in cells)])
        if fastest is not None:
            to_fastest.append([title, fastest.adapter, *(_ratio(cell, fastest) for cell in cells)])
    grids = [
        ("Median time of one operation, ns", times),
        ("Ratio to the same objects built by hand, in the same rounds", to_byhand),
        ("Ratio to the fastest peer (locks as shipped), in the same rounds", to_fastest),
    ]
    return [(title, grid) for title, grid in grids if len(grid) > 1]


def _byhand(cells: Sequence[Cell]) -> Cell | None:
    return next((cell for cell in cells if cell.kind == "byhand" and cell.status == "ok"), None)


def _ratio(cell: Cell, other: Cell) -> str:
    return f"{cell.ratio_to(other):.2f}" if cell.status == "ok" else cell.status


def _notes(rows: Rows) -> list[str]:
    notes: dict[tuple[str, str, str], list[str]] = {}
    for _, cells in rows:
        for cell in cells:
            if cell.note:
                notes.setdefault((cell.adapter, cell.status, cell.note), []).append(cell.workload)
    return [
        f"{adapter}, {', '.join(workloads)}{'' if status == 'ok' else f', {status}'}: {note}"
        for (adapter, status, note), workloads in notes.items()
    ]
