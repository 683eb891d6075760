"""``start()`` and ``astart()``: eager singletons, side by side along the graph, all or nothing."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from typing import Annotated, Any, Generic, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    AsyncRequiredError,
    CloseErrors,
    ContainerClosedError,
    Key,
    Lazy,
    Lifetime,
    RegistrationError,
    ServiceCollection,
    ServiceContainer,
    ServiceKey,
)
from tests.spec.helpers import WAIT_S, fact, in_thread, in_threads, way

T = TypeVar("T")


class Pool: ...


class Cache: ...


class Model:
    def __init__(self, pool: Pool, cache: Cache) -> None:
        self.pool, self.cache = pool, cache


class Broken:
    def __init__(self, pool: Pool) -> None:
        raise ValueError("no licence")


class Lazybones: ...


def counting(kind: type[Any], built: list[type[Any]]) -> Callable[[], Any]:
    def make() -> Any:
        built.append(kind)
        return kind()

    return make


def test_eager_singleton_and_what_it_needs_is_built_by_start() -> None:
    built: list[type[Any]] = []
    services = ServiceCollection().singleton(Pool, counting(Pool, built)).singleton(Cache, counting(Cache, built))
    services.singleton(Model, eager=True).singleton(Lazybones, counting(Lazybones, built))
    container = services.build()

    container.start()

    assert sorted(kind.__name__ for kind in built) == ["Cache", "Pool"]
    assert container[Model].pool is container[Pool]


def test_independent_singletons_are_built_side_by_side() -> None:
    both = threading.Barrier(2)

    def pool() -> Pool:
        both.wait(WAIT_S)
        return Pool()

    def cache() -> Cache:
        both.wait(WAIT_S)
        return Cache()

    services = ServiceCollection().singleton(Pool, pool).singleton(Cache, cache).singleton(Model, eager=True)

    services.build().start()

    assert not both.broken


def test_chain_is_built_in_the_callers_thread() -> None:
    """Threads are for what can be done side by side; a chain pays for none."""
    threads: list[int] = []

    def pool() -> Pool:
        threads.append(threading.get_ident())
        return Pool()

    class Needs:
        def __init__(self, pool: Pool) -> None:
            threads.append(threading.get_ident())

    services = ServiceCollection().singleton(Pool, pool).singleton(Needs, eager=True)

    services.build().start()

    assert threads == [threading.get_ident()] * 2


def test_context_of_the_caller_is_seen_in_every_thread() -> None:
    tenant = ContextVar("tenant", default="none")
    seen: list[str] = []

    def pool() -> Pool:
        seen.append(tenant.get())
        return Pool()

    def cache() -> Cache:
        seen.append(tenant.get())
        return Cache()

    services = ServiceCollection().singleton(Pool, pool, eager=True).singleton(Cache, cache, eager=True)
    tenant.set("blue")

    services.build().start()

    assert seen == ["blue", "blue"]


def test_start_twice_builds_once() -> None:
    built: list[type[Any]] = []
    container = ServiceCollection().singleton(Pool, counting(Pool, built), eager=True).build()

    container.start()
    container.start()

    assert built == [Pool]


def test_starts_at_the_same_time_share_one() -> None:
    built: list[type[Any]] = []
    begun, go_on = threading.Event(), threading.Event()

    def pool() -> Pool:
        built.append(Pool)
        begun.set()
        assert go_on.wait(WAIT_S)
        return Pool()

    container = ServiceCollection().singleton(Pool, pool, eager=True).build()

    def second() -> None:
        assert begun.wait(WAIT_S)
        go_on.set()
        container.start()

    in_threads([container.start, second])

    assert built == [Pool]


def test_every_start_at_the_same_time_gets_the_error() -> None:
    begun, go_on = threading.Event(), threading.Event()
    calls: list[int] = []

    def pool() -> Pool:
        calls.append(1)
        begun.set()
        assert go_on.wait(WAIT_S)
        raise ValueError("no licence")

    container = ServiceCollection().singleton(Pool, pool, eager=True).build()
    errors: list[BaseException] = []

    def start() -> None:
        with pytest.raises(ValueError, match="no licence") as caught:
            container.start()
        errors.append(caught.value)

    def second() -> None:
        assert begun.wait(WAIT_S)
        waiting = threading.Timer(0.05, go_on.set)
        waiting.start()
        start()
        waiting.join(WAIT_S)

    in_threads([start, second])

    assert len(errors) == 2
    assert len(calls) == 1


def test_start_while_another_one_takes_back_gets_its_error() -> None:
    """It would otherwise build on what is just being closed."""
    closing, go_on = threading.Event(), threading.Event()
    calls: list[int] = []
    errors: list[BaseException] = []

    def pool() -> Iterator[Pool]:
        yield Pool()
        closing.set()
        assert go_on.wait(WAIT_S)

    def broken(pool: Pool) -> Lazybones:
        calls.append(1)
        raise ValueError("no licence")

    container = ServiceCollection().singleton(Pool, pool).singleton(Lazybones, broken, eager=True).build()

    def start() -> None:
        with pytest.raises(ValueError, match="no licence") as caught:
            container.start()
        errors.append(caught.value)

    def second() -> None:
        assert closing.wait(WAIT_S)
        waiting = threading.Timer(0.05, go_on.set)
        waiting.start()
        start()
        waiting.join(WAIT_S)

    in_threads([start, second])

    assert errors[0] is errors[1]
    assert len(calls) == 1


def test_failed_start_closes_what_it_built_in_reverse_order() -> None:
    log: list[str] = []

    def pool() -> Iterator[Pool]:
        yield Pool()
        log.append("pool closed")

    def cache(pool: Pool) -> Iterator[Cache]:
        yield Cache()
        log.append("cache closed")

    def broken(pool: Pool, cache: Cache) -> Model:
        raise ValueError("no licence")

    services = ServiceCollection().singleton(Pool, pool).singleton(Cache, cache)
    services.singleton(Model, broken, eager=True)
    container = services.build()

    with pytest.raises(ValueError, match="no licence") as caught:
        container.start()

    assert log == ["cache closed", "pool closed"]
    assert "Model" in caught.value.__notes__[0]
    container.close()
    assert len(log) == 2


def test_container_may_be_started_again_after_a_failure() -> None:
    pools: list[Pool] = []
    errors = [ValueError("not yet")]

    def pool() -> Pool:
        pools.append(Pool())
        return pools[-1]

    def model(pool: Pool) -> Lazybones:
        if errors:
            raise errors.pop()
        return Lazybones()

    services = ServiceCollection().singleton(Pool, pool).singleton(Lazybones, model, eager=True)
    container = services.build()
    with pytest.raises(ValueError, match="not yet"):
        container.start()

    container.start()

    assert container[Pool] is pools[1]


def test_failed_start_leaves_what_others_had_built() -> None:
    log: list[str] = []

    def pool() -> Iterator[Pool]:
        yield Pool()
        log.append("pool closed")

    services = ServiceCollection().singleton(Pool, pool).singleton(Broken, eager=True)
    container = services.build()
    mine = container[Pool]

    with pytest.raises(ValueError, match="no licence"):
        container.start()

    assert container[Pool] is mine
    assert log == []
    container.close()


def test_object_taken_back_is_given_out_no_more() -> None:
    container = ServiceCollection().singleton(Pool).singleton(Broken, eager=True).build()
    seen: list[Pool] = []

    class Watching:
        def __init__(self, pool: Pool) -> None:
            seen.append(container[Pool])

    services = ServiceCollection().singleton(Pool).singleton(Watching).singleton(Lazybones, eager=True)

    def fails(watching: Watching) -> Lazybones:
        raise ValueError("no licence")

    services.singleton(Lazybones, fails, eager=True)
    container = services.build()

    with pytest.raises(ValueError, match="no licence"):
        container.start()

    assert container[Pool] is not seen[0]


def test_several_failures_come_as_a_group() -> None:
    both = threading.Barrier(2)

    def first() -> Pool:
        both.wait(WAIT_S)
        raise ValueError("first")

    def second() -> Cache:
        both.wait(WAIT_S)
        raise KeyError("second")

    services = ServiceCollection().singleton(Pool, first, eager=True).singleton(Cache, second, eager=True)

    with pytest.raises(ExceptionGroup) as caught:
        services.build().start()

    assert {type(error) for error in caught.value.exceptions} == {ValueError, KeyError}
    assert caught.value.message == "2 services could not be started"


def test_failing_closer_is_noted_on_the_error_of_the_start() -> None:
    def pool() -> Iterator[Pool]:
        yield Pool()
        raise OSError("stuck")

    container = ServiceCollection().singleton(Pool, pool).singleton(Broken, eager=True).build()

    with pytest.raises(ValueError, match="no licence") as caught:
        container.start()

    assert any("stuck" in note for note in caught.value.__notes__)


def test_start_of_async_services_names_them() -> None:
    async def pool() -> Pool:
        return Pool()

    services = ServiceCollection().singleton(Pool, pool).singleton(Cache).singleton(Model, eager=True)
    container = services.build()

    with pytest.raises(AsyncRequiredError, match="Model") as caught:
        container.start()

    assert fact(caught.value, "do this") == "await container.astart()"
    assert way(caught.value) == [(Model, "pool"), (Pool, None)]


def test_start_of_async_services_builds_nothing() -> None:
    built: list[type[Any]] = []

    async def pool() -> Pool:
        return Pool()

    services = (
        ServiceCollection().singleton(Pool, pool, eager=True).singleton(Cache, counting(Cache, built), eager=True)
    )
    container = services.build()

    with pytest.raises(AsyncRequiredError, match="Pool"):
        container.start()

    assert built == []


def test_async_services_built_before_can_be_started() -> None:
    async def pool() -> Pool:
        return Pool()

    services = ServiceCollection().singleton(Pool, pool).singleton(Cache).singleton(Model, eager=True)
    container = services.build()
    asyncio.run(container.aresolve(Pool))

    container.start()

    assert container[Model].pool is container[Pool]


def test_astart_builds_async_services_concurrently() -> None:
    async def main() -> ServiceContainer:
        first, second = asyncio.Event(), asyncio.Event()

        async def pool() -> Pool:
            first.set()
            await asyncio.wait_for(second.wait(), WAIT_S)
            return Pool()

        async def cache() -> Cache:
            second.set()
            await asyncio.wait_for(first.wait(), WAIT_S)
            return Cache()

        services = ServiceCollection().singleton(Pool, pool).singleton(Cache, cache).singleton(Model, eager=True)
        container = services.build()
        await container.astart()
        return container

    container = asyncio.run(main())

    assert container[Model].cache is container[Cache]


def test_astarts_at_the_same_time_share_one() -> None:
    built: list[type[Any]] = []

    async def pool() -> Pool:
        built.append(Pool)
        await asyncio.sleep(0)
        return Pool()

    container = ServiceCollection().singleton(Pool, pool, eager=True).build()

    async def main() -> None:
        await asyncio.gather(container.astart(), container.astart())

    asyncio.run(main())

    assert built == [Pool]


def test_failed_astart_cancels_and_closes_what_it_built() -> None:
    log: list[str] = []

    async def pool() -> AsyncIterator[Pool]:
        yield Pool()
        await asyncio.sleep(0)
        log.append("pool closed")

    async def cache(pool: Pool) -> Cache:
        try:
            await asyncio.sleep(WAIT_S)
        except asyncio.CancelledError:
            log.append("cache cancelled")
            raise
        return Cache()

    async def broken(pool: Pool) -> Lazybones:
        await asyncio.sleep(0)
        raise ValueError("no licence")

    services = ServiceCollection().singleton(Pool, pool).singleton(Cache, cache, eager=True)
    services.singleton(Lazybones, broken, eager=True)
    container = services.build()

    with pytest.raises(ValueError, match="no licence"):
        asyncio.run(container.astart())

    assert log == ["cache cancelled", "pool closed"]


def test_cancelled_astart_closes_what_it_built_first() -> None:
    log: list[str] = []

    async def pool() -> AsyncIterator[Pool]:
        yield Pool()
        await asyncio.sleep(0)
        log.append("pool closed")

    async def main() -> None:
        waits = asyncio.Event()

        async def cache(pool: Pool) -> Cache:
            waits.set()
            await asyncio.sleep(WAIT_S)
            return Cache()

        services = ServiceCollection().singleton(Pool, pool).singleton(Cache, cache, eager=True)
        task = asyncio.ensure_future(services.build().astart())
        await waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError, match=r"^$"):
            await task

    asyncio.run(main())

    assert log == ["pool closed"]


def test_start_of_a_closed_container_is_refused() -> None:
    container = ServiceCollection().singleton(Pool, eager=True).build()
    container.close()

    with pytest.raises(ContainerClosedError, match="the container is closed"):
        container.start()


def test_start_from_inside_a_factory_is_refused() -> None:
    containers: list[ServiceContainer] = []

    def pool() -> Pool:
        containers[0].start()
        return Pool()

    container = ServiceCollection().singleton(Pool, pool, eager=True).build()
    containers.append(container)

    with pytest.raises(RegistrationError, match=r"start\(\) is called by a constructor or factory"):
        in_thread(container.start)


def test_override_of_an_eager_service_is_what_starts() -> None:
    built: list[type[Any]] = []
    container = ServiceCollection().singleton(Pool, counting(Pool, built), eager=True).build()
    fake = Pool()

    with container.override(Pool, fake):
        container.start()

    assert built == []


class Shelf(Generic[T]): ...


class Library:
    def __init__(self, shelf: Shelf[Pool], keyed: Annotated[Lazy[Cache], Key("eu")]) -> None:
        self.shelf, self.keyed = shelf, keyed


def test_open_eager_services_start_what_is_asked_for() -> None:
    shelves: list[type[Any]] = []
    caches: list[Any] = []

    class Counted(Shelf[T]):
        def __init__(self) -> None:
            shelves.append(type(self))

    def cache(key: Annotated[str, ServiceKey()]) -> Cache:
        caches.append(key)
        return Cache()

    services = ServiceCollection().singleton(Shelf, Counted, eager=True).singleton(Library)
    container = services.singleton(Cache, cache, key=ANY_KEY, eager=True).build()

    container.start()

    assert (len(shelves), caches) == (1, ["eu"])
    assert container.resolve(Shelf[Pool]) is container[Library].shelf
    assert len(shelves) == 1


def test_eager_service_that_another_context_asked_for_starts_under_an_override() -> None:
    container = ServiceCollection().singleton(Pool).singleton(Shelf, eager=True).build()

    with container.override(Pool, Pool()):
        shelf = in_thread(lambda: container.resolve(Shelf[Cache]))
        container.start()

    assert container.resolve(Shelf[Cache]) is shelf


@pytest.mark.parametrize("lifetime", [Lifetime.SCOPED, Lifetime.TRANSIENT], ids=["scoped", "transient"])
def test_eager_without_a_singleton_is_refused(lifetime: Lifetime) -> None:
    services = ServiceCollection()

    with pytest.raises(RegistrationError, match=r"start\(\) builds singletons"):
        services.register(Pool, lifetime=lifetime, eager=True)


def test_transient_opened_for_a_singleton_is_closed_by_a_failed_start() -> None:
    log: list[str] = []

    def cache() -> Iterator[Cache]:
        yield Cache()
        log.append("cache closed")

    services = ServiceCollection().transient(Cache, cache).singleton(Pool).singleton(Model)

    def broken(model: Model) -> Lazybones:
        raise ValueError("no licence")

    container = services.singleton(Lazybones, broken, eager=True).build()

    with pytest.raises(ValueError, match="no licence"):
        container.start()

    assert log == ["cache closed"]


def test_closer_that_must_be_awaited_is_left_to_the_container() -> None:
    log: list[str] = []

    async def release(pool: Pool) -> None:
        log.append("pool closed")

    container = ServiceCollection().singleton(Pool, on_close=release).singleton(Broken, eager=True).build()
    with pytest.raises(ValueError, match="no licence") as caught:
        container.start()
    before = list(log)

    asyncio.run(container.aclose())

    assert before == []
    assert log == ["pool closed"]
    assert any("aclose()" in note for note in caught.value.__notes__)


def test_close_waits_for_a_start_in_another_thread() -> None:
    begun, go_on = threading.Event(), threading.Event()
    log: list[str] = []

    def pool() -> Iterator[Pool]:
        begun.set()
        assert go_on.wait(WAIT_S)
        yield Pool()
        log.append("pool closed")

    container = ServiceCollection().singleton(Pool, pool, eager=True).build()

    def close() -> None:
        assert begun.wait(WAIT_S)
        waiting = threading.Timer(0.05, go_on.set)
        waiting.start()
        container.close()
        waiting.join(WAIT_S)

    in_threads([container.start, close])

    assert log == ["pool closed"]


def test_closers_that_fail_after_a_failed_astart_are_noted() -> None:
    async def pool() -> AsyncIterator[Pool]:
        yield Pool()
        raise OSError("stuck")

    container = ServiceCollection().singleton(Pool, pool).singleton(Broken, eager=True).build()

    with pytest.raises(ValueError, match="no licence") as caught:
        asyncio.run(container.astart())

    assert not isinstance(caught.value, CloseErrors)
    assert any("stuck" in note for note in caught.value.__notes__)


def test_wide_graph_starts_within_the_bound_of_threads() -> None:
    most, now, lock = 0, 0, threading.Lock()

    def make() -> object:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        with lock:
            now -= 1
        return object()

    services = ServiceCollection()
    for number in range(300):
        services.singleton(object, make, key=number, eager=True)
    container = services.build()

    container.start()

    assert len({id(container.resolve(object, key=number)) for number in range(300)}) == 300
    assert 1 <= most <= 32
