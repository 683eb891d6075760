"""Wait for an object somebody else is building: threads and tasks, in any loop.

In: a claim found in a cell. Out: the finished object, the builder's error, or a turn to build. The builder's
``Exception`` reaches current waiters and is not cached; a cancelled or vanished builder is succeeded.
"""

import sys
import threading
from typing import TYPE_CHECKING, Any

from kimera_di.resolution.claims import (
    Values,
    Waiter,
    error_of,
    has_vanished,
    is_async_claim,
    is_claim,
    take_over,
)
from kimera_di.resolution.deadlocks import Hold, begin_wait, end_wait
from kimera_di.resolution.refusals import being_built
from kimera_di.resolution.stalls import Stall

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from kimera_di.resolution.layer import Layer

_POLL_S = 0.05
"""How often a waiter looks whether the builder's loop still runs; wake-ups themselves are immediate."""
_SAFETY_S = 1.0
"""How often any other waiter looks again: a builder that is interrupted (Ctrl-C, a full stack) between freeing its
cell and waking cannot wake anybody."""


def settle(scope: Any, values: Values, cell: int, found: Any, layer: "Layer") -> Any:
    """Give the object of a cell in which a list was found, waiting in this thread if it is a claim.

    Args:
        scope: The scope (or root) the cell belongs to.
        values: Its dictionary.
        cell: Number of the cell.
        found: The list: a claim, or an ordinary object.
        layer: Builds the object when it is our turn.

    Returns:
        The object.

    Raises:
        AsyncRequiredError: A task of this thread's own loop builds it.
        CircularDependencyError: The wait would never end.
        ContainerClosedError: The owner was closed meanwhile.
    """
    if not is_claim(found):
        return found
    target = Hold(found, layer, cell)
    loop = loop_here()
    if loop is not None and is_async_claim(found) and found[1] is loop:
        end_wait(begin_wait(target, values, None))  # a cycle is the better explanation
        raise being_built(layer, cell)
    wait_here(target, values, layer.root.stall_report_s)
    error = error_of(found, cell)
    if error is not None:
        raise error
    value = values.get(cell, found)
    return layer.rebuild(scope, cell) if is_claim(value) else value


async def settle_async(scope: Any, values: Values, cell: int, found: Any, layer: "Layer") -> Any:
    """As ``settle``, for a task: other tasks of the loop go on."""
    if not is_claim(found):
        return found
    await wait_in_task(Hold(found, layer, cell), values, layer.root.stall_report_s)
    error = error_of(found, cell)
    if error is not None:
        raise error
    value = values.get(cell, found)
    return await layer.rebuild_async(scope, cell) if is_claim(value) else value


def wait_here(target: Hold, values: Values, stall_report_s: float) -> None:
    """Block this thread until a claim is settled; one that was settled before we appended ourselves ends it at once."""
    claim, cell = target.claim, target.cell
    lock = threading.Lock()
    lock.acquire()
    number = begin_wait(target, values, loop_here())
    try:
        claim.append(Waiter(lock.release))
        stall = Stall(target.layer.name_of(cell), claim, stall_report_s)
        polls = is_async_claim(claim)
        while values.get(cell) is claim:
            if lock.acquire(timeout=stall.pause(_POLL_S if polls else _SAFETY_S)):
                return
            if polls and has_vanished(claim):
                take_over(values, cell, claim)
                return
            stall.report()
    finally:
        end_wait(number)


async def wait_in_task(target: Hold, values: Values, stall_report_s: float) -> None:
    """As ``wait_here``, for a task: other tasks of the loop go on."""
    import asyncio

    claim, cell = target.claim, target.cell
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    number = begin_wait(target, values, None)
    try:
        claim.append(Waiter(lambda: _wake_loop(loop, future)))
        stall = Stall(target.layer.name_of(cell), claim, stall_report_s)
        while values.get(cell) is claim:
            if is_async_claim(claim) and has_vanished(claim):
                take_over(values, cell, claim)
                return
            foreign = is_async_claim(claim) and claim[1] is not loop
            await asyncio.wait((future,), timeout=stall.pause(_POLL_S if foreign else _SAFETY_S))
            if future.done():
                return
            stall.report()
    finally:
        end_wait(number)


def loop_here() -> Any:
    """Give the loop that runs in this thread, without loading asyncio."""
    asyncio = sys.modules.get("asyncio")
    return None if asyncio is None else asyncio._get_running_loop()


def _wake_loop(loop: "AbstractEventLoop", future: Any) -> None:
    try:
        loop.call_soon_threadsafe(future.set_result, None)  # once: whoever wakes takes the waiter out of its claim
    except RuntimeError:  # the waiter's loop was closed: nobody is left to wake
        return
