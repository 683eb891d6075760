"""One number of one container: what every measurement gives, whatever its unit.

In: samples, in whatever the row counts (nanoseconds, milliseconds, bytes, objects); less is always better. Out: the
median, and ratios to other containers that were measured in the same rounds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.adapters import Kind
from benchmarks.case import Adapter
from benchmarks.runner import Cell, Contestant, Status


@dataclass(slots=True)
class Figure:
    """What one container did in one row.

    Attributes:
        workload: ``W1`` to ``W12``.
        row: What is measured, unique in the record, for example ``"W9 5,000 services, real annotations"``.
        adapter: Name of the adapter.
        kind: Its role.
        unit: ``ns``, ``ms``, ``bytes`` or ``objects``.
        status: ``failed`` means an exception or wrong objects; ``n/a`` that it cannot be expressed or takes too long.
        note: The reason, or how it differs from the others.
        samples: One for each round.
    """

    workload: str
    row: str
    adapter: str
    kind: Kind
    unit: str
    status: Status = "ok"
    note: str = ""
    samples: list[float] = field(default_factory=list)

    @property
    def value(self) -> float:
        """The median of the samples."""
        return median(self.samples)

    @property
    def is_measured(self) -> bool:
        """Whether there is a value."""
        return self.status == "ok" and bool(self.samples)

    def ratio_to(self, other: "Figure") -> float | None:
        """Give the median of the quotients within a round; of the medians when the rounds differ in number.

        Returns:
            None when the other is nothing, so that there is no quotient.
        """
        if not other.value:
            return None
        if len(self.samples) == len(other.samples) and all(other.samples):
            return median(mine / theirs for mine, theirs in zip(self.samples, other.samples, strict=True))
        return self.value / other.value

    def refuse(self, error: BaseException) -> None:
        """Write down that it failed, and with what."""
        self.status, self.note = "failed", f"{type(error).__name__}: {error}".split("\n", 1)[0]

    def decline(self, reason: str) -> None:
        """Write down that it cannot be measured, and why."""
        self.status, self.note = "n/a", reason


def start(workload: str, row: str, unit: str, contestants: Iterable[Contestant]) -> dict[Adapter, Figure]:
    """Make an empty figure of a row for each contestant."""
    return {item.adapter: Figure(workload, row, item.adapter.name, item.kind, unit) for item in contestants}


def from_cell(cell: Cell, title: str) -> Figure:
    """Give the figure of a timing loop."""
    samples = list(cell.samples_ns)
    row = f"{cell.workload} {title}"
    return Figure(cell.workload, row, cell.adapter, cell.kind, "ns", cell.status, cell.note, samples)


def fastest_peer(figures: Sequence[Figure]) -> Figure | None:
    """Return the peer with the least value among the figures of one row, or None when there is none."""
    return min((item for item in figures if item.kind == "peer" and item.is_measured), key=_value, default=None)


def by_hand(figures: Sequence[Figure]) -> Figure | None:
    """Return the figure of the code without a container, or None when the row has none."""
    return next((item for item in figures if item.kind == "byhand" and item.is_measured), None)


def rows_of(figures: Iterable[Figure]) -> dict[str, list[Figure]]:
    """Group figures by row, in the order of the first of each."""
    rows: dict[str, list[Figure]] = {}
    for item in figures:
        rows.setdefault(item.row, []).append(item)
    return rows


def _value(figure: Figure) -> float:
    return figure.value
