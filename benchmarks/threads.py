"""W8: how long an operation takes when one, two, four and eight threads share a container.

In: adapters. Out: figures in nanoseconds for each operation, all threads counted together, so that one that stays
the same means "the same throughput" and one that falls means that threads run side by side. With the GIL the clock is
the CPU time of the process, which does not count what other processes do; without it, it is the wall clock.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import Final

from benchmarks.case import Loop, NotApplicable, has_gil, make_loop
from benchmarks.figures import Figure
from benchmarks.runner import Contestant, Profile, calibrate
from benchmarks.workloads import WORKLOADS, Workload

THREADS: Final = (1, 2, 4, 8)
SHARED: Final = ("W1", "W5", "W6")
CLOCK: Final[Callable[[], float]] = time.process_time if has_gil() else time.perf_counter


@dataclass(slots=True)
class Run:
    """One container on one operation: its loop, how often to run it, and a figure for each number of threads."""

    loop: Loop
    n: int
    figures: dict[int, Figure]


def measure(contestants: Sequence[Contestant], profile: Profile) -> list[Figure]:
    """Measure every contestant on W1, W5 and W6, in interleaved rounds."""
    rounds = max(3, profile.rounds // 12)
    figures: list[Figure] = []
    able = [item for item in contestants if item.kind != "floor"]
    for workload in (each for each in WORKLOADS if each.id in SHARED):
        runs = [_prepare(workload, item, profile, figures) for item in able]
        ready = [run for run in runs if run is not None]
        for round_ in range(rounds):
            at = round_ % len(ready) if ready else 0
            for run in ready[at:] + ready[:at]:
                for threads in run.figures:
                    _sample(run, threads)
    return figures


def _prepare(workload: Workload, item: Contestant, profile: Profile, figures: list[Figure]) -> Run | None:
    made = {
        threads: Figure(
            "W8",
            f"W8 {workload.id}, {threads} thread{'s' if threads > 1 else ''}",
            item.adapter.name,
            item.kind,
            "ns",
        )
        for threads in THREADS
    }
    figures.extend(made.values())
    try:
        case = item.adapter.case(workload)
        if isinstance(case, NotApplicable):
            for figure in made.values():
                figure.decline(case.reason)
            return None
        loop = make_loop(case, is_async=False)
        return Run(loop, calibrate(loop, profile.sample_s), made)
    except Exception as error:  # noqa: BLE001  (an adapter runs foreign code; its failure is a result)
        for figure in made.values():
            figure.refuse(error)
        return None


def _sample(run: Run, threads: int) -> None:
    """Take a sample; a container that fails once under threads has no figures at all, because it cannot be trusted."""
    figure = run.figures[threads]
    if figure.status != "ok":
        return
    try:
        figure.samples.append(timed(run.loop, run.n, threads) * 1e9)
    except Exception as error:  # noqa: BLE001  (an adapter runs foreign code; its failure is a result)
        for each in run.figures.values():
            each.refuse(error)
            if each.kind == "peer":
                each.decline(f"threads cannot share it: {each.note}")


def timed(loop: Loop, n: int, threads: int) -> float:
    """Run about ``n`` operations on ``threads`` threads at the same time.

    Returns:
        Seconds for each operation, those of all threads counted.

    Raises:
        BaseException: What the first thread that failed raised.
    """
    each = max(1, n // threads)
    ready, done = Barrier(threads + 1), Barrier(threads + 1)
    errors: list[BaseException] = []

    def work() -> None:
        ready.wait()
        try:
            loop(each)
        except BaseException as error:  # noqa: BLE001  (raised by the caller)
            errors.append(error)
        finally:
            done.wait()

    workers = [Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    ready.wait()
    begin = CLOCK()
    done.wait()
    elapsed = CLOCK() - begin
    for worker in workers:
        worker.join()
    if errors:
        raise errors[0]
    return elapsed / (each * threads)
