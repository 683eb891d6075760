"""How many operations a second do 1, 2, 4 and 8 threads get through that share one container?

    python -m benchmarks.growth_threads [--rounds N]        JSON on stdout; any interpreter that can import kimera_di

In: the workloads W1, W5 and W6, by hand and with our container; nothing but the standard library is needed, so that
the free-threaded interpreter runs it as it is. Each thread has a loop of its own, and all of them have one container.
Out, for each number of threads, two things. The processor's time of one operation: it grows when threads disturb one
another, and does not see what other programs do. Operations per second of the wall clock: it shows whether a second
core helps, and needs a machine that has nothing else to do; the best of many short samples stands for that.
"""

import argparse
import gc
import json
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from threading import Barrier, Thread
from typing import Any, Final

from benchmarks.adapters.byhand import ByHand
from benchmarks.adapters.kimera import Kimera
from benchmarks.case import Adapter, Case, Loop, make_loop
from benchmarks.workloads import WORKLOADS, Workload

THREADS: Final = (1, 2, 4, 8)
MEASURED: Final = ("W1", "W5", "W6")
SAMPLE_S: Final = 0.03
"""Seconds of a sample of one thread that is alone; short ones fit between the work of other programs."""
SAMPLES_OF_A_ROUND: Final = 3


@dataclass(frozen=True, slots=True)
class ThreadsCell:
    """What some threads got through.

    Attributes:
        python: Version of the interpreter.
        gil: Whether it has a global lock.
        workload: Id of the workload.
        adapter: Who did it.
        threads: How many at the same time.
        cpu_ns: Processor's time of one operation, the median.
        ratio_to_byhand: That, to the same by hand: the median of the quotients within a round.
        operations_per_s: All threads together by the wall clock, the best sample.
        ratio_to_one: That, to one thread.
    """

    python: str
    gil: bool
    workload: str
    adapter: str
    threads: int
    cpu_ns: float
    ratio_to_byhand: float
    operations_per_s: float
    ratio_to_one: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds of one operation: of the processor, all threads counted, and by the clock on the wall."""

    cpu_s: float
    wall_s: float


def measure_threads(*, rounds: int) -> list[dict[str, Any]]:
    """Measure every workload with every number of threads.

    Returns:
        The fields of a ``ThreadsCell`` for each.
    """
    cells: list[dict[str, Any]] = []
    for workload in (each for each in WORKLOADS if each.id in MEASURED):
        print(f"{workload.id} in threads, {platform.python_version()} ...", file=sys.stderr, flush=True)
        cells += [asdict(cell) for cell in _measure(workload, (ByHand(), Kimera()), rounds)]
    return cells


def _measure(workload: Workload, adapters: Sequence[Adapter], rounds: int) -> list[ThreadsCell]:
    loops = {adapter.name: _loops(workload, adapter) for adapter in adapters}
    numbers = {name: _calibrate(made[0]) for name, made in loops.items()}
    samples: dict[tuple[str, int], list[Sample]] = {(name, count): [] for name in loops for count in THREADS}
    for _ in range(rounds * SAMPLES_OF_A_ROUND):
        for count in THREADS:
            for name, made in loops.items():
                samples[name, count].append(together(made[:count], max(1, numbers[name] // count)))
    reference = next(iter(loops))
    return [
        ThreadsCell(
            python=platform.python_version(),
            gil=getattr(sys, "_is_gil_enabled", lambda: True)(),
            workload=workload.id,
            adapter=name,
            threads=count,
            cpu_ns=round(median(each.cpu_s for each in samples[name, count]) * 1e9, 2),
            ratio_to_byhand=_ratio(samples[name, count], samples[reference, count]),
            operations_per_s=round(_best(samples[name, count])),
            ratio_to_one=round(_best(samples[name, count]) / _best(samples[name, 1]), 3),
        )
        for name in loops
        for count in THREADS
    ]


def _ratio(ours: Sequence[Sample], theirs: Sequence[Sample]) -> float:
    return round(median(one.cpu_s / other.cpu_s for one, other in zip(ours, theirs, strict=True)), 3)


def _best(samples: Sequence[Sample]) -> float:
    return max(1 / each.wall_s for each in samples)


def _loops(workload: Workload, adapter: Adapter) -> list[Loop]:
    case = adapter.case(workload)
    assert isinstance(case, Case)
    loops = [make_loop(case, is_async=False) for _ in range(max(THREADS))]
    for loop in loops:
        loop(1_000)
    return loops


def _calibrate(loop: Loop) -> int:
    number = 1_000
    while (took := loop(number)) < SAMPLE_S / 4:
        number *= 2
    return max(1, round(number * SAMPLE_S / took))


def together(loops: Sequence[Loop], number: int) -> Sample:
    """Let each loop run in a thread of its own, and time them all from the first operation to the last.

    Args:
        loops: One for each thread.
        number: Operations of each.

    Raises:
        Exception: What a loop raised; a sample of fewer operations would look quick.
    """
    barrier = Barrier(len(loops) + 1)
    errors: list[Exception] = []

    def run(loop: Loop) -> None:
        barrier.wait()
        try:
            loop(number)
        except Exception as error:  # noqa: BLE001  (raised below, in the thread that measures)
            errors.append(error)

    threads = [Thread(target=run, args=(loop,)) for loop in loops]
    for thread in threads:
        thread.start()
    gc.collect()
    gc.disable()
    try:
        barrier.wait()
        wall, cpu = time.perf_counter(), time.process_time()
        for thread in threads:
            thread.join()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    finally:
        gc.enable()
    if errors:
        raise errors[0]
    done = number * len(loops)
    return Sample(cpu / done, wall / done)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the measurements as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth_threads", description="1 to 8 threads")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="samples for each cell")
    print(json.dumps(measure_threads(rounds=parser.parse_args(arguments).rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
