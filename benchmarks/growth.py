"""How does a container behave when it holds 10 services, and how with 10,000? And with one thread, and with eight?

    .venv-bench/bin/python -m benchmarks.growth [--quick] [--only NAMES] [--part PART] [--json PATH]

In: adapters that can be built from many services (``benchmarks.case.ColdAdapter``), and the free-threaded interpreter
of ``scripts/build_freethreaded.sh`` when it has been built. Out: JSON, the growth record of the page
docs/explanation/performance.md. Sizes are taken in turn, and within a size every container once for each round, so that
a slow moment of the machine hits all of them. A size is left out for a container when the one before says that it
would take longer than the budget; the record says so. Threads are measured by ``benchmarks.growth_threads``, without a
GIL in a process of its own. Exit codes: 0; 1 when nothing could be measured; 2 wrong usage.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks.adapters import ENTRIES, load
from benchmarks.growth_curves import Curve, Point, measure_curves
from benchmarks.growth_threads import measure_threads
from benchmarks.report import describe_environment
from benchmarks.runner import Contestant

ROOT: Final = Path(__file__).resolve().parent.parent
SIZES: Final = (10, 30, 100, 300, 1_000, 3_000, 10_000)
QUICK_SIZES: Final = (10, 100, 1_000)
ADAPTERS: Final = ("byhand", "kimera", "dishka", "wireup", "diwire", "modern-di", "dependency-injector")
"""Who is measured: more lines than that in one plot cannot be told apart."""
FREE_THREADED: Final = [str(ROOT / "scripts" / "build_freethreaded.sh"), "--path"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and give the exit code."""
    options = _parse(arguments)
    record: dict[str, Any] = {}
    if options.part and options.json is not None and options.json.is_file():
        record = json.loads(options.json.read_text(encoding="utf-8"))
    record["schema_version"] = 1
    if options.part != "threads":
        contestants = _contestants(options.only)
        if not contestants:
            _say("nothing to measure")
            return 1
        curves = measure_curves(contestants, QUICK_SIZES if options.quick else SIZES, rounds=options.rounds)
        record["environment"] = asdict(describe_environment(contestants))
        record["rounds"] = options.rounds
        record["curves"] = [asdict(curve) for curve in curves]
        print(render(curves))
    if options.part != "curves":
        record["threads"] = [*measure_threads(rounds=options.rounds), *_without_gil(options.rounds)]
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


def _contestants(names: Sequence[str]) -> list[Contestant]:
    found: list[Contestant] = []
    for entry in ENTRIES:
        if entry.name not in names:
            continue
        try:
            found.append(Contestant(load(entry.path), entry.kind))
        except ImportError as error:
            _say(f"skipped {entry.name}, which is not installed: {error}")
    return found


def _without_gil(rounds: int) -> list[dict[str, Any]]:
    """Measure threads on the free-threaded interpreter; nothing when it has not been built."""
    asked = subprocess.run(FREE_THREADED, capture_output=True, text=True, check=True)
    python = asked.stdout.strip()
    if not Path(python).is_file():
        _say("skipped free-threaded CPython, which has not been built (make freethreaded)")
        return []
    command = [python, "-m", "benchmarks.growth_threads", "--rounds", str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    measured: list[dict[str, Any]] = json.loads(done.stdout)
    return measured


def render(curves: Sequence[Curve]) -> str:
    """Give one line for each container and size."""
    lines = [f"{'':20}{'services':>9}{'build ms':>11}{'first us':>10}{'warm ns':>9}{'bytes':>8}{'resolved':>9}"]
    for curve in curves:
        lines += [_line(curve.adapter, point) for point in curve.points]
        if curve.note:
            lines.append(f"{curve.adapter:20}  {curve.note}")
    return "\n".join(lines)


def _line(name: str, point: Point) -> str:
    built, resolved = (
        "" if weight is None else f"{weight:,.0f}" for weight in (point.bytes_built, point.bytes_resolved)
    )
    times = f"{point.build_ms:>11.2f}{point.first_us:>10.1f}{point.warm_ns:>9.0f}"
    return f"{name:20}{point.services:>9,}{times}{built:>8}{resolved:>9}"


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description="from 10 to 10,000 services")
    parser.add_argument("--quick", action="store_true", help="up to 1,000 services, two rounds")
    parser.add_argument("--rounds", type=int, metavar="N", help="samples for each point, 2 with --quick, else 5")
    parser.add_argument("--only", default=",".join(ADAPTERS), metavar="NAMES", help="these adapters, with commas")
    parser.add_argument("--part", choices=("curves", "threads"), help="measure only these; the file keeps the others")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the record")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds if options.rounds is not None else (2 if options.quick else 5)
    options.only = [name.strip() for name in options.only.split(",") if name.strip()]
    unknown = sorted(set(options.only) - {entry.name for entry in ENTRIES})
    if unknown:
        parser.error(f"not known: {', '.join(unknown)}")
    if options.rounds < 1:
        parser.error("--rounds needs at least 1")
    return options


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
