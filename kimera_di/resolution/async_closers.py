"""Close one entry that may await: to its end, through cancellation, within a time-out.

In: an entry of ``closers``. Out: the error it raised, and whether somebody tried to cancel the closing.
"""

from collections.abc import Awaitable
from types import AsyncGeneratorType, GeneratorType
from typing import Any, Protocol

from kimera_di.resolution.claims import Claim
from kimera_di.resolution.closers import close_sync, has_not_run, is_scope_error, noted, yielded_twice
from kimera_di.resolution.inside import INSIDE
from kimera_di.resolution.shield import ENDED, Shield


class Timed(Protocol):
    """An owner whose async closers have a time limit."""

    @property
    def close_timeout_s(self) -> float:
        """Time each of them gets."""
        ...


def begin_close(entry: Any, error: BaseException | None, owner: "Timed", claim: Claim) -> BaseException | Shield | None:
    """Run a closer until it ends or suspends for the first time; most never suspend.

    Args:
        entry: A generator, an async generator or a ``Closer``.
        error: What ended the scope's block.
        owner: Says how much time the rest of it gets; asked only when there is a rest.
        claim: The closing claim it is run for.

    Returns:
        ``None`` when it ended well, what it raised, or a shield to be awaited by ``end_close``.
    """
    if isinstance(entry, GeneratorType):
        return close_sync(entry, error)
    mark = (claim, INSIDE.get())
    token = INSIDE.set(mark)
    try:
        if error is None and type(entry) is AsyncGeneratorType:
            steps: Any = entry.__anext__()  # pyright: ignore[reportUnknownVariableType]
        else:
            steps = _start(entry, error)
            if steps is None:
                return None
        return Shield(steps, steps.send(None), mark, owner.close_timeout_s)
    except StopAsyncIteration:
        return None
    except StopIteration:
        return _second_yield(entry)
    except BaseException as raised:  # every other closer must still run; the caller raises it
        if not isinstance(raised, Exception) and has_not_run(entry):
            raise
        return None if is_scope_error(raised, error) else noted(raised, entry)
    finally:
        INSIDE.reset(token)


def _start(entry: Any, error: BaseException | None) -> Any:
    """Call a closer; give what there is to drive, ``None`` when it has ended already."""
    if _is_async_generator(entry):
        return entry.__anext__() if error is None else entry.athrow(error)
    result: Any = entry.call(error)
    if not hasattr(result, "__await__"):
        return None
    return result if hasattr(result, "send") else _awaited(result)


def _is_async_generator(entry: Any) -> bool:
    return isinstance(entry, AsyncGeneratorType)


async def _awaited(result: Awaitable[Any]) -> None:
    """Make a coroutine of any awaitable."""
    await result


async def end_close(entry: Any, shield: Shield, error: BaseException | None) -> BaseException | None:
    """Await the rest of a closer; give what it raised, as ``close_sync`` does."""
    try:
        result = await shield
    except BaseException as raised:  # noqa: BLE001 - as above
        return None if is_scope_error(raised, error) else noted(raised, entry)
    return None if result is ENDED else _second_yield(entry)


def _second_yield(entry: Any) -> BaseException | None:
    """An async generator ends with ``StopAsyncIteration``; a result means that it went on yielding.

    Or that it had ended before: a loop ends its async generators when it shuts down.
    """
    if not _is_async_generator(entry) or entry.ag_frame is None:
        return None
    return noted(RuntimeError(yielded_twice(entry)), entry)
