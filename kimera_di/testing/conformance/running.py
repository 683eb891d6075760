"""Run behaviours: one in a thread with a deadline, or all of them in processes of their own.

In: an adapter and behaviours. Out: ``Result`` and ``Results``. A behaviour that hangs leaves a thread that nobody can
end, so ``run`` gives it a process, ends that, and goes on in a new one: a peer that hangs costs its deadline, no more.
"""

import importlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from kimera_di.testing.conformance.behaviours import BEHAVIOURS
from kimera_di.testing.conformance.model import Adapter, Behaviour, Outcome, Result, Results
from kimera_di.testing.conformance.services import Services

_OURS = "kimera_di.testing.conformance.kimera:Kimera"
DEADLINE_S = 20.0
"""Of one behaviour; the slowest takes a second."""
_HUNG = 3
"""The exit code of a worker that ends because threads of a behaviour hang: they may hold locks of the container."""


def adapter_of(target: str) -> Adapter:
    """Load an adapter.

    Args:
        target: ``kimera`` for ours, or ``package.module:Class``.

    Returns:
        A new adapter.

    Raises:
        ValueError: ``target`` names no adapter; it says why.
    """
    name, _, attribute = ("kimera_di.testing.conformance.kimera:Kimera" if target == "kimera" else target).partition(
        ":"
    )
    try:
        found: Any = getattr(importlib.import_module(name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{target!r} is no adapter: write kimera, or package.module:Class ({error})") from error
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        raise ValueError(  # noqa: TRY004 - what is wrong is the text that names it
            f"{target!r} is no subclass of kimera_di.testing.conformance.Adapter"
        )
    return found()


def verdict(adapter: Adapter, behaviour: Behaviour) -> Result | None:
    """Say what needs no run: that a behaviour is waived or not applicable; ``None`` when it has to be run."""
    if behaviour.check is None:
        return Result(behaviour.id, "waived", behaviour.waived)
    lacking = [feature for feature in behaviour.needs if feature not in adapter.supports]
    if not lacking:
        return None
    first = min(lacking, key=lambda feature: feature.name)
    return Result(behaviour.id, "n/a", f"{first.value}: {adapter.lacks.get(first, 'not supported')}")


def run_one(adapter: Adapter, behaviour: Behaviour, deadline_s: float = DEADLINE_S) -> Result:
    """Run one behaviour in a thread of this process.

    Args:
        adapter: The container under test.
        behaviour: What is checked.
        deadline_s: How long it may take, in seconds.

    Returns:
        What came of it. ``hangs`` when it was not done in time: its thread, a daemon, is left behind.
    """
    known = verdict(adapter, behaviour)
    if known is not None:
        return known
    said: list[tuple[Outcome, str]] = []
    thread = threading.Thread(target=lambda: said.append(_checked(adapter, behaviour)), daemon=True)
    start = time.perf_counter()
    thread.start()
    thread.join(deadline_s)
    seconds = round(time.perf_counter() - start, 3)
    outcome, reason = said[0] if said else ("hangs", f"not done after {deadline_s:g} s")
    return Result(behaviour.id, outcome, reason, seconds)


def run(target: str, behaviours: Sequence[Behaviour] = BEHAVIOURS, *, deadline_s: float = DEADLINE_S) -> Results:
    """Run behaviours against a container, in processes of their own.

    Args:
        target: What ``adapter_of`` takes; loaded again in each process.
        behaviours: Which of them.
        deadline_s: How long one may take, in seconds.

    Returns:
        One result per behaviour, in their order. Costs a process, and one more for every behaviour that hangs
        or kills its process.

    Raises:
        ValueError: ``target`` names no adapter.
    """
    adapter = adapter_of(target)
    results: list[Result] = []
    while len(results) < len(behaviours):
        waiting = behaviours[len(results) :]
        done = list(_worker(target, waiting, deadline_s))
        results += done
        if not done:  # it was killed while it ran the first one: a crash of the interpreter, or out of memory
            results.append(Result(waiting[0].id, "crashed", "the process ended"))
    return Results(adapter.name, adapter.distribution, _version(adapter.distribution), tuple(results))


def _worker(target: str, behaviours: Sequence[Behaviour], deadline_s: float) -> Iterator[Result]:
    wanted = [behaviour.id for behaviour in behaviours]
    command = [sys.executable, "-m", "kimera_di.testing.conformance.running", target, str(deadline_s), *wanted]
    # What a container prints on its error output belongs to behaviours that make it fail on purpose.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603
        for line in process.stdout or ():
            if line.startswith('{"id"'):  # a container may print as well
                yield Result(**json.loads(line))


def _checked(adapter: Adapter, behaviour: Behaviour) -> tuple[Outcome, str]:
    try:
        if behaviour.check is not None:
            behaviour.check(Services(adapter, behaviour.needs))
    except AssertionError as error:
        return "failed", _line(str(error))
    except BaseException as error:  # noqa: BLE001 - whatever a container raises, it is its answer
        return "failed", _line(f"{type(error).__name__}: {error}")
    return "passed", ""


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"


def _main(target: str, deadline_s: str, *wanted: str) -> int:
    """Run behaviours in this process, one line of JSON for each; end early when one of them hangs."""
    adapter = adapter_of(target)
    before = threading.active_count()
    for behaviour in BEHAVIOURS:
        if behaviour.id in wanted:
            result = run_one(adapter, behaviour, float(deadline_s))
            sys.stdout.write(json.dumps(asdict(result)) + "\n")
            sys.stdout.flush()
            if result.outcome != "passed" and _threads_left(before):
                return _HUNG
    return 0


def _threads_left(before: int) -> bool:
    """Tell whether threads are still running a moment after a behaviour failed."""
    end = time.monotonic() + 0.2
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    return threading.active_count() > before


if __name__ == "__main__":
    import os

    sys.setswitchinterval(0.0005)  # races show more often
    os._exit(_main(*sys.argv[1:]))  # a thread that hangs must not keep the process
