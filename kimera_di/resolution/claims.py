"""Who builds an object: atomic claims in the cell itself, without a lock.

A cell of a scope's (or the root's) dictionary holds nothing, a claim, or the finished object. A claim is a
list; ``dict.setdefault`` decides atomically whose list gets in, and whoever gets its own back builds. The
first entry marks the list as a claim (a user's object may be a list too), waiters append themselves::

    [SYNC, waiter, ...]                          a thread builds, without suspending
    [ASYNC, loop, TOKEN, waiter, ...]            a task builds and may suspend; whoever removes TOKEN settles it

A builder publishes first and wakes afterwards, a waiter appends itself first and looks again afterwards, so
no wake-up is lost; both work without a GIL, because every step is one operation on a list or dictionary.
Nothing here takes a lock, so a finaliser may hand over. See docs/decisions/0001.
"""

from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

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
CLOSERS = 0
"""Key of a scope's closers; cells start at 1, things being opened have negative keys."""

Held = tuple[Claim, Any, int, Any]
"""A claim, the layer and cell it is for, and the next outer one (or ``None``)."""

BUILDING: ContextVar[Held | None] = ContextVar("kimera_building", default=None)
"""The async claims the current task holds, and its parents' through the context they copied."""


class Waiter:
    """Somebody who waits for a claim; ``wake`` may be called from any thread."""

    __slots__ = ("error", "wake")

    def __init__(self, wake: Callable[[], object]) -> None:
        self.wake = wake
        self.error: Exception | None = None


def is_claim(value: Any) -> bool:
    """Tell a claim from a user's object that is a list as well."""
    if type(value) is not list or not value:
        return False
    first: object = value[0]  # pyright: ignore[reportUnknownVariableType]
    return first is SYNC or first is ASYNC


def is_async_claim(claim: Claim) -> bool:
    """Tell whether a task builds, which may be suspended."""
    return claim[0] is ASYNC


def wake(claim: Claim, error: BaseException | None = None) -> None:
    """Wake everybody who waits for ``claim``.

    Args:
        claim: The claim that is settled.
        error: An ``Exception`` reaches every current waiter; any other (a cancellation, say) does not: one
            of the waiters takes over.
    """
    first = 3 if claim[0] is ASYNC and TOKEN in claim else 2 if claim[0] is ASYNC else 1
    passed_on = error if isinstance(error, Exception) else None
    while len(claim) > first:
        try:
            waiter: Waiter = claim.pop()
        except IndexError:  # somebody else woke the last one
            return
        waiter.error = passed_on
        waiter.wake()


def abandon(values: Values, cell: int, claim: Claim, error: BaseException) -> None:
    """Give a claim up: the cell is free again, waiters get the error or take over."""
    if values.get(cell) is claim:
        values.pop(cell, None)
    wake(claim, error)


def leave(token: Token[Held | None]) -> None:
    """Forget a held claim; a coroutine that a collector ends in another context cannot, and need not."""
    try:
        BUILDING.reset(token)
    except ValueError:
        return


def take(claim: Claim) -> bool:
    """Settle an async claim: exactly one of builder and successors gets ``True``."""
    try:
        claim.remove(TOKEN)
    except ValueError:
        return False
    return True
