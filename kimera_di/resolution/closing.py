"""Close a scope or a container: once, in reverse order, whatever the closers do.

In: an owner (scope, container, override layer) and the error that ended its block. Out: every closer has
run. An owner is closed by taking its dictionary away; a builder that noted down something to open before
that is waited for, one that comes after is refused (see ``claims``).
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import logging
import threading
from collections.abc import Callable, Coroutine
from types import GeneratorType
from typing import Any, Protocol

from kimera_di.errors import AsyncRequiredError, CloseErrors, ContainerClosedError
from kimera_di.resolution.claims import ASYNC, CLOSERS, Claim, Values, Waiter, is_claim
from kimera_di.resolution.closers import close_sync, entry_name, is_async_entry
from kimera_di.resolution.deadlocks import held_here

log = logging.getLogger("kimera_di")

_POLL_S = 0.05

_aclose: Callable[..., Coroutine[Any, Any, None]] | None = None

CLOSING = "closing"
"""Key under which the first closer leaves its claim, for later ones to wait for."""


class Owner(Protocol):
    """Something that owns objects and closes them."""

    kind: str
    _values: Values | None
    _closing: Claim

    def shut(self) -> None:
        """Refuse every use from now on."""
        ...

    def reopen(self, values: Values) -> None:
        """Take ``shut`` back: nothing was closed."""
        ...

    def loop_of(self, entry: Any) -> Any:
        """Give the loop that built what ``entry`` closes, when it is known."""
        ...

    @property
    def close_timeout_s(self) -> float:
        """Time each async closer gets."""
        ...


def close_owner(owner: Owner, error: BaseException | None = None, values: Values | None = None) -> None:
    """Close synchronously.

    Args:
        owner: What is closed.
        error: What ended its block.
        values: Its dictionary, when the caller took it away already.

    Raises:
        AsyncRequiredError: Something must be awaited; it is named, nothing is closed, the owner stays open.
        ContainerClosedError: Called from inside a builder of the same owner.
        CloseErrors: Closers failed, and no error of the block is on its way.
    """
    if values is None:
        values = owner._values
    mine: Claim = [CLOSING]
    first: Claim = mine if values is None else values.setdefault(CLOSING, mine)
    if values is None or first is not mine:
        return _wait_for_first(owner, first)
    owner._closing = mine
    owner.shut()
    errors: list[BaseException] = []
    try:
        closers: list[Any] = values.get(CLOSERS, [])
        if _is_unusual(values, closers) and not _settle_builders(owner, values, error):
            return None
        while closers:
            raised = close_sync(closers.pop(), error)
            if raised is not None:
                errors.append(raised)
    finally:
        if len(mine) > 1:
            wake_closers(mine)
    return finish(owner, errors, error) if errors else None


def aclose_owner(
    owner: Owner, error: BaseException | None = None, values: Values | None = None
) -> Coroutine[Any, Any, None]:
    """As ``close_owner``, awaiting what must be awaited; asyncio is loaded by the first call."""
    global _aclose  # noqa: PLW0603 - an import statement here would cost as much as closing does
    if _aclose is None:
        from kimera_di.resolution.async_closing import aclose_owner as loaded

        _aclose = loaded
    return _aclose(owner, error, values)


def wake_closers(mine: Claim) -> None:
    """Wake whoever wanted to close as well; they return without doing anything."""
    while len(mine) > 1:
        waiter: Waiter = mine.pop()
        waiter.wake()
    mine[0] = None


def finish(owner: Owner, errors: list[BaseException], error: BaseException | None) -> None:
    """Raise or attach what closers raised.

    Args:
        owner: What was closed.
        errors: What its closers raised, in the order they ran.
        error: What ended the block; it propagates unchanged, the others are joined to its context.

    Raises:
        CloseErrors: There is no error of the block.
        BaseException: A closer raised something that is no ``Exception``; the others are its context.
    """
    if not errors:
        return
    ordinary = [each for each in errors if isinstance(each, Exception)]
    control = [each for each in errors if not isinstance(each, Exception)]
    count = len(ordinary)
    group = (
        CloseErrors(f"{count} closer{'s' if count > 1 else ''} of the {owner.kind} failed", ordinary)
        if ordinary
        else None
    )
    if error is not None and group is not None:
        log.error("closing the %s after %r: %s", owner.kind, error, group, exc_info=group)
        error.add_note(f"kimera_di: {group.message}: {', '.join(repr(each) for each in ordinary)}")
    if control:
        raised = control[0]
        _join_context(raised, group if error is None else error)
        raise raised
    if error is None and group is not None:
        raise group
    if error is not None and group is not None:
        _join_context(error, group)


def _join_context(error: BaseException, tail: BaseException | None) -> None:
    """Hang ``tail`` on the far end of the context chain of ``error``."""
    seen: set[int] = set()
    last = error
    while last.__context__ is not None and id(last) not in seen:
        seen.add(id(last))
        last = last.__context__
    if tail is not None and last is not tail and last.__context__ is None:
        last.__context__ = tail


def _is_unusual(values: Values, closers: list[Any]) -> bool:
    """Tell whether anything but generators is to be closed, or a builder is in flight. One pass."""
    for entry in closers:
        if type(entry) is not GeneratorType:
            return True
    return has_claims(values)


def has_claims(values: Values) -> bool:
    """Tell whether a builder is in flight."""
    for value in tuple(values.values()):  # noqa: SIM110 - a generator expression takes three times as long
        if type(value) is list and is_claim(value):
            return True
    return False


def _settle_builders(owner: Owner, values: Values, error: BaseException | None) -> bool:
    """Wait for builders in flight; tells whether synchronous closing may go on, and refuses it otherwise."""
    refuse_inside(owner, values)
    blocking = _awaiting(values)
    if not blocking:
        _wait_for_builders(values)
        blocking = _awaiting(values)
    if blocking:
        values.pop(CLOSING, None)
        _refuse_sync(owner, values, blocking, error)
    return not blocking


def claims(values: Values) -> list[Claim]:
    """Give the claims of builders in flight."""
    return [value for value in tuple(values.values()) if is_claim(value)]


def _awaiting(values: Values) -> list[str]:
    """What synchronous closing cannot handle: async closers, async builders in flight."""
    names = [entry_name(entry) for entry in tuple(values.get(CLOSERS, ())) if is_async_entry(entry)]
    return names + ["a service that a task is building" for claim in claims(values) if claim[0] is ASYNC]


def _refuse_sync(owner: Owner, values: Values, names: list[str], error: BaseException | None) -> None:
    owner.reopen(values)
    refusal = AsyncRequiredError(
        f"closing the {owner.kind} must await {', '.join(names)}; nothing was closed",
        facts=(("do this", f"use aclose(), or 'async with', for this {owner.kind}"),),
    )
    if error is None:
        raise refusal
    log.error("%s", refusal)
    error.add_note(f"kimera_di: {refusal.summary}")


def refuse_inside(owner: Owner, values: Values) -> None:
    """Refuse to close when a builder of the same owner is what asks for it."""
    found = claims(values)
    if found and any(claim is mine for claim, _ in held_here() for mine in found):
        values.pop(CLOSING, None)
        owner.reopen(values)
        raise ContainerClosedError(
            f"the {owner.kind} cannot be closed by a constructor or factory it is running",
            facts=(("do this", "close it where it was opened"),),
        )


def _wait_for_builders(values: Values) -> None:
    while found := claims(values):
        lock = threading.Lock()
        lock.acquire()
        claim = found[0]
        claim.append(Waiter(lock.release))
        while any(value is claim for value in tuple(values.values())):
            if lock.acquire(timeout=_POLL_S):
                break


def _wait_for_first(owner: Owner, first: Claim) -> None:
    """Wait until whoever closes first has finished."""
    claim: Claim | None = (
        first if first[0] is CLOSING and len(first) and first is getattr(owner, "_closing", first) else None
    )
    claim = getattr(owner, "_closing", claim)
    if claim is None or claim[0] is None:
        return
    lock = threading.Lock()
    lock.acquire()
    claim.append(Waiter(lock.release))
    while claim[0] is not None:
        if lock.acquire(timeout=_POLL_S):
            return
