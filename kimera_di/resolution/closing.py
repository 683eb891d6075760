"""Close a scope or a container: once, in reverse order, whatever the closers do.

In: an owner (scope, container, override layer) and the error that ended its block. Out: every closer has
run. An owner is closed by taking its dictionary away; a builder that noted down something to open before
that is waited for, one that comes after is refused (see ``claims``).
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from kimera_di.errors import AsyncRequiredError, CircularDependencyError, CloseErrors, ContainerClosedError, KimeraError
from kimera_di.resolution.claims import (
    FIRST_WAITER,
    Claim,
    Values,
    has_vanished,
    is_async_claim,
    is_claim,
    take_over,
)
from kimera_di.resolution.closers import close_sync, entry_name, is_async_entry, keep_what_is_left
from kimera_di.resolution.deadlocks import Hold, builds_for, held_here
from kimera_di.resolution.logs import log
from kimera_di.resolution.second_closers import CLOSING, closes, wait_for_first, wake_closers
from kimera_di.resolution.waiting import loop_here, wait_here

loaded_leave: Callable[..., Coroutine[Any, Any, None]] | None = None
SHUT: dict[Any, Any] = {}
"""The table of every closed scope: each look-up misses, and the slow path refuses."""


class Owner(Protocol):
    """Something that owns objects and closes them."""

    kind: str
    _closing: Claim

    @property
    def _values(self) -> Values | None: ...

    def shut(self) -> None:
        """Refuse every use from now on."""

    def reopen(self, values: Values) -> None:
        """Take ``shut`` back: nothing was closed."""

    def in_flight(self, values: Values) -> list[tuple[Hold, Values]]:
        """Give the claims of builders that have not finished, each with the dictionary it is in."""
        ...

    def entries(self, values: Values) -> list[Any]:
        """Give what there is to close, without taking it."""
        ...

    def collect(self, values: Values) -> list[Any]:
        """Give the list of what there is to close, to be emptied from its end."""
        ...

    def loop_of(self, entry: Any) -> Any:
        """Give the loop that built what ``entry`` closes, when it is known."""
        ...

    @property
    def close_timeout_s(self) -> float:
        """Time each async closer gets."""
        ...

    @property
    def stall_report_s(self) -> float:
        """Time after which a wait is reported."""
        ...


@closes
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
    mine: Claim = [CLOSING, None]
    errors: list[BaseException] = []
    refusal: KimeraError | None = None
    try:
        first: Claim | None = None if values is None else values.setdefault(CLOSING, mine)
        if values is None or first is not mine:
            if wait_for_first(owner, first):
                close_owner(owner, error)
            return None
        owner._closing = mine
        refusal = _refusal(owner, values)  # before anybody can see it closed
        if refusal is None:
            refusal = settle_shut(owner, values, errors)
        if refusal is not None:
            return refuse_close(owner, values, refusal, error)
        run_closers(owner.collect(values), error, errors)
    except BaseException as interrupted:
        if values is None or values.get(CLOSING) is not mine:  # no interrupt: it was refused, and is open again
            raise
        if refusal is not None or owner._values is values:  # open, so that it can be closed again
            leave_open(owner, values)
            raise
        errors.append(interrupted)
        run_closers(owner.collect(values), error, errors)
    finally:
        mine[0] = None
        if len(mine) > FIRST_WAITER:
            wake_closers(mine)
    return finish(owner, errors, error) if errors else None


def settle_shut(owner: Owner, values: Values, errors: list[BaseException]) -> KimeraError | None:
    """Shut, and wait for builders in flight; an interrupt is noted: what is there is closed all the same."""
    try:
        owner.shut()
        return _settle_builders(owner, values)
    except BaseException as interrupted:  # noqa: BLE001 - Ctrl-C: the caller raises it when everything is closed
        errors.append(interrupted)
        owner.shut()  # the interrupt may have come before
        return None


def run_closers(closers: list[Any], error: BaseException | None, errors: list[BaseException]) -> None:
    """Run every closer, the last one first; ``errors`` receives what they raise, and what interrupts us meanwhile."""
    entry: Any = None
    again: Any = None
    while closers:
        try:
            while closers:
                entry = closers[-1]  # known before it is taken: what interrupts the taking must not lose it
                entry = closers.pop()
                raised = close_sync(entry, error)
                if raised is not None:
                    errors.append(raised)
        except BaseException as interrupted:  # noqa: BLE001 - Ctrl-C: what is there is closed all the same
            if not isinstance(interrupted, IndexError):  # that: an override that ends took the last one
                errors.append(interrupted)
                again = keep_what_is_left(closers, entry, again)


def aclose_owner(
    owner: Owner, error: BaseException | None = None, values: Values | None = None
) -> Coroutine[Any, Any, None]:
    """As ``close_owner``, awaiting what must be awaited; asyncio is loaded by the first call."""
    from kimera_di.resolution import async_closing

    closing: Coroutine[Any, Any, None] = async_closing.aclose_owner(owner, error, values)
    return closing


def leave_scope(scope: Any, error: BaseException | None) -> Coroutine[Any, Any, None]:
    """As ``aclose_owner``, for the end of an ``async with`` block of a scope."""
    return (loaded_leave or _load_leave())(scope, error)


def _load_leave() -> Callable[..., Coroutine[Any, Any, None]]:
    global loaded_leave  # noqa: PLW0603 - an import statement at each close would cost as much as closing does
    from kimera_di.resolution.async_closing import leave_scope as loaded

    leave: Callable[..., Coroutine[Any, Any, None]] = loaded
    loaded_leave = leave
    return leave


def finish(owner: Owner, errors: list[BaseException], error: BaseException | None) -> None:
    """Raise or attach what closers raised.

    Args:
        owner: What was closed.
        errors: What its closers raised, in the order they ran; at least one.
        error: What ended the block; it propagates unchanged, the others are joined to its context.

    Raises:
        CloseErrors: There is no error of the block.
        BaseException: A closer raised something that is no ``Exception``; the others are its context.
    """
    ordinary = [each for each in errors if isinstance(each, Exception)]
    control = [each for each in errors if not isinstance(each, Exception)]
    count = len(ordinary)
    group = (
        CloseErrors(f"{count} closer{'s' if count > 1 else ''} of the {owner.kind} failed", ordinary)
        if ordinary
        else None
    )
    if error is not None and group is not None:
        log().error("closing the %s after %r: %s", owner.kind, error, group, exc_info=group)
        error.add_note(f"kimera_di: {group.message}: {', '.join(repr(each) for each in ordinary)}")
    if error is not None and group is not None:
        _join_context(error, group)
    if control:
        for raised, following in zip(control, [*control[1:], group if error is None else error], strict=True):
            _join_context(raised, following)
        raise control[0]
    if error is None and group is not None:
        raise group


def _join_context(error: BaseException, tail: BaseException | None) -> None:
    """Hang ``tail`` on the far end of the context chain of ``error``."""
    seen: set[int] = set()
    last = error
    while last.__context__ is not None and id(last) not in seen:
        seen.add(id(last))
        last = last.__context__
    if tail is not None and last is not tail and last.__context__ is None:
        last.__context__ = tail


def has_claims(values: Values) -> bool:
    """Tell whether a builder is in flight."""
    return any(is_claim(value) for value in list(values.values()))


def refusal_inside(owner: Owner, values: Values) -> KimeraError | None:
    """Refuse to close when a builder of the same owner is what asks for it."""
    if owner.kind == "container":
        inside = builds_for(owner)
    else:
        claims = {id(hold.claim) for hold, _ in owner.in_flight(values)}
        inside = bool(claims) and any(id(hold.claim) in claims for hold in held_here())
    if not inside:
        return None
    return ContainerClosedError(
        f"the {owner.kind} cannot be closed by a constructor or factory it is running",
        facts=(("do this", "close it where it was opened"),),
    )


def _refusal(owner: Owner, values: Values) -> KimeraError | None:
    """What synchronous closing cannot handle: async closers, async builders in flight, being inside a builder."""
    inside = refusal_inside(owner, values)
    if inside is not None:
        return inside
    names = [entry_name(entry) for entry in owner.entries(values) if is_async_entry(entry)]
    for hold, held_in in owner.in_flight(values):
        if is_async_claim(hold.claim) and has_vanished(hold.claim):
            take_over(held_in, hold.cell, hold.claim)  # if it ever resumes it closes what it made
        elif is_async_claim(hold.claim):
            names.append(f"{hold.layer.name_of(hold.cell)}, which a task is building")
    if not names:
        return None
    return AsyncRequiredError(
        f"closing the {owner.kind} must await {', '.join(names)}; nothing was closed",
        facts=(("do this", _advice(owner)),),
    )


def _advice(owner: Owner) -> str:
    if owner.kind == "override":
        return "use 'async with' for this override; aclose() of its container closes what is left"
    return f"use aclose(), or 'async with', for this {owner.kind}"


def _settle_builders(owner: Owner, values: Values) -> KimeraError | None:
    """Wait for builders in flight, unless that is refused."""
    while True:
        refusal = _refusal(owner, values)
        found = owner.in_flight(values)
        if refusal is not None or not found:
            return refusal
        try:
            wait_here(*found[0], owner.stall_report_s)
        except CircularDependencyError as cycle:
            if loop_here() is None:
                return cycle
            return AsyncRequiredError(
                f"closing the {owner.kind} would block the event loop that a builder waits for; nothing was closed",
                facts=(("do this", _advice(owner)),),
            )


def leave_open(owner: Owner, values: Values) -> None:
    """Take the beginning of a close back: nothing was closed."""
    owner.reopen(values)  # first: should it be interrupted, the claim still tells that it was not done
    values.pop(CLOSING, None)


def refuse_close(owner: Owner, values: Values, refusal: KimeraError, error: BaseException | None) -> None:
    """Leave everything open; the error of the block, if there is one, is what propagates."""
    leave_open(owner, values)
    if error is None or not isinstance(refusal, AsyncRequiredError):
        raise refusal
    log().error("%s", refusal)
    error.add_note(f"kimera_di: {refusal.summary}")
