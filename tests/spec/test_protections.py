"""One small test for each protection of the core; ``tests/mutants/`` removes the protections one by one.

The situations are forced with events, so that a test that is green once is green always.
"""

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kimera_di import (
    AsyncRequiredError,
    CircularDependencyError,
    CloseErrors,
    ContainerClosedError,
    Scope,
    ServiceCollection,
    ServiceContainer,
)

SOON_S = 0.15
LATE_S = 10.0


class Thing:
    pass


class Other:
    pass


class Holder:
    def __init__(self, thing: Thing) -> None:
        self.thing = thing


class SlowMaker:
    """A factory that stays inside until a second caller came in as well, or was kept out for a while."""

    def __init__(self) -> None:
        self.inside = 0
        self.entered = threading.Event()
        self.second = threading.Event()

    def __call__(self) -> Thing:
        self.inside += 1
        self.entered.set()
        if self.inside > 1:
            self.second.set()
        self.second.wait(SOON_S)
        return Thing()


def in_threads(*calls: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(LATE_S) for future in [pool.submit(call) for call in calls]]


def test_singleton_asked_for_by_two_threads_is_built_once() -> None:
    make = SlowMaker()
    container = ServiceCollection().singleton(Thing, make).build()

    first, second = in_threads(lambda: container[Thing], lambda: container[Thing])

    assert first is second
    assert make.inside == 1


def test_scoped_service_asked_for_by_two_threads_is_built_once() -> None:
    make = SlowMaker()
    scope = ServiceCollection().scoped(Thing, make).build().scope()

    first, second = in_threads(lambda: scope.resolve(Thing), lambda: scope.resolve(Thing))

    assert first is second
    assert make.inside == 1


def test_factory_may_wait_for_a_thread_that_builds_something_else() -> None:
    """A lock around everything would never let the helper in."""
    services = ServiceCollection().singleton(Other)
    box: list[ServiceContainer] = []

    def make() -> Thing:
        worker = threading.Thread(target=lambda: box[0].resolve(Other), daemon=True)
        worker.start()
        worker.join(2.0)
        assert not worker.is_alive(), "the helper thread is kept out"
        return Thing()

    box.append(services.singleton(Thing, make).build())

    assert isinstance(box[0][Thing], Thing)


def test_scoped_async_service_is_built_once_by_gathered_tasks() -> None:
    built: list[Thing] = []

    async def make() -> Thing:
        await asyncio.sleep(0.01)
        built.append(Thing())
        return built[-1]

    async def run() -> set[Thing]:
        async with ServiceCollection().scoped(Thing, make).build().scope() as scope:
            return set(await asyncio.gather(*(scope.aresolve(Thing) for _ in range(10))))

    assert len(asyncio.run(run())) == len(built) == 1


def test_waiting_thread_gets_the_builders_exception() -> None:
    entered, release = threading.Event(), threading.Event()
    calls: list[int] = []

    def make() -> Thing:
        calls.append(1)
        entered.set()
        release.wait(LATE_S)
        raise ValueError("broken")

    container = ServiceCollection().singleton(Thing, make).build()
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            container.resolve(Thing)
        except ValueError as error:
            errors.append(error)

    first = threading.Thread(target=ask)
    first.start()
    assert entered.wait(LATE_S)
    second = threading.Thread(target=ask)
    second.start()
    wait_until_somebody_waits(container)
    release.set()
    first.join(LATE_S)
    second.join(LATE_S)

    assert len(calls) == 1
    assert len(errors) == 2
    assert errors[0] is errors[1]


def wait_until_somebody_waits(container: ServiceContainer) -> None:
    """Spin until a claim of the container has a waiter: there is no event for it from outside."""
    pause = threading.Event()
    for _ in range(1000):
        cells = list((container._root._values or {}).values())
        if any(type(cell) is list and len(cell) > 2 and hasattr(cell[-1], "wake") for cell in cells):
            return
        pause.wait(0.005)
    raise AssertionError("nobody waits")


def test_failure_is_not_cached() -> None:
    attempts: list[int] = []

    def make() -> Thing:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("first")
        return Thing()

    container = ServiceCollection().singleton(Thing, make).build()

    with pytest.raises(ValueError, match="first"):
        container.resolve(Thing)

    assert isinstance(container.resolve(Thing), Thing)


def test_cancelled_builder_hands_over_to_a_waiter() -> None:
    calls: list[int] = []

    async def run() -> Thing:
        started = asyncio.Event()

        async def make() -> Thing:
            calls.append(1)
            started.set()
            if len(calls) == 1:
                await asyncio.sleep(LATE_S)
            return Thing()

        container = ServiceCollection().singleton(Thing, make).build()
        first = asyncio.create_task(container.aresolve(Thing))
        await started.wait()
        second = asyncio.create_task(container.aresolve(Thing))
        await asyncio.sleep(0.01)
        first.cancel()
        return await asyncio.wait_for(second, LATE_S)

    assert isinstance(asyncio.run(run()), Thing)
    assert len(calls) == 2


def test_waiter_in_another_event_loop_is_woken_by_a_call_that_suits_threads() -> None:
    """Any other call leaves the loop asleep until something else wakes it."""
    woken_by: list[int] = []

    class RecordingLoop(asyncio.SelectorEventLoop):
        def call_soon_threadsafe(self, *args: Any, **options: Any) -> asyncio.Handle:
            woken_by.append(threading.get_ident())
            return super().call_soon_threadsafe(*args, **options)

    started, release = threading.Event(), threading.Event()

    async def make() -> Thing:
        started.set()
        await asyncio.get_running_loop().run_in_executor(None, release.wait, LATE_S)
        return Thing()

    container = ServiceCollection().singleton(Thing, make).build()

    async def ask_second() -> Thing:
        task = asyncio.create_task(container.aresolve(Thing))
        await asyncio.sleep(0.02)
        release.set()
        return await asyncio.wait_for(task, LATE_S)

    def second() -> Thing:
        started.wait(LATE_S)
        with asyncio.Runner(loop_factory=RecordingLoop) as runner:
            return runner.run(ask_second())

    one, other = in_threads(lambda: asyncio.run(container.aresolve(Thing)), second)

    assert one is other
    assert woken_by


def test_builder_whose_loop_was_stopped_is_succeeded() -> None:
    calls: list[int] = []

    async def make() -> Thing:
        calls.append(1)
        if len(calls) == 1:
            await asyncio.sleep(LATE_S)
        return Thing()

    container = ServiceCollection().singleton(Thing, make).build()
    loop = asyncio.new_event_loop()
    tasks: list[asyncio.Task[Thing]] = []

    async def begin() -> None:
        tasks.append(loop.create_task(container.aresolve(Thing)))
        await asyncio.sleep(0.01)

    loop.run_until_complete(begin())
    result = asyncio.run(asyncio.wait_for(container.aresolve(Thing), 5.0))
    tasks[0].cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()

    assert container.resolve(Thing) is result


def test_service_that_asks_for_itself_is_a_cycle() -> None:
    services = ServiceCollection()
    box: list[ServiceContainer] = []
    services.singleton(Thing, lambda: box[0].resolve(Thing))
    box.append(services.build(stall_report_s=1.0))

    with pytest.raises(CircularDependencyError) as caught:
        box[0].resolve(Thing)

    assert caught.value.service is Thing
    assert caught.value.path[0].service is caught.value.path[-1].service


def test_child_task_of_a_builder_that_waits_for_it_is_a_cycle() -> None:
    box: list[ServiceContainer] = []

    async def make() -> Thing:
        return await asyncio.create_task(box[0].aresolve(Thing))

    box.append(ServiceCollection().singleton(Thing, make).build())

    with pytest.raises(CircularDependencyError):
        asyncio.run(asyncio.wait_for(box[0].aresolve(Thing), 5.0))


def test_two_threads_that_wait_for_each_other_are_a_cycle() -> None:
    services = ServiceCollection()
    box: list[ServiceContainer] = []
    both = threading.Barrier(2)

    def make_thing() -> Thing:
        both.wait(LATE_S)
        box[0].resolve(Other)
        return Thing()

    def make_other() -> Other:
        both.wait(LATE_S)
        box[0].resolve(Thing)
        return Other()

    box.append(services.singleton(Thing, make_thing).singleton(Other, make_other).build())

    def outcome(service: type) -> str:
        try:
            box[0].resolve(service)
        except CircularDependencyError:
            return "cycle"
        except threading.BrokenBarrierError:
            return "retried"
        return "built"

    assert "cycle" in in_threads(lambda: outcome(Thing), lambda: outcome(Other))


def resource(name: str, log: list[str], error: BaseException | None = None) -> Callable[[], Iterator[Any]]:
    def make() -> Iterator[Any]:
        yield object()
        log.append(name)
        if error is not None:
            raise error

    return make


def scope_with(*makers: Callable[[], Iterator[Any]]) -> Scope:
    kinds = [type(f"Part{number}", (), {}) for number in range(len(makers))]
    services = ServiceCollection()
    for kind, make in zip(kinds, makers, strict=True):
        services.scoped(kind, make)
    scope = services.build().scope()
    for kind in kinds:
        scope.resolve(kind)
    return scope


def test_closers_run_in_reverse_order() -> None:
    log: list[str] = []

    scope_with(resource("first", log), resource("second", log)).close()

    assert log == ["second", "first"]


def test_failing_closer_does_not_keep_the_others_from_running() -> None:
    log: list[str] = []
    scope = scope_with(resource("first", log), resource("second", log, ValueError("no")), resource("third", log))

    with pytest.raises(CloseErrors) as caught:
        scope.close()

    assert log == ["third", "second", "first"]
    assert [str(error) for error in caught.value.exceptions] == ["no"]


def test_interrupt_in_a_closer_does_not_keep_the_others_from_running() -> None:
    log: list[str] = []
    scope = scope_with(resource("first", log), resource("second", log, KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt):
        scope.close()

    assert log == ["second", "first"]


def test_first_of_two_interrupts_is_raised_with_the_other_one_and_the_failures_behind_it() -> None:
    log: list[str] = []
    first, second, failure = KeyboardInterrupt(), SystemExit(3), ValueError("no")
    scope = scope_with(resource("c", log, second), resource("b", log, failure), resource("a", log, first))

    with pytest.raises(KeyboardInterrupt) as caught:
        scope.close()

    assert log == ["a", "b", "c"]
    assert caught.value is first
    assert first.__context__ is second
    assert isinstance(second.__context__, CloseErrors)
    assert second.__context__.exceptions == (failure,)


def test_generator_is_told_the_error_of_its_scope() -> None:
    told: list[BaseException] = []

    def make() -> Iterator[Thing]:
        try:
            yield Thing()
        except ValueError as error:
            told.append(error)
            raise

    boom = ValueError("boom")

    def work() -> None:
        with ServiceCollection().scoped(Thing, make).build().scope() as scope:
            scope.resolve(Thing)
            raise boom

    with pytest.raises(ValueError, match="boom"):
        work()

    assert told == [boom]


def test_cancelled_close_runs_every_closer_to_its_end() -> None:
    log: list[str] = []

    async def make() -> AsyncIterator[Thing]:
        yield Thing()
        log.append("begins")
        await asyncio.sleep(0.02)
        log.append("ends")

    async def run() -> None:
        scope = ServiceCollection().scoped(Thing, make).build().scope()
        await scope.aresolve(Thing)
        task = asyncio.create_task(scope.aclose())
        await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())

    assert log == ["begins", "ends"]


def test_time_out_of_a_closer_of_its_own_reaches_it() -> None:
    """Shielding must not take a closer's own time-out for a cancellation from outside."""
    log: list[str] = []

    async def make() -> AsyncIterator[Thing]:
        yield Thing()
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(LATE_S)
        except TimeoutError:
            log.append("gave up")

    async def run() -> None:
        async with ServiceCollection().scoped(Thing, make).build().scope() as scope:
            await scope.aresolve(Thing)

    asyncio.run(asyncio.wait_for(run(), 5.0))

    assert log == ["gave up"]


def test_closer_that_hangs_is_ended_after_the_close_timeout() -> None:
    async def make() -> AsyncIterator[Thing]:
        yield Thing()
        await asyncio.sleep(LATE_S)

    async def run() -> None:
        scope = ServiceCollection().scoped(Thing, make).build(close_timeout_s=0.02).scope()
        await scope.aresolve(Thing)
        await scope.aclose()

    with pytest.raises(CloseErrors) as caught:
        asyncio.run(asyncio.wait_for(run(), 5.0))

    assert isinstance(caught.value.exceptions[0], TimeoutError)


def test_close_waits_for_a_builder_in_flight_and_closes_what_it_made() -> None:
    entered, release, log = threading.Event(), threading.Event(), list[str]()

    def make() -> Iterator[Thing]:
        entered.set()
        release.wait(LATE_S)
        log.append("opened")
        yield Thing()
        log.append("closed")

    scope = ServiceCollection().scoped(Thing, make).build().scope()
    builder = threading.Thread(target=lambda: scope.resolve(Thing))
    builder.start()
    assert entered.wait(LATE_S)
    closer = threading.Thread(target=scope.close)
    closer.start()
    closer.join(SOON_S)
    waited = closer.is_alive()
    release.set()
    builder.join(LATE_S)
    closer.join(LATE_S)

    assert waited
    assert log == ["opened", "closed"]


def test_sync_close_with_an_async_resource_closes_nothing() -> None:
    log: list[str] = []

    async def make() -> AsyncIterator[Other]:
        yield Other()
        log.append("async")

    async def run() -> None:
        services = ServiceCollection().scoped(Thing, resource("sync", log)).scoped(Other, make)
        scope = services.build().scope()
        scope.resolve(Thing)
        await scope.aresolve(Other)
        with pytest.raises(AsyncRequiredError, match="nothing was closed"):
            scope.close()
        assert log == []
        await scope.aclose()

    asyncio.run(run())

    assert log == ["async", "sync"]


def test_closed_scope_and_container_refuse_every_look_up() -> None:
    container = ServiceCollection().singleton(Thing).build()
    container.resolve(Thing)
    scope = container.scope()
    scope.resolve(Thing)
    scope.close()
    container.close()

    for look_up in (lambda: scope.resolve(Thing), lambda: container.resolve(Thing), lambda: container[Thing]):
        with pytest.raises(ContainerClosedError):
            look_up()


def test_override_is_not_seen_by_another_thread() -> None:
    container = ServiceCollection().singleton(Thing).build()
    real = container.resolve(Thing)

    with container.override(Thing, Thing()) as _:
        seen = in_threads(lambda: container.resolve(Thing))[0]

    assert seen is real


def test_override_rebuilds_what_depends_on_it_and_leaves_nothing() -> None:
    container = ServiceCollection().singleton(Thing).singleton(Holder).build()
    before, fake = container.resolve(Holder), Thing()

    with container.override(Thing, fake):
        within = container.resolve(Holder)
        subscripted = container[Holder]
    after = container.resolve(Holder)

    assert within.thing is subscripted.thing is fake
    assert after is before
    assert container[Holder] is before


def test_builder_that_began_before_an_override_publishes_nothing_after() -> None:
    """Otherwise the warm table would give the real object to the context of the override."""
    entered, release = threading.Event(), threading.Event()

    def make() -> Thing:
        entered.set()
        release.wait(LATE_S)
        return Thing()

    container = ServiceCollection().singleton(Thing, make).build()
    slow = threading.Thread(target=lambda: container.resolve(Thing))
    slow.start()
    assert entered.wait(LATE_S)
    fake = Thing()

    with container.override(Thing, fake):
        release.set()
        slow.join(LATE_S)
        seen = container.resolve(Thing), container[Thing]

    assert seen == (fake, fake)


def test_ended_override_is_transparent_in_a_copied_context() -> None:
    container = ServiceCollection().singleton(Thing).build()

    with container.override(Thing, Thing()):
        context = contextvars.copy_context()

    with container.override(Thing, Thing()):  # the slow path is taken, and must pass the ended one by
        seen = context.run(container.resolve, Thing)

    assert seen is container.resolve(Thing)


def test_override_closes_what_it_built() -> None:
    log: list[str] = []
    container = ServiceCollection().singleton(Thing).build()

    with container.override(Thing, factory=resource("fake", log)):
        container.resolve(Thing)

    assert log == ["fake"]


def test_exception_of_a_factory_has_no_foreign_context() -> None:
    """The missed table look-up behind it is nobody's business."""

    def make() -> Thing:
        raise ValueError("mine")

    scope = ServiceCollection().scoped(Thing, make).build().scope()

    with pytest.raises(ValueError, match="mine") as caught:
        scope.resolve(Thing)

    assert caught.value.__context__ is None
    assert [note for note in caught.value.__notes__ if "Thing" in note]


def test_warm_look_ups_take_no_lock() -> None:
    """All locks of the container are held by somebody else meanwhile."""
    container = ServiceCollection().singleton(Thing).scoped(Other).build()
    scope = container.scope()
    expected = [container[Thing], container.resolve(Thing), scope.resolve(Thing), scope.resolve(Other)]
    root, found = container._root, list[object]()

    def look_up() -> None:
        found.extend([container[Thing], container.resolve(Thing), scope.resolve(Thing), scope.resolve(Other)])

    thread = threading.Thread(target=look_up)
    with root.lock, root.base._lock:
        thread.start()
        thread.join(SOON_S * 10)
        found_meanwhile = list(found)
    thread.join()

    assert found_meanwhile == expected
