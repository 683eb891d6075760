"""W10: what a container leaves to the collector, keeps, and holds.

In: adapters. Out: figures in objects (cyclic ones that one scope leaves) and in bytes, as ``tracemalloc`` counts what
Python allocates: for each registration once the container is built, for each service once it is resolved (its own
object included, as by hand), for each scope that is open, and what is kept of scopes that are closed.
"""

import gc
import tracemalloc
from collections.abc import Callable, Generator, Sequence
from typing import Final

from benchmarks.adapters import TIMED_ONLY
from benchmarks.case import Adapter, Case, ColdAdapter, NotApplicable, make_holder, make_loop
from benchmarks.figures import Figure, start
from benchmarks.parts import forget, make_parts
from benchmarks.runner import Contestant, Profile
from benchmarks.workloads import WORKLOADS, Workload

PARTS: Final = 1_000
SCOPES: Final = 1_000
KEPT_AFTER: Final = 2_000
OPEN: Final = 100


def measure(contestants: Sequence[Contestant], _profile: Profile) -> list[Figure]:
    """Weigh every contestant; nothing here depends on a clock, so there is one sample."""
    able = [item for item in contestants if item.kind not in TIMED_ONLY]
    figures = _registrations(able)
    for workload in (each for each in WORKLOADS if each.id in {"W5", "W6", "W7"}):
        figures += _scopes(able, workload)
    return figures


def _registrations(contestants: Sequence[Contestant]) -> list[Figure]:
    registered = start("W10", f"W10 bytes for each of {PARTS:,} registrations, built", "bytes", contestants)
    resolved = start("W10", f"W10 bytes for each of {PARTS:,} services, resolved", "bytes", contestants)
    for adapter in registered:
        if not isinstance(adapter, ColdAdapter):
            registered[adapter].decline("not written")
            resolved[adapter].decline("not written")
            continue
        try:
            before, after = _weigh_parts(adapter)
        except Exception as error:  # noqa: BLE001  (an adapter runs foreign code; its failure is a result)
            registered[adapter].refuse(error)
            resolved[adapter].refuse(error)
            continue
        if registered[adapter].kind == "byhand":
            registered[adapter].decline("nothing is registered")
        else:
            registered[adapter].samples.append(before)
        resolved[adapter].samples.append(after)
    return [*registered.values(), *resolved.values()]


def _weigh_parts(adapter: ColdAdapter) -> tuple[float, float]:
    """Give the bytes for each part when the container is built, and when all are resolved."""
    _build(adapter, 10)  # what a first container loads is not weighed
    parts = make_parts(PARTS)
    with Weighed() as weighed:
        get = adapter.cold(parts)
        built = weighed.now()
        for part in parts:
            get(part.kind)
        resolved = weighed.now()
    forget(parts)
    return built / PARTS, resolved / PARTS


def _build(adapter: ColdAdapter, n: int) -> None:
    parts = make_parts(n)
    get = adapter.cold(parts)
    for part in parts:
        get(part.kind)
    forget(parts)


class Weighed:
    """While it is entered, bytes that Python allocates are counted.

    What is there already is frozen, because a collection that looked at it all would take most of the time.
    """

    def __enter__(self) -> "Weighed":
        gc.collect()
        gc.freeze()
        tracemalloc.start()
        self.before = tracemalloc.get_traced_memory()[0]
        return self

    def now(self) -> int:
        """Give the bytes that were allocated since it was entered and are still held, after a collection."""
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - self.before

    def __exit__(self, *_error: object) -> None:
        tracemalloc.stop()
        gc.unfreeze()


def _scopes(contestants: Sequence[Contestant], workload: Workload) -> list[Figure]:
    cyclic = start("W10", f"W10 cyclic objects for each scope, {workload.id}", "objects", contestants)
    kept = start("W10", f"W10 bytes kept after {KEPT_AFTER:,} scopes, {workload.id}", "bytes", contestants)
    held = start("W10", f"W10 bytes for each open scope, {workload.id}", "bytes", contestants)
    measures: list[tuple[dict[Adapter, Figure], Callable[[Case, Workload], float]]] = [
        (cyclic, count_cyclic),
        (kept, weigh_kept),
    ]
    if not workload.is_async:
        measures.append((held, weigh_open))
    for figures, measured in measures:
        for adapter, figure in figures.items():
            try:
                case = adapter.case(workload)
                if isinstance(case, NotApplicable):
                    figure.decline(case.reason)
                elif measured is weigh_open and not case.before:
                    figure.decline("has no scope that could be held")
                else:
                    figure.samples.append(measured(case, workload))
            except Exception as error:  # noqa: BLE001  (an adapter runs foreign code; its failure is a result)
                figure.refuse(error)
    return [figure for figures, _ in measures for figure in figures.values()]


def count_cyclic(case: Case, workload: Workload) -> float:
    """Give the objects that only the collector frees, for each scope."""
    loop = make_loop(case, is_async=workload.is_async)
    loop(10)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        loop(SCOPES)
        return gc.collect() / SCOPES
    finally:
        gc.enable()
        gc.unfreeze()


def weigh_kept(case: Case, workload: Workload) -> float:
    """Give the bytes that are still held after many scopes have been closed, beyond those after the first hundred.

    What the measuring itself holds is seen by measuring one scope, and taken off.
    """
    loop = make_loop(case, is_async=workload.is_async)
    with Weighed() as weighed:
        loop(100)
        first = weighed.now()
        loop(1)
        second = weighed.now()
        loop(KEPT_AFTER)
        third = weighed.now()
    return max(0.0, float((third - second) - (second - first)))


def weigh_open(case: Case, _workload: Workload) -> float:
    """Give the bytes of a scope with what was made in it, without those of the generator that holds it."""
    hold = make_holder(case)
    empty = make_holder(Case("None", {}))
    return _weigh_held(hold) - _weigh_held(empty)


def _weigh_held(hold: Callable[[], Generator[object, None, None]]) -> float:
    with Weighed() as weighed:
        holders = [hold() for _ in range(OPEN)]
        held = weighed.now()
        while holders:
            next(holders.pop(), None)  # the last scope first, as ambient ones want it
    return held / OPEN
