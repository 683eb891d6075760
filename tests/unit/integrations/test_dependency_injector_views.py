"""Services of ours as providers of dependency-injector."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject

from kimera_di import Key, Lazy, MissingServiceError, RegistrationError, ServiceCollection, ServiceContainer
from kimera_di.integrations.dependency_injector import as_container, as_provider, include_container
from tests.spec.helpers import in_threads
from tests.unit.integrations import library_shop as shop

pytestmark = pytest.mark.check


def handler(cache: shop.Cache = Provide["cache"]) -> shop.Cache:
    return cache


async def async_handler(cache: shop.Cache = Provide["cache"]) -> shop.Cache:
    return cache


def wired(container: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wire one function as ``container.wire`` does with those of a module."""
    module = type(threading)("wired_by_a_test")
    injected: Callable[..., Any] = inject(function)
    injected.__module__ = module.__name__
    vars(module)["handler"] = injected
    container.wire(modules=[module])
    found: Callable[..., Any] = vars(module)["handler"]
    return found


@pytest.fixture
def ours() -> Iterator[ServiceContainer]:
    services = ServiceCollection().singleton(shop.Cache).instance(shop.Cache, shop.Cache("keyed"), key="k")
    with services.scoped(shop.Database, lambda: shop.Database("scoped")).build() as container:
        yield container


def test_provider_gives_the_service_to_the_providers_of_the_library(ours: ServiceContainer) -> None:
    mail = providers.Factory(dict, cache=as_provider(ours, shop.Cache), keyed=as_provider(ours, shop.Cache, "k"))

    assert mail() == {"cache": ours[shop.Cache], "keyed": ours.resolve(shop.Cache, "k")}


def test_annotated_key_is_understood(ours: ServiceContainer) -> None:
    provider: providers.Provider[shop.Cache] = as_provider(ours, Annotated[shop.Cache, Key("k")])

    assert provider().name == "keyed"


def test_declarative_container_is_written_before_ours_is_built() -> None:
    built: list[ServiceContainer] = []

    class Theirs(containers.DeclarativeContainer):
        cache = as_provider(lambda: built[0], shop.Cache)
        holder = providers.Singleton(dict, cache=cache)

    theirs = Theirs()
    built.append(ServiceCollection().singleton(shop.Cache).build())

    assert theirs.holder()["cache"] is built[0][shop.Cache]


def test_dependency_of_a_container_is_filled_with_a_service(ours: ServiceContainer) -> None:
    theirs = shop.Storage(cache=as_provider(ours, shop.Cache))

    assert theirs.cache() is ours[shop.Cache]


def test_container_that_needs_our_service_is_included_in_the_same_collection() -> None:
    """Both ways at once: theirs asks ours, ours asks theirs."""
    built: list[ServiceContainer] = []
    theirs = shop.Storage(cache=as_provider(lambda: built[0], shop.Cache), config={"url": "x", "limit": 3})
    services = ServiceCollection().singleton(shop.Cache)
    include_container(services, theirs)
    with services.build() as ours:
        built.append(ours)

        assert ours.resolve(shop.Users).limit == 3
        assert theirs.cache() is ours[shop.Cache]


def test_provider_can_be_overridden(ours: ServiceContainer) -> None:
    provider = as_provider(ours, shop.Cache)
    holder = providers.Factory(dict, cache=provider)

    with provider.override(providers.Object("fake")):
        faked = holder()["cache"]

    assert faked == "fake"
    assert holder()["cache"] is ours[shop.Cache]


def test_override_of_ours_is_seen_through_the_provider(ours: ServiceContainer) -> None:
    provider = as_provider(ours, shop.Cache)
    fake = shop.Cache("fake")

    with ours.override(shop.Cache, fake):
        inside = provider()

    assert inside is fake
    assert provider() is ours[shop.Cache]


def test_overrides_of_the_provider_are_copied_with_its_container(ours: ServiceContainer) -> None:
    class Theirs(containers.DeclarativeContainer):
        cache = as_provider(ours, shop.Cache)

    Theirs.cache.override(providers.Object("fake"))

    assert Theirs().cache() == "fake"


def test_scoped_service_comes_from_the_current_scope(ours: ServiceContainer) -> None:
    provider = as_provider(ours, shop.Database)

    with ours.scope(ambient=True) as scope:
        assert provider() is scope.resolve(shop.Database)


def test_async_service_is_awaited() -> None:
    async def load() -> shop.Cache:
        await asyncio.sleep(0)
        return shop.Cache("async")

    container = ServiceCollection().singleton(shop.Cache, load).build()
    holder = providers.Factory(dict, cache=as_provider(container, shop.Cache))

    async def main() -> tuple[Any, Any]:
        holders: Any = holder()
        return (await holders)["cache"], await container.aresolve(shop.Cache)

    first, second = asyncio.run(main())

    assert first is second


def test_injected_function_of_the_library_gets_our_service(ours: ServiceContainer) -> None:
    view = as_container(ours, {"cache": shop.Cache})

    assert wired(view, handler)() is ours[shop.Cache]
    assert asyncio.run(wired(view, async_handler)()) is ours[shop.Cache]


def test_view_has_a_provider_for_every_unkeyed_class(ours: ServiceContainer) -> None:
    view = as_container(ours)

    assert set(view.providers) == {"cache", "database"}
    assert view.cache() is ours[shop.Cache]


def test_view_holds_no_objects(ours: ServiceContainer) -> None:
    """Its shutdown and reset are not ours: the container stays the owner."""
    view = as_container(ours)
    before = view.cache()

    view.shutdown_resources()
    view.reset_singletons()

    assert view.cache() is before


def test_collection_and_relation_of_services_can_be_provided(ours: ServiceContainer) -> None:
    every: Any = as_provider(ours, list[shop.Cache])
    later: Any = as_provider(ours, Lazy[shop.Cache])

    assert every() == [ours[shop.Cache]]
    assert later().value is ours[shop.Cache]


def test_two_services_of_one_name_are_refused() -> None:
    class Cache: ...

    container = ServiceCollection().singleton(shop.Cache).singleton(Cache).build()

    with pytest.raises(RegistrationError, match="would both be called 'cache'"):
        as_container(container)


@pytest.mark.parametrize("name", ["not a name", "wire"])
def test_name_that_a_container_cannot_have_is_refused(name: str, ours: ServiceContainer) -> None:
    with pytest.raises(RegistrationError, match="cannot be called"):
        as_container(ours, {name: shop.Cache})


def test_service_that_is_not_registered_is_refused_at_once(ours: ServiceContainer) -> None:
    with pytest.raises(MissingServiceError, match="nothing provides Mail"):
        as_provider(ours, shop.Mail)


def test_source_that_is_no_container_is_refused() -> None:
    nothing: Any = 3
    with pytest.raises(RegistrationError, match="neither a container nor gives one"):
        as_provider(nothing, shop.Mail)


def test_arguments_of_a_call_are_refused(ours: ServiceContainer) -> None:
    """The library passes them on to its own factories; a service is built by its container."""
    with pytest.raises(RegistrationError, match="takes no arguments from a call"):
        as_provider(ours, shop.Cache)("name")


def test_threads_get_one_singleton(ours: ServiceContainer) -> None:
    provider = as_provider(ours, shop.Cache)
    started = threading.Barrier(8, timeout=10)

    def look_up() -> shop.Cache:
        started.wait()
        return provider()

    assert len({id(each) for each in in_threads([look_up] * 8)}) == 1


def test_context_without_a_scope_asks_the_container(ours: ServiceContainer) -> None:
    provider = as_provider(ours, shop.Cache)

    assert contextvars.Context().run(provider) is ours[shop.Cache]
