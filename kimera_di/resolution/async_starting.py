"""As ``starting``, in tasks; loaded by the first ``astart``.

In: a container. Out: every eager singleton is built, what awaits concurrently; or nothing is left of the call.
A failure, and a cancellation of the call, cancels what is still being built.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import asyncio
from collections.abc import Sequence
from typing import Any

from kimera_di.errors import CloseErrors
from kimera_di.resolution.async_closing import aclose_owner
from kimera_di.resolution.claims import ASYNC, TOKEN, Claim, Values, error_of, give_up, take, wake
from kimera_di.resolution.deadlocks import Hold
from kimera_di.resolution.schedule import Schedule
from kimera_di.resolution.started import STARTING, Started
from kimera_di.resolution.starting import START, Failure, eager_services, note_closers, one_error, refuse_inside
from kimera_di.resolution.waiting import wait_in_task

MOST_TASKS = 100


async def astart(root: Any) -> None:
    """Build every eager singleton, several at a time in tasks. Raises as ``start``, but for what awaits."""
    while True:
        layer, numbers = eager_services(root)
        if not Schedule(layer, numbers).singletons:
            return
        refuse_inside(root)
        values: Values = root.base.home()
        mine: Claim = [ASYNC, asyncio.get_running_loop(), TOKEN]
        found = values.setdefault(START, mine)
        if found is mine:
            await _start_all(root, layer, numbers, values, mine)
            return
        await wait_in_task(Hold(found, layer, START), values, root.stall_report_s)
        error = error_of(found, START)
        if error is not None:
            raise error


async def _start_all(root: Any, layer: Any, numbers: Sequence[int], values: Values, mine: Claim) -> None:
    try:
        await _build_all(root, layer, numbers)
    except BaseException as error:
        give_up(values, START, mine, error)
        raise
    if take(mine):  # else our loop was stopped for a while, and somebody took over
        values.pop(START, None)
        wake(mine)


async def _build_all(root: Any, layer: Any, numbers: Sequence[int]) -> None:
    started = Started(root)
    errors = await _Tasks(root, layer, Schedule(layer, numbers), started).run()
    if not errors:
        return
    error = one_error(layer, numbers, errors)
    started.withdraw(sync=False)
    try:
        await aclose_owner(started)
    except CloseErrors as failed:
        note_closers(error, failed)
    raise error


class _Tasks:
    """Builds what is ready, each in a task of its own."""

    def __init__(self, root: Any, layer: Any, schedule: Schedule, started: Started) -> None:
        self._root, self._layer, self._schedule, self._started = root, layer, schedule, started
        self._running: dict[asyncio.Task[None], int] = {}
        self._errors: list[Failure] = []

    async def run(self) -> list[Failure]:
        """Build until everything is built, or something failed; give what failed when every task has ended."""
        ready = self._schedule.ready
        while self._running or (ready and not self._errors):
            while ready and not self._errors and len(self._running) < MOST_TASKS:
                number = ready.popleft()
                self._running[asyncio.ensure_future(self._job(number))] = number
            try:
                done, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError as cancelled:  # kept until every task has ended
                self._errors.append((None, cancelled))
                self._cancel()
                continue
            for task in done:
                self._take(task)
        return self._errors

    def _take(self, task: "asyncio.Task[None]") -> None:
        """Note how one construction ended; the first that fails stops the others."""
        number = self._running.pop(task)
        if task.cancelled():
            if not self._errors:  # somebody else cancelled the task of a factory
                self._errors.append((number, asyncio.CancelledError()))
                self._cancel()
            return
        error = task.exception()
        if error is None:
            self._schedule.done(number)
            return
        first = not self._errors
        self._errors.append((number, error))
        if first:
            self._cancel()

    def _cancel(self) -> None:
        for task in self._running:
            task.cancel()

    async def _job(self, number: int) -> None:
        """Build one singleton for this call."""
        STARTING.set(self._started)  # the context is the task's own
        await self._root.build_singleton_async(self._layer, number)
