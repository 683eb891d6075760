"""Close a scope or a container and await what must be awaited; loaded by the first ``aclose`` or ``async with``.

In: an owner and the error that ended its block. Out: every closer has run, in reverse order, in the calling
task; cancellation is kept until the last one has ended. Shares its rules with ``closing``.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import asyncio
import warnings
from types import AsyncGeneratorType
from typing import Any

from kimera_di.errors import CircularDependencyError
from kimera_di.resolution.async_closers import begin_close, end_close
from kimera_di.resolution.block_end import is_claimed
from kimera_di.resolution.claims import CLOSERS, FIRST_WAITER, Claim, Values, is_claim
from kimera_di.resolution.closers import entry_name, noted, take_last, yielded_twice
from kimera_di.resolution.closing import SHUT, Owner, finish, has_claims, leave_open, refusal_inside
from kimera_di.resolution.inside import INSIDE
from kimera_di.resolution.second_closers import CLOSING, await_first, closes, wake_closers
from kimera_di.resolution.shield import ENDED, Shield
from kimera_di.resolution.waiting import wait_in_task


@closes
async def aclose_owner(owner: Owner, error: BaseException | None = None, values: Values | None = None) -> None:
    """Close and await; cancellation is kept until the last closer has ended. Raises as ``close_owner``."""
    if values is None:
        values = owner._values
    mine: Claim = [CLOSING, None]
    first: Claim | None = None if values is None else values.setdefault(CLOSING, mine)
    if values is None or first is not mine:
        if await await_first(owner, first):
            await aclose_owner(owner, error)
        return
    owner._closing = mine
    try:
        if owner.kind != "scope":
            _refuse_inside(owner, values)
        owner.shut()
        await _run_closers(owner, error, values, mine, [], None)
    finally:
        wake_closers(mine)


@closes
async def leave_scope(scope: Any, error: BaseException | None) -> None:
    """End an ``async with`` block: ``aclose_owner`` written out for what nearly every request leaves behind.

    That is: no error, nobody else who closes, no builder in flight, and async generators that end without
    suspending. With anything else ``_run_closers`` goes on where this stops.

    Args:
        scope: A scope that opened something.
        error: What ended its block.
    """
    values: Values | None = scope._values
    if values is None or error is not None:
        await aclose_owner(scope, error)
        return
    mine: Claim = [CLOSING, None]
    errors: list[BaseException] = []
    suspended: tuple[Any, Shield] | None = None
    entry: Any = None
    try:
        try:
            if values.setdefault(CLOSING, mine) is mine:
                scope._closing = mine
                scope._values = None  # `shut` and `has_claims` written out
                scope._table = SHUT
                closers: list[Any] = values.get(CLOSERS, [])
                for value in values.values():
                    if type(value) is list and value is not closers and value is not mine and is_claim(value):
                        break
                else:
                    while closers and not errors and suspended is None:
                        entry = closers.pop()
                        if type(entry) is not AsyncGeneratorType:
                            break
                        suspended = _end_quickly(entry, mine, scope, errors)
                        entry = None
                    if entry is None and not errors and suspended is None:
                        return
        except (RuntimeError, IndexError):  # somebody builds, or an override that ends took the last one
            pass
        except BaseException as interrupted:  # noqa: BLE001 - what is there is closed all the same
            errors.append(interrupted)
        if entry is not None:
            values[CLOSERS].append(entry)
        if not is_claimed(scope, values, mine, errors):
            await aclose_owner(scope, error)
            return
        await _run_closers(scope, error, values, mine, errors, suspended)
    finally:
        mine[0] = None
        if len(mine) > FIRST_WAITER:
            wake_closers(mine)


def _end_quickly(entry: Any, mine: Claim, scope: Any, errors: list[BaseException]) -> tuple[Any, Shield] | None:
    """End an async generator that does not suspend; give what must be awaited of one that does."""
    mark = (mine, INSIDE.get())
    token = INSIDE.set(mark)
    try:
        steps: Any = anext(entry, ENDED)
        for first in steps:  # no `await`: what it yields tells that it suspended
            return entry, Shield(steps, first, mark, scope.close_timeout_s)
        if entry.ag_frame is not None:
            errors.append(noted(RuntimeError(yielded_twice(entry)), entry))
    except BaseException as raised:  # noqa: BLE001 - every other closer must still run
        errors.append(noted(raised, entry))
    finally:
        INSIDE.reset(token)
    return None


async def _run_closers(
    owner: Owner,
    error: BaseException | None,
    values: Values,
    mine: Claim,
    errors: list[BaseException],
    suspended: tuple[Any, Shield] | None,
) -> None:
    """Run what there is to close, after builders in flight have finished.

    Args:
        owner: What is closed; it refuses every use already.
        error: What ended its block.
        values: The dictionary taken from it.
        mine: The closing claim in it.
        errors: What closers have raised so far.
        suspended: A closer that was begun and has to be awaited first.
    """
    cancelled: asyncio.CancelledError | None = None
    kind = owner.kind
    closers: list[Any] = values.get(CLOSERS, [])
    if suspended is not None:
        cancelled = await _end(*suspended, error, mine, errors)
    elif kind != "scope" or has_claims(values):
        _refuse_inside(owner, values)
        try:
            cancelled = await _await_builders(owner, values, mine)
        except (CircularDependencyError, GeneratorExit):  # it is open again; or nothing can be awaited any more
            raise
        except BaseException as interrupted:  # noqa: BLE001 - what is there is closed all the same
            errors.append(interrupted)
        closers = owner.collect(values)
    while closers:
        entry = take_last(closers)
        if entry is None:
            break
        if kind == "container":
            _warn_other_loop(owner, entry, errors)
        raised = begin_close(entry, error, owner, mine)
        if isinstance(raised, Shield):
            cancelled = await _end(entry, raised, error, mine, errors) or cancelled
        elif raised is not None:
            errors.append(raised)
    if cancelled is not None and not isinstance(error, asyncio.CancelledError):
        errors.append(cancelled)
    return finish(owner, errors, error) if errors else None


async def _end(
    entry: Any, shield: Shield, error: BaseException | None, mine: Claim, errors: list[BaseException]
) -> asyncio.CancelledError | None:
    """Await a closer that suspended; gives the cancellation that somebody tried meanwhile."""
    mine[1] = asyncio.get_running_loop()
    raised = await end_close(entry, shield, error)
    if raised is not None:
        errors.append(raised)
    return shield.cancelled


def _refuse_inside(owner: Owner, values: Values) -> None:
    refusal = refusal_inside(owner, values)
    if refusal is not None:
        leave_open(owner, values)
        raise refusal


async def _await_builders(owner: Owner, values: Values, mine: Claim) -> asyncio.CancelledError | None:
    """Wait for builders in flight; gives the cancellation that somebody tried meanwhile."""
    mine[1] = asyncio.get_running_loop()
    steps = _wait_for_each(owner, values)
    try:
        shield = Shield(steps, steps.send(None), (mine, INSIDE.get()), None)
        await shield
    except StopIteration:  # there are none
        return None
    except CircularDependencyError:
        leave_open(owner, values)
        raise
    return shield.cancelled


async def _wait_for_each(owner: Owner, values: Values) -> None:
    while found := owner.in_flight(values):
        await wait_in_task(*found[0], owner.stall_report_s)


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
