"""Whole containers of dependency-injector among our services."""

import asyncio
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Annotated, Any, NewType

import pytest
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject

from kimera_di import (
    AsyncRequiredError,
    CloseErrors,
    Key,
    KimeraError,
    RegistrationError,
    ServiceCollection,
    ServiceContainer,
)
from kimera_di.integrations.dependency_injector import include_container
from tests.spec.helpers import fact, in_threads
from tests.unit.integrations import library_shop as shop

pytestmark = pytest.mark.check

Url = NewType("Url", str)


class Handler:
    """One of ours, which asks for what the library's containers provide."""

    def __init__(self, mail: shop.Mail, users: shop.Users, cache: Annotated[shop.Cache, Key("shared_cache")]) -> None:
        self.mail, self.users, self.cache = mail, users, cache


Build = Callable[..., ServiceContainer]


@pytest.fixture
def build() -> Iterator[Build]:
    """Include a container in an empty collection and build it; closed when the test ends."""
    with ExitStack() as closing:

        def make(container: Any, **types: Any) -> ServiceContainer:
            services = ServiceCollection()
            include_container(services, container, types=types)
            return closing.enter_context(services.build())

        yield make


def test_service_of_ours_is_given_what_the_container_provides() -> None:
    theirs = shop.app()
    services = ServiceCollection().transient(Handler)
    include_container(services, theirs)

    with services.build() as ours:
        handler = ours.resolve(Handler)

        assert handler.mail is theirs.mail()
        assert handler.cache is theirs.shared_cache()
        assert handler.users.pool is theirs.storage.pool()


def test_report_lists_what_was_registered_and_what_was_not() -> None:
    included = include_container(ServiceCollection(), shop.app())

    assert included.services["mail"] == (shop.Mail, None)
    assert included.services["storage.users"] == (shop.Users, None)
    assert included.services["shared_cache"] == (shop.Cache, "shared_cache")
    assert included.services["readers.fast"] == (shop.Cache, "readers.fast")
    assert {each.name: each.why for each in included.left_out} == {
        "config": "a configuration is not a service",
        "caches": "its type cannot be told",
        "upper": "its type cannot be told",
        "readers": "it is injected as a provider, not as what it gives",
        "unnamed": "its type cannot be told",
        "url_length": "its type cannot be told",
        "storage.config": "a configuration is not a service",
        "storage.cache": "it passes on another provider of this container",
    }
    ambiguous = "as another one gives Cache too; ask for Annotated[Cache, Key('other_cache')], or name a type in types="
    assert f"other_cache: Cache['other_cache'], {ambiguous}\n" in str(included)
    assert "unnamed: left out, its type cannot be told; name one: types={'unnamed': SomeType}" in str(included)


def test_types_say_what_a_provider_is_registered_under() -> None:
    theirs = shop.app()
    services = ServiceCollection()

    types = {"config.storage.url": Url, "other_cache": Annotated[shop.Cache, Key("second")], "upper": str}
    include_container(services, theirs, types=types)

    ours = services.build()
    assert ours.resolve(Url) == "db://"
    assert ours.resolve(shop.Cache, "second") is theirs.other_cache()
    assert ours.resolve(str) == "SHOP"


def test_container_class_and_dynamic_container_are_included_as_they_are(build: Build) -> None:
    class Declared(containers.DeclarativeContainer):
        cache = providers.Singleton(shop.Cache)

    dynamic = containers.DynamicContainer()
    dynamic.cache = providers.Singleton(shop.Cache)

    assert build(Declared).resolve(shop.Cache) is Declared.cache()
    assert build(dynamic).resolve(shop.Cache) is dynamic.cache()


def test_override_and_selector_and_configuration_are_asked_at_every_look_up(build: Build) -> None:
    theirs = shop.movies("csv")
    ours = build(theirs, finder=shop.MovieFinder)
    before = ours.resolve(shop.MovieLister).titles()

    theirs.config.finder.type.override("sqlite")
    chosen = ours.resolve(shop.MovieLister).titles()
    fake = shop.CsvMovieFinder(shop.Movie, "fake", "")
    with theirs.sqlite_finder.override(providers.Object(fake)):
        faked = ours.resolve(shop.MovieLister).titles()

    assert (before, chosen, faked) == (["from m.csv"], ["row of m.db"], ["from fake"])


def test_singleton_that_was_reset_is_the_new_one_on_both_sides(build: Build) -> None:
    theirs = shop.app()
    ours = build(theirs)
    before = ours.resolve(shop.Mail)

    theirs.mail.reset()

    assert ours.resolve(shop.Mail) is not before
    assert ours.resolve(shop.Mail) is theirs.mail()


def test_wiring_goes_on_working(build: Build) -> None:
    theirs = shop.app()
    ours = build(theirs)

    @inject
    def handler(mail: shop.Mail = Provide["mail"]) -> shop.Mail:
        return mail

    vars(sys.modules[__name__])["handler"] = handler
    theirs.wire(modules=[sys.modules[__name__]])
    try:
        found = vars(sys.modules[__name__])["handler"]()
    finally:
        theirs.unwire()
        del vars(sys.modules[__name__])["handler"]

    assert found is ours.resolve(shop.Mail)


def test_nested_resources_are_shut_down_in_order_when_ours_closes(build: Build) -> None:
    theirs = shop.app()
    ours = build(theirs)
    pool = ours.resolve(shop.Mail).users.pool

    ours.close()

    assert not pool.is_open  # its shutdown asserts that the database is still open
    assert not pool.database.is_open
    assert not theirs.storage.pool.initialized


def test_resources_that_the_application_opened_are_left_to_it(build: Build) -> None:
    theirs = shop.app()
    theirs.storage.pool.init()

    with build(theirs) as ours:
        ours.resolve(shop.Mail)

    assert theirs.storage.pool.initialized
    theirs.shutdown_resources()
    assert not theirs.storage.pool.initialized


def test_resource_that_cannot_be_shut_down_keeps_no_other_open(build: Build) -> None:
    class Failing(containers.DeclarativeContainer):
        database = providers.Resource(shop.open_database, "x")
        pool = providers.Resource(failing_pool, database)

    ours = build(Failing)
    database = ours.resolve(shop.Pool).database

    with pytest.raises(CloseErrors) as caught:
        ours.close()

    assert [str(error) for error in caught.value.exceptions] == ["cannot close"]
    assert not database.is_open


def failing_pool(database: shop.Database) -> Iterator[shop.Pool]:
    yield shop.Pool(database)
    raise OSError("cannot close")


def test_resource_behind_a_selector_is_shut_down_only_if_it_was_opened() -> None:
    class Choosing(containers.DeclarativeContainer):
        config = providers.Configuration(default={"use": "a"})
        a = providers.Resource(shop.open_database, "a")
        b = providers.Resource(shop.open_database, "b")
        chosen: providers.Selector[shop.Database] = providers.Selector(config.use, a=a, b=b)

    services = ServiceCollection()
    include_container(services, Choosing, types={"chosen": shop.Database})
    ours = services.build()

    found = ours.resolve(shop.Database)
    states = Choosing.a.initialized, Choosing.b.initialized
    ours.close()

    assert states == (True, False)
    assert (found.url, found.is_open) == ("a", False)


def test_plain_singletons_are_built_once_by_many_threads() -> None:
    """Alone they are not thread-safe: two of them may build at once, and one object is lost."""
    built: list[shop.Database] = []
    may_end = threading.Event()

    def slow() -> shop.Database:
        built.append(shop.Database("x"))
        may_end.wait(0.1)
        return built[-1]

    class Threads(containers.DeclarativeContainer):
        database = providers.Singleton(slow)
        pool = providers.Factory(shop.Pool, database)
        users = providers.Singleton(shop.Users, pool)

    services = ServiceCollection()
    include_container(services, Threads, types={"database": shop.Database})
    ours = services.build()
    asked: list[Any] = [shop.Database, shop.Pool, shop.Users] * 3
    found = in_threads([lambda service=each: ours.resolve(service) for each in asked])

    assert len(built) == 1
    assert len({id(each) for each in found if isinstance(each, shop.Users)}) == 1


def test_async_resource_and_coroutine_are_resolved_with_await_and_closed(build: Build) -> None:
    theirs = shop.app()
    ours = build(theirs)

    async def main() -> tuple[shop.Reader, shop.Reader, shop.Report]:
        first, second = await asyncio.gather(ours.aresolve(shop.Reader), ours.aresolve(shop.Reader))
        report = await ours.aresolve(shop.Report)
        assert first.feed.is_open
        await ours.aclose()
        return first, second, report

    first, second, report = asyncio.run(main())

    assert first.feed is second.feed
    assert not first.feed.is_open
    assert not first.feed.users.pool.is_open
    assert report.users.limit == 5


def test_async_resource_is_the_same_object_in_two_event_loops(build: Build) -> None:
    ours = build(shop.app())

    with asyncio.Runner() as one, asyncio.Runner() as other:
        first = one.run(ours.aresolve(shop.Reader)).feed
        second = other.run(ours.aresolve(shop.Reader)).feed
        one.run(ours.aclose())

    assert first is second
    assert not first.is_open


def test_cancelled_look_up_does_not_spoil_the_singleton() -> None:
    """The library's future would be cancelled with the one who waits, for everybody and for ever."""
    entered, may_end = asyncio.Event(), asyncio.Event()

    async def load() -> shop.Cache:
        entered.set()
        await may_end.wait()
        return shop.Cache("x")

    class Slow(containers.DeclarativeContainer):
        cache = providers.Singleton(load)

    services = ServiceCollection()
    include_container(services, Slow, types={"cache": shop.Cache})
    ours = services.build()

    async def main() -> tuple[shop.Cache, shop.Cache]:
        impatient = asyncio.ensure_future(ours.aresolve(shop.Cache))
        await entered.wait()
        impatient.cancel()
        await asyncio.wait([impatient])
        may_end.set()
        return await ours.aresolve(shop.Cache), await Slow.cache()

    ours_has, theirs_has = asyncio.run(main())

    assert ours_has is theirs_has


def test_closing_without_await_what_an_async_resource_opened_is_refused(build: Build) -> None:
    ours = build(shop.app())
    with asyncio.Runner() as loop:
        loop.run(ours.aresolve(shop.Reader))

        with pytest.raises(AsyncRequiredError, match=r"FirstBuild\[App.feed\]"):
            ours.close()

        loop.run(ours.aclose())


def test_container_included_twice_counts_once() -> None:
    theirs = shop.app()
    services = ServiceCollection()

    include_container(services, theirs)
    count = len(services)
    include_container(services, theirs)

    assert len(services) == count


def test_explanation_shows_the_names_of_the_providers(build: Build) -> None:
    text = build(shop.app()).explain(shop.Mail)

    assert "Mail <- App.mail" in text
    assert "storage_pool: FirstBuild[App.storage.pool]" in text
    assert "library_shop.py" in text


def misfit() -> KimeraError:
    return refused(shop.app(), mail=shop.MovieFinder, reader=shop.MovieFinder)


def test_abstract_factory_that_nobody_overrides_is_refused_by_name() -> None:
    class Abstract(containers.DeclarativeContainer):
        finder = providers.AbstractFactory(shop.MovieFinder)
        lister = providers.Factory(shop.MovieLister, finder)

    error = refused(Abstract)

    assert error.summary.startswith("nobody provides an AbstractFactory(MovieFinder), needed by")
    assert "Abstract.finder" in error.summary


def test_containers_that_are_given_to_each_other_share_their_objects(build: Build) -> None:
    class Shared(containers.DeclarativeContainer):
        database = providers.Singleton(shop.Database, "x")

    class Gateway(containers.DeclarativeContainer):
        shared = providers.DependenciesContainer()
        pool = providers.Singleton(shop.Pool, shared.database)

    class Outer(containers.DeclarativeContainer):
        shared = providers.Container(Shared)
        gateway = providers.Container(Gateway, shared=shared)

    ours = build(Outer())

    assert ours.resolve(shop.Pool).database is ours.resolve(shop.Database)


def test_deep_chain_of_singletons_needs_no_deep_stack(build: Build) -> None:
    """The library builds from the top and fails with RecursionError; our container builds what is below first."""
    theirs = containers.DynamicContainer()
    theirs.first = last = providers.Singleton(shop.Cache)
    for number in range(3_000):
        last = providers.Singleton(shop.Link, last)
        theirs.set_provider(f"link{number}", last)

    ours = build(theirs, link2999=Annotated[shop.Link, Key("deepest")])

    assert isinstance(ours.resolve(shop.Link, "deepest").inner, shop.Link)


def refused(container: Any, **types: Any) -> KimeraError:
    with pytest.raises(RegistrationError, match="KD101") as caught:
        include_container(ServiceCollection(), container, types=types)
    return caught.value


@pytest.mark.parametrize("kind", [3, "Mail", Annotated[shop.Mail, Key([])]], ids=["number", "text", "unhashable key"])
def test_what_is_no_type_is_refused_before_anything_is_registered(kind: Any) -> None:
    services = ServiceCollection()

    with pytest.raises(RegistrationError, match=r"is not a type|must be hashable"):
        include_container(services, shop.app(), types={"report": kind})

    assert len(services) == 0


def test_dependency_that_nobody_provides_is_named_with_its_container() -> None:
    class Open(containers.DeclarativeContainer):
        database = providers.Dependency(instance_of=shop.Database)
        pool = providers.Factory(shop.Pool, database)

    error = refused(Open())

    assert "nobody provides Open.database, a Dependency(instance_of=Database), needed by" in error.summary
    assert "Open.pool" in error.summary
    assert re.search(r"test_dependency_injector_including.py:\d+", fact(error, "at"))
