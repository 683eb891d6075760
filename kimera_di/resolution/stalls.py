"""Report a wait that takes too long, with the stacks of both sides.

In: the claim somebody waits for. Out: one warning per period. The container cannot see why a builder does
not go on (a user's lock, a join); whoever reads the stacks can.
"""

import sys
import threading
import time
from types import FrameType
from typing import Any

from kimera_di.compilation import FILE_PREFIX
from kimera_di.resolution.claims import Claim, is_async_claim
from kimera_di.resolution.logs import log

_BUILDERS = ("kimera_di.resolution.singletons",)
_LOOK_AGAIN_S = 0.01


class Stall:
    """The clock of one wait.

    Args:
        name: What is waited for.
        claim: The builder's claim.
        after_s: Time after which the wait is reported, and between reports.
    """

    __slots__ = ("_after_s", "_began", "_claim", "_name")

    def __init__(self, name: str, claim: Claim, after_s: float) -> None:
        self._name, self._claim, self._after_s = name, claim, after_s
        self._began = time.monotonic()

    def pause(self, longest_s: float) -> float:
        """Give how long to sleep before ``report`` is due, at most ``longest_s``."""
        left = self._began + self._after_s - time.monotonic()
        return max(0.001, min(left, longest_s))

    def report(self) -> None:
        """Log both stacks when the time is up, once per period."""
        now = time.monotonic()
        if now - self._began < self._after_s:
            return
        import traceback

        self._began = now
        stacks = _task_stacks(self._claim) if is_async_claim(self._claim) else _thread_stacks()
        log().warning(
            "waiting for %s for more than %g s; its builder may wait for something the container cannot see\n"
            "waiting here:\n%s\nbuilding here:\n%s",
            self._name, self._after_s, "".join(traceback.format_stack()), "\n".join(stacks) or "(not found)",
        )  # fmt: skip


def _thread_stacks() -> list[str]:
    """Give the stacks of other threads that are inside a builder."""
    import traceback

    frames = _frames()
    if not getattr(sys, "_is_gil_enabled", lambda: True)():  # a stack that moves must not be read without a GIL
        time.sleep(_LOOK_AGAIN_S)
        before, frames = frames, _frames()
        frames = {k: f for k, f in frames.items() if before.get(k) is f}
    return ["".join(traceback.format_stack(frame)) for frame in frames.values() if _builds(frame)]


def _frames() -> dict[int, FrameType]:
    frames: dict[int, FrameType] = sys._current_frames()  # pyright: ignore[reportPrivateUsage]
    frames.pop(threading.get_ident(), None)
    return frames


def _builds(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith(FILE_PREFIX) or frame.f_globals.get("__name__") in _BUILDERS:
            return True
        frame = frame.f_back
    return False


def _task_stacks(claim: Claim) -> list[str]:
    """Give the stack of the suspended task that holds an async claim."""
    import asyncio
    import traceback

    try:
        tasks = asyncio.all_tasks(claim[1])
    except (RuntimeError, TypeError):  # the set changed while it was copied, or the claim is settled
        return []
    for task in tasks:
        frames = _suspended_frames(task.get_coro())
        if any(frame.f_locals.get("mine") is claim for frame in frames):
            lines = traceback.StackSummary.extract((frame, frame.f_lineno) for frame in frames)
            return ["".join([f"  task {task.get_name()}\n", *lines.format()])]
    return []


def _suspended_frames(coroutine: Any) -> list[FrameType]:
    """Give the frames of a suspended coroutine, outermost first; none when it runs just now."""
    found: list[FrameType] = []
    while coroutine is not None:
        prefix = "cr" if hasattr(coroutine, "cr_frame") else "ag" if hasattr(coroutine, "ag_frame") else "gi"
        frame = getattr(coroutine, f"{prefix}_frame", None)
        if frame is None or getattr(coroutine, f"{prefix}_running", False):
            break
        found.append(frame)
        coroutine = getattr(coroutine, f"{prefix}_await", None) or getattr(coroutine, f"{prefix}_yieldfrom", None)
    return found
