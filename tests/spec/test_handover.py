"""Errors reach whoever waits and are not cached; a cancelled, interrupted or vanished builder is succeeded."""

import asyncio
import contextvars
import gc
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kimera_di import ServiceCollection
from tests.spec.concurrency import Background, areached, auntil, reached, run, until, waiters
from tests.spec.helpers import WAIT_S

LIFETIMES = pytest.mark.parametrize("lifetime", ["singleton", "scoped"])


class A:
    pass


class Stop(BaseException):
    pass


class Builder:
    """A factory in which the first builder stops until the test lets it go on, and then may fail."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.calls = 0
        self._error = error

    def make(self) -> A:
        self.calls += 1
        if self.calls == 1:
            self.begun.set()
            reached(self.go_on)
            if self._error is not None:
                raise self._error
        return A()

    async def amake(self) -> A:
        self.calls += 1
        if self.calls == 1:
            self.begun.set()
            await areached(self.go_on)
            if self._error is not None:
                raise self._error
        return A()


@LIFETIMES
def test_error_of_a_factory_reaches_every_waiting_thread(services: ServiceCollection, lifetime: str) -> None:
    error = ValueError("no")
    builder = Builder(error)
    getattr(services, lifetime)(A, builder.make)
    scope = services.build().scope()

    with Background(lambda: scope.resolve(A)) as first:
        reached(builder.begun)
        with Background(lambda: scope.resolve(A)) as second, Background(lambda: scope.resolve(A)) as third:
            until(lambda: waiters(scope) == 2)
            builder.go_on.set()

    assert first.error() is second.error() is third.error() is error
    assert builder.calls == 1


@LIFETIMES
def test_error_of_an_async_factory_reaches_every_waiting_task(services: ServiceCollection, lifetime: str) -> None:
    error = ValueError("no")
    builder = Builder(error)
    getattr(services, lifetime)(A, builder.amake)
    scope = services.build().scope()

    async def main() -> list[Any]:
        tasks = [asyncio.create_task(scope.aresolve(A)) for _ in range(3)]
        await auntil(lambda: waiters(scope) == 2)
        builder.go_on.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert run(main()) == [error] * 3
    assert builder.calls == 1


@LIFETIMES
def test_error_of_an_async_factory_reaches_a_thread_that_waits(services: ServiceCollection, lifetime: str) -> None:
    error = ValueError("no")
    builder = Builder(error)
    getattr(services, lifetime)(A, builder.amake)
    scope = services.build().scope()

    with Background(lambda: run(scope.aresolve(A))) as task:
        reached(builder.begun)
        with Background(lambda: scope.resolve(A)) as thread:
            until(lambda: waiters(scope) == 1)
            builder.go_on.set()

    assert task.error() is thread.error() is error


@LIFETIMES
def test_error_is_not_cached(services: ServiceCollection, lifetime: str) -> None:
    builder = Builder(ValueError("no"))
    builder.go_on.set()
    getattr(services, lifetime)(A, builder.make)
    scope = services.build().scope()
    with pytest.raises(ValueError, match="no"):
        scope.resolve(A)

    assert isinstance(scope.resolve(A), A)


@LIFETIMES
def test_async_error_is_not_cached(services: ServiceCollection, lifetime: str) -> None:
    builder = Builder(ValueError("no"))
    builder.go_on.set()
    getattr(services, lifetime)(A, builder.amake)
    scope = services.build().scope()

    async def main() -> A:
        with pytest.raises(ValueError, match="no"):
            await scope.aresolve(A)
        return await scope.aresolve(A)

    assert isinstance(run(main()), A)


def test_shared_error_carries_one_note(services: ServiceCollection) -> None:
    """Several waiters pass the same object on, each through its own look-up."""
    builder = Builder(ValueError("no"))
    services.singleton(A, builder.make)
    scope = services.build().scope()

    with Background(lambda: scope.resolve(A)) as first:
        reached(builder.begun)
        with Background(lambda: scope.resolve(A)), Background(lambda: scope.resolve(A)):
            until(lambda: waiters(scope) == 2)
            builder.go_on.set()

    assert len(first.error().__notes__) == 1


@LIFETIMES
@pytest.mark.parametrize("error", [Stop(), KeyboardInterrupt(), SystemExit()])
def test_interrupted_builder_hands_over_to_a_waiting_thread(
    services: ServiceCollection, lifetime: str, error: BaseException
) -> None:
    builder = Builder(error)
    getattr(services, lifetime)(A, builder.make)
    scope = services.build().scope()

    with Background(lambda: scope.resolve(A)) as first:
        reached(builder.begun)
        with Background(lambda: scope.resolve(A)) as second, Background(lambda: scope.resolve(A)) as third:
            until(lambda: waiters(scope) == 2)
            builder.go_on.set()

    assert first.error() is error
    assert second.result() is third.result()
    assert builder.calls == 2


@LIFETIMES
def test_cancelled_builder_hands_over_to_a_waiting_task(services: ServiceCollection, lifetime: str) -> None:
    builder = Builder()
    getattr(services, lifetime)(A, builder.amake)
    scope = services.build().scope()

    async def main() -> tuple[Any, Any, Any]:
        tasks = [asyncio.create_task(scope.aresolve(A)) for _ in range(3)]
        await auntil(lambda: waiters(scope) == 2)
        tasks[0].cancel()
        builder.go_on.set()
        first, second, third = await asyncio.gather(*tasks, return_exceptions=True)
        return first, second, third

    first, second, third = run(main())

    assert isinstance(first, asyncio.CancelledError)
    assert isinstance(second, A)
    assert second is third
    assert builder.calls == 2


@LIFETIMES
def test_cancelled_builder_hands_over_to_another_loop(services: ServiceCollection, lifetime: str) -> None:
    builder = Builder()
    getattr(services, lifetime)(A, builder.amake)
    scope = services.build().scope()
    cancelled = threading.Event()

    async def cancel_it() -> None:
        task = asyncio.create_task(scope.aresolve(A))
        await areached(builder.begun)
        await auntil(lambda: waiters(scope) == 1)
        task.cancel()
        builder.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        cancelled.set()

    with Background(lambda: run(cancel_it())) as canceller:
        reached(builder.begun)
        with Background(lambda: run(scope.aresolve(A))) as other:
            reached(cancelled)
            assert other.is_done(0.5), "the waiter was not woken"

    canceller.result()
    assert isinstance(other.result(), A)


@LIFETIMES
def test_waiter_that_is_cancelled_does_not_disturb_the_builder(services: ServiceCollection, lifetime: str) -> None:
    builder = Builder()
    getattr(services, lifetime)(A, builder.amake)
    scope = services.build().scope()

    async def main() -> tuple[Any, Any, Any]:
        tasks = [asyncio.create_task(scope.aresolve(A)) for _ in range(3)]
        await auntil(lambda: waiters(scope) == 2)
        tasks[1].cancel()
        await asyncio.sleep(0)
        builder.go_on.set()
        first, second, third = await asyncio.gather(*tasks, return_exceptions=True)
        return first, second, third

    first, second, third = run(main())

    assert isinstance(second, asyncio.CancelledError)
    assert first is third
    assert builder.calls == 1


class Pause:
    """Suspends a coroutine that is driven by hand."""

    def __await__(self) -> Iterator[None]:
        yield


@LIFETIMES
def test_collected_builder_hands_over(services: ServiceCollection, lifetime: str) -> None:
    """A coroutine that nobody drives any more is closed by the collector, in whatever thread that runs."""
    calls: list[int] = []

    async def make() -> A:
        calls.append(1)
        if len(calls) == 1:
            await Pause()
        return A()

    getattr(services, lifetime)(A, make)
    scope = services.build().scope()

    async def main() -> Any:
        forgotten = scope.aresolve(A)
        contextvars.copy_context().run(forgotten.send, None)
        waiter = asyncio.create_task(scope.aresolve(A))
        await auntil(lambda: waiters(scope) == 1)
        del forgotten
        gc.collect()
        return await asyncio.wait_for(waiter, 0.5)

    assert isinstance(run(main()), A)
    assert len(calls) == 2


@LIFETIMES
def test_builder_collected_in_another_thread_hands_over(services: ServiceCollection, lifetime: str) -> None:
    async def make() -> A:
        calls.append(1)
        if len(calls) == 1:
            await Pause()
        return A()

    calls: list[int] = []
    getattr(services, lifetime)(A, make)
    scope = services.build().scope()
    box: list[Any] = []

    async def begin() -> None:
        box.append(scope.aresolve(A))
        contextvars.copy_context().run(box[0].send, None)

    async def main() -> Any:
        await begin()
        waiter = asyncio.create_task(scope.aresolve(A))
        await auntil(lambda: waiters(scope) == 1)
        await asyncio.to_thread(box.clear)
        gc.collect()
        return await asyncio.wait_for(waiter, 0.5)

    assert isinstance(run(main()), A)


@LIFETIMES
def test_successor_of_a_cancelled_generator_opens_its_own_resource(services: ServiceCollection, lifetime: str) -> None:
    begun = threading.Event()
    events: list[str] = []

    async def make() -> AsyncIterator[A]:
        number = len([each for each in events if each.startswith("open")])
        events.append(f"open {number}")
        try:
            if number == 0:
                begun.set()
                await asyncio.sleep(WAIT_S)
            yield A()
        finally:
            events.append(f"close {number}")

    getattr(services, lifetime)(A, make)
    container = services.build()

    async def main() -> None:
        async with container, container.scope() as scope:
            builder = asyncio.create_task(scope.aresolve(A))
            await areached(begun)
            waiter = asyncio.create_task(scope.aresolve(A))
            await auntil(lambda: waiters(scope) == 1)
            builder.cancel()
            await waiter
            assert events == ["open 0", "close 0", "open 1"]

    run(main())

    assert events == ["open 0", "close 0", "open 1", "close 1"]


@pytest.mark.parametrize("lifetime", ["singleton", "scoped", "transient"])
def test_async_look_up_on_a_full_stack_leaves_no_claim(lifetime: str) -> None:
    """Whatever call meets the recursion limit; a claim left behind would keep the next look-up waiting."""

    async def make() -> AsyncIterator[A]:
        yield A()

    async def dive(depth: int, scope: Any) -> Any:
        return await (dive(depth - 1, scope) if depth else scope.aresolve(A))

    async def main(depth: int) -> str:
        services = ServiceCollection()
        getattr(services, lifetime)(A, make)
        async with services.build() as container, container.scope() as scope:
            try:
                await dive(depth, scope)
                outcome = "built"
            except RecursionError:
                outcome = "refused"
            assert isinstance(await asyncio.wait_for(scope.aresolve(A), WAIT_S), A), depth
            return outcome

    limit = sys.getrecursionlimit()
    outcomes = {asyncio.run(main(depth)) for depth in range(limit - 60, limit)}

    assert "refused" in outcomes
