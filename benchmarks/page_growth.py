"""The tables of growth, of threads and of the check. In: the records of these benchmarks. Out: lines of Markdown."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any, Final

from benchmarks.architecture import Cell, misses
from benchmarks.page_text import cells, head, number
from benchmarks.targets import SUBJECT

Data = Mapping[str, Any]

FIELDS: Final = {
    "build_ms": "register and build, ms",
    "first_us": "first look-up, us",
    "all_ms": "every service once, ms",
    "warm_ns": "warm look-up, ns",
    "bytes_built": "bytes for each, built",
    "bytes_resolved": "bytes for each, resolved",
}
FROM: Final = 1_000
TO: Final = 10_000
CHECKERS: Final = {"ours": "kimera check, `kimera_layers`", "built-in": "kimera check, `layers`"}
REFERENCE: Final = "lint-imports"


def machine(record: Data) -> Iterator[str]:
    """Say where and when the curves were measured."""
    found = record["environment"]
    yield f"Measured on {found['date']}: {found['machine']}, {found['cores']} cores, load {found['load']},"
    yield f"{found['python']}."


def growth(record: Data) -> Iterator[str]:
    """Show our curve as a table."""
    ours = next(curve for curve in record["curves"] if curve["adapter"] == SUBJECT)
    yield from head("services", *FIELDS.values())
    for point in ours["points"]:
        yield cells(f"{point['services']:,}", *(number(point[name]) for name in FIELDS))


def growth_of_all(record: Data) -> Iterator[str]:
    """Say how many times as long ten times the services take, and why a curve ends early."""
    yield from head("", f"build, {FROM:,} to {TO:,} services", "warm look-up, the fewest to the most services")
    for curve in record["curves"]:
        points = {point["services"]: point for point in curve["points"]}
        first, last = curve["points"][0], curve["points"][-1]
        build = f"{points[TO]['build_ms'] / points[FROM]['build_ms']:.1f} times" if {FROM, TO} <= points.keys() else ""
        warm = f"{last['warm_ns'] / first['warm_ns']:.1f} times ({first['services']:,} to {last['services']:,})"
        yield cells("**kimera_di**" if curve["adapter"] == SUBJECT else curve["adapter"], build or "n/a", warm)
    ended = [f"{curve['adapter']} is {curve['note']}" for curve in record["curves"] if curve["note"]]
    if ended:
        yield ""
        yield f"{'; '.join(ended)}."


def threads(record: Data) -> Iterator[str]:
    """Show what an operation costs when threads share the container, with and without a GIL.

    Operations a second are shown when the cores were free: on a busy machine they say how its time was shared out.
    """
    environment = record["environment"]
    is_quiet = float(environment["load"]) < environment["cores"]
    groups: dict[tuple[str, str, str], list[Data]] = {}
    for cell in record["threads"]:
        python = f"{cell['python']}{'' if cell['gil'] else ', no GIL'}"
        groups.setdefault((cell["workload"], python, cell["adapter"]), []).append(cell)
    counts = [cell["threads"] for cell in next(iter(groups.values()), [])]
    heads = [*(f"{count} thread{'s' if count > 1 else ''}, ns" for count in counts), "the last, to by hand"]
    yield from head("", *heads, *(["operations a second, to one thread"] if is_quiet else []))
    for (workload, python, adapter), found in groups.items():
        last = found[-1]
        row = [*(number(cell["cpu_ns"]) for cell in found), number(last["ratio_to_byhand"])]
        name = "kimera_di" if adapter == SUBJECT else "by hand"
        yield cells(f"{workload}, {python}, {name}", *row, *([number(last["ratio_to_one"])] if is_quiet else []))
    if not is_quiet:
        yield ""
        load = f"The load was {environment['load']} on {environment['cores']} cores"
        yield f"{load}, so what threads get through together is not shown."


def check(record: Data) -> Iterator[str]:
    """Show ``kimera check`` as a ratio to ``lint-imports``."""
    found = record["cells"]
    modes = list(dict.fromkeys(cell["mode"] for cell in found))
    taken = {(cell["package"], cell["checker"], cell["mode"]): cell["seconds"] for cell in found}
    modules = {cell["package"]: cell["modules"] for cell in found}
    yield from head("", *modes)
    for package, checker in dict.fromkeys((cell["package"], cell["checker"]) for cell in found):
        shown = [
            f"{median(taken[package, checker, mode]):.2f} "
            f"({_ratio(taken[package, checker, mode], taken[package, REFERENCE, mode]):.2f})"
            for mode in modes
        ]
        yield cells(f"{package}, {modules[package]:,} modules: {CHECKERS.get(checker, checker)}", *shown)
    clock = "of the processor, because the machine had other work" if record["cpu"] else "by the clock"
    yield ""
    cells_of = [Cell(**{**cell, "seconds": tuple(cell["seconds"])}) for cell in found]
    yield from (f"- **not met**: {miss}" for miss in misses(cells_of))
    yield ""
    yield f"Medians of {record['date']} in seconds {clock}; in brackets the ratio to lint-imports. {record['machine']}"


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median(one / other for one, other in zip(ours, theirs, strict=True))
