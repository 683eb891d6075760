"""Require that the tests take nearly every branch of the container's stages.

In: the data of a test run with coverage (``.coverage``, as ``make unit`` leaves it). Out: the figure, and exit 1 below
98 %, with the files that miss most. ``coverage report`` cannot say it: its percentage counts lines and branches
together, and lines, of which there are five times as many, hide the branches. Runs no tests.

    covered_branches / num_branches, summed over the files of the stages, both as ``coverage json`` gives them
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STAGES = (
    "kimera_di/registration/", "kimera_di/planning/", "kimera_di/compilation/", "kimera_di/resolution/",
    "kimera_di/collection.py", "kimera_di/vocabulary.py",
)  # fmt: skip
LEAST_PERCENT = 98.0
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Branches:
    """How many branches of one file were taken, and which were not."""

    file: str
    covered: int
    total: int
    missing: tuple[tuple[int, int], ...]

    def __str__(self) -> str:
        """Name the file and the missing branches, as coverage does: from a line to a line, or out of the function."""
        ways = ", ".join(f"{start}->{'exit' if end < 0 else end}" for start, end in self.missing)
        return f"{self.total - self.covered:4}  {self.file}  {ways}"


def measured(report: Mapping[str, Any]) -> list[Branches]:
    """Read the stages out of a report of ``coverage json``, the file that misses most first."""
    files: Mapping[str, Any] = report["files"]
    found = [
        Branches(
            name,
            int(each["summary"].get("covered_branches", 0)),
            int(each["summary"].get("num_branches", 0)),
            tuple((int(start), int(end)) for start, end in each.get("missing_branches", ())),
        )
        for path, each in files.items()
        for name in [path.replace("\\", "/")]
        if name.startswith(STAGES)
    ]
    return sorted(found, key=lambda each: (each.covered - each.total, each.file))


def percent(found: Sequence[Branches]) -> float:
    """Give the share of branches that were taken, in percent.

    Raises:
        SystemExit: There are none: nothing was measured, or lines only.
    """
    total = sum(each.total for each in found)
    if not total:
        raise SystemExit(
            "no branch of the stages was measured: run `make unit` first (branch = true in pyproject.toml)"
        )
    return 100 * sum(each.covered for each in found) / total


def read_report(data: Path) -> Mapping[str, Any]:
    """Have coverage make its report of a data file.

    Raises:
        SystemExit: There is no such file, or it cannot be read.
    """
    from coverage import Coverage
    from coverage.exceptions import CoverageException

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "coverage.json")
        measuring = Coverage(data_file=str(data), config_file=str(ROOT / "pyproject.toml"))
        try:
            measuring.load()
            measuring.json_report(outfile=str(file))
        except CoverageException as error:
            raise SystemExit(f"{data}: {error}; run `make unit` first") from None
        report: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figure and what misses most; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=ROOT / ".coverage", help="coverage's data file")
    parser.add_argument("--least", type=float, default=LEAST_PERCENT, help="percent (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    found = measured(read_report(chosen.data))
    reached = percent(found)
    covered, total = sum(each.covered for each in found), sum(each.total for each in found)
    print(f"branches of the container's stages: {covered} of {total} taken ({reached:.2f} %)")
    if reached >= chosen.least:
        return 0
    print(f"at least {chosen.least:g} % must be; not taken, most first:")
    for each in found[:SHOWN]:
        if each.missing:
            print(each)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
