"""Measure every adapter on a workload in interleaved rounds.

In: adapters and a profile. Out: one ``Cell`` for each adapter and workload. In every round each adapter runs one
sample, and the round starts one adapter further each time, so that a slow moment of the machine hits all of them alike.
Ratios are made within a round and never across runs.
"""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Literal

from benchmarks.adapters import Kind
from benchmarks.case import Adapter, Loop, NotApplicable, make_loop, make_probe
from benchmarks.checks import find_wrong
from benchmarks.workloads import Workload

Status = Literal["ok", "n/a", "failed"]


@dataclass(frozen=True, slots=True)
class Profile:
    """How long to measure.

    Attributes:
        name: Shown with the results.
        sample_s: Seconds of one sample; the number of operations is chosen to reach it.
        rounds: Samples for each cell.
    """

    name: str
    sample_s: float
    rounds: int


QUICK = Profile("quick", sample_s=0.008, rounds=31)
DEFAULT = Profile("default", sample_s=0.010, rounds=41)


@dataclass(frozen=True, slots=True)
class Contestant:
    """An adapter together with the role it plays in the comparison."""

    adapter: Adapter
    kind: Kind


@dataclass(slots=True)
class Cell:
    """What one adapter did on one workload.

    Attributes:
        workload: Id of the workload.
        adapter: Name of the adapter.
        kind: Its role.
        status: ``failed`` means wrong lifetimes or an exception; ``n/a`` that it cannot be expressed.
        note: The reason, or how the case differs from the others.
        samples_ns: Nanoseconds per operation, one for each round; index i of two cells is the same round.
    """

    workload: str
    adapter: str
    kind: Kind
    status: Status = "ok"
    note: str = ""
    samples_ns: list[float] = field(default_factory=list)

    @property
    def median_ns(self) -> float:
        """The median of the samples."""
        return median(self.samples_ns)

    @property
    def quartiles_ns(self) -> tuple[float, float]:
        """The first and the third quartile of the samples."""
        low, _, high = quantiles(self.samples_ns, n=4)
        return low, high

    def ratio_to(self, other: "Cell") -> float:
        """Return the median over all rounds of this cell's time divided by the other's in the same round."""
        return median(mine / theirs for mine, theirs in zip(self.samples_ns, other.samples_ns, strict=True))


def fastest_peer(cells: Sequence[Cell]) -> Cell | None:
    """Return the peer with the lowest median among the cells of one workload, or None when there is none."""
    peers = [cell for cell in cells if cell.kind == "peer" and cell.status == "ok"]
    return min(peers, key=lambda cell: cell.median_ns, default=None)


def measure(workload: Workload, contestants: Sequence[Contestant], profile: Profile) -> list[Cell]:
    """Check and time every contestant on ``workload``.

    The garbage collector is off while a sample runs and collects between rounds, so that the cyclic objects of one
    adapter are not collected at the expense of the next.

    Returns:
        One cell for each contestant, in their order.
    """
    cells: list[Cell] = []
    running: list[tuple[Cell, Loop, int]] = []
    for contestant in contestants:
        cell = Cell(workload.id, contestant.adapter.name, contestant.kind)
        cells.append(cell)
        loop = _prepare(workload, contestant.adapter, cell)
        if loop is not None:
            running.append((cell, loop, calibrate(loop, profile.sample_s)))
    was_enabled = gc.isenabled()
    gc.disable()
    gc.collect()
    gc.freeze()
    try:
        for round_ in range(profile.rounds):
            gc.collect()
            start = round_ % len(running) if running else 0
            for cell, loop, n in running[start:] + running[:start]:
                cell.samples_ns.append(loop(n) / n * 1e9)
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
    return cells


def _prepare(workload: Workload, adapter: Adapter, cell: Cell) -> Loop | None:
    """Return the loop when the adapter can express the workload and does it right; else write why not to ``cell``."""
    try:
        case = adapter.case(workload)
        if isinstance(case, NotApplicable):
            cell.status, cell.note = "n/a", case.reason
            return None
        cell.note = case.note
        probe: Callable[..., None] = make_probe(case, is_async=workload.is_async)
        wrong = find_wrong(workload, probe)
        loop = make_loop(case, is_async=workload.is_async)
        loop(100)
    except Exception as error:  # noqa: BLE001  (an adapter runs foreign code; its failure is a result)
        cell.status, cell.note = "failed", f"{type(error).__name__}: {error}".split("\n", 1)[0]
        return None
    if wrong:
        cell.status, cell.note = "failed", "; ".join(dict.fromkeys(wrong))
        return None
    return loop


def calibrate(loop: Loop, sample_s: float) -> int:
    """Return how many operations take about ``sample_s`` seconds, at least one."""
    n = 10
    while True:
        elapsed = min(loop(n) for _ in range(3))
        if elapsed >= sample_s / 4:
            return max(1, round(n * sample_s / elapsed))
        n *= 3
