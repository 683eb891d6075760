"""Single providers of dependency-injector as implementations."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from dependency_injector import providers

from kimera_di import AsyncRequiredError, CloseErrors, InterfaceMismatchError, RegistrationError, ServiceCollection
from kimera_di.integrations.dependency_injector import from_provider
from tests.spec.helpers import in_thread, in_threads, problem
from tests.unit.integrations import library_shop as shop

pytestmark = pytest.mark.check


def opened(events: list[str], name: str) -> Callable[..., Iterator[shop.Database]]:
    """Make a resource function that reports."""

    def open_it(*_: object) -> Iterator[shop.Database]:
        events.append(f"open {name}")
        yield shop.Database(name)
        events.append(f"close {name}")

    return open_it


CACHE = shop.Cache("x")
PROVIDERS: dict[str, Callable[[], Any]] = {
    "object": lambda: providers.Object(CACHE),
    "factory": lambda: providers.Factory(shop.Cache, "x"),
    "delegated factory": lambda: providers.DelegatedFactory(shop.Cache, "x"),
    "callable": lambda: providers.Callable(lambda: shop.Cache("x")),
    "singleton": lambda: providers.Singleton(shop.Cache, "x"),
    "thread-safe singleton": lambda: providers.ThreadSafeSingleton(shop.Cache, "x"),
    "thread-local singleton": lambda: providers.ThreadLocalSingleton(shop.Cache, "x"),
    "context-local singleton": lambda: providers.ContextLocalSingleton(shop.Cache, "x"),
    "delegated singleton": lambda: providers.DelegatedSingleton(shop.Cache, "x"),
    "resource": lambda: providers.Resource(shop.Cache, "x"),
    "selector": lambda: providers.Selector(lambda: "a", a=providers.Factory(shop.Cache, "x")),
    "dependency": lambda: providers.Dependency(instance_of=shop.Cache, default=CACHE),
    "overridden": lambda: overridden(providers.Factory(int), providers.Factory(shop.Cache, "x")),
    "member of an aggregate": lambda: providers.Aggregate(a=providers.Factory(shop.Cache, "x")).a,
    "provided attribute": lambda: providers.Object({"a": CACHE}).provided["a"],
}


def overridden(provider: "providers.Provider[Any]", other: "providers.Provider[Any]") -> "providers.Provider[Any]":
    provider.override(other)
    return provider


@pytest.mark.parametrize("kind", PROVIDERS)
def test_provider_of_any_kind_is_an_implementation(kind: str) -> None:
    provider = PROVIDERS[kind]()

    with ServiceCollection().singleton(shop.Cache, from_provider(provider, shop.Cache)).build() as container:
        assert container[shop.Cache].name == "x"


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        pytest.param(providers.List(1, providers.Object(2)), [1, 2], id="list"),
        pytest.param(providers.Dict(a=providers.Object(0)), {"a": 0}, id="dict"),
        pytest.param(providers.Configuration(default={"a": 1}), {"a": 1}, id="configuration"),
        pytest.param(providers.Configuration(default={"a": "7"}).a.as_int(), 7, id="option of a configuration"),
        pytest.param(providers.Object(0), 0, id="falsy object"),
    ],
)
def test_provider_of_plain_values_gives_the_value(provider: Any, expected: object) -> None:
    wanted: Any = type(expected)
    container = ServiceCollection().singleton(wanted, from_provider(provider)).build()

    assert container[wanted] == expected


def test_delegate_gives_the_provider_as_the_library_injects_it() -> None:
    cache = providers.Factory(shop.Cache)

    container = ServiceCollection().singleton(providers.Factory, from_provider(cache.provider)).build()

    assert container[providers.Factory] is cache


@pytest.mark.parametrize("kind", ["coroutine", "async factory", "singleton over an async resource"])
def test_async_provider_is_resolved_with_await(kind: str) -> None:
    async def make() -> shop.Cache:
        await asyncio.sleep(0)
        return shop.Cache("x")

    made: dict[str, Callable[[], Any]] = {
        "coroutine": lambda: providers.Coroutine(make),
        "async factory": lambda: providers.Factory(make),
        "singleton over an async resource": lambda: providers.Singleton(lambda cache: cache, providers.Resource(make)),
    }
    container = ServiceCollection().singleton(shop.Cache, from_provider(made[kind]())).build()

    async def main() -> shop.Cache:
        found = await container.aresolve(shop.Cache)
        await container.aclose()
        return found

    with pytest.raises(AsyncRequiredError, match="cannot be built without await"):
        container.resolve(shop.Cache)
    assert asyncio.run(main()).name == "x"


def test_resource_is_shut_down_when_the_container_closes() -> None:
    events: list[str] = []
    provider = providers.Resource(opened(events, "db"))
    container = ServiceCollection().singleton(shop.Database, from_provider(provider)).build()

    with container:
        assert container[shop.Database] is provider()
        events.append("use")

    assert events == ["open db", "use", "close db"]
    assert not provider.initialized


def test_resource_below_another_provider_is_shut_down_too() -> None:
    events: list[str] = []
    pool = providers.Singleton(shop.Pool, providers.Resource(opened(events, "db")))

    with ServiceCollection().singleton(shop.Pool, from_provider(pool)).build() as container:
        container.resolve(shop.Pool)

    assert events == ["open db", "close db"]


def test_resource_that_was_open_before_stays_open() -> None:
    """Whoever opened it shuts it down: here the application that called init()."""
    provider = providers.Resource(opened([], "db"))
    provider.init()

    with ServiceCollection().singleton(shop.Database, from_provider(provider)).build() as container:
        container.resolve(shop.Database)

    assert provider.initialized


def test_resource_that_cannot_be_shut_down_keeps_no_other_open() -> None:
    def fail(*_: object) -> Iterator[shop.Pool]:
        yield shop.Pool(shop.Database("x"))
        raise OSError("cannot close")

    events: list[str] = []
    pool = providers.Resource(fail, providers.Resource(opened(events, "db")))
    container = ServiceCollection().singleton(shop.Pool, from_provider(pool)).build()
    container.resolve(shop.Pool)

    with pytest.raises(CloseErrors) as caught:
        container.close()

    assert [str(error) for error in caught.value.exceptions] == ["cannot close"]
    assert events == ["open db", "close db"]


def test_resource_that_fails_to_open_closes_what_it_opened() -> None:
    def fail(_: shop.Database) -> Iterator[shop.Pool]:
        raise OSError("no pool")
        yield

    events: list[str] = []
    pool = providers.Resource(fail, providers.Resource(opened(events, "db")))
    container = ServiceCollection().singleton(shop.Pool, from_provider(pool)).build()

    with pytest.raises(OSError, match="no pool"):
        container.resolve(shop.Pool)

    assert events == ["open db", "close db"]


def test_async_resource_is_shut_down_with_await() -> None:
    events: list[str] = []

    async def open_it() -> AsyncIterator[shop.Database]:
        events.append("open")
        yield shop.Database("x")
        await asyncio.sleep(0)
        events.append("close")

    provider = providers.Resource(open_it)
    container = ServiceCollection().singleton(shop.Database, from_provider(provider)).build()

    async def main() -> None:
        async with container:
            await container.aresolve(shop.Database)

    asyncio.run(main())

    assert events == ["open", "close"]


def test_singleton_provider_is_built_once_by_many_threads() -> None:
    started = threading.Barrier(8, timeout=10)
    built: list[shop.Cache] = []

    def make() -> shop.Cache:
        built.append(shop.Cache())
        return built[-1]

    container = ServiceCollection().singleton(shop.Cache, from_provider(providers.Singleton(make))).build()

    def look_up() -> shop.Cache:
        started.wait()
        return container.resolve(shop.Cache)

    found = in_threads([look_up] * 8)

    assert found == [built[0]] * 8
    assert len(built) == 1


def test_transient_registration_sees_overrides_and_a_singleton_one_does_not() -> None:
    provider = providers.Singleton(shop.Cache, "real")
    services = ServiceCollection().transient(shop.Cache, from_provider(provider), key="live")
    container = services.singleton(shop.Cache, from_provider(provider)).build()
    container.resolve(shop.Cache)

    with provider.override(providers.Object(shop.Cache("fake"))):
        found = container.resolve(shop.Cache, "live").name, container[shop.Cache].name

    assert found == ("fake", "real")


def test_thread_local_provider_stays_thread_local_in_a_transient_registration() -> None:
    provider = providers.ThreadLocalSingleton(shop.Cache)
    container = ServiceCollection().transient(shop.Cache, from_provider(provider)).build()

    other = in_thread(lambda: container.resolve(shop.Cache))

    assert container.resolve(shop.Cache) is provider()
    assert other is not provider()


def test_context_local_provider_stays_context_local_in_a_transient_registration() -> None:
    provider = providers.ContextLocalSingleton(shop.Cache)
    container = ServiceCollection().transient(shop.Cache, from_provider(provider)).build()

    other = contextvars.Context().run(container.resolve, shop.Cache)

    assert container.resolve(shop.Cache) is provider()
    assert other is not provider()


def test_class_that_does_not_fit_is_refused_at_build() -> None:
    services = ServiceCollection().singleton(shop.MovieFinder, from_provider(providers.Singleton(shop.Cache)))

    error = problem(services, InterfaceMismatchError)

    assert error.summary == "Cache is not a subclass of MovieFinder"
    assert error.path[0].file == shop.__file__


def test_provider_that_was_called_is_refused() -> None:
    with pytest.raises(RegistrationError, match="is no provider of dependency-injector"):
        from_provider(providers.Factory(shop.Cache)())


def test_dependency_that_nobody_provides_is_refused() -> None:
    dependency = providers.Dependency(instance_of=shop.Database)

    with pytest.raises(RegistrationError, match=r"nobody provides a Dependency\(instance_of=Database\)"):
        from_provider(providers.Factory(shop.Pool, dependency))


def test_sync_provider_that_becomes_async_says_so() -> None:
    async def late() -> shop.Cache:
        return shop.Cache()

    def disguised() -> Any:
        return late()

    provider: Any = providers.Callable(disguised)
    container = ServiceCollection().singleton(shop.Cache, from_provider(provider)).build()

    with pytest.raises(AsyncRequiredError, match=r"from_provider\(Callable\) gave something to be awaited"):
        container.resolve(shop.Cache)
