"""What generated builders call: the names of ``compilation.cells`` bound to this stage.

In: a layer. Out: the namespace of its builders. Claims and waiting come from their own modules; here is how
a builder notes down that it opens something, and how an override layer keeps an account of its own.
"""

from contextvars import Token
from typing import Any

from kimera_di.resolution.claims import (
    ASYNC,
    BUILDING,
    SYNC,
    TOKEN,
    Claim,
    Held,
    Values,
    abandon,
    is_claim,
    leave,
    take,
    wake,
)
from kimera_di.resolution.closers import Closer
from kimera_di.resolution.failures import failed as note_failure
from kimera_di.resolution.failures import no_yield
from kimera_di.resolution.layer import Layer, closed
from kimera_di.resolution.waiting import settle, settle_async


def helpers() -> dict[str, Any]:
    """Give the names every builder may use."""
    return {
        "SYNC": SYNC, "ASYNC": ASYNC, "TOKEN": TOKEN, "BUILDING": BUILDING,
        "settle": settle, "settle_async": settle_async, "abandon": abandon, "wake": wake, "salvage": salvage,
        "closers_of": closers_of, "opening": opening, "opened": opened, "closer": Closer,
        "already_built": already_built, "kept": kept, "failed": failed,
    }  # fmt: skip


def closers_of(scope: Any, values: Values, layer: Layer) -> Any:
    """Note that something will be opened: closing waits for it from here on, or has begun and refuses it."""
    closers = layer.closers_for(scope, values)
    if scope._values is not values:
        raise closed(scope.kind)
    return closers


def opening(scope: Any, values: Values, layer: Layer, mark: Claim) -> Any:
    """As ``closers_of`` for a transient, which has no cell of its own."""
    values[-id(mark)] = mark
    try:
        return closers_of(scope, values, layer)
    except BaseException:
        opened(values, mark)
        raise


def opened(values: Values, mark: Claim) -> None:
    """The transient is finished, or failed: whoever closes may go on."""
    values.pop(-id(mark), None)
    wake(mark)


def already_built(scope: Any, values: Values, cell: int, layer: Layer) -> Any:
    """Give an async scoped object to synchronous code, if a task has built it in this scope."""
    found = values.get(cell, SYNC)
    if found is SYNC:
        raise layer.async_required((layer.node_of(cell),))
    return settle(scope, values, cell, found, layer) if type(found) is list else found


def kept(scope: Any, values: Values, number: int, layer: Layer, otherwise: Any) -> Any:
    """Give what a scope built before an override began."""
    return layer.kept(scope, values, number, otherwise)


async def salvage(  # noqa: PLR0917 - generated code passes by position
    scope: Any,
    values: Values,
    cell: int,
    mine: Claim,
    error: BaseException,
    token: Token[Held | None],
    layer: Layer,
    made: Any,
) -> Any:
    """Settle an async claim whose builder raised, was cancelled, or found that somebody took over.

    Returns:
        The object of whoever took over; raises ``error`` otherwise.
    """
    leave(token)
    if take(mine):
        abandon(values, cell, mine, error)
        raise error
    if isinstance(error, GeneratorExit):
        raise error
    if made is not None:
        await made.aclose()
    found = values.get(cell, mine)
    return await settle_async(scope, values, cell, found, layer) if is_claim(found) else found


def failed(error: BaseException, values: Any, steps: Any, describe: Any, kind: str = "scope") -> None:
    """Note who wanted the object; a scope that was closed meanwhile has no dictionary any more."""
    if values is None and isinstance(error, AttributeError):
        raise closed(kind) from None
    if isinstance(error, StopIteration | StopAsyncIteration) and error.__traceback__ is not None:
        line = error.__traceback__.tb_lineno - 4
        node = describe(steps[line])[-1]
        raise no_yield(node.maker) from None
    note_failure(error, steps, describe)
