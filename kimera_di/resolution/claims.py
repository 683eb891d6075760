"""Who builds an object: atomic claims in the cell itself, without a lock.

A cell of a scope's (or the root's) dictionary holds nothing, a claim, or the finished object. A claim is a
list; ``dict.setdefault`` decides atomically whose list gets in, and whoever gets its own back builds. The
first entry marks the list as a claim (a user's object may be a list too), waiters append themselves::

    [SYNC, None, waiter, ...]                    a thread builds, without suspending
    [ASYNC, loop, TOKEN, waiter, ...]            a task builds and may suspend; whoever removes TOKEN settles it

The second entry of a claim that failed while somebody waited is the error; of a claim that is used for one cell after
the other (never for two at a time) a pair of the cell and the error. A builder publishes first and wakes afterwards, a
waiter appends itself first and looks again afterwards, so no wake-up is lost; both work without a GIL, because every
step is one operation on a list or dictionary. Nothing here takes a lock, so a finaliser may hand over. What frees a
cell calls nothing before it is free: on a full stack, where every call raises ``RecursionError``, no claim stays
behind. See docs/decisions/0001.
"""

from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any, cast

Claim = list[Any]
Values = dict[Any, Any]


class _Mark:
    """A unique object with a readable name."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


SYNC = _Mark("SYNC")
ASYNC = _Mark("ASYNC")
TOKEN = _Mark("TOKEN")
FIRST_WAITER = 2
"""Index of the first waiter of a settled claim."""
CLOSERS = 0
"""Key of a scope's closers; cells start at 1, things being opened have negative keys."""

Held = tuple[Claim, Any, int, Any]
"""A claim, the layer and cell it is for, and the next outer one (or ``None``)."""

BUILDING: ContextVar[Held | None] = ContextVar("kimera_building", default=None)
"""The async claims the current task holds, and its parents' through the context they copied."""


class Waiter:
    """Somebody who waits for a claim; ``wake`` may be called from any thread."""

    __slots__ = ("wake",)

    def __init__(self, wake: Callable[[], object]) -> None:
        self.wake: Callable[[], object] = wake


def is_claim(value: Any) -> bool:
    """Tell a claim from a user's object that is a list as well (and may shrink while we look)."""
    if type(value) is not list:
        return False
    first: list[Any] = value[:1]  # pyright: ignore[reportUnknownVariableType]
    return bool(first) and (first[0] is SYNC or first[0] is ASYNC)


def is_async_claim(claim: Claim) -> bool:
    """Tell whether a task builds, which may be suspended."""
    return claim[0] is ASYNC


def is_open_async(claim: Claim) -> bool:
    """Tell whether a task still builds: its claim is not settled, and not given up on a full stack."""
    return claim[0] is ASYNC and TOKEN in claim and claim[1] is not None


def error_of(claim: Claim, cell: int) -> Exception | None:
    """Give the ``Exception`` that reaches every waiter of a cell; after any other error one of them takes over."""
    found: Any = claim[1]
    if isinstance(found, tuple):
        failed, error = cast("tuple[int, BaseException]", found)
        found = error if failed == cell else None
    return found if isinstance(found, Exception) else None


def wake(claim: Claim) -> None:
    """Wake everybody who waits for a settled claim."""
    while len(claim) > FIRST_WAITER:
        waiter: Waiter = claim.pop()
        waiter.wake()


def give_up(values: Values, cell: int, claim: Claim, error: BaseException) -> bool:
    """Give a claim up: the cell is free again, waiters get the error or take over.

    Returns:
        ``False`` when somebody else settled an async claim already: it is not ours any more.
    """
    if claim[0] is ASYNC and not take(claim):
        return False
    if claim[FIRST_WAITER:]:
        claim[1] = error
    if cell in values and values[cell] is claim:
        del values[cell]
    wake(claim)
    return True


def take(claim: Claim) -> bool:
    """Settle an async claim: exactly one of builder and successors gets ``True``."""
    try:
        claim.remove(TOKEN)
    except ValueError:
        return False
    return True


def take_over(values: Values, cell: int, claim: Claim) -> None:
    """Free the cell of a builder whose loop does not run any more; it finds out when it resumes."""
    if take(claim):
        if values.get(cell) is claim:
            values.pop(cell, None)
        wake(claim)


def has_vanished(claim: Claim) -> bool:
    """Tell whether the loop of an async claim was closed or stopped, so that its builder may never go on."""
    loop = claim[1]
    if loop is None:
        return True
    return not isinstance(loop, BaseException) and (loop.is_closed() or not loop.is_running())


def leave(token: Token[Held | None]) -> None:
    """Forget a held claim; a coroutine that a collector ends in another context cannot, and need not."""
    try:
        BUILDING.reset(token)
    except ValueError:
        return
