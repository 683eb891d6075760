"""Wait for an object somebody else is building: threads and tasks, in any loop.

In: a claim found in a cell. Out: the finished object, the builder's error, or a turn to build. The builder's
``Exception`` reaches current waiters and is not cached; a cancelled or vanished builder is succeeded.
"""

import logging
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any

from kimera_di.compilation import FILE_PREFIX
from kimera_di.errors import AsyncRequiredError
from kimera_di.rendering import short_name
from kimera_di.resolution.claims import Claim, Values, Waiter, is_async_claim, is_claim, take, wake
from kimera_di.resolution.deadlocks import begin_wait, end_wait
from kimera_di.vocabulary import ServiceId

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from kimera_di.resolution.layer import Layer

log = logging.getLogger("kimera_di")

_POLL_S = 0.05
"""How often a waiter looks whether the builder's loop still runs; wake-ups themselves are immediate."""


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
    service = layer.service_of(cell)
    loop = _loop_here()
    if is_async_claim(found) and found[1] is loop and loop is not None:
        raise AsyncRequiredError(
            f"{short_name(service)} is being built by a task of this event loop",
            facts=(("do this", f"await aresolve({short_name(service.interface)})"),),
        )
    lock = threading.Lock()
    lock.acquire()
    waiter = Waiter(lock.release)
    number = begin_wait(found, service, loop)
    try:
        found.append(waiter)
        _block(lock, values, cell, found, service, layer)
    finally:
        end_wait(number)
    return _outcome_sync(scope, values, cell, found, waiter, layer)


async def settle_async(scope: Any, values: Values, cell: int, found: Any, layer: "Layer") -> Any:
    """As ``settle``, for a task: other tasks of the loop go on."""
    if not is_claim(found):
        return found
    import asyncio

    claim: Claim = found
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    waiter = Waiter(lambda: _wake_loop(loop, future))
    service = layer.service_of(cell)
    number = begin_wait(claim, service, None)
    try:
        claim.append(waiter)
        began = time.monotonic()
        while values.get(cell) is claim and waiter.error is None:
            if is_async_claim(claim) and _vanished(claim[1]):
                _succeed(values, cell, claim)
                break
            await asyncio.wait((future,), timeout=_pause(claim, loop, layer))
            if not future.done():
                began = _report_stall(began, service, claim, layer)
    finally:
        end_wait(number)
    if waiter.error is not None:
        raise waiter.error
    value = values.get(cell, claim)
    if is_claim(value):
        return await layer.rebuild_async(scope, cell)
    return value


def _block(lock: Any, values: Values, cell: int, found: Claim, service: ServiceId, layer: "Layer") -> None:
    """Sleep until the claim is settled; a claim that was settled before we appended ourselves ends it at once."""
    began = time.monotonic()
    polls = is_async_claim(found)
    while values.get(cell) is found:
        if lock.acquire(timeout=_POLL_S if polls else min(layer.root.stall_report_s, 3600.0)):
            return
        if polls and _vanished(found[1]):
            _succeed(values, cell, found)
            return
        began = _report_stall(began, service, found, layer)


def _outcome_sync(scope: Any, values: Values, cell: int, found: Claim, waiter: Waiter, layer: "Layer") -> Any:
    if waiter.error is not None:
        raise waiter.error
    value = values.get(cell, found)
    if is_claim(value):
        return layer.rebuild(scope, cell)
    return value


def _pause(found: Claim, loop: "AbstractEventLoop", layer: "Layer") -> float:
    """Poll only when the builder is a task of another loop, which may stop running."""
    foreign = is_async_claim(found) and found[1] is not loop
    return _POLL_S if foreign else layer.root.stall_report_s


def _vanished(loop: "AbstractEventLoop") -> bool:
    return loop.is_closed() or not loop.is_running()


def _succeed(values: Values, cell: int, found: Claim) -> None:
    """Free the cell of a builder whose loop does not run any more; it finds out when it resumes."""
    if take(found):
        if values.get(cell) is found:
            values.pop(cell, None)
        wake(found)


def _wake_loop(loop: "AbstractEventLoop", future: Any) -> None:
    try:
        loop.call_soon_threadsafe(_finish, future)
    except RuntimeError:  # the waiter's loop was closed: nobody is left to wake
        return


def _finish(future: Any) -> None:
    if not future.done():
        future.set_result(None)


def _loop_here() -> Any:
    asyncio = sys.modules.get("asyncio")
    return None if asyncio is None else asyncio._get_running_loop()


def _report_stall(began: float, service: ServiceId, claim: Claim, layer: "Layer") -> float:
    """Log both sides of a wait that takes too long, once per period."""
    now = time.monotonic()
    if now - began < layer.root.stall_report_s:
        return began
    me = threading.get_ident()
    builders = [
        "".join(traceback.format_stack(frame))
        for ident, frame in sys._current_frames().items()  # pyright: ignore[reportPrivateUsage]
        if ident != me and _builds(frame)
    ]
    log.warning(
        "waiting for %s for more than %.0f s; a builder waits for something the container cannot see\n"
        "waiting here:\n%s\nbuilding here:\n%s",
        short_name(service), layer.root.stall_report_s, "".join(traceback.format_stack()),
        "\n".join(builders) or f"a task of {claim[1]!r}" if is_async_claim(claim) else "\n".join(builders),
    )  # fmt: skip
    return now


def _builds(frame: Any) -> bool:
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(FILE_PREFIX) or frame.f_globals.get("__name__", "").startswith(
            "kimera_di.resolution.singletons"
        ):
            return True
        frame = frame.f_back
    return False
