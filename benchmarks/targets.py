"""What kimera_di is held to, as data, and how far a run is from it.

In: a record. Out: one verdict for each target that the run measured.
"""

from dataclasses import dataclass
from typing import Final

from benchmarks.record import Record

SUBJECT: Final = "kimera"
BY_HAND: Final = "by hand"
FASTEST: Final = "the fastest peer"
ABSOLUTE: Final = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A number that may not be exceeded.

    Attributes:
        row: The name of the row, or its first word.
        against: What the number is divided by: `BY_HAND`, `FASTEST`, `ABSOLUTE` (nothing), the name of a container,
            or another row, of which our own number is taken.
        limit: The largest number that is good.
        either: Of targets with the same text here one is enough.
    """

    row: str
    against: str
    limit: float
    either: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target, what was measured, and against what (the name of the fastest peer, for example)."""

    target: Target
    row: str
    value: float
    against: str
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether this number is good, others of an `either` apart."""
        return self.value <= self.target.limit

    @property
    def distance(self) -> float:
        """How far the number is above the limit, as a part of it; negative below."""
        return self.value / self.target.limit - 1 if self.target.limit else self.value


def _pairs(table: dict[str, tuple[float | None, float | None]]) -> tuple[Target, ...]:
    return tuple(
        Target(row, against, limit)
        for row, limits in table.items()
        for against, limit in zip((BY_HAND, FASTEST), limits, strict=True)
        if limit is not None
    )


TARGETS: Final = (
    *_pairs(
        {
            "W1": (1.6, 0.5),
            "W1r": (2.5, 0.9),
            "W2": (1.8, 0.85),
            "W3": (1.2, 0.95),
            "W4": (1.1, 0.95),
            "W5": (1.75, 0.45),
            "W6": (1.85, 0.45),
            "W7": (1.9, 0.45),
            "W5x6": (None, 0.5),
            "W6x6": (None, 0.5),
            "W7x6": (None, 0.5),
        }
    ),
    # With the GIL: the throughput of one thread, within the noise of threads taking turns.
    Target("W8 W1, 8 threads", "W8 W1, 1 thread", 1.15),
    Target("W8 W5, 8 threads", "W8 W5, 1 thread", 1.15),
    Target("W8 W6, 8 threads", "W8 W6, 1 thread", 1.15),
    Target("W9 5,000 services, real annotations", BY_HAND, 10.0),
    Target("W9 5,000 services, real annotations", "dishka", 0.2),
    Target("W9 5,000 services, string annotations", BY_HAND, 19.0),
    Target("W9 5,000 services, string annotations", "dishka", 0.2),
    # Linear: ten times as many take ten times as long, with a fifth for noise.
    Target("W9 10,000 services, real annotations", "W9 1,000 services, real annotations", 12.0),
    Target("W9 look-up, the last of 10,000", "W9 look-up, the first of 1,000", 1.2),
    *(Target(f"W10 cyclic objects for each scope, {each}", ABSOLUTE, 0.0) for each in ("W5", "W6", "W7")),
    # Nothing per scope: one byte each would be 2,000. Code by hand too shows up to 200 now and then, whatever the
    # number of scopes.
    *(Target(f"W10 bytes kept after 2,000 scopes, {each}", ABSOLUTE, 400.0) for each in ("W5", "W6", "W7")),
    Target("W10 bytes for each of 1,000 registrations, built", ABSOLUTE, 1_000.0),
    Target("W10 bytes for each of 1,000 registrations, built", FASTEST, 1.0),
    Target("W11 import of the usual names", ABSOLUTE, 25.0, either="W11"),
    Target("W11 import of the usual names", FASTEST, 1.3, either="W11"),
    *_pairs({"W12": (1.8, 0.25)}),
)


def judge(record: Record, targets: tuple[Target, ...] = TARGETS) -> list[Verdict]:
    """Compare a record with the targets; what the run did not measure has no verdict."""
    verdicts: list[Verdict] = []
    for target in targets:
        row = _row(record, target.row)
        mine = record.find(row, SUBJECT) if row else None
        if row is None or mine is None or mine.value is None:
            continue
        if target.against == ABSOLUTE:
            verdicts.append(Verdict(target, row, mine.value, "", mine.unit))
            continue
        value, against = mine.to_byhand, "by hand"
        if target.against == FASTEST:
            value, against = mine.to_fastest, mine.fastest or ""
        elif target.against != BY_HAND:
            other = record.find(row, target.against) or record.find(target.against, SUBJECT)
            value, against = (mine.value / other.value if other and other.value else None), target.against
        if value is not None:
            verdicts.append(Verdict(target, row, value, against, ""))
    return verdicts


def is_good(verdict: Verdict, verdicts: list[Verdict]) -> bool:
    """Say whether a target is met, by itself or by another one of its `either`."""
    if verdict.is_met or not verdict.target.either:
        return verdict.is_met
    return any(other.is_met for other in verdicts if other.target.either == verdict.target.either)


def _row(record: Record, beginning: str) -> str | None:
    """Give the row with this name; W1 to W7 and W12 are named by their id, which a title follows."""
    rows = record.rows()
    return beginning if beginning in rows else next((row for row in rows if row.startswith(f"{beginning} ")), None)
