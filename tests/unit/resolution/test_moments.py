"""The moment between two operations on a dictionary, when another thread or an interrupt comes in between.

A dictionary that acts in the place of the other thread hits it for certain.
"""

# pyright: reportPrivateUsage=false

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from kimera_di import AsyncRequiredError, ContainerClosedError, ServiceCollection
from kimera_di.compilation import assembler
from kimera_di.resolution.claims import ASYNC, CLOSERS, TOKEN
from kimera_di.resolution.scope_factory import scope_factory_of
from tests.spec.concurrency import Background, until


class Pool: ...


class Clock: ...


class Interposed(dict[Any, Any]):
    """A dictionary at which ``act`` happens once: before, or after, one operation on one key."""

    def __init__(self, values: Any, operation: str, key: Any, act: Callable[[], Any], *, after: bool) -> None:
        super().__init__(values)
        self._operation, self._key, self._act, self._after = operation, key, act, after

    def _at(self, operation: str, key: Any, run: Callable[[], Any]) -> Any:
        if operation != self._operation or (self._key is not None and key != self._key):
            return run()
        self._operation = "never again"
        if not self._after:
            self._act()
            return run()
        result = run()
        self._act()
        return result

    def setdefault(self, key: Any, default: Any = None) -> Any:
        return self._at("setdefault", key, lambda: super(Interposed, self).setdefault(key, default))

    def __contains__(self, key: object) -> bool:
        found: bool = self._at("in", key, lambda: super(Interposed, self).__contains__(key))
        return found

    def copy(self) -> dict[Any, Any]:
        copied: dict[Any, Any] = self._at("copy", None, lambda: dict(self))
        return copied


def interrupt() -> None:
    raise KeyboardInterrupt


def stands_in(function: str, thread: threading.Thread) -> bool:
    """Tell whether the innermost frame of a thread is that of a function: it waits for a lock there."""
    frame: FrameType | None = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code.co_name == function


def test_scoped_claim_of_a_builder_that_is_interrupted_at_once_is_given_up() -> None:
    container = ServiceCollection().scoped(Pool).build()
    scope = container.scope()
    cell = container._root.base.cells[0]
    scope._values = Interposed(scope._values, "setdefault", cell, interrupt, after=True)

    with pytest.raises(KeyboardInterrupt):
        scope.resolve(Pool)

    assert cell not in scope._values
    assert scope.resolve(Pool) is scope.resolve(Pool)
    scope.close()
    container.close()


@pytest.mark.parametrize("after", [True, False], ids=["has claimed", "has not claimed yet"])
def test_singleton_is_built_after_a_builder_that_was_interrupted_at_once(after: bool) -> None:
    container = ServiceCollection().singleton(Pool).build()
    cell = container._root.base.cells[0]
    container._root._values = Interposed(container._root._values, "setdefault", cell, interrupt, after=after)

    with pytest.raises(KeyboardInterrupt):
        container.resolve(Pool)

    assert type(container[Pool]) is Pool
    container.close()


def test_singleton_whose_task_gave_up_between_look_and_claim_must_be_awaited() -> None:
    async def make() -> Pool:
        return Pool()

    container = ServiceCollection().singleton(Pool, make).build()
    values: Any = container._root._values
    cell = container._root.base.cells[0]
    loop = asyncio.new_event_loop()
    loop.close()
    gone = Interposed({**values, cell: [ASYNC, loop, TOKEN]}, "in", cell, lambda: gone.pop(cell), after=True)
    container._root._values = gone

    with pytest.raises(AsyncRequiredError, match="Pool"):
        container.resolve(Pool)

    assert cell not in gone
    container.close()


def test_fork_of_a_scope_that_closes_meanwhile_is_refused() -> None:
    """What they would share may be closed already."""
    closed: list[Pool] = []
    container = ServiceCollection().scoped(Pool, on_close=closed.append).build()
    scope = container.scope()
    pool = scope[Pool]
    scope._values = Interposed(scope._values, "copy", None, scope.close, after=True)

    with pytest.raises(ContainerClosedError, match="scope"):
        scope.fork()

    assert closed == [pool]
    container.close()


def test_resource_that_a_thread_opens_while_the_block_ends_is_closed() -> None:
    """It has looked whether the scope is open just before the block took the dictionary away."""
    events: list[str] = []

    def open_pool() -> Iterator[Pool]:
        yield Pool()
        events.append("closed")

    container = ServiceCollection().singleton(Clock).build()
    scope = container.scope()
    resource = open_pool()
    next(resource)
    values = scope._values
    assert values is not None

    class OpenedLate(type(scope)):  # type: ignore[misc]
        __slots__ = ()

        @property
        def _closers(self) -> list[Any] | None:
            found: list[Any] | None = values.get(CLOSERS)
            values.setdefault(CLOSERS, [resource])  # the thread comes right after the first look
            return found

    scope.__class__ = OpenedLate

    scope.__exit__(None, None, None)

    assert events == ["closed"]
    assert scope._values is None
    container.close()


def test_scope_factory_asked_for_by_two_threads_at_once_is_one() -> None:
    container = ServiceCollection().singleton(Pool).build()
    call = Background(lambda: scope_factory_of(container._root))

    with container._root.lock, call:
        until(lambda: stands_in("scope_factory_of", call._thread))
        mine = scope_factory_of(container._root)
        container._root.lock.release()
        theirs = call.result()
        container._root.lock.acquire()

    assert theirs is mine
    container.close()


def test_scope_factory_made_while_the_container_closes_opens_nothing() -> None:
    container = ServiceCollection().singleton(Pool).build()
    root = container._root
    call = Background(lambda: scope_factory_of(root))

    with root.lock, call:
        until(lambda: stands_in("scope_factory_of", call._thread))
        container.close()
        root.lock.release()
        scopes = call.result()
        root.lock.acquire()

    with pytest.raises(ContainerClosedError):
        scopes()


def test_builders_of_one_new_shape_compiled_at_once_share_their_code() -> None:
    """The second thread finds what the first has compiled while it waited."""
    text = f"def resolve(scope):\n return 'only of {__name__}'"
    calls = [Background(lambda: assembler.compiled(text, assembler.FILE_PREFIX)) for _ in range(2)]

    with assembler._codes_lock, calls[0], calls[1]:
        until(lambda: all(stands_in("compiled", call._thread) for call in calls))
        assembler._codes_lock.release()
        first, second = (call.result() for call in calls)
        assembler._codes_lock.acquire()

    assert first is second
