"""Write the tables of docs/explanation/performance.md from the records of the benchmarks.

    .venv/bin/python -m benchmarks.page

In: ``benchmarks/record/*.json``, which benchmarks/README.md describes. Out: the generated parts of the page, each
between ``<!-- generated: NAME -->`` and ``<!-- end of generated -->``; the text around them is written by hand and
holds no figure. Nothing is measured here, no container is imported, and the same records give the same page.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import page_growth, tables
from benchmarks.page_behind import behind
from benchmarks.page_growth import Data
from benchmarks.record import Record, from_json

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "explanation" / "performance.md"
RECORDS: Final = ROOT / "benchmarks" / "record"
GENERATED: Final = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Records:
    """Everything the page is made from."""

    containers: Record
    growth: Data
    architecture: Data


def read_records(folder: Path = RECORDS) -> Records:
    """Read what the benchmarks wrote.

    Raises:
        FileNotFoundError: A benchmark was never run; benchmarks/README.md has the commands.
        ValueError: A record is not JSON, or of another version.
    """
    text = {name: (folder / f"{name}.json").read_text("utf-8") for name in Records.__slots__}
    return Records(from_json(text["containers"]), json.loads(text["growth"]), json.loads(text["architecture"]))


def generate(text: str, records: Records) -> str:
    """Give the page with all its tables made anew.

    Args:
        text: The page as it is.
        records: What to make them from.

    Raises:
        KeyError: The page asks for a part that nobody makes.
    """

    def part(found: re.Match[str]) -> str:
        made = "\n".join(PARTS[found["name"]](records))
        return f"{found[1]}{made}\n{found[3]}"

    return GENERATED.sub(part, text)


def main() -> int:
    """Write the page."""
    PAGE.write_text(generate(PAGE.read_text("utf-8"), read_records()), "utf-8")
    return 0


PARTS: Final[Mapping[str, Callable[[Records], Iterable[str]]]] = {
    "machine": lambda records: [tables.facts(records.containers)],
    "targets": lambda records: [tables.targets(records.containers)],
    "behind": lambda records: behind(records.containers),
    "operations": lambda records: [tables.to_byhand(records.containers)],
    "threads-of-all": lambda records: [tables.section(records.containers, "W8")],
    "cold": lambda records: [tables.section(records.containers, "W9")],
    "memory": lambda records: [tables.section(records.containers, "W10")],
    "imports": lambda records: [tables.section(records.containers, "W11")],
    "reasons": lambda records: [tables.notes(records.containers)],
    "growth-machine": lambda records: page_growth.machine(records.growth),
    "growth": lambda records: page_growth.growth(records.growth),
    "growth-of-all": lambda records: page_growth.growth_of_all(records.growth),
    "threads": lambda records: page_growth.threads(records.growth),
    "check": lambda records: page_growth.check(records.architecture),
}

if __name__ == "__main__":
    sys.exit(main())
