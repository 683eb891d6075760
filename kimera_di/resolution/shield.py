"""Let a closer finish although its task is cancelled.

In: a closer that suspended. Out: its result; cancellations from outside are kept until it has ended. It runs
in the caller's own task, so that context variables and cancel scopes opened around a ``yield`` are closed
where they were opened. Cancellations that start inside the closer (its own time-outs) reach it: the context
in which ``cancel()`` is called tells the two apart.
"""

import asyncio
from collections.abc import Generator
from contextvars import ContextVar
from typing import Any

INSIDE: ContextVar[object] = ContextVar("kimera_closing", default=None)
"""Names the closer whose code, or whose timers, are running."""

ENDED: Any = object()
"""Result of an async generator that ended, as it should."""


class _Relay(asyncio.Future[None]):
    """What the task waits on in the place of the closer's own future."""

    shield: "Shield"

    def follow(self, _: "asyncio.Future[Any]") -> None:
        """The closer's own future is done."""
        if not self.done():
            self.set_result(None)

    def cancel(self, msg: Any = None) -> bool:
        if INSIDE.get() is self.shield.mark:
            return super().cancel(msg)
        # Say yes and stay pending: the task believes it was told, the closer goes on.
        self.shield.cancelled = True
        return True


class Shield:
    """Awaits one closer to its end; ``cancelled`` tells afterwards that somebody wanted to stop it.

    Args:
        steps: The coroutine (or ``asend``) that suspended.
        first: What it yielded when it did.
        mark: What ``INSIDE`` held while it ran.
        timeout_s: After this time the closer is cancelled; if it does not end then, it is abandoned.
    """

    def __init__(self, steps: Any, first: Any, mark: object, timeout_s: float) -> None:
        self.mark = mark
        self.cancelled = False
        self._steps, self._first, self._timeout_s = steps, first, timeout_s
        self._relay: _Relay | None = None
        self._expired = False

    def __await__(self) -> Generator[Any, None, Any]:
        """Drive the closer; raises what it raises, ``TimeoutError`` when its time is up."""
        timer = asyncio.get_running_loop().call_later(self._timeout_s, self._expire)
        waits_for, error = self._first, None
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
                    if self._expired:
                        raise self._too_late() from None
                    raise
                finally:
                    INSIDE.reset(token)
        finally:
            timer.cancel()

    def _pause(self, waits_for: Any) -> Generator[Any, None, BaseException | None]:
        """Suspend as the closer wants; give the error to throw into it, if any."""
        if self._expired and self._relay is not None and self._relay.cancelled():
            self._steps.close()
            raise self._too_late()
        if not hasattr(waits_for, "_asyncio_future_blocking"):  # asyncio.sleep(0) yields None
            try:
                yield waits_for
            except asyncio.CancelledError:
                self.cancelled = True
            return None
        relay = self._relay = _Relay(loop=asyncio.get_running_loop())
        relay.shield = self
        waits_for._asyncio_future_blocking = False
        waits_for.add_done_callback(relay.follow)
        relay._asyncio_future_blocking = True
        try:
            yield relay
        except asyncio.CancelledError as error:
            if relay.cancelled():  # from inside the closer, or its time is up
                waits_for.cancel()
                return error
            self.cancelled = True
        return None

    def _expire(self) -> None:
        self._expired = True
        if self._relay is not None and not self._relay.done():
            asyncio.Future.cancel(self._relay)  # pyright: ignore[reportUnknownMemberType]

    def _too_late(self) -> TimeoutError:
        return TimeoutError(f"the closer did not end within {self._timeout_s:g} s and was abandoned")
