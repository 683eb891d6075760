"""What generated builders call: the names of ``compilation.cells`` bound to this stage.

In: a layer. Out: the namespace of its builders. Claims and waiting come from their own modules; here is how
a builder notes down that it opens something, and how it gives up.
"""

from contextvars import Token
from typing import Any

from kimera_di.compilation import FILE_PREFIX
from kimera_di.resolution.claims import (
    ASYNC,
    BUILDING,
    SYNC,
    TOKEN,
    Claim,
    Held,
    Values,
    give_up,
    is_claim,
    leave,
    take,
    wake,
)
from kimera_di.resolution.closers import Closer
from kimera_di.resolution.failures import failed as note_failure
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.refusals import async_required, closed
from kimera_di.resolution.relations import RELATIONS
from kimera_di.resolution.standing import at_level
from kimera_di.resolution.supplying import MAKERS, relate
from kimera_di.resolution.unclosed import closers_in
from kimera_di.resolution.waiting import settle, settle_async

MAKERS.update(RELATIONS)


def helpers() -> dict[str, Any]:
    """Give the names every builder may use."""
    return {
        "SYNC": SYNC, "ASYNC": ASYNC, "TOKEN": TOKEN, "BUILDING": BUILDING,
        "settle": settle, "settle_async": settle_async, "wake": wake, "salvage": salvage, "refuse": refuse,
        "closers_of": closers_of, "closers_in": closers_in, "opening": opening, "unopened": unopened, "closer": Closer,
        "at_level": at_level, "already_built": already_built, "kept": kept, "failed": failed, "relate": relate,
    }  # fmt: skip


def refuse(scope: Any) -> None:
    """Refuse to build for a scope that was closed after its table was read."""
    raise closed(scope.kind)


def closers_of(scope: Any, values: Values, layer: Layer) -> Any:
    """Note that something will be opened: closing waits for it from here on, or has begun and refuses it."""
    closers = layer.closers_for(scope, values)
    if scope._values is not values:
        raise closed(scope.kind)
    return closers


def opening(scope: Any, values: Values, layer: Layer, mark: Claim) -> Any:
    """As ``closers_of`` for a transient, which has no cell of its own."""
    key = -id(mark)
    values[key] = mark
    try:
        return closers_of(scope, values, layer)
    except BaseException:
        del values[key]  # nothing is called before: the stack may be full
        if mark[0] is SYNC or take(mark):
            wake(mark)
        raise


async def unopened(  # noqa: PLR0917 - generated code passes by position
    scope: Any,
    values: Values,
    key: int,
    mark: Claim,
    error: BaseException,
    token: Token[Held | None],
    layer: Layer,
    made: Any,
) -> None:
    """End the opening of a transient that raised, was cancelled, or whose scope was closed while its loop was stopped.

    Raises:
        ContainerClosedError: The scope is closed; what was opened is closed as well.
        BaseException: ``error`` otherwise.
    """
    leave(token)
    if give_up(values, key, mark, error) or isinstance(error, GeneratorExit):
        raise error
    await close_unwanted(made, layer)
    raise closed(scope.kind) if _is_displacement(error) else error


def already_built(scope: Any, values: Values, cell: int, layer: Layer) -> Any:
    """Give an async scoped object to synchronous code, if a task has built it in this scope."""
    found = values.get(cell, SYNC)
    if found is SYNC:
        found = layer.kept(scope, values, layer.node_of(cell), SYNC)
    if found is SYNC:
        raise async_required(layer, (layer.node_of(cell),))
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
    if give_up(values, cell, mine, error) or isinstance(error, GeneratorExit):
        raise error
    await close_unwanted(made, layer)
    if not _is_displacement(error):
        raise error
    found = values.get(cell, mine)
    return await settle_async(scope, values, cell, found, layer) if type(found) is list else found


async def close_unwanted(made: Any, layer: Layer) -> None:
    """Close what a displaced builder made: nobody will ever see it."""
    if made is None:
        return
    from kimera_di.resolution.async_closers import begin_close, end_close
    from kimera_di.resolution.shield import Shield

    raised = begin_close(made, None, layer.root, [None])
    if isinstance(raised, Shield):
        shield = raised
        raised = await end_close(made, shield, None)
        raised = shield.cancelled or raised
    if raised is not None:
        raise raised


def _is_displacement(error: BaseException) -> bool:
    """Tell the builder's own ``mine.remove(TOKEN)`` from what user code raised in a frame further in."""
    return type(error) is ValueError and error.__traceback__ is not None and error.__traceback__.tb_next is None


def failed(error: BaseException, steps: Any, describe: Any) -> None:
    """Note who wanted the object, and leave no claim behind."""
    if not isinstance(error, Exception):
        _release(error)
    note_failure(error, steps, describe)


def _release(error: BaseException) -> None:
    """Give up a claim that an interrupt (Ctrl-C) hit between ``setdefault`` and ``try``."""
    frame = error.__traceback__.tb_frame if error.__traceback__ is not None else None
    if frame is None or not frame.f_code.co_filename.startswith(FILE_PREFIX):
        return
    local = frame.f_locals
    values: Values | None = local.get("values")
    own = [value for name, value in local.items() if (name == "mine" or name.endswith("_mark")) and is_claim(value)]
    if own and values is not None:
        for cell, found in list(values.items()):
            if any(found is claim for claim in own):
                give_up(values, cell, found, error)
