"""Guarantees 9 and 10 while others build, resolve or close: nothing opened stays open, nobody waits for ever."""

import asyncio
import contextlib
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from kimera_di import AsyncRequiredError, CircularDependencyError, ContainerClosedError, ServiceCollection
from tests.spec.concurrency import Background, areached, auntil, reached, run, until, waiters
from tests.spec.helpers import mortal_classes

LIFETIMES = pytest.mark.parametrize("lifetime", ["singleton", "scoped", "transient"])


class A:
    pass


class B:
    pass


class Holder:
    def __init__(self, a: A) -> None:
        self.a = a


class Slow:
    """Generator factories that stop until the test lets them go on."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.events: list[str] = []

    def make(self) -> Iterator[A]:
        self.begun.set()
        reached(self.go_on)
        yield A()
        self.events.append("closed")

    async def amake(self) -> AsyncIterator[A]:
        self.begun.set()
        await areached(self.go_on)
        yield A()
        await asyncio.sleep(0)
        self.events.append("closed")


def owner_of(services: ServiceCollection, lifetime: str, factory: Any) -> tuple[Any, Any]:
    """Build; give what resolves ``A`` (for a singleton the container) and its scope or container to be closed."""
    getattr(services, lifetime)(A, factory)
    container = services.build()
    return (container, container) if lifetime == "singleton" else (container.scope(), container)


def is_shut(owner: Any) -> bool:
    return "closed" in repr(owner)


@LIFETIMES
def test_close_waits_for_a_builder_in_flight_and_closes_what_it_made(
    services: ServiceCollection, lifetime: str
) -> None:
    slow = Slow()
    owner, _ = owner_of(services, lifetime, slow.make)

    with Background(lambda: owner.resolve(A)) as building:
        reached(slow.begun)
        with Background(owner.close) as closing:
            until(lambda: is_shut(owner))
            assert not closing.is_done()
            slow.go_on.set()

    closing.result()
    assert slow.events == ["closed"]
    with contextlib.suppress(ContainerClosedError):
        assert isinstance(building.result(), A)


@LIFETIMES
def test_aclose_waits_for_a_builder_in_flight_and_closes_what_it_made(
    services: ServiceCollection, lifetime: str
) -> None:
    slow = Slow()
    owner, _ = owner_of(services, lifetime, slow.amake)

    async def main() -> None:
        building = asyncio.create_task(owner.aresolve(A))
        await areached(slow.begun)
        closing = asyncio.create_task(owner.aclose())
        await auntil(lambda: is_shut(owner))
        assert not closing.done()
        slow.go_on.set()
        await closing
        assert slow.events == ["closed"]
        with contextlib.suppress(ContainerClosedError):
            assert isinstance(await building, A)

    run(main())


@LIFETIMES
def test_aclose_that_is_cancelled_still_waits_for_a_builder_in_flight(
    services: ServiceCollection, lifetime: str
) -> None:
    slow = Slow()
    owner, _ = owner_of(services, lifetime, slow.amake)

    async def main() -> None:
        building = asyncio.create_task(owner.aresolve(A))
        await areached(slow.begun)
        closing = asyncio.create_task(owner.aclose())
        await auntil(lambda: is_shut(owner))
        closing.cancel()
        await asyncio.sleep(0)
        slow.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert slow.events == ["closed"]
        await asyncio.gather(building, return_exceptions=True)

    run(main())


@LIFETIMES
def test_sync_close_with_an_async_builder_in_flight_is_refused(services: ServiceCollection, lifetime: str) -> None:
    slow = Slow()
    owner, _ = owner_of(services, lifetime, slow.amake)

    async def main() -> None:
        building = asyncio.create_task(owner.aresolve(A))
        await areached(slow.begun)
        with pytest.raises(AsyncRequiredError, match=r"must await .*, which a task is building; nothing was closed"):
            owner.close()
        slow.go_on.set()
        assert isinstance(await building, A)
        await owner.aclose()

    run(main())

    assert slow.events == ["closed"]


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
@LIFETIMES
def test_refused_close_is_seen_by_nobody(services: ServiceCollection, lifetime: str) -> None:
    """Another thread that resolves meanwhile must not be told that the owner is closed."""

    async def make() -> AsyncIterator[A]:
        yield A()

    services.scoped(B) if lifetime != "singleton" else services.singleton(B)
    owner, _ = owner_of(services, lifetime, make)
    stop = threading.Event()
    looks: list[int] = []

    def resolve_all_the_time() -> None:
        while not stop.is_set():
            owner.resolve(B)
            looks.append(1)

    async def main() -> None:
        await owner.aresolve(A)
        with Background(resolve_all_the_time) as other:
            closes = 0
            while (len(looks) < 12000 or closes < 3000) and not other.is_done():
                with pytest.raises(AsyncRequiredError, match="nothing was closed"):
                    owner.close()
                closes += 1
            stop.set()
            other.result()
        await owner.aclose()

    run(main())


@LIFETIMES
@pytest.mark.parametrize("is_async", [True, False])
def test_stopped_loops_builder_does_not_keep_the_owner_open(
    services: ServiceCollection, lifetime: str, is_async: bool
) -> None:
    """If the loop ever goes on, the builder closes what it made."""
    slow = Slow()
    owner, _ = owner_of(services, lifetime, slow.amake)
    with asyncio.Runner() as runner:
        task = runner.get_loop().create_task(owner.aresolve(A))
        runner.run(areached(slow.begun))

        if is_async:
            run(owner.aclose())
        else:
            owner.close()
        slow.go_on.set()
        with pytest.raises(ContainerClosedError, match="closed"):
            runner.run(result_of(task))

        assert slow.events == ["closed"]


@pytest.mark.usefixtures("restless")
def test_refused_end_of_a_block_is_seen_by_nobody(services: ServiceCollection) -> None:
    async def make() -> AsyncIterator[A]:
        yield A()

    scope = services.scoped(A, make).scoped(B).build().scope()
    stop = threading.Event()
    looks: list[int] = []

    def resolve_all_the_time() -> None:
        while not stop.is_set():
            scope.resolve(B)
            looks.append(1)

    async def main() -> None:
        await scope.aresolve(A)
        with Background(resolve_all_the_time) as other:
            ends = 0
            while (len(looks) < 12000 or ends < 3000) and not other.is_done():
                with pytest.raises(AsyncRequiredError, match="nothing was closed"), scope:
                    pass
                ends += 1
            stop.set()
            other.result()
        await scope.aclose()

    run(main())


async def result_of(task: "asyncio.Task[Any]") -> Any:
    return await task


def test_waiter_of_a_closed_scope_gets_the_object_or_a_clear_error(services: ServiceCollection) -> None:
    slow = Slow()
    owner, _ = owner_of(services, "scoped", slow.make)

    with Background(lambda: owner.resolve(A)) as building:
        reached(slow.begun)
        with Background(lambda: owner.resolve(A)) as waiting, Background(owner.close) as closing:
            until(lambda: is_shut(owner))
            slow.go_on.set()

    closing.result()
    for each in (building, waiting):
        with contextlib.suppress(ContainerClosedError):
            assert isinstance(each.result(), A)


def test_second_closer_waits_for_the_first(services: ServiceCollection) -> None:
    closing, go_on = threading.Event(), threading.Event()

    def make() -> Iterator[A]:
        yield A()
        closing.set()
        reached(go_on)

    container = services.singleton(A, make).build()
    container.resolve(A)

    with Background(container.close) as first:
        reached(closing)
        with Background(container.close) as second, Background(lambda: run(container.aclose())) as third:
            assert not second.is_done(0.05)
            assert not third.is_done()
            go_on.set()

    for each in (first, second, third):
        each.result()


def test_second_closer_of_another_loop_waits_for_the_first(services: ServiceCollection) -> None:
    closing, go_on = threading.Event(), threading.Event()

    async def make() -> AsyncIterator[A]:
        yield A()
        closing.set()
        await areached(go_on)

    container = services.singleton(A, make).build()

    async def use() -> None:
        async with container:
            await container.aresolve(A)

    with Background(lambda: run(use())) as first:
        reached(closing)
        with Background(container.close) as second, Background(lambda: run(container.aclose())) as third:
            assert not second.is_done(0.05)
            assert not third.is_done()
            go_on.set()

    for each in (first, second, third):
        each.result()


def test_second_closer_closes_when_the_first_is_refused(services: ServiceCollection) -> None:
    """The one waits for a builder and is then refused, because what was built must be awaited to close."""
    begun, go_on, waiting = threading.Event(), threading.Event(), threading.Event()
    closed: list[str] = []

    async def close(_: A) -> None:
        closed.append("a")

    def make() -> A:
        begun.set()
        reached(go_on)
        return A()

    async def close_as_second() -> None:
        closing = asyncio.create_task(container.aclose())
        await asyncio.sleep(0)  # it has begun to wait
        waiting.set()
        await closing

    container = services.singleton(A, make, on_close=close).build()
    with Background(lambda: container.resolve(A)):
        reached(begun)
        with Background(container.close) as first:
            until(lambda: is_shut(container))
            with Background(lambda: run(close_as_second())) as second:
                reached(waiting)
                assert not second.is_done(0.02)
                go_on.set()

    assert isinstance(first.error(), AsyncRequiredError)
    second.result()
    assert closed == ["a"]
    assert is_shut(container)


@pytest.mark.parametrize("lifetime", ["singleton", "scoped"])
def test_sync_close_in_a_loop_that_closes_already_is_refused(services: ServiceCollection, lifetime: str) -> None:
    """Waiting for the task would block the loop it needs."""
    go_on = threading.Event()

    async def make() -> AsyncIterator[A]:
        yield A()
        await areached(go_on)

    owner, _ = owner_of(services, lifetime, make)

    async def main() -> None:
        await owner.aresolve(A)
        closing = asyncio.create_task(owner.aclose())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with pytest.raises(AsyncRequiredError, match="is being closed by a task of this event loop"):
            owner.close()
        go_on.set()
        await closing

    run(main())


@pytest.mark.parametrize("how", ["same_stack", "task", "child_task"])
def test_closer_may_close_its_own_owner(services: ServiceCollection, how: str) -> None:
    """A server's shut-down hook closes the container whose closing calls the hook."""
    events: list[str] = []

    def close(_: A) -> None:
        container.close()
        events.append("closed")

    async def aclose(_: A) -> None:
        await asyncio.sleep(0)
        if how == "task":
            await container.aclose()
        else:
            await asyncio.gather(container.aclose())
        events.append("closed")

    container = services.singleton(A, on_close=close if how == "same_stack" else aclose).build()
    container.resolve(A)
    if how == "same_stack":
        with Background(container.close) as closing:
            closing.result()
    else:
        run(container.aclose())

    assert events == ["closed"]


@LIFETIMES
@pytest.mark.parametrize("resource", [True, False])
def test_factory_cannot_close_its_owner(services: ServiceCollection, lifetime: str, resource: bool) -> None:
    def make() -> A:
        owner.close()
        return A()

    def make_resource() -> Iterator[A]:
        owner.close()
        yield A()

    if lifetime == "transient" and not resource:
        pytest.skip("nothing waits for it")
    owner, _ = owner_of(services, lifetime, make_resource if resource else make)

    with Background(lambda: owner.resolve(A)) as call:
        error = call.error()

    assert isinstance(error, ContainerClosedError)
    assert "cannot be closed by a constructor or factory it is running" in str(error)
    assert not is_shut(owner)


@LIFETIMES
def test_factory_cannot_close_the_container(services: ServiceCollection, lifetime: str) -> None:
    def make() -> Iterator[A]:
        container.close()
        yield A()

    owner, container = owner_of(services, lifetime, make)

    with pytest.raises(ContainerClosedError, match="the container cannot be closed by a constructor or factory"):
        owner.resolve(A)

    assert not is_shut(container)


@LIFETIMES
@pytest.mark.parametrize("child", [True, False])
def test_async_factory_cannot_close_its_owner(services: ServiceCollection, lifetime: str, child: bool) -> None:
    async def make() -> AsyncIterator[A]:
        await (asyncio.create_task(owner.aclose()) if child else owner.aclose())
        yield A()

    owner, _ = owner_of(services, lifetime, make)

    with pytest.raises(ContainerClosedError, match="cannot be closed by a constructor or factory it is running"):
        run(owner.aresolve(A))

    assert not is_shut(owner)


def test_factory_may_close_a_scope_it_opened(services: ServiceCollection) -> None:
    def make() -> A:
        with container.scope() as scope:
            scope.resolve(B)
        return A()

    def make_b() -> Iterator[B]:
        yield B()

    container = services.singleton(A, make).scoped(B, make_b).build()

    assert isinstance(container.resolve(A), A)


def test_close_in_a_loop_that_a_builder_waits_for_is_refused(services: ServiceCollection) -> None:
    """The scope waits for the thread, the thread for the singleton, and the singleton for this loop."""
    slow = Slow()
    b_begun = threading.Event()

    class NeedsA:
        def __init__(self) -> None:
            b_begun.set()
            container.resolve(A)

    def open_needs_a() -> Iterator[NeedsA]:
        yield NeedsA()

    container = services.singleton(A, slow.amake).scoped(NeedsA, open_needs_a).build()
    scope = container.scope()

    async def main() -> None:
        building = asyncio.create_task(container.aresolve(A))
        await areached(slow.begun)
        thread = asyncio.create_task(asyncio.to_thread(scope.resolve, NeedsA))
        await areached(b_begun)
        await auntil(lambda: waiters(scope) == 1)
        with pytest.raises(AsyncRequiredError, match="would block the event loop that a builder waits for"):
            scope.close()
        slow.go_on.set()
        await building
        await thread
        await scope.aclose()
        await container.aclose()

    run(main())


def test_constructor_that_closes_a_scope_whose_builder_waits_for_it_is_a_cycle(services: ServiceCollection) -> None:
    begun = threading.Event()

    def make_a() -> A:
        begun.set()
        until(lambda: waiters(scope) == 1)
        scope.close()
        return A()

    def open_b() -> Iterator[B]:
        reached(begun)
        container.resolve(A)
        yield B()

    container = services.singleton(A, make_a).scoped(B, open_b).build()
    scope = container.scope()

    with Background(lambda: container.resolve(A)) as one, Background(lambda: scope.resolve(B)) as two:
        errors = [one.error(), two.error()]

    assert errors[0] is errors[1]
    assert isinstance(errors[0], CircularDependencyError)
    assert [step.service for step in errors[0].path] == [A, B, A]


def test_async_factory_that_closes_a_scope_whose_builder_waits_for_it_leaves_the_scope_open(
    services: ServiceCollection,
) -> None:
    async def make_a() -> A:
        await auntil(lambda: waiters(scope) == 1)
        await scope.aclose()
        return A()

    async def open_b() -> AsyncIterator[B]:
        await container.aresolve(A)
        yield B()

    container = services.singleton(A, make_a).scoped(B, open_b).build()
    scope = container.scope()

    async def main() -> list[Any]:
        return await asyncio.gather(container.aresolve(A), scope.aresolve(B), return_exceptions=True)

    errors = run(main())

    assert [type(error) for error in errors] == [CircularDependencyError, CircularDependencyError]
    assert not is_shut(scope)


def test_scope_outlives_its_container_only_to_be_closed(services: ServiceCollection) -> None:
    events: list[str] = []

    def make() -> Iterator[A]:
        yield A()
        events.append("closed")

    container = services.scoped(A, make).scoped(B).build()
    scope = container.scope()
    scope.resolve(A)
    container.close()

    for use in (lambda: scope.resolve(A), lambda: scope.resolve(B), scope.scope):
        with pytest.raises(ContainerClosedError, match="closed"):
            use()
    assert events == []
    scope.close()
    assert events == ["closed"]


def test_many_threads_closing_a_scope_close_it_once(services: ServiceCollection) -> None:
    events: list[int] = []

    def make() -> Iterator[A]:
        yield A()
        events.append(1)

    container = services.scoped(A, make).build()
    for number in range(100):
        scope = container.scope()
        scope.resolve(A)
        barrier = threading.Barrier(3)

        def work(scope: Any = scope, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            scope.close()
            assert len(events) == number + 1  # noqa: B023 - the loop waits for the threads

        with Background(work) as one, Background(work) as two, Background(work) as three:
            for each in (one, two, three):
                each.result()

    assert len(events) == 100


@pytest.mark.parametrize("leave", ["close", "exit"])
def test_resource_opened_while_the_scope_closes_is_closed_or_refused(services: ServiceCollection, leave: str) -> None:
    opened: list[A] = []
    closed: list[A] = []

    def make() -> Iterator[A]:
        thing = A()
        opened.append(thing)
        yield thing
        closed.append(thing)

    container = services.scoped(A, make).build()
    for _ in range(300):
        scope = container.scope()
        barrier = threading.Barrier(2)

        def resolve(scope: Any = scope, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            with contextlib.suppress(ContainerClosedError):
                scope.resolve(A)

        with Background(resolve) as call:
            barrier.wait()
            scope.close() if leave == "close" else scope.__exit__(None, None, None)
            call.result()

        assert closed == opened


@pytest.mark.parametrize("lifetime", ["scoped", "singleton"])
def test_transient_resource_belongs_to_whoever_asked(services: ServiceCollection, lifetime: str) -> None:
    events: list[str] = []

    def make() -> Iterator[A]:
        yield A()
        events.append("transient")

    def hold(a: A) -> Iterator[Holder]:
        yield Holder(a)
        events.append("holder")

    getattr(services.transient(A, make), lifetime)(Holder, hold)
    with services.build() as container:
        with container.scope() as scope:
            scope.resolve(Holder)
        assert events == ([] if lifetime == "singleton" else ["holder", "transient"])

    assert events == ["holder", "transient"]


def test_async_transient_resource_of_a_singleton_is_closed_with_the_container(services: ServiceCollection) -> None:
    events: list[str] = []

    async def make() -> AsyncIterator[A]:
        yield A()
        events.append("transient")

    async def hold(a: A) -> AsyncIterator[Holder]:
        yield Holder(a)
        events.append("holder")

    container = services.transient(A, make).singleton(Holder, hold).build()

    async def main() -> None:
        async with container:
            await container.aresolve(Holder)

    run(main())

    assert events == ["holder", "transient"]


@pytest.mark.parametrize("kind", [StopIteration, StopAsyncIteration])
@pytest.mark.parametrize("ended", [True, False])
def test_block_that_ends_with_a_stop_iteration_keeps_it(
    services: ServiceCollection, kind: type[Exception], ended: bool
) -> None:
    """Generators turn it into a RuntimeError, which is nobody's failure; one that has ended gives it back."""

    def make() -> Iterator[A]:
        yield A()

    async def amake() -> AsyncIterator[B]:
        yield B()

    container = services.scoped(A, make).scoped(B, amake).build()
    scope = container.scope()
    error = kind("mine")

    async def main() -> None:
        scope.resolve(A)
        await scope.aresolve(B)
        if ended:
            await asyncio.get_running_loop().shutdown_asyncgens()
        await scope.__aexit__(kind, error, None)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        run(main())

    assert not getattr(error, "__notes__", [])


@mortal_classes
def test_unclosed_scope_and_container_say_so_when_they_are_collected(services: ServiceCollection) -> None:
    def make() -> Iterator[A]:
        yield A()

    def use() -> Callable[[], object]:
        container = services.scoped(A, make).singleton(B, B, on_close=lambda _: None).build()
        scope = container.scope()
        scope.resolve(A), scope.resolve(B)
        return container.scope

    import gc

    def use_and_collect() -> None:
        use()
        gc.collect()

    with pytest.warns(ResourceWarning) as caught:
        use_and_collect()

    texts = sorted(str(warning.message) for warning in caught)
    assert [text.split(" was ")[0] for text in texts] == ["a container", "a scope"]
