import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import pytest

from kimera_di import AsyncRequiredError, Lifetime, RegistrationError, ServiceCollection
from tests.spec.helpers import way


class Settings:
    name = "settings"


@dataclass
class Pool:
    settings: Settings
    size: int = 1

    @classmethod
    def with_two(cls, settings: Settings) -> "Pool":
        return cls(settings, 2)

    @staticmethod
    def with_three(settings: Settings) -> "Pool":
        return Pool(settings, 3)


@dataclass
class Service:
    pool: Pool


class PoolMaker:
    def __call__(self, settings: Settings) -> Pool:
        return Pool(settings, 4)

    def make(self, settings: Settings) -> Pool:
        return Pool(settings, 5)


def make_pool(settings: Settings) -> Pool:
    return Pool(settings, 6)


def make_sized(size: int, settings: Settings) -> Pool:
    return Pool(settings, size)


def yield_pool(settings: Settings) -> Iterator[Pool]:
    yield Pool(settings, 8)


@contextmanager
def manage_pool(settings: Settings) -> Iterator[Pool]:
    yield Pool(settings, 9)


async def await_pool(settings: Settings) -> Pool:
    await asyncio.sleep(0)
    return Pool(settings, 10)


async def ayield_pool(settings: Settings) -> AsyncIterator[Pool]:
    await asyncio.sleep(0)
    yield Pool(settings, 11)


@asynccontextmanager
async def amanage_pool(settings: Settings) -> AsyncIterator[Pool]:
    await asyncio.sleep(0)
    yield Pool(settings, 12)


class AsyncPoolMaker:
    async def __call__(self, settings: Settings) -> Pool:
        await asyncio.sleep(0)
        return Pool(settings, 13)


SYNC = [
    pytest.param(Pool, 1, id="class"),
    pytest.param(Pool.with_two, 2, id="classmethod"),
    pytest.param(Pool.with_three, 3, id="staticmethod"),
    pytest.param(PoolMaker(), 4, id="callable object"),
    pytest.param(PoolMaker().make, 5, id="bound method"),
    pytest.param(make_pool, 6, id="function"),
    pytest.param(functools.partial(make_sized, 7), 7, id="partial"),
    pytest.param(functools.partial(make_sized, size=7), 7, id="partial by keyword"),
    pytest.param(functools.partial(functools.partial(make_sized, 7)), 7, id="partial of partial"),
    pytest.param(yield_pool, 8, id="generator"),
    pytest.param(manage_pool, 9, id="contextmanager"),
]
ASYNC = [
    pytest.param(await_pool, 10, id="async function"),
    pytest.param(ayield_pool, 11, id="async generator"),
    pytest.param(amanage_pool, 12, id="asynccontextmanager"),
    pytest.param(AsyncPoolMaker(), 13, id="async callable object"),
    pytest.param(functools.partial(await_pool), 10, id="partial of async function"),
]


@pytest.mark.parametrize(("factory", "size"), SYNC)
@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_factory_gets_its_parameters_injected(
    services: ServiceCollection, factory: Callable[..., Any], size: int, lifetime: Lifetime
) -> None:
    container = services.singleton(Settings).register(Pool, factory, lifetime=lifetime).build()

    with container.scope() as scope:
        pool = scope[Pool]
        settings = scope[Settings]
    container.close()

    assert pool.size == size
    assert pool.settings is settings


@pytest.mark.parametrize(("factory", "size"), SYNC + ASYNC)
@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_any_factory_is_built_by_aresolve(
    services: ServiceCollection, factory: Callable[..., Any], size: int, lifetime: Lifetime
) -> None:
    services.singleton(Settings).register(Pool, factory, lifetime=lifetime).transient(Service)

    async def main() -> int:
        async with services.build() as container, container.scope() as scope:
            return (await scope.aresolve(Service)).pool.size

    assert asyncio.run(main()) == size


@pytest.mark.parametrize(("factory", "size"), ASYNC)
@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_async_factory_is_refused_to_resolve_with_the_path(
    services: ServiceCollection, factory: Callable[..., Any], size: int, lifetime: Lifetime
) -> None:
    del size
    container = services.singleton(Settings).register(Pool, factory, lifetime=lifetime).transient(Service).build()

    with container.scope() as scope, pytest.raises(AsyncRequiredError, match="Pool") as caught:
        scope.resolve(Service)

    assert caught.value.code == "KD302"
    assert way(caught.value)[-1] == (Pool, None)


def test_refused_async_look_up_names_every_step(services: ServiceCollection) -> None:
    container = services.singleton(Settings).singleton(Pool, await_pool).singleton(Service).build()

    with pytest.raises(AsyncRequiredError, match=r"await aresolve\(Service\)") as caught:
        container.resolve(Service)

    assert way(caught.value) == [(Service, "pool"), (Pool, None)]


def test_exception_of_a_factory_keeps_its_type_and_its_object(services: ServiceCollection) -> None:
    broken = LookupError("the port is taken")

    def make() -> Pool:
        raise broken

    container = services.singleton(Pool, make).singleton(Service).build()

    with pytest.raises(LookupError, match="the port is taken") as caught:
        container.resolve(Service)

    assert caught.value is broken
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_exception_of_a_factory_gets_one_note_with_consumers_and_parameters(
    services: ServiceCollection, lifetime: Lifetime
) -> None:
    def make() -> Pool:
        raise LookupError("the port is taken")

    services.register(Pool, factory=make, lifetime=lifetime).register(Service, lifetime=lifetime)

    with services.build().scope() as scope, pytest.raises(LookupError, match="taken") as caught:
        scope.resolve(Service)

    (note,) = caught.value.__notes__
    assert "Service(pool) -> Pool" in note
    assert "test_factories.py:" in note


def test_exception_of_an_async_factory_gets_one_note(services: ServiceCollection) -> None:
    async def make() -> Pool:
        await asyncio.sleep(0)
        raise LookupError("the port is taken")

    container = services.scoped(Pool, make).scoped(Service).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(Service)

    with pytest.raises(LookupError, match="taken") as caught:
        asyncio.run(main())

    (note,) = caught.value.__notes__
    assert "Service(pool) -> Pool" in note


def test_exception_raised_again_by_a_later_attempt_keeps_one_note(services: ServiceCollection) -> None:
    broken = LookupError("always the same object")

    def make() -> Pool:
        raise broken

    container = services.singleton(Pool, make).build()
    for _ in range(3):
        with pytest.raises(LookupError, match="same object"):
            container.resolve(Pool)

    assert len(broken.__notes__) == 1


@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_generator_without_a_yield_is_named(services: ServiceCollection, lifetime: Lifetime) -> None:
    def no_object() -> Iterator[Settings]:
        if services is None:
            yield Settings()

    container = services.register(Settings, factory=no_object, lifetime=lifetime).build()

    with container.scope() as scope, pytest.raises(RegistrationError, match="ended without a yield") as caught:
        scope.resolve(Settings)

    assert "no_object" in caught.value.summary


def test_async_generator_without_a_yield_is_named(services: ServiceCollection) -> None:
    async def no_object() -> AsyncIterator[Settings]:
        await asyncio.sleep(0)
        if services is None:
            yield Settings()

    container = services.singleton(Settings, no_object).build()

    with pytest.raises(RegistrationError, match="ended without a yield") as caught:
        asyncio.run(container.aresolve(Settings))

    assert "no_object" in caught.value.summary


class Connection:
    def __init__(self) -> None:
        self.events: list[str] = []

    def __enter__(self) -> Self:
        self.events.append("enter")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.events.append(f"exit {kind.__name__ if kind else None}")


class AsyncConnection:
    def __init__(self) -> None:
        self.events: list[str] = []

    async def __aenter__(self) -> Self:
        self.events.append("enter")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.events.append("exit")


class Handle:
    """Entering gives something else than the context manager itself."""

    def __enter__(self) -> str:
        return "entered"

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_entered_object_is_entered_when_built_and_exited_when_its_owner_closes(
    services: ServiceCollection, lifetime: Lifetime
) -> None:
    container = services.register(Connection, lifetime=lifetime, enter=True).build()

    with container.scope() as scope:
        connection = scope[Connection]
        assert connection.events == ["enter"]
    container.close()

    assert connection.events == ["enter", "exit None"]


def test_entered_object_is_told_the_error_of_its_scope(services: ServiceCollection) -> None:
    container = services.scoped(Connection, enter=True).build()
    seen: list[Connection] = []

    def fail_in_scope() -> None:
        with container.scope() as scope:
            seen.append(scope[Connection])
            raise ZeroDivisionError("lost")

    with pytest.raises(ZeroDivisionError, match="lost"):
        fail_in_scope()

    assert seen[0].events == ["enter", "exit ZeroDivisionError"]


def test_service_is_what_entering_gives(services: ServiceCollection) -> None:
    def make() -> Any:
        return Handle()

    with services.singleton(str, make, enter=True).build() as container:
        assert container[str] == "entered"


def test_async_context_manager_is_entered_by_aresolve(services: ServiceCollection) -> None:
    services.scoped(AsyncConnection, enter=True)

    async def main() -> AsyncConnection:
        async with services.build() as container, container.scope() as scope:
            return await scope.aresolve(AsyncConnection)

    assert asyncio.run(main()).events == ["enter", "exit"]


def test_async_context_manager_is_refused_to_resolve(services: ServiceCollection) -> None:
    container = services.singleton(AsyncConnection, enter=True).build()

    with pytest.raises(AsyncRequiredError, match="AsyncConnection is made by async code"):
        container.resolve(AsyncConnection)


def test_factory_that_resolves_from_its_own_thread_is_re_entrant(services: ServiceCollection) -> None:
    container = services.singleton(Settings).build()

    def make() -> Pool:
        return Pool(container.resolve(Settings))

    inner = ServiceCollection().singleton(Pool, make).build()

    assert inner[Pool].settings is container[Settings]


def test_factory_may_wait_for_a_thread_that_resolves_something_else(services: ServiceCollection) -> None:
    holder: list[Any] = []

    def make() -> Pool:
        found: list[Settings] = []
        thread = threading.Thread(target=lambda: found.append(holder[0].resolve(Settings)), daemon=True)
        thread.start()
        thread.join(5)
        return Pool(found[0])

    holder.append(services.singleton(Settings).singleton(Pool, make).build())

    assert holder[0].resolve(Pool).settings is holder[0].resolve(Settings)


def test_factory_that_gives_none_makes_a_service_that_is_none(services: ServiceCollection) -> None:
    built: list[int] = []

    def make() -> Any:
        built.append(1)

    container = services.singleton(Settings, make).build()

    assert container.resolve(Settings) is None
    assert container.resolve(Settings) is None
    assert built == [1]
