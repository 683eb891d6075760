"""Time ``kimera check`` beside ``lint-imports`` and tach: same code, same layers, runs taken in turn.

    .venv/bin/python -m benchmarks.architecture [--quick] [--rounds N] [--package NAME]... [--cpu]
                                                [--json PATH] [--markdown PATH]

Needs `make real-input`; tach comes from ``.venv-compare``, which ``scripts/compare_checkers.py`` makes, and is left out
with a line on stderr when that is not there. In every round each checker runs once, and each round starts with another
one; ratios are medians of quotients within a round. The checkers run on copies, kimera_di too, so that an edit in
between changes nothing. ``--cpu`` counts the processor's time instead of the clock's, for a machine with other work;
what runs on several cores at once, as the scanner does, looks slower then. Exit codes: 0; 1 when a target is missed; 2
wrong usage.
"""

import argparse
import compileall
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.code_bases import HOME, LAYERS, CodeBase, make_code_base

MODES: Final = {"cold": "no cache yet", "edited": "one module changed since", "unchanged": "nothing changed since"}
LINT: Final = "from importlinter.cli import lint_imports_command; lint_imports_command()"
TACH: Final = HOME / ".venv-compare" / "bin" / "tach"
REFERENCE: Final = "lint-imports"
TITLES: Final = {
    "ours": "kimera check, kimera_layers",
    "built-in": "kimera check, layers",
    REFERENCE: "lint-imports, layers",
    "tach": "tach check",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one checker took in one mode on one code base."""

    package: str
    modules: int
    mode: str
    checker: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Seconds of the run in the middle."""
        return statistics.median(self.seconds)

    def ratio(self, reference: "Cell") -> float:
        """Median of the quotients within a round."""
        return statistics.median(mine / other for mine, other in zip(self.seconds, reference.seconds, strict=True))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, judge; give the exit code."""
    options = _parse(arguments)
    with tempfile.TemporaryDirectory() as name:
        parent = Path(name)
        _install(parent / "tool")
        cells = [
            cell
            for package in options.package or (["django"] if options.quick else list(LAYERS))
            for cell in measure(make_code_base(package, parent), parent / "tool", options.rounds, cpu=options.cpu)
        ]
    text = render(cells, f"{options.rounds} rounds in seconds{' of the processor' if options.cpu else ''}")
    print(text)
    for path, content in ((options.json, render_json(cells, cpu=options.cpu)), (options.markdown, text)):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    missed = misses(cells)
    for miss in missed:
        print(f"MISSED  {miss}", file=sys.stderr)
    return 1 if missed else 0


def _install(tool: Path) -> None:
    """Copy kimera_di and compile it, as an installer does; else every run may do that, and import-linter's none."""
    shutil.copytree(HOME / "kimera_di", tool / "kimera_di", ignore=shutil.ignore_patterns("__pycache__"))
    if not compileall.compile_dir(tool, quiet=2):
        raise SystemExit("kimera_di does not compile")


def measure(code: CodeBase, tool: Path, rounds: int, *, cpu: bool) -> list[Cell]:
    """Time every checker on one code base.

    Args:
        code: The code base.
        tool: A folder with a copy of kimera_di.
        rounds: Runs of each checker in each mode.
        cpu: Count the processor's time.

    Returns:
        One cell for each mode and checker.
    """
    checkers = [name for name in TITLES if name != "tach" or TACH.is_file()]
    if len(checkers) < len(TITLES):
        print("tach is not installed in .venv-compare and is left out", file=sys.stderr)
    cells: list[Cell] = []
    for mode in MODES:
        print(f"{code.package}, {MODES[mode]} ...", file=sys.stderr)
        taken: dict[str, list[float]] = {name: [] for name in checkers}
        for name in checkers:
            timed(name, code, tool)  # fills the caches, and the memory of the operating system
        for number in range(rounds):
            for name in (*checkers[number % len(checkers) :], *checkers[: number % len(checkers)]):
                _prepare(mode, name, code, number)
                taken[name].append(timed(name, code, tool, cpu=cpu))
        cells += [Cell(code.package, code.modules, mode, name, tuple(taken[name])) for name in checkers]
    return cells


def _prepare(mode: str, checker: str, code: CodeBase, number: int) -> None:
    if mode == "cold":
        shutil.rmtree(_cache(checker, code), ignore_errors=True)
    if mode == "edited":
        with code.edited.open("a", encoding="utf-8") as file:
            file.write(f"# {checker} {number}\n")


def _cache(checker: str, code: CodeBase) -> Path:
    return code.folder.parent / f"cache of {checker} {code.package}"


def timed(checker: str, code: CodeBase, tool: Path, *, cpu: bool = False) -> float:
    """Run one checker and give its seconds; every contract here is broken (1), sympy has files out of sight too (3)."""
    cache = ["--cache-dir", str(_cache(checker, code))]
    lint = [sys.executable, "-c", LINT, "--config", "contracts.toml", "--contract", "built-in", *cache]
    check = [
        sys.executable,
        "-m",
        "kimera_di.cli",
        "check",
        "--config",
        "contracts.toml",
        "--contract",
        checker,
        *cache,
    ]
    command = {REFERENCE: lint, "tach": [str(TACH), "check"]}.get(checker, check)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tool), str(code.folder)))}
    clock = _cpu if cpu else time.perf_counter
    start = clock()
    ran = subprocess.run(command, cwd=code.folder, capture_output=True, check=False, env=environment)
    elapsed = clock() - start
    if ran.returncode not in {1, 3}:
        raise SystemExit(f"{' '.join(command)} exited with {ran.returncode}:\n{ran.stderr.decode()}")
    return elapsed


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def misses(cells: Sequence[Cell]) -> list[str]:
    """Say which targets of docs/explanation/performance-of-the-check.md are missed."""
    found = {(cell.package, cell.mode, cell.checker): cell for cell in cells}
    missed: list[str] = []
    for (package, mode, checker), cell in found.items():
        reference = found[package, mode, REFERENCE]
        limit = {"ours": 2.0, "built-in": 1.3}.get(checker)
        if mode == "unchanged" and limit is not None:
            limit = 1 / 3 if cell.modules >= 5_000 else None
        if limit is not None and mode != "edited" and cell.ratio(reference) > limit:
            missed.append(
                f"{package}, {mode}, {checker}: {cell.ratio(reference):.2f} of lint-imports, wanted {limit:.2f}"
            )
        if (package, mode, checker) == ("django", "unchanged", "ours") and cell.median > 0.2:
            missed.append(f"django, unchanged: {cell.median:.2f} s, wanted 0.2 s")
    return missed


def render(cells: Sequence[Cell], unit: str) -> str:
    """Write a Markdown table for each code base."""
    lines = [f"Medians of {unit}, in brackets the ratio to lint-imports. {_machine()}", ""]
    for package in dict.fromkeys(cell.package for cell in cells):
        here = {(cell.checker, cell.mode): cell for cell in cells if cell.package == package}
        modules = next(iter(here.values())).modules
        lines += [f"| {package}, {modules:,} modules | {' | '.join(MODES)} |", f"|---|{'---|' * len(MODES)}"]
        for checker, title in TITLES.items():
            row = [here[checker, mode] for mode in MODES if (checker, mode) in here]
            shown = [f"{cell.median:.2f} ({cell.ratio(here[REFERENCE, cell.mode]):.2f})" for cell in row]
            lines.append(f"| {title} | {' | '.join(shown or ['n/a'] * len(MODES))} |")
        lines.append("")
    return "\n".join(lines)


def render_json(cells: Sequence[Cell], *, cpu: bool) -> str:
    """Write everything with all samples."""
    date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    head: Mapping[str, object] = {"schema_version": 1, "date": date, "machine": _machine(), "cpu": cpu}
    data = {**head, "cells": [asdict(cell) for cell in cells]}
    return json.dumps(data, indent=1) + "\n"


def _machine() -> str:
    tools = ", ".join(f"{name} {version(name)}" for name in ("import-linter", "grimp"))
    tach = subprocess.run([TACH, "--version"], capture_output=True, text=True, check=False) if TACH.is_file() else None
    shown = "" if tach is None else f", {tach.stdout.strip()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {tools}{shown}, {platform.machine()}, {os.cpu_count()} cores."


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.architecture", description="kimera check beside others")
    parser.add_argument("--quick", action="store_true", help="Django and three rounds, half a minute")
    parser.add_argument("--rounds", type=int, metavar="N", help="runs of each, 3 with --quick, else 7")
    parser.add_argument("--package", action="append", choices=list(LAYERS), help="only this one (repeatable)")
    parser.add_argument("--cpu", action="store_true", help="count the processor's time, not the clock's")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything, with all samples")
    parser.add_argument("--markdown", type=Path, metavar="PATH", help="write the tables")
    options = parser.parse_args(arguments)
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds needs at least 1")
    options.rounds = options.rounds or (3 if options.quick else 7)
    return options


if __name__ == "__main__":
    sys.exit(main())
