"""Make one object in a cell of its own, however many threads and tasks ask: what ``Lazy`` and ``Owned`` keep.

In: a dictionary with the cell, and what makes the object. Out: the object. The claims are those of ``claims``, so a
wait that would never end is found like any other.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from kimera_di.resolution.claims import (
    ASYNC,
    BUILDING,
    FIRST_WAITER,
    SYNC,
    TOKEN,
    Claim,
    Values,
    error_of,
    give_up,
    is_claim,
    leave,
    take,
    wake,
)
from kimera_di.resolution.deadlocks import Hold, holds_claims
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.waiting import wait_here, wait_in_task


@holds_claims
def make_once(values: Values, cell: int, layer: Layer, make: Callable[[], Any]) -> Any:
    """Give the object of a cell.

    Args:
        values: The dictionary of the cell.
        cell: Its number.
        layer: Names what is made, for errors.
        make: Makes the object.

    Returns:
        The object. What ``make`` raises reaches whoever waits at that moment and is not kept.

    Raises:
        CircularDependencyError: The one who makes it waits for us.
    """
    while True:
        mine: Claim = [SYNC, None]
        found = values.setdefault(cell, mine)
        if found is mine:
            try:
                value = make()
            except BaseException as error:
                if mine[FIRST_WAITER:]:
                    mine[1] = error
                del values[cell]  # nothing is called before the cell is free: the stack may be full
                wake(mine)
                raise
            values[cell] = value
            if len(mine) > FIRST_WAITER:
                wake(mine)
            return value
        if not is_claim(found):
            return found
        wait_here(Hold(found, layer, cell), values, layer.root.stall_report_s)
        failure = error_of(found, cell)
        if failure is not None:
            raise failure


async def make_once_async(values: Values, cell: int, layer: Layer, make: Callable[[], Awaitable[Any]]) -> Any:
    """As ``make_once``, awaiting; whoever waits takes over when the one who makes it is cancelled."""
    import asyncio

    while True:
        mine: Claim = [ASYNC, asyncio.get_running_loop(), TOKEN]
        found = values.setdefault(cell, mine)
        if found is not mine:
            if not is_claim(found):
                return found
            await wait_in_task(Hold(found, layer, cell), values, layer.root.stall_report_s)
            failure = error_of(found, cell)
            if failure is not None:
                raise failure
            continue
        token = BUILDING.set((mine, layer, cell, BUILDING.get()))
        try:
            value = await make()
        except BaseException as error:
            give_up(values, cell, mine, error)
            raise
        finally:
            leave(token)
        if take(mine):  # else our loop was stopped, and somebody took over
            values[cell] = value
            wake(mine)
            return value
