"""The record of a run: what JSON and Markdown are made from.

In: figures of one run, what they were measured on, and the targets. Out: frozen rows that go into JSON and come back
out of it unchanged, so that a page can be written from a file in an environment without any peer.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import takewhile
from statistics import quantiles
from typing import Any, Final

from benchmarks.figures import Figure, by_hand, fastest_peer, rows_of
from benchmarks.report import Environment

SCHEMA_VERSION: Final = 2
_NOT_TIMED: Final = {"W8", "W9", "W10", "W11"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure, and how it compares within its row.

    Attributes:
        workload: ``W1`` to ``W12``, with ``r`` or ``x6`` where there are variants.
        row: What is measured; entries of one row may be compared.
        adapter: Name of the container, or ``byhand``.
        kind: ``byhand``, ``own``, ``peer``, or ``floor`` and ``unlocked``, which do not count as peers.
        unit: ``ns``, ``ms``, ``bytes`` or ``objects``; less is better.
        status: ``ok``, ``n/a`` or ``failed``; only the first has numbers.
        note: Why there is no number, or how it differs.
        value: The median.
        first_quartile: A quarter of the samples is below it.
        third_quartile: A quarter of the samples is above it.
        samples: How many there are.
        to_byhand: Median quotient by the code without a container in the same rounds.
        to_fastest: The same by the fastest peer of the row.
        fastest: Which peer that is.
    """

    workload: str
    row: str
    adapter: str
    kind: str
    unit: str
    status: str
    note: str = ""
    value: float | None = None
    first_quartile: float | None = None
    third_quartile: float | None = None
    samples: int = 0
    to_byhand: float | None = None
    to_fastest: float | None = None
    fastest: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that a run found out.

    Attributes:
        environment: Machine, interpreter, versions, date.
        rounds: Samples of each timing loop.
        entries: The numbers, row by row.
    """

    environment: Environment
    rounds: int
    entries: tuple[Entry, ...]

    def find(self, row: str, adapter: str) -> Entry | None:
        """Give what a container did in a row, when it has a number there."""
        return next((it for it in self.entries if (it.row, it.adapter, it.status) == (row, adapter, "ok")), None)

    def rows(self) -> dict[str, list[Entry]]:
        """Group the entries by row, in their order."""
        rows: dict[str, list[Entry]] = {}
        for entry in self.entries:
            rows.setdefault(entry.row, []).append(entry)
        return rows

    def to_json(self) -> str:
        """Give the record as JSON, one line for each entry."""
        lines = ",\n".join(f"  {json.dumps(_without_nothing(asdict(entry)))}" for entry in self.entries)
        environment = json.dumps(asdict(self.environment), indent=1).replace("\n", "\n ")
        head = f'"schema_version": {SCHEMA_VERSION},\n "environment": {environment},\n "rounds": {self.rounds}'
        return f'{{\n {head},\n "entries": [\n{lines}\n ]\n}}\n'


def _without_nothing(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None and value != ""}


def from_json(text: str) -> Record:
    """Read a record.

    Raises:
        ValueError: It is not JSON, of another version, or has other fields than this module writes.
    """
    data: Any = json.loads(text)
    if not isinstance(data, dict) or data.get("schema_version") != SCHEMA_VERSION:
        message = f"not a record of schema version {SCHEMA_VERSION}"
        raise ValueError(message)
    environment = Environment(**_only(Environment, data["environment"]))
    return Record(environment, data["rounds"], tuple(Entry(**_only(Entry, entry)) for entry in data["entries"]))


def _only(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(data.keys() - {field.name for field in fields(kind)})
    if unknown:
        message = f"{kind.__name__} has no field {', '.join(unknown)}"
        raise ValueError(message)
    return dict(data)


def update(old: Record, new: Record) -> Record:
    """Give ``new`` with the rows of ``old`` that it did not measure.

    Raises:
        ValueError: They are of different machines, interpreters or versions.
    """
    for name in ("machine", "python", "gil", "clock"):
        one, other = getattr(old.environment, name), getattr(new.environment, name)
        if one != other:
            message = f"the records are not of the same {name}: {one} and {other}"
            raise ValueError(message)
    packages = old.environment.packages | new.environment.packages
    changed = sorted(name for name, version in old.environment.packages.items() if packages[name] != version)
    if changed:
        message = f"the records are not of the same version of {', '.join(changed)}"
        raise ValueError(message)
    measured = new.rows()
    entries = [entry for entry in old.entries if entry.row not in measured] + list(new.entries)
    entries.sort(key=_place)
    timed = [entry.samples for entry in entries if entry.workload not in _NOT_TIMED]
    return Record(replace(new.environment, packages=packages), max(timed, default=new.rounds), tuple(entries))


def _place(entry: Entry) -> tuple[int, str]:
    digits = "".join(takewhile(str.isdigit, entry.workload[1:]))
    return int(digits), entry.workload


def to_record(figures: Sequence[Figure], environment: Environment, rounds: int) -> Record:
    """Compare the figures within their rows and round them."""
    entries: list[Entry] = []
    for row in rows_of(figures).values():
        entries += [_entry(figure, by_hand(row), fastest_peer(row)) for figure in row]
    return Record(environment, rounds, tuple(entries))


def _entry(figure: Figure, hand: Figure | None, fastest: Figure | None) -> Entry:
    status = figure.status if figure.status != "ok" or figure.samples else "n/a"
    basis = (figure.workload, figure.row, figure.adapter, figure.kind, figure.unit, status, figure.note)
    if not figure.is_measured:
        return Entry(*basis)
    low, _, high = quantiles(figure.samples, n=4) if len(figure.samples) > 1 else (figure.value,) * 3
    return Entry(
        *basis,
        value=_short(figure.value),
        first_quartile=_short(low),
        third_quartile=_short(high),
        samples=len(figure.samples),
        to_byhand=_short(figure.ratio_to(hand)) if hand else None,
        to_fastest=_short(figure.ratio_to(fastest)) if fastest else None,
        fastest=fastest.adapter if fastest else None,
    )


def _short(value: float | None) -> float | None:
    """Round to four figures that mean something."""
    return None if value is None else float(f"{value:.4g}")
