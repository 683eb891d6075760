"""W9: from registration to the last object, and looking up in a large container.

In: adapters that are `ColdAdapter`s. Out: figures in milliseconds for registering, building (which validates, where
the container can) and resolving n singletons, and in nanoseconds for a warm look-up of the first and the last of them.
Every round has classes that nobody has seen, the same for all; making them is not counted, and the collector is off.
A container that would take over `LIMIT_S` for one sample is left out, with what it would take.
"""

import gc
import time
from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.adapters import TIMED_ONLY
from benchmarks.case import CLOCK_NAME, Adapter, ColdAdapter
from benchmarks.figures import Figure, start
from benchmarks.parts import Part, forget, make_parts
from benchmarks.runner import Contestant, Profile

SIZES: Final = (100, 1_000, 5_000)
LARGEST: Final = 10_000
LIMIT_S: Final = 5.0
ONCE_S: Final = 2.0
LOOK_UPS: Final = 3_000
ANNOTATIONS: Final = {"real": False, "string": True}

Get = Callable[[type], object]


def measure(contestants: Sequence[Contestant], profile: Profile) -> list[Figure]:
    """Measure every contestant at 100, 1,000 and 5,000 services; ours and by hand at 10,000 too."""
    able = [item for item in contestants if item.kind not in TIMED_ONLY]
    most = max(1, min(5, profile.rounds // 12))
    figures: list[Figure] = []
    for annotations in ANNOTATIONS:
        taken: dict[Adapter, float] = {}
        for n in SIZES if annotations == "real" else SIZES[1:]:
            rounds = most if n < SIZES[-1] else min(most, 3)
            figures += measure_size(able, n, annotations, rounds, taken)
    few = [item for item in able if item.kind in {"byhand", "own"}]
    figures += measure_size(few, LARGEST, "real", min(most, 3), {})
    return figures


def measure_size(
    contestants: Sequence[Contestant], n: int, annotations: str, rounds: int, taken: dict[Adapter, float]
) -> list[Figure]:
    """Measure one size; ``taken`` has the seconds of the size before, and gets those of this one."""
    built = start("W9", f"W9 {n:,} services, {annotations} annotations", "ms", contestants)
    first = start("W9", f"W9 look-up, the first of {n:,}", "ns", contestants)
    last = start("W9", f"W9 look-up, the last of {n:,}", "ns", contestants)
    for adapter, figure in built.items():
        if not isinstance(adapter, ColdAdapter):
            figure.decline("not written")
        elif taken.get(adapter, 0.0) * SIZES[-1] / SIZES[-2] > LIMIT_S:
            figure.decline(f"would take over {LIMIT_S:.0f} s")
    for round_ in range(rounds):
        parts = make_parts(n, strings=ANNOTATIONS[annotations])
        order = [adapter for adapter, figure in built.items() if figure.status == "ok"]
        at = round_ % len(order) if order else 0
        for adapter in order[at:] + order[:at]:
            if round_ and taken[adapter] > ONCE_S:
                continue
            _sample(adapter, parts, built[adapter], (first[adapter], last[adapter]))
            taken[adapter] = (built[adapter].samples or [0.0])[-1] / 1e3
        forget(parts)
    with_look_ups = annotations == "real" and n in {SIZES[-2], LARGEST}
    return [*built.values(), *(_like(built, first, last) if with_look_ups else ())]


def _like(built: dict[Adapter, Figure], *others: dict[Adapter, Figure]) -> list[Figure]:
    """Give the look-ups, without a value where nothing was built."""
    for figures in others:
        for adapter, figure in figures.items():
            if built[adapter].status != "ok":
                figure.decline(built[adapter].note)
    return [figure for figures in others for figure in figures.values()]


def _sample(adapter: Adapter, parts: Sequence[Part], built: Figure, look_ups: tuple[Figure, Figure]) -> None:
    """Build once, and look up; what the container raises is written to ``built``."""
    clock: Callable[[], float] = getattr(time, CLOCK_NAME)
    kinds = [part.kind for part in parts]
    gc.collect()
    gc.disable()
    try:
        begin = clock()
        get = adapter.cold(parts)  # type: ignore[attr-defined]
        for kind in kinds:
            get(kind)
        built.samples.append((clock() - begin) * 1e3)
        check(get, parts)
        for figure, kind in zip(look_ups, (kinds[0], kinds[-1]), strict=True):
            begin = clock()
            for _ in range(LOOK_UPS):
                get(kind)
            figure.samples.append((clock() - begin) / LOOK_UPS * 1e9)
    except Exception as error:  # noqa: BLE001  (an adapter runs foreign code; its failure is a result)
        built.refuse(error)
    finally:
        gc.enable()


def check(get: Get, parts: Sequence[Part]) -> None:
    """See that every service is one object of its class, and that it was given the others.

    Raises:
        ValueError: It is not so.
    """
    for part in parts:
        made = get(part.kind)
        if type(made) is not part.kind or get(part.kind) is not made:
            message = f"{part.kind.__name__} is not a singleton"
            raise ValueError(message)
        if any(vars(made)[f"p{need.__name__.removeprefix('Part')}"] is not get(need) for need in part.needs):
            message = f"{part.kind.__name__} was not given the singletons it needs"
            raise ValueError(message)
