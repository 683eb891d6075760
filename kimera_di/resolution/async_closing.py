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
from kimera_di.resolution.closers import entry_name, has_not_run, keep_what_is_left, noted, yielded_twice
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
    errors: list[BaseException] = []
    is_shut = False
    try:
        first: Claim | None = None if values is None else values.setdefault(CLOSING, mine)
        if values is None or first is not mine:
            if await await_first(owner, first):
                await aclose_owner(owner, error)
            return
        owner._closing = mine
        if owner.kind != "scope":
            _refuse_inside(owner, values)
        _shut(owner, errors)
        is_shut = True
        await _run_closers(owner, error, values, mine, errors, None)
    except BaseException as interrupted:
        if values is None:
            raise
        if not is_shut and values.get(CLOSING) is mine:  # an interrupt: open, so that it can be closed again
            leave_open(owner, values)
            raise
        await _close_rest(owner, error, values, mine, errors, interrupted)
    finally:
        mine[0] = None
        if len(mine) > FIRST_WAITER:
            wake_closers(mine)


def _shut(owner: Owner, errors: list[BaseException]) -> None:
    """Refuse every use; an interrupt is noted: what is there is closed all the same."""
    try:
        owner.shut()
    except BaseException as interrupted:  # noqa: BLE001 - Ctrl-C: the caller raises it when everything is closed
        errors.append(interrupted)
        owner.shut()  # it may have come before


@closes
async def leave_scope(scope: Any, error: BaseException | None) -> None:  # noqa: PLR0912 - written out for speed
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
                closers: list[Any] = scope._closers
                for value in values.values():
                    if type(value) is list and value is not closers and value is not mine and is_claim(value):
                        break
                else:
                    while closers and not errors and suspended is None:
                        entry = closers[-1]  # known before it is taken: what interrupts the taking must not lose it
                        entry = closers.pop()
                        if type(entry) is not AsyncGeneratorType:
                            break
                        suspended = _end_quickly(entry, mine, scope, errors)
                        entry = None
                    if entry is None and not errors and suspended is None:
                        return
        except (RuntimeError, IndexError):  # somebody builds, or an override that ends took the last one
            entry = None
        except BaseException as interrupted:  # noqa: BLE001 - what is there is closed all the same
            errors.append(interrupted)
        if errors:  # an interrupt may have come before the entry was taken, or run
            keep_what_is_left(scope._closers, entry, None)
        elif entry is not None:
            scope._closers.append(entry)
        if not is_claimed(scope, values, mine, errors):
            await aclose_owner(scope, error)
            return
        await _run_closers(scope, error, values, mine, errors, suspended)
    except BaseException as interrupted:  # noqa: BLE001 - raised again when what is there is closed
        await _close_rest(scope, error, values, mine, errors, interrupted)
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
    except BaseException as raised:  # every other closer must still run
        if not isinstance(raised, Exception) and has_not_run(entry):
            raise
        errors.append(noted(raised, entry))
    finally:
        INSIDE.reset(token)
    return None


async def _close_rest(
    owner: Owner,
    error: BaseException | None,
    values: Values,
    mine: Claim,
    errors: list[BaseException],
    interrupted: BaseException,
) -> None:
    """Go on after an interrupt (Ctrl-C) where nothing else deals with it: nobody else closes what is there.

    Raises:
        BaseException: ``interrupted``, at once when the close was refused or is over: then it is what that raised.
    """
    if isinstance(interrupted, GeneratorExit) or values.get(CLOSING) is not mine or not values.get(CLOSERS):
        raise interrupted
    errors.append(interrupted)
    owner.shut()
    await _run_closers(owner, error, values, mine, errors, None)


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
    try:
        if suspended is not None:
            cancelled = await _end(*suspended, error, mine, errors)
        elif kind != "scope" or has_claims(values):
            _refuse_inside(owner, values)
            cancelled = await _await_builders(owner, values, mine)
    except BaseException as interrupted:
        # nothing can be awaited any more; or it is open again
        if isinstance(interrupted, GeneratorExit) or values.get(CLOSING) is not mine:
            raise
        errors.append(interrupted)  # what is there is closed all the same
    closers: list[Any] | None = None
    entry: Any = None
    again: Any = None
    while closers is None or closers:
        try:
            if closers is None:
                closers = values.get(CLOSERS, []) if kind == "scope" else owner.collect(values)
            while closers:
                entry = closers[-1]  # known before it is taken: what interrupts the taking must not lose it
                entry = closers.pop()
                if kind == "container":
                    _warn_other_loop(owner, entry, errors)
                raised = begin_close(entry, error, owner, mine)
                if isinstance(raised, Shield):
                    cancelled = await _end(entry, raised, error, mine, errors) or cancelled
                elif raised is not None:
                    errors.append(raised)
        except GeneratorExit:
            raise
        except BaseException as interrupted:  # noqa: BLE001 - as above
            if not isinstance(interrupted, IndexError):  # that: an override that ends took the last one
                errors.append(interrupted)
                again = again if closers is None else keep_what_is_left(closers, entry, again)
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
