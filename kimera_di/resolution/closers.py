"""What an owner has to close, and how one entry is closed.

In: entries that builders appended when an object was finished. Out: the error a closer raised, or nothing.
An entry is a generator, an async generator or a ``Closer``; generators are told the scope's own error.
"""

from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from kimera_di.errors import AsyncRequiredError
from kimera_di.planning import ServiceNode
from kimera_di.rendering import short_name


class Closer:
    """An object with ``on_close`` or ``enter``; compared by identity, so that two owners cannot close it."""

    __slots__ = ("_began", "_node", "_object", "is_async")

    _began: bool
    """Set when it is called, not before: making it is on the way of every request."""

    def __init__(self, node: ServiceNode, thing: Any) -> None:
        self._node, self._object = node, thing
        self.is_async: bool = node.closes_async

    @property
    def name(self) -> str:
        """What is closed."""
        return short_name(self._node.service)

    @property
    def began(self) -> bool:
        """Tell whether it was called."""
        return hasattr(self, "_began")

    def call(self, error: BaseException | None) -> Any:
        """Call ``on_close`` or leave the context manager; may give an awaitable."""
        self._began = True
        if self._node.on_close is not None:
            return self._node.on_close(self._object)
        traceback = None if error is None else error.__traceback__
        kind = None if error is None else type(error)
        leave = self._object.__aexit__ if self._node.enter == "async" else self._object.__exit__
        return leave(kind, error, traceback)


def is_async_entry(entry: Any) -> bool:
    """Tell whether closing ``entry`` awaits."""
    return isinstance(entry, AsyncGeneratorType) or (isinstance(entry, Closer) and entry.is_async)


def entry_name(entry: Any) -> str:
    """Name what an entry closes."""
    return entry.name if isinstance(entry, Closer) else short_name(getattr(entry, "__qualname__", entry))


def close_sync(entry: Any, error: BaseException | None) -> BaseException | None:
    """Run one synchronous closer to its end.

    Args:
        entry: A generator or a ``Closer``; nothing happens for ``None``.
        error: What ended the scope's block; thrown into generators, passed to ``__exit__``.

    Returns:
        What the closer raised, with a note naming it; ``None`` when it went well, also when a generator
        swallows or passes on the scope's own error.

    Raises:
        BaseException: An interrupt came before the closer was run.
    """
    try:
        if type(entry) is GeneratorType:
            if error is None:
                for _ in entry:  # pyright: ignore[reportUnknownVariableType]  # its end is no exception: cheap
                    break
                else:
                    return None
            _end_generator(entry, error)  # pyright: ignore[reportUnknownArgumentType]
        elif entry is not None:
            result = entry.call(error)
            if isinstance(result, CoroutineType):
                result.close()
                return noted(AsyncRequiredError(f"on_close of {entry.name} is async: use aclose()"), entry)
    except BaseException as raised:  # every other closer must still run; the caller raises it
        if not isinstance(raised, Exception) and has_not_run(entry):
            raise
        return None if is_scope_error(raised, error) else noted(raised, entry)
    return None


def has_not_run(entry: Any) -> bool:
    """Tell whether an interrupt (Ctrl-C) came before the closer itself: it can still be run.

    What a generator raises ends it.
    """
    if isinstance(entry, GeneratorType):
        return entry.gi_frame is not None
    if isinstance(entry, AsyncGeneratorType):
        return entry.ag_frame is not None and not entry.ag_running
    return isinstance(entry, Closer) and not entry.began


def keep_what_is_left(closers: list[Any], last: Any, again: Any) -> Any:
    """Put back what an interrupt hit after it was taken and before it was run.

    Args:
        closers: What there is to close.
        last: What was to be closed next.
        again: What was put back before; nothing is put back twice.

    Returns:
        What was put back last.
    """
    if last is again or not has_not_run(last) or any(each is last for each in closers):
        return again
    closers.append(last)
    return last


def close_second_yield(entry: "GeneratorType[Any, Any, Any]") -> BaseException:
    """End a generator that went on yielding when it should have ended; give what its closer is said to have raised."""
    try:
        _end_generator(entry, None)
    except BaseException as raised:  # noqa: BLE001 - the caller raises it
        return noted(raised, entry)
    raise AssertionError("ending such a generator always raises")


def _end_generator(entry: "GeneratorType[Any, Any, Any]", error: BaseException | None) -> None:
    if error is not None:
        try:
            entry.throw(error)
        except StopIteration:
            return
    entry.close()
    raise RuntimeError(yielded_twice(entry))


def is_scope_error(raised: BaseException, error: BaseException | None) -> bool:
    """Tell whether a closer only passes the scope's own error on; generators turn a ``StopIteration`` into another."""
    if raised is error:
        return True
    converts = isinstance(error, StopIteration | StopAsyncIteration) and isinstance(raised, RuntimeError)
    return converts and raised.__cause__ is error


def yielded_twice(entry: Any) -> str:
    """Say what is wrong with a generator that goes on yielding."""
    return f"the generator {entry_name(entry)} yielded a second time; after the first yield it only closes"


def noted(error: BaseException, entry: Any) -> BaseException:
    """Name what was being closed on the error its closer raised."""
    error.add_note(f"kimera_di: raised while closing {entry_name(entry)}")
    return error
