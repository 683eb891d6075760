"""Build, first look-up, warm look-up and memory of a container, for more and more services.

In: contestants and sizes. Out: a curve for each contestant. Services are those of W9 (``benchmarks.parts``): each
needs at most three others, none lies deeper than the logarithm of their number. ``build`` is registration and whatever
the container does before the first look-up; how much of that is validation differs from container to container.
"""

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from statistics import median
from typing import Final

from benchmarks.case import CLOCK_NAME, ColdAdapter
from benchmarks.parts import Part, forget, make_parts
from benchmarks.runner import Contestant

BUDGET_S: Final = 2.5
"""A size is left out when one build and resolution of everything would take longer, going by the size before."""
MEMORY_LIMIT: Final = 1_000
"""Memory of peers is measured up to here: tracing makes a build several times slower, and the curve is flat by then."""
LARGE: Final = 1_000
"""Above this many services three rounds are enough: a sample takes seconds and varies little."""
ROUNDS_WHEN_LARGE: Final = 3
WARM_LOOPS: Final = 20_000

Get = Callable[[type], object]
clock: Callable[[], float] = getattr(time, CLOCK_NAME)


@dataclass(frozen=True, slots=True)
class Sample:
    """One build of one size: seconds, and nanoseconds of a warm look-up."""

    build_s: float
    first_s: float
    rest_s: float
    warm_ns: float


@dataclass(frozen=True, slots=True)
class Point:
    """What one container took for one number of services.

    Attributes:
        services: How many.
        build_ms: Registration and build.
        first_us: The first look-up after that, of the service registered last, with all that it needs.
        all_ms: Every service once.
        warm_ns: Look-up of one that exists; the slowest of the first, the middle and the last one registered.
        bytes_built: Memory per service after the build, without the classes; None where it was not measured.
        bytes_resolved: Memory per service after every one was resolved.
    """

    services: int
    build_ms: float
    first_us: float
    all_ms: float
    warm_ns: float
    bytes_built: float | None
    bytes_resolved: float | None


@dataclass(slots=True)
class Curve:
    """The points of one container, and why there are no more of them."""

    adapter: str
    kind: str
    points: list[Point] = field(default_factory=list)
    note: str = ""


def measure_curves(
    contestants: Sequence[Contestant], sizes: Sequence[int], *, rounds: int, budget_s: float = BUDGET_S
) -> list[Curve]:
    """Measure every contestant that can be built from services made up.

    Args:
        contestants: They; one that is no ``ColdAdapter`` is left out.
        sizes: Numbers of services, ascending.
        rounds: Samples for each point.
        budget_s: The longest that one sample may be expected to take.

    Returns:
        One curve for each, in their order.
    """
    pairs = [
        (Curve(each.adapter.name, each.kind), each.adapter)
        for each in contestants
        if isinstance(each.adapter, ColdAdapter)
    ]
    for _, adapter in pairs:
        _sample(adapter, sizes[0])  # what loads at the first use does not count
    took: dict[str, float] = {}
    for position, size in enumerate(sizes):
        print(f"{size:,} services ...", file=sys.stderr, flush=True)
        factor = size / sizes[position - 1] if position else 1.0
        running = [
            (curve, adapter)
            for curve, adapter in pairs
            if not curve.note and not _too_slow(curve, took.get(curve.adapter, 0.0) * factor, size, budget_s)
        ]
        samples: dict[str, list[Sample]] = {curve.adapter: [] for curve, _ in running}
        for round_ in range(rounds if size <= LARGE else min(rounds, ROUNDS_WHEN_LARGE)):
            start = round_ % max(1, len(running))
            for curve, adapter in (*running[start:], *running[:start]):
                samples[curve.adapter].append(_sample(adapter, size))
        for curve, adapter in running:
            found = samples[curve.adapter]
            took[curve.adapter] = median(each.build_s + each.first_s + each.rest_s for each in found)
            weighed = curve.kind != "peer" or size <= MEMORY_LIMIT
            curve.points.append(_point(size, found, _weigh(adapter, size) if weighed else (None, None)))
    return [curve for curve, _ in pairs]


def _too_slow(curve: Curve, expected_s: float, size: int, budget_s: float) -> bool:
    if expected_s <= budget_s:
        return False
    curve.note = f"left out from {size:,} services on: more than {budget_s} s"
    return True


def _point(size: int, samples: Sequence[Sample], memory: tuple[float | None, float | None]) -> Point:
    return Point(
        services=size,
        build_ms=round(median(each.build_s for each in samples) * 1e3, 4),
        first_us=round(median(each.first_s for each in samples) * 1e6, 2),
        all_ms=round(median(each.first_s + each.rest_s for each in samples) * 1e3, 4),
        warm_ns=round(median(each.warm_ns for each in samples), 2),
        bytes_built=memory[0],
        bytes_resolved=memory[1],
    )


def _sample(adapter: ColdAdapter, size: int) -> Sample:
    """Build a container of fresh services and use it, with the garbage collector off."""
    parts = make_parts(size)
    gc.collect()
    gc.disable()
    try:
        start = clock()
        get = adapter.cold(parts)
        built = clock()
        get(parts[-1].kind)
        first = clock()
        for part in parts:
            get(part.kind)
        end = clock()
        warm = max(_warm_ns(get, parts[at].kind) for at in (0, size // 2, -1))
    finally:
        gc.enable()
        forget(parts)
    return Sample(built - start, first - built, end - first, warm)


def _warm_ns(get: Get, kind: type) -> float:
    start = clock()
    for _ in repeat(None, WARM_LOOPS):
        get(kind)
    return (clock() - start) / WARM_LOOPS * 1e9


def _weigh(adapter: ColdAdapter, size: int) -> tuple[float, float]:
    """Give the bytes per service after the build and after everything was resolved."""
    parts: Sequence[Part] = make_parts(size)
    tracemalloc.start()
    try:
        before = _traced()
        get = adapter.cold(parts)
        built = _traced()
        for part in parts:
            get(part.kind)
        resolved = _traced()
    finally:
        tracemalloc.stop()
        forget(parts)
    return round((built - before) / size, 1), round((resolved - before) / size, 1)


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
