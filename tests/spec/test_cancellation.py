"""Guarantee 9 under asyncio: cancellation is kept until every closer ended; a closer's own time-outs reach it."""

import asyncio
import contextlib
import contextvars
import time
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Any

import pytest

from kimera_di import CloseErrors, ServiceCollection
from tests.spec.concurrency import run
from tests.spec.helpers import WAIT_S, only


class A:
    pass


class B:
    pass


class C:
    pass


async def cancel_when(ready: asyncio.Event, task: "asyncio.Task[Any]", times: int = 1) -> None:
    await ready.wait()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)


def test_every_closer_ends_although_the_task_is_cancelled_again_and_again(services: ServiceCollection) -> None:
    events: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        await asyncio.sleep(0.002)
        events.append("a")

    async def open_b(a: A) -> AsyncIterator[B]:
        yield B()
        closing.set()
        for _ in range(5):
            await asyncio.sleep(0.002)
        events.append("b")

    container = services.scoped(A, open_a).scoped(B, open_b).build()
    closing = asyncio.Event()

    async def work() -> None:
        async with container.scope() as scope:
            await scope.aresolve(B)

    async def main() -> None:
        task = asyncio.create_task(work())
        await cancel_when(closing, task, times=5)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    run(main())

    assert events == ["b", "a"]


def test_cancellation_with_a_message_keeps_it(services: ServiceCollection) -> None:
    async def open_a() -> AsyncIterator[A]:
        yield A()
        closing.set()
        await asyncio.sleep(0.002)

    container = services.singleton(A, open_a).build()
    closing = asyncio.Event()

    async def work() -> None:
        async with container:
            await container.aresolve(A)

    async def main() -> None:
        task = asyncio.create_task(work())
        await closing.wait()
        task.cancel("because")
        with pytest.raises(asyncio.CancelledError, match="because"):
            await task

    run(main())


def test_time_out_around_the_block_is_still_a_time_out(services: ServiceCollection) -> None:
    ended: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        await asyncio.sleep(0.05)
        ended.append("a")

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        async with asyncio.timeout(0.01), container.scope() as scope:
            await scope.aresolve(A)

    with pytest.raises(TimeoutError):
        run(main())

    assert ended == ["a"]


def test_time_out_inside_a_closer_reaches_it(services: ServiceCollection) -> None:
    ended: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.sleep(WAIT_S)
        ended.append("a")

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    run(main())

    assert ended == ["a"]


def test_time_out_inside_a_closer_waits_for_the_task_it_cancels(services: ServiceCollection) -> None:
    """As it does everywhere else: the cancelled task may still put things in order."""
    events: list[str] = []

    async def flush() -> None:
        try:
            await asyncio.sleep(WAIT_S)
        finally:
            await asyncio.sleep(0.005)
            events.append("flushed")

    async def open_a() -> AsyncIterator[A]:
        yield A()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.create_task(flush())
        events.append("a")

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    run(main())

    assert events == ["flushed", "a"]


def test_task_group_inside_a_closer_works_while_the_task_is_cancelled(services: ServiceCollection) -> None:
    ended: list[str] = []

    async def part(name: str) -> None:
        await asyncio.sleep(0.005)
        ended.append(name)

    async def open_a() -> AsyncIterator[A]:
        yield A()
        closing.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(part("one"))
            group.create_task(part("two"))

    container = services.scoped(A, open_a).build()
    closing = asyncio.Event()

    async def work() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    async def main() -> None:
        task = asyncio.create_task(work())
        await cancel_when(closing, task)
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())

    assert ended == ["one", "two"]


def test_failing_task_group_inside_a_closer_is_its_error(services: ServiceCollection) -> None:
    async def fail() -> None:
        raise ValueError("part")

    async def open_a() -> AsyncIterator[A]:
        yield A()
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            await asyncio.sleep(WAIT_S)

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    with pytest.raises(CloseErrors) as caught:
        run(main())

    assert only(ValueError, only(ExceptionGroup, caught.value)).args == ("part",)


def test_closer_that_closes_another_scope_keeps_both_apart(services: ServiceCollection) -> None:
    """A time-out of the outer closer must not stop the inner one, and the inner one's own must work."""
    events: list[str] = []
    limits: list[asyncio.Timeout] = []
    contexts: list[contextvars.Context] = []

    def expire() -> None:
        """Let the outer time-out be over, from where it was started."""
        contexts[0].run(limits[0].reschedule, 0)

    async def open_inner() -> AsyncIterator[B]:
        yield B()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.005):
                await asyncio.sleep(WAIT_S)
        events.append("inner timed out")
        expire()
        while not limits[0].expired():
            await asyncio.sleep(0)
        events.append("inner ended")

    async def open_outer() -> AsyncIterator[A]:
        inner = container.scope()
        await inner.aresolve(B)
        yield A()
        try:
            async with asyncio.timeout(None) as limit:
                limits.append(limit)
                contexts.append(contextvars.copy_context())
                await inner.aclose()
        except TimeoutError:
            events.append("outer timed out")

    container = services.scoped(A, open_outer).scoped(B, open_inner).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    run(main())

    assert events == ["inner timed out", "inner ended", "outer timed out"]


def test_time_limit_of_a_closer_that_only_yields_to_the_loop_reaches_it(services: ServiceCollection) -> None:
    events: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        try:
            async with asyncio.timeout(0.001):
                while True:
                    await asyncio.sleep(0)
        except TimeoutError:
            events.append("own time-out")

    container = services.scoped(A, open_a).build(close_timeout_s=1.0)

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    run(main())

    assert events == ["own time-out"]


def test_cancellation_waits_for_a_closer_that_only_yields_to_the_loop(services: ServiceCollection) -> None:
    events: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        closing.set()
        for _ in range(20):
            await asyncio.sleep(0)
        events.append("closed")

    container = services.scoped(A, open_a).build()
    closing = asyncio.Event()

    async def use() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    async def main() -> None:
        task = asyncio.create_task(use())
        await closing.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        events.append(f"cancelled {task.cancelled()}")

    run(main())

    assert events == ["closed", "cancelled True"]


def test_closer_may_await_any_awaitable(services: ServiceCollection) -> None:
    class Later:
        def __await__(self) -> Iterator[None]:
            yield
            ended.append("later")

    ended: list[str] = []
    services.singleton(A, on_close=lambda _: Later())
    services.singleton(B, on_close=lambda _: asyncio.ensure_future(asyncio.sleep(0.001)))
    container = services.build()

    async def main() -> None:
        async with container:
            container.resolve(A), container.resolve(B)

    run(main())

    assert ended == ["later"]


def test_context_variable_set_by_a_resource_is_reset_by_it(services: ServiceCollection) -> None:
    """Closers run in the task that closes, not in one of their own."""
    variable: ContextVar[str] = ContextVar("variable", default="outside")

    async def open_a() -> AsyncIterator[A]:
        token = variable.set("inside")
        yield A()
        await asyncio.sleep(0)
        variable.reset(token)

    container = services.scoped(A, open_a).build()

    async def main() -> tuple[str, str]:
        async with container.scope() as scope:
            await scope.aresolve(A)
            inside = variable.get()
        return inside, variable.get()

    assert run(main()) == ("inside", "outside")


def test_closer_that_cancels_its_own_task_ends_first(services: ServiceCollection) -> None:
    ended: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0.002)
        ended.append("a")

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())

    assert ended == ["a"]


def test_error_of_the_block_that_is_a_cancellation_propagates_unchanged(services: ServiceCollection) -> None:
    told: list[BaseException] = []

    async def open_a() -> AsyncIterator[A]:
        try:
            yield A()
        except asyncio.CancelledError as error:
            await asyncio.sleep(0.002)
            told.append(error)
            raise

    container = services.scoped(A, open_a).build()
    error = asyncio.CancelledError("mine")

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)
            raise error

    with pytest.raises(asyncio.CancelledError, match="mine"):
        asyncio.run(main())

    assert told == [error]


def test_cancelled_close_raises_the_closers_errors_as_context(services: ServiceCollection) -> None:
    async def open_a() -> AsyncIterator[A]:
        yield A()
        closing.set()
        await asyncio.sleep(0.002)
        raise ValueError("closer")

    container = services.scoped(A, open_a).build()
    closing = asyncio.Event()

    async def work() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    async def main() -> BaseException | None:
        task = asyncio.create_task(work())
        await cancel_when(closing, task)
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value.__context__

    context = run(main())
    while context is not None and not isinstance(context, CloseErrors):
        context = context.__context__

    assert isinstance(context, CloseErrors)
    assert only(ValueError, context).args == ("closer",)


@pytest.mark.parametrize("spins", [True, False])
def test_closer_that_takes_too_long_is_cancelled_and_the_others_run(services: ServiceCollection, spins: bool) -> None:
    events: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        events.append("a")

    async def open_b(a: A) -> AsyncIterator[B]:
        yield B()
        try:
            while True:
                await asyncio.sleep(0 if spins else WAIT_S)
        finally:
            events.append("b cancelled")

    container = services.scoped(A, open_a).scoped(B, open_b).build(close_timeout_s=0.02)

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(B)

    with pytest.raises(CloseErrors) as caught:
        run(main())

    assert "0.02 s" in str(only(TimeoutError, caught.value))
    assert events == ["b cancelled", "a"]


def test_closer_that_ignores_its_time_out_is_abandoned(services: ServiceCollection) -> None:
    events: list[str] = []

    async def close_b(_: B) -> None:
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(WAIT_S)

    services.scoped(A, on_close=lambda _: events.append("a"))

    def make(a: A) -> B:
        return B()

    container = services.scoped(B, make, on_close=close_b).build(close_timeout_s=0.02)

    async def main() -> float:
        began = time.monotonic()
        scope = container.scope()
        scope.resolve(B)
        with pytest.raises(CloseErrors, match="1 closer"):
            await scope.aclose()
        return time.monotonic() - began

    assert run(main()) < 1.0
    assert events == ["a"]


def test_cancelled_look_up_closes_what_it_opened_before(services: ServiceCollection) -> None:
    events: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        try:
            yield A()
        finally:
            events.append("a closed")

    async def open_b(a: A) -> AsyncIterator[B]:
        opening.set()
        try:
            await asyncio.sleep(WAIT_S)
            yield B()
        finally:
            events.append("b ended")

    container = services.scoped(A, open_a).scoped(B, open_b).build()
    opening = asyncio.Event()

    async def work() -> None:
        async with container.scope() as scope:
            await scope.aresolve(B)

    async def main() -> None:
        task = asyncio.create_task(work())
        await cancel_when(opening, task)
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())

    assert events == ["b ended", "a closed"]


def test_cancelled_transient_leaves_its_scope_closable(services: ServiceCollection) -> None:
    """A mark left behind would make the scope wait for a builder that is gone."""

    async def open_c() -> AsyncIterator[C]:
        opening.set()
        await asyncio.sleep(WAIT_S)
        yield C()

    container = services.transient(C, open_c).build()
    opening = asyncio.Event()

    async def main() -> None:
        scope = container.scope()
        task = asyncio.create_task(scope.aresolve(C))
        await cancel_when(opening, task)
        with pytest.raises(asyncio.CancelledError):
            await task
        scope.close()

    run(main())
