"""What the tests of threads, tasks and loops share: meetings, events with a bound, loops in threads."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tests.spec.helpers import WAIT_S

T = TypeVar("T")

MEET_S = 0.1
"""How long the first visitor of a meeting waits for a second one that should not come."""


class Meeting:
    """The body of a factory in which two builders would meet if more than one came in; counts its visitors."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(2)
        self._lock = threading.Lock()
        self.visitors = 0

    def visit(self) -> None:
        with self._lock:
            self.visitors += 1
        with contextlib.suppress(threading.BrokenBarrierError):
            self._barrier.wait(MEET_S)


class Background:
    """A call in a thread of its own: ``with Background(work) as call: ...``, then ``call.result()``."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._began = threading.Event()

    def __enter__(self) -> "Background":
        self._thread.start()
        reached(self._began)  # so that a short look whether it has ended says something on a busy machine
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(WAIT_S)

    def _run(self) -> None:
        self._began.set()
        try:
            self._result = self._work()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self._error = error

    def is_done(self, within_s: float = 0.0) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def result(self) -> Any:
        """Give the result, or raise the error; a thread that hangs fails the test."""
        assert self.is_done(WAIT_S), "the thread hangs"
        if self._error is not None:
            raise self._error
        return self._result

    def error(self) -> BaseException:
        """Give what the call raised."""
        assert self.is_done(WAIT_S), "the thread hangs"
        assert self._error is not None, f"it gave {self._result!r}"
        return self._error


def reached(event: threading.Event) -> None:
    """Wait for an event that must come."""
    assert event.wait(WAIT_S), "the event did not come"


async def areached(event: threading.Event) -> None:
    """Wait in a task for an event of a thread."""
    assert await asyncio.to_thread(event.wait, WAIT_S), "the event did not come"


def until(condition: Callable[[], object]) -> None:
    """Look until something is true."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "it did not become true"
        time.sleep(0.001)


async def auntil(condition: Callable[[], object]) -> None:
    """As ``until``, for a task."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "it did not become true"
        await asyncio.sleep(0.001)


def waiters(owner: Any) -> int:
    """Count who waits for claims of a scope (or its container): the only way to know that a thread sleeps."""
    dictionaries = [owner._values, owner._root._values]
    claims = [v for values in dictionaries for v in list(values.values()) if type(v) is list and len(v) > 1]
    return sum(type(each).__name__ == "Waiter" for claim in claims for each in list(claim))


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a loop of its own, with a bound."""

    async def bounded() -> T:
        return await asyncio.wait_for(main, WAIT_S)

    return asyncio.run(bounded())
