"""Close a scope or a container and await what must be awaited; loaded by the first ``aclose`` or ``async with``.

In: an owner and the error that ended its block. Out: every closer has run, in reverse order, in the calling
task; cancellation is kept until the last one has ended. Shares its rules with ``closing``.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import asyncio
import warnings
from typing import Any

from kimera_di.resolution.async_closers import begin_close, end_close
from kimera_di.resolution.claims import ASYNC, CLOSERS, Claim, Values
from kimera_di.resolution.closers import entry_name
from kimera_di.resolution.closing import CLOSING, Owner, claims, finish, has_claims, refuse_inside, wake_closers
from kimera_di.resolution.shield import Shield


async def aclose_owner(owner: Owner, error: BaseException | None = None, values: Values | None = None) -> None:
    """Close and await; cancellation is kept until the last closer has ended. Raises as ``close_owner``."""
    if values is None:
        values = owner._values
    mine: Claim = [CLOSING]
    first: Claim = mine if values is None else values.setdefault(CLOSING, mine)
    if values is None or first is not mine:
        return await _await_first(owner, first)
    owner._closing = mine
    owner.shut()
    errors: list[BaseException] = []
    cancelled = False
    try:
        closers: list[Any] = values.get(CLOSERS, [])
        if has_claims(values):
            refuse_inside(owner, values)
            cancelled = await _await_builders(values)
            closers = values.get(CLOSERS, [])
        timeout_s = owner.close_timeout_s
        while closers:
            entry = closers.pop()
            if owner.kind == "container":
                _warn_other_loop(owner, entry, errors)
            raised = begin_close(entry, error, timeout_s)
            if isinstance(raised, Shield):
                shield = raised
                raised = await end_close(entry, shield, error)
                cancelled = cancelled or shield.cancelled
            if raised is not None:
                errors.append(raised)
    finally:
        if len(mine) > 1:
            wake_closers(mine)
    if cancelled and not isinstance(error, asyncio.CancelledError):
        errors.append(asyncio.CancelledError())
    return finish(owner, errors, error) if errors else None


async def _await_builders(values: Values) -> bool:
    """Wait for builders in flight; tells whether somebody tried to cancel the wait."""
    cancelled = False
    while found := claims(values):
        if found[0][0] is ASYNC and found[0][1].is_closed():
            break  # its task will never go on, and has nothing open yet
        try:
            await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            cancelled = True
    return cancelled


async def _await_first(owner: Owner, first: Claim) -> None:
    claim: Claim | None = getattr(owner, "_closing", None)
    del first
    while claim is not None and claim[0] is not None:
        await asyncio.sleep(0.001)


def _warn_other_loop(owner: Owner, entry: Any, errors: list[BaseException]) -> None:
    """An async resource is tied to the loop that built it; closing it elsewhere may fail, so it is named."""
    built_in = owner.loop_of(entry)
    if built_in is None or built_in is asyncio.get_running_loop():
        return
    text = f"{entry_name(entry)} was built in another event loop than the one that closes it"
    try:
        warnings.warn(text, RuntimeWarning, stacklevel=2)
    except RuntimeWarning as warning:  # warnings are errors here: report it, and close all the same
        errors.append(warning)
