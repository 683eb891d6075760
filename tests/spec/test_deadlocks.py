"""Guarantee 3: a wait that could never end raises, with the way round; one that ends is left alone."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from kimera_di import CircularDependencyError, ServiceCollection
from tests.spec.concurrency import Background, areached, auntil, reached, run, until, waiters
from tests.spec.helpers import WAIT_S

LIFETIMES = pytest.mark.parametrize("lifetime", ["singleton", "scoped"])


class A:
    pass


class B:
    pass


class C:
    pass


def services_of(error: CircularDependencyError) -> list[Any]:
    """Give the services of the path, which must name a place for each."""
    assert all(step.file is not None and Path(step.file).name == "test_deadlocks.py" for step in error.path)
    assert all(step.line for step in error.path)
    assert error.path[0] == error.path[-1]
    assert error.service is error.path[0].service
    return [step.service for step in error.path]


@LIFETIMES
def test_constructor_that_resolves_itself_is_a_cycle(services: ServiceCollection, lifetime: str) -> None:
    class Selfish:
        def __init__(self) -> None:
            scope.resolve(Selfish)

    getattr(services, lifetime)(Selfish)
    scope = services.build().scope()

    with pytest.raises(CircularDependencyError, match="waits for itself") as caught:
        scope.resolve(Selfish)

    assert services_of(caught.value) == [Selfish, Selfish]


@LIFETIMES
def test_constructor_that_resolves_itself_through_another_service_is_a_cycle(
    services: ServiceCollection, lifetime: str
) -> None:
    class First:
        def __init__(self) -> None:
            scope.resolve(Second)

    class Second:
        def __init__(self) -> None:
            scope.resolve(First)

    getattr(services, lifetime)(First)
    getattr(services, lifetime)(Second)
    scope = services.build().scope()

    with pytest.raises(CircularDependencyError) as caught:
        scope.resolve(First)

    assert services_of(caught.value) == [First, Second, First]


@LIFETIMES
def test_cycle_leaves_no_claim_behind(services: ServiceCollection, lifetime: str) -> None:
    class Selfish:
        def __init__(self) -> None:
            if not cured:
                scope.resolve(Selfish)

    cured: list[bool] = []
    getattr(services, lifetime)(Selfish)
    scope = services.build().scope()
    with pytest.raises(CircularDependencyError, match="Selfish"):
        scope.resolve(Selfish)
    cured.append(True)

    with Background(lambda: scope.resolve(Selfish)) as call:
        assert isinstance(call.result(), Selfish)


@LIFETIMES
def test_async_factory_that_awaits_itself_is_a_cycle(services: ServiceCollection, lifetime: str) -> None:
    async def make() -> A:
        return await scope.aresolve(A)

    getattr(services, lifetime)(A, make)
    scope = services.build().scope()

    with pytest.raises(CircularDependencyError) as caught:
        run(scope.aresolve(A))

    assert services_of(caught.value) == [A, A]


@LIFETIMES
def test_async_factory_that_awaits_itself_through_another_service_is_a_cycle(
    services: ServiceCollection, lifetime: str
) -> None:
    async def make_a() -> A:
        await scope.aresolve(B)
        return A()

    async def make_b() -> B:
        await scope.aresolve(A)
        return B()

    getattr(services, lifetime)(A, make_a)
    getattr(services, lifetime)(B, make_b)
    scope = services.build().scope()

    with pytest.raises(CircularDependencyError) as caught:
        run(scope.aresolve(A))

    assert services_of(caught.value) == [A, B, A]


@LIFETIMES
def test_async_factory_that_resolves_itself_synchronously_is_a_cycle(
    services: ServiceCollection, lifetime: str
) -> None:
    async def make() -> A:
        return scope.resolve(A)

    getattr(services, lifetime)(A, make)
    scope = services.build().scope()

    with pytest.raises(CircularDependencyError) as caught:
        run(scope.aresolve(A))

    assert services_of(caught.value) == [A, A]


@LIFETIMES
@pytest.mark.parametrize("how", ["gather", "create_task", "wait_for", "task_group", "to_thread"])
def test_child_that_waits_for_its_parents_service_is_a_cycle(
    services: ServiceCollection, lifetime: str, how: str
) -> None:
    async def make() -> A:
        if how == "gather":
            await asyncio.gather(scope.aresolve(A), asyncio.sleep(0))
        elif how == "create_task":
            await asyncio.create_task(scope.aresolve(A))
        elif how == "wait_for":
            await asyncio.wait_for(scope.aresolve(A), WAIT_S)
        elif how == "to_thread":
            await asyncio.to_thread(scope.resolve, A)
        else:
            async with asyncio.TaskGroup() as group:
                group.create_task(scope.aresolve(A))
        return A()

    getattr(services, lifetime)(A, make)
    scope = services.build().scope()

    with pytest.raises((CircularDependencyError, ExceptionGroup)) as caught:
        run(scope.aresolve(A))
    error: Any = caught.value.exceptions[0] if isinstance(caught.value, ExceptionGroup) else caught.value

    assert services_of(error) == [A, A]


@LIFETIMES
def test_grandchild_in_a_thread_that_waits_is_a_cycle(services: ServiceCollection, lifetime: str) -> None:
    async def make_b() -> B:
        await asyncio.to_thread(scope.resolve, A)
        return B()

    async def make_a() -> A:
        await asyncio.create_task(scope.aresolve(B))
        return A()

    getattr(services, lifetime)(A, make_a)
    getattr(services, lifetime)(B, make_b)
    scope = services.build().scope()

    with pytest.raises(CircularDependencyError) as caught:
        run(scope.aresolve(A))

    assert services_of(caught.value) == [A, B, A]


@LIFETIMES
def test_two_threads_whose_constructors_cross_are_a_cycle(services: ServiceCollection, lifetime: str) -> None:
    barrier = threading.Barrier(2)

    class Left:
        def __init__(self) -> None:
            barrier.wait(WAIT_S)
            scope.resolve(Right)

    class Right:
        def __init__(self) -> None:
            barrier.wait(WAIT_S)
            scope.resolve(Left)

    getattr(services, lifetime)(Left)
    getattr(services, lifetime)(Right)
    scope = services.build().scope()
    with Background(lambda: scope.resolve(Left)) as left, Background(lambda: scope.resolve(Right)) as right:
        errors = [left.error(), right.error()]

    assert errors[0] is errors[1]  # whoever came second raises, and its waiter gets the same error
    assert isinstance(errors[0], CircularDependencyError)
    assert services_of(errors[0]) in ([Left, Right, Left], [Right, Left, Right])


def test_three_threads_that_wait_in_a_ring_are_a_cycle(services: ServiceCollection) -> None:
    barrier = threading.Barrier(3)

    def maker(kind: type, other: type) -> Any:
        def make() -> Any:
            barrier.wait(WAIT_S)
            container.resolve(other)
            return kind()

        return make

    services.singleton(A, maker(A, B)).singleton(B, maker(B, C)).singleton(C, maker(C, A))
    container = services.build()
    with (
        Background(lambda: container.resolve(A)) as one,
        Background(lambda: container.resolve(B)) as two,
        Background(lambda: container.resolve(C)) as three,
    ):
        errors = [one.error(), two.error(), three.error()]

    (error,) = {id(each): each for each in errors}.values()
    assert isinstance(error, CircularDependencyError)
    assert services_of(error) in ([A, B, C, A], [B, C, A, B], [C, A, B, C])


def test_two_tasks_whose_factories_cross_are_a_cycle(services: ServiceCollection) -> None:
    async def make_a() -> A:
        begun.append(1)
        await auntil(lambda: len(begun) == 2)
        await container.aresolve(B)
        return A()

    async def make_b() -> B:
        begun.append(1)
        await auntil(lambda: len(begun) == 2)
        await container.aresolve(A)
        return B()

    begun: list[int] = []
    container = services.singleton(A, make_a).singleton(B, make_b).build()

    async def main() -> list[Any]:
        return await asyncio.gather(container.aresolve(A), container.aresolve(B), return_exceptions=True)

    first, second = run(main())

    assert first is second
    assert services_of(first) in ([A, B, A], [B, A, B])


def test_task_and_thread_that_wait_for_each_other_are_a_cycle(services: ServiceCollection) -> None:
    """The task does not even block its loop."""

    async def make_a() -> A:
        await areached(b_begun)
        await container.aresolve(B)
        return A()

    def make_b() -> B:
        b_begun.set()
        reached(a_begun)
        container.resolve(A)
        return B()

    async def main() -> A:
        task = asyncio.create_task(container.aresolve(A))
        await asyncio.sleep(0)
        a_begun.set()
        return await task

    a_begun, b_begun = threading.Event(), threading.Event()
    container = services.singleton(A, make_a).singleton(B, make_b).build()
    with Background(lambda: container.resolve(B)) as thread, Background(lambda: run(main())) as task:
        errors = [thread.error(), task.error()]

    assert errors[0] is errors[1]
    assert isinstance(errors[0], CircularDependencyError)
    assert services_of(errors[0]) in ([A, B, A], [B, A, B])


@pytest.mark.parametrize("first", ["thread", "loop"])
def test_thread_that_waits_for_a_loop_that_is_blocked_by_waiting_for_it_is_a_cycle(
    services: ServiceCollection, first: str
) -> None:
    """What blocks the loop is any synchronous look-up in it, not the builder the thread waits for."""
    building, blocked, go_on = threading.Event(), threading.Event(), threading.Event()

    async def make_a() -> A:
        building.set()
        while not go_on.is_set():
            await asyncio.sleep(0.001)
        return A()

    def make_b() -> B:
        b_begun.set()
        reached(building)
        if first == "loop":
            until(lambda: waiters(container.scope()) == 1)
        blocked.set()
        container.resolve(A)
        return B()

    async def main() -> None:
        task = asyncio.create_task(container.aresolve(A))
        await areached(b_begun)
        await areached(building)
        if first == "thread":
            await areached(blocked)
            await auntil(lambda: waiters(container.scope()) == 1)
        try:
            container.resolve(B)
        finally:
            go_on.set()
            await task

    b_begun = threading.Event()
    container = services.singleton(A, make_a).singleton(B, make_b).build()
    with Background(lambda: container.resolve(B)) as thread, Background(lambda: run(main())) as loop:
        thread.is_done(WAIT_S)
        loop.is_done(WAIT_S)

    error = loop.error()
    assert isinstance(error, CircularDependencyError)
    assert services_of(error) in ([A, B, A], [B, A, B])


def test_background_task_may_use_the_service_after_its_factory_has_ended(services: ServiceCollection) -> None:
    """It was started by the factory and has copied its context; what that held is settled."""

    async def later() -> A:
        await areached(built)
        await container.aresolve(C)
        return await container.aresolve(A)

    async def make_a() -> A:
        tasks.append(asyncio.create_task(later()))
        return A()

    async def make_c() -> C:
        await asyncio.sleep(0.001)
        return C()

    built = threading.Event()
    tasks: list[asyncio.Task[A]] = []
    container = services.singleton(A, make_a).singleton(C, make_c).build()

    async def main() -> bool:
        thing = await container.aresolve(A)
        other = asyncio.create_task(container.aresolve(C))
        built.set()
        await other
        return await tasks[0] is thing

    assert run(main())


def test_waits_that_end_are_no_cycle(services: ServiceCollection) -> None:
    """Two threads build the same chain from both ends; what the one has settled must not count as held."""

    class Middle:
        def __init__(self, a: A) -> None:
            pass

    class Top:
        def __init__(self, a: A, middle: Middle) -> None:
            container.scope()

    for _ in range(200):
        container = ServiceCollection().scoped(A).scoped(Middle).scoped(Top).build()
        scope = container.scope()
        barrier = threading.Barrier(2)

        def work(kind: type, scope: Any = scope, barrier: threading.Barrier = barrier) -> Any:
            barrier.wait(WAIT_S)
            return scope.resolve(kind)

        with Background(lambda: work(Top)) as one, Background(lambda: work(Middle)) as two:
            one.result(), two.result()


def test_settled_claim_of_a_waiter_is_no_part_of_a_cycle(services: ServiceCollection) -> None:
    """The thread that waited for A is woken but has not run yet when the builder of A begins to wait for it.

    Top's builder settles A and then needs B, whose builder waited for A: no cycle, because A is there.
    """

    class Top:
        def __init__(self, a: A, b: B) -> None:
            self.a, self.b = a, b

    def make_a() -> A:
        a_begun.set()
        until(lambda: waiters(scope) == 1)
        return A()

    def make_b() -> B:
        b_begun.set()
        reached(a_begun)
        scope.resolve(A)
        return B()

    a_begun, b_begun = threading.Event(), threading.Event()
    scope = services.scoped(A, make_a).scoped(B, make_b).scoped(Top).build().scope()
    with Background(lambda: scope.resolve(B)) as two:
        reached(b_begun)
        with Background(lambda: scope.resolve(Top)) as one:
            top = one.result()

    assert top.a is scope.resolve(A)
    assert top.b is two.result()


def test_same_service_in_another_scope_is_no_cycle(services: ServiceCollection) -> None:
    depth: list[int] = []

    class Nested:
        def __init__(self) -> None:
            depth.append(1)
            if len(depth) < 3:
                with container.scope() as inner:
                    self.inner = inner.resolve(Nested)

    container = services.scoped(Nested).build()
    with container.scope() as scope:
        scope.resolve(Nested)

    assert len(depth) == 3
