"""Guarantee 1 across event loops: one object, waiters of any loop, loops that stop or close while they build."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from kimera_di import AsyncRequiredError, ServiceCollection
from tests.spec.concurrency import Background, Meeting, areached, auntil, reached, run, until, waiters
from tests.spec.helpers import in_threads

LIFETIMES = pytest.mark.parametrize("lifetime", ["singleton", "scoped"])


class A:
    pass


class B:
    pass


class Slow:
    """An async factory that stops in its first call until the test lets it go on; counts calls and closings."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.calls = 0
        self.made: list[A] = []
        self.closed: list[A] = []

    async def _make(self) -> A:
        self.calls += 1
        if self.calls == 1:
            self.begun.set()
            while not self.go_on.is_set():
                await asyncio.sleep(0.001)
        self.made.append(A())
        return self.made[-1]

    async def plain(self) -> A:
        return await self._make()

    async def generator(self) -> AsyncIterator[A]:
        thing = await self._make()
        yield thing
        await asyncio.sleep(0)
        self.closed.append(thing)


@LIFETIMES
def test_two_loops_asking_first_get_one_object(services: ServiceCollection, lifetime: str) -> None:
    meeting = Meeting()

    async def make() -> A:
        await asyncio.to_thread(meeting.visit)
        return A()

    getattr(services, lifetime)(A, make)
    scope = services.build().scope()
    first, second = in_threads([lambda: run(scope.aresolve(A))] * 2)

    assert first is second
    assert meeting.visitors == 1


@LIFETIMES
def test_two_tasks_asking_first_get_one_object(services: ServiceCollection, lifetime: str) -> None:
    slow = Slow()
    getattr(services, lifetime)(A, slow.plain)
    scope = services.build().scope()

    async def main() -> list[A]:
        tasks = [asyncio.create_task(scope.aresolve(A)) for _ in range(3)]
        await auntil(lambda: waiters(scope) == 2)
        slow.go_on.set()
        return await asyncio.gather(*tasks)

    assert run(main()) == slow.made * 3
    assert slow.calls == 1


@LIFETIMES
def test_waiter_in_another_loop_is_woken_at_once(services: ServiceCollection, lifetime: str) -> None:
    slow = Slow()
    getattr(services, lifetime)(A, slow.plain)
    scope = services.build().scope()
    linger = threading.Event()

    async def build() -> A:
        thing = await scope.aresolve(A)
        await areached(linger)  # the loop still runs: nobody may take over
        return thing

    with Background(lambda: run(build())) as first:
        reached(slow.begun)
        with Background(lambda: run(scope.aresolve(A))) as second:
            until(lambda: waiters(scope) == 1)
            slow.go_on.set()
            assert second.is_done(0.5), "the waiter was not woken"
            linger.set()

    assert first.result() is second.result()
    assert slow.calls == 1


@LIFETIMES
def test_loop_goes_on_while_one_of_its_tasks_waits_for_a_thread(services: ServiceCollection, lifetime: str) -> None:
    """The constructor in the other thread even needs this loop to finish."""
    begun = threading.Event()

    def make() -> A:
        begun.set()
        assert asyncio.run_coroutine_threadsafe(asyncio.sleep(0, "answer"), loops[0]).result(5) == "answer"
        return A()

    loops: list[asyncio.AbstractEventLoop] = []
    getattr(services, lifetime)(A, make)
    scope = services.build().scope()

    async def main() -> tuple[A, A]:
        loops.append(asyncio.get_running_loop())
        thread = asyncio.create_task(asyncio.to_thread(scope.resolve, A))
        await areached(begun)
        return await scope.aresolve(A), await thread

    first, second = run(main())

    assert first is second


@LIFETIMES
def test_built_async_object_is_available_to_synchronous_code(services: ServiceCollection, lifetime: str) -> None:
    async def make() -> A:
        return A()

    getattr(services, lifetime)(A, make)
    scope = services.build().scope()
    built = run(scope.aresolve(A))

    assert scope.resolve(A) is built


@LIFETIMES
def test_object_in_flight_is_refused_to_synchronous_code_of_its_own_loop(
    services: ServiceCollection, lifetime: str
) -> None:
    """Waiting would block the loop that builds it."""
    slow = Slow()
    getattr(services, lifetime)(A, slow.plain)
    scope = services.build().scope()

    async def main() -> A:
        building = asyncio.create_task(scope.aresolve(A))
        await areached(slow.begun)
        with pytest.raises(AsyncRequiredError, match="A") as caught:
            scope.resolve(A)
        slow.go_on.set()
        assert caught.value.path[-1].service is A
        return await building

    assert run(main()) is scope.resolve(A)


@LIFETIMES
def test_object_in_flight_is_waited_for_by_another_thread(services: ServiceCollection, lifetime: str) -> None:
    slow = Slow()
    getattr(services, lifetime)(A, slow.plain)
    scope = services.build().scope()

    with Background(lambda: run(scope.aresolve(A))) as task:
        reached(slow.begun)
        with Background(lambda: scope.resolve(A)) as thread:
            until(lambda: waiters(scope) == 1)
            slow.go_on.set()

    assert task.result() is thread.result()


@contextlib.contextmanager
def stopped_builder(scope: Any, slow: Slow) -> Iterator[Callable[[], Any]]:
    """Give a function that resumes a builder whose loop is stopped in the middle of it."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(scope.aresolve(A))
    loop.run_until_complete(areached(slow.begun))

    def resume() -> Any:
        slow.go_on.set()
        return loop.run_until_complete(task)

    try:
        yield resume
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            loop.run_until_complete(task)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@LIFETIMES
@pytest.mark.parametrize("kind", ["plain", "generator"])
def test_waiter_takes_over_from_a_stopped_loop(services: ServiceCollection, lifetime: str, kind: str) -> None:
    slow = Slow()
    getattr(services, lifetime)(A, getattr(slow, kind))
    container = services.build()
    scope = container.scope()

    with stopped_builder(scope, slow), asyncio.Runner() as runner:
        thing = runner.run(scope.aresolve(A))

        assert slow.made == [thing]
        assert slow.calls == 2
        runner.run(close_all(scope, container))


@LIFETIMES
def test_displaced_builder_closes_what_it_made_and_uses_the_other_object(
    services: ServiceCollection, lifetime: str
) -> None:
    slow = Slow()
    getattr(services, lifetime)(A, slow.generator)
    container = services.build()
    scope = container.scope()

    with stopped_builder(scope, slow) as resume, asyncio.Runner() as runner:
        thing = runner.run(scope.aresolve(A))
        found = resume()

        assert found is thing
        assert slow.closed == [slow.made[1]]
        runner.run(close_all(scope, container))
        assert slow.closed == [slow.made[1], thing]


async def close_all(*owners: Any) -> None:
    for owner in owners:
        await owner.aclose()


@LIFETIMES
@pytest.mark.parametrize("is_async", [True, False])
def test_displaced_builder_calls_on_close_for_what_it_made(
    services: ServiceCollection, lifetime: str, is_async: bool
) -> None:
    slow = Slow()

    async def aclose(thing: A) -> None:
        await asyncio.sleep(0)
        slow.closed.append(thing)

    getattr(services, lifetime)(A, slow.plain, on_close=aclose if is_async else slow.closed.append)
    container = services.build()
    scope = container.scope()

    with stopped_builder(scope, slow) as resume:
        thing = run(scope.aresolve(A))

        assert resume() is thing
        assert slow.closed == [slow.made[1]]
    run(close_all(scope, container))


@LIFETIMES
def test_displaced_builder_that_fails_raises_its_error(services: ServiceCollection, lifetime: str) -> None:
    """It is nobody else's: the service exists meanwhile."""
    slow = Slow()

    async def make() -> A:
        thing = await slow.plain()
        if len(slow.made) == 2:
            raise ValueError("too late")
        return thing

    getattr(services, lifetime)(A, make)
    scope = services.build().scope()

    with stopped_builder(scope, slow) as resume:
        thing = run(scope.aresolve(A))
        with pytest.raises(ValueError, match="too late"):
            resume()

    assert scope.resolve(A) is thing


@LIFETIMES
def test_displaced_builder_that_is_cancelled_stays_cancelled(services: ServiceCollection, lifetime: str) -> None:
    slow = Slow()
    getattr(services, lifetime)(A, slow.plain)
    scope = services.build().scope()
    loop = asyncio.new_event_loop()
    task = loop.create_task(scope.aresolve(A))
    loop.run_until_complete(areached(slow.begun))
    thing = run(scope.aresolve(A))

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()

    assert scope.resolve(A) is thing


@LIFETIMES
def test_waiter_that_sleeps_already_takes_over_when_the_loop_stops(services: ServiceCollection, lifetime: str) -> None:
    slow = Slow()
    getattr(services, lifetime)(A, slow.plain)
    scope = services.build().scope()
    stop = threading.Event()
    loop = asyncio.new_event_loop()
    task = loop.create_task(scope.aresolve(A))

    with Background(lambda: loop.run_until_complete(areached(stop))) as running:
        reached(slow.begun)
        with Background(lambda: run(scope.aresolve(A))) as waiter:
            until(lambda: waiters(scope) == 1)
            stop.set()
            running.result()
            thing = waiter.result()

    slow.go_on.set()
    assert loop.run_until_complete(task) is thing
    loop.close()


@LIFETIMES
def test_waiter_takes_over_from_a_closed_loop(services: ServiceCollection, lifetime: str) -> None:
    slow = Slow()
    getattr(services, lifetime)(A, slow.plain)
    scope = services.build().scope()
    loop = asyncio.new_event_loop()
    coroutine = scope.aresolve(A)
    task = loop.create_task(coroutine)
    loop.run_until_complete(areached(slow.begun))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()

    assert isinstance(run(scope.aresolve(A)), A)
    assert slow.calls == 2
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio would complain, rightly
    coroutine.close()


@LIFETIMES
def test_synchronous_look_up_takes_over_from_a_stopped_loop_and_is_refused(
    services: ServiceCollection, lifetime: str
) -> None:
    """It cannot build what awaits, but it must not wait for ever either."""
    slow = Slow()
    getattr(services, lifetime)(A, slow.plain)
    scope = services.build().scope()

    with stopped_builder(scope, slow), pytest.raises(AsyncRequiredError, match="A cannot be built without await"):
        scope.resolve(A)


def test_look_ups_in_one_loop_after_another_share_the_singleton(services: ServiceCollection) -> None:
    async def make() -> A:
        await asyncio.sleep(0)
        return A()

    container = services.singleton(A, make).build()

    assert run(container.aresolve(A)) is run(container.aresolve(A))


def test_singletons_of_one_look_up_may_come_from_two_loops(services: ServiceCollection) -> None:
    class Both:
        def __init__(self, a: A, b: B) -> None:
            self.a, self.b = a, b

    slow = Slow()

    async def make_b() -> B:
        return B()

    container = services.singleton(A, slow.plain).singleton(B, make_b).singleton(Both).build()
    with Background(lambda: run(container.aresolve(A))) as one:
        reached(slow.begun)
        with Background(lambda: run(container.aresolve(Both))) as other:
            slow.go_on.set()

    assert other.result().a is one.result()
