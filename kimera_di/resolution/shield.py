"""Let a closer finish although its task is cancelled.

In: a closer that suspended. Out: its result; cancellations from outside are kept until it has ended. It runs
in the caller's own task, so that context variables and cancel scopes opened around a ``yield`` are closed
where they were opened. Cancellations that start inside the closer (its own time-outs) reach it: the context
in which ``cancel()`` is called tells the two apart.
"""

import asyncio
import contextlib
from collections.abc import Generator
from typing import Any

from kimera_di.resolution.inside import INSIDE, Mark, is_inside

ENDED: Any = object()
"""Result of an async generator that ended, as it should."""


class _Relay(asyncio.Future[None]):
    """What the task waits on in the place of the closer's own future."""

    shield: "Shield"
    inner: "asyncio.Future[Any]"

    def follow(self, _: "asyncio.Future[Any]") -> None:
        """The closer's own future is done."""
        if not self.done():
            self.set_result(None)

    def cancel(self, msg: Any = None) -> bool:
        if is_inside(self.shield.mark):
            return self.inner.cancel(msg)  # the closer wakes when it is done, as it would without a relay
        # Say yes and stay pending: the task believes it was told, the closer goes on.
        self.shield.keep(asyncio.CancelledError(*(() if msg is None else (msg,))))
        return True


class Shield:
    """Awaits one closer to its end; ``cancelled`` tells afterwards that somebody wanted to stop it.

    Args:
        steps: The coroutine (or ``asend``) that suspended.
        first: What it yielded when it did.
        mark: What ``INSIDE`` held while it ran.
        timeout_s: After this time the closer is cancelled; if it suspends once more, it is abandoned. ``None``
            for no limit.
    """

    def __init__(self, steps: Any, first: Any, mark: Mark, timeout_s: float | None) -> None:
        self.mark = mark
        self.cancelled: asyncio.CancelledError | None = None
        self._steps, self._first, self._timeout_s = steps, first, timeout_s
        self._relay: _Relay | None = None
        self._expired = False
        self._told = False

    def keep(self, error: asyncio.CancelledError) -> None:
        """Keep the first cancellation from outside; its message tells frameworks whose it is."""
        if self.cancelled is None:
            self.cancelled = error

    def __await__(self) -> Generator[Any, None, Any]:
        """Drive the closer; raises what it raises, ``TimeoutError`` when its time is up."""
        timer = None
        if self._timeout_s is not None:
            timer = asyncio.get_running_loop().call_later(self._timeout_s, self._expire)
        waits_for = self._first
        try:
            while True:
                error = yield from self._pause(waits_for)
                token = INSIDE.set(self.mark)
                try:
                    waits_for = self._steps.send(None) if error is None else self._steps.throw(error)
                except StopIteration as stop:
                    return stop.value
                except StopAsyncIteration:
                    return ENDED
                except asyncio.CancelledError:
                    if self._told:
                        raise self._too_late() from None
                    raise
                finally:
                    INSIDE.reset(token)
        finally:
            if timer is not None:
                timer.cancel()

    def _pause(self, waits_for: Any) -> Generator[Any, None, BaseException | None]:
        """Suspend as the closer wants; give the error to throw into it, if any."""
        if self._told:  # it was cancelled and goes on waiting
            with contextlib.suppress(Exception):
                self._steps.close()
            raise self._too_late()
        if (
            waits_for is None
        ):  # asyncio.sleep(0): a future in its place, so that a cancellation shows where it came from
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            yield from self._wait(turn, is_over=True)
            if turn.cancelled() and not self._expired:
                return asyncio.CancelledError()
        elif getattr(waits_for, "_asyncio_future_blocking", None) is None:
            yield waits_for  # the task refuses what is no future, in its own words
        else:
            yield from self._wait(waits_for)
        if not self._expired:
            return None
        self._told = True
        return asyncio.CancelledError()

    def _wait(self, waits_for: "asyncio.Future[Any]", *, is_over: bool = False) -> Generator[Any, None, None]:
        """Wait for a future, or only until the loop's next turn, when there is nothing to wait for."""
        loop = asyncio.get_running_loop()
        relay = self._relay = _Relay(loop=loop)
        relay.shield, relay.inner = self, waits_for
        waits_for._asyncio_future_blocking = False
        waits_for.add_done_callback(relay.follow)
        if is_over:
            loop.call_soon(relay.follow, waits_for)
        while not relay.done():
            relay._asyncio_future_blocking = True
            try:
                yield relay
            except asyncio.CancelledError as error:
                self.keep(error)
        self._relay = None  # the two and the future hold each other
        waits_for.remove_done_callback(relay.follow)
        if self._expired and not waits_for.done():
            waits_for.cancel()

    def _expire(self) -> None:
        self._expired = True
        if self._relay is not None and not self._relay.done():
            self._relay.set_result(None)

    def _too_late(self) -> TimeoutError:
        return TimeoutError(f"the closer did not end within {self._timeout_s:g} s and was abandoned")
