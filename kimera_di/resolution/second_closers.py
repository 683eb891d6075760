"""Whoever wants to close what is being closed already: wait until the first has finished.

In: the claim the first closer left. Out: whether the owner is open again, because the first was refused. A
closer that closes its own owner is not kept waiting for itself, whether on the same stack or in a child task.
"""

import sys
import threading
from types import CodeType, FrameType
from typing import Any

from kimera_di.errors import AsyncRequiredError
from kimera_di.resolution.claims import FIRST_WAITER, Claim, Waiter
from kimera_di.resolution.inside import closes_inside
from kimera_di.resolution.logs import log
from kimera_di.resolution.stalls import Stall
from kimera_di.resolution.waiting import loop_here

CLOSING = "closing"
"""Key under which the first closer leaves its claim ``[CLOSING, loop, waiter, ...]``; ``[None, ...]`` when done."""

_POLL_S = 0.05
_codes: set[CodeType] = set()


def closes(function: Any) -> Any:
    """Mark a function that keeps its closing claim in a variable called ``mine``."""
    _codes.add(function.__code__)
    return function


def wake_closers(mine: Claim) -> None:
    """End a closing claim, and wake whoever waits for it."""
    mine[0] = None
    while len(mine) > FIRST_WAITER:
        waiter: Waiter = mine.pop()
        waiter.wake()


def wait_for_first(owner: Any, first: Claim | None) -> bool:
    """Block until whoever closes first has finished.

    Args:
        owner: What is closed.
        first: The claim found in its dictionary; ``None`` when the dictionary was taken away already.

    Returns:
        Whether the owner is open again: its first closer was refused.

    Raises:
        AsyncRequiredError: A task of this thread's own loop closes it.
    """
    claim: Claim | None = getattr(owner, "_closing", None) if first is None else first
    if claim is None or claim[0] is None or is_own(claim):
        return False
    loop = loop_here()
    if loop is not None and claim[1] is loop:
        raise AsyncRequiredError(
            f"the {owner.kind} is being closed by a task of this event loop",
            facts=(("do this", f"use aclose(), or 'async with', for this {owner.kind}"),),
        )
    lock = threading.Lock()
    lock.acquire()
    claim.append(Waiter(lock.release))
    stall = Stall(f"the close of the {owner.kind}", claim, owner.stall_report_s)
    while claim[0] is not None and not lock.acquire(timeout=stall.pause(_POLL_S)):
        if _was_abandoned(owner, claim):
            return False
        stall.report()
    return _is_open(owner)


async def await_first(owner: Any, first: Claim | None) -> bool:
    """As ``wait_for_first``, for a task."""
    import asyncio

    claim: Claim | None = getattr(owner, "_closing", None) if first is None else first
    if claim is None or claim[0] is None or is_own(claim):
        return False
    stall = Stall(f"the close of the {owner.kind}", claim, owner.stall_report_s)
    while claim[0] is not None:
        await asyncio.sleep(0.001)
        if claim[1] is not asyncio.get_running_loop() and _was_abandoned(owner, claim):
            return False
        stall.report()
    return _is_open(owner)


def _is_open(owner: Any) -> bool:
    return owner._values is not None


def is_own(claim: Claim) -> bool:
    """Tell whether one of the closers that ``claim`` stands for is what wants to close."""
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if frame.f_code in _codes and frame.f_locals.get("mine") is claim:
            return True
        frame = frame.f_back
    return closes_inside(claim)


def _was_abandoned(owner: Any, claim: Claim) -> bool:
    """Tell whether the loop of the task that closes is gone: what it has not closed by now, nobody will."""
    loop = claim[1]
    if loop is None or not loop.is_closed():
        return False
    log().error("the event loop that closes the %s was closed before it had finished", owner.kind)
    return True
