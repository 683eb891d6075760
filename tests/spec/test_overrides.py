"""Guarantee 11: an override is visible in its own context, rebuilds dependants, checks types, leaves nothing."""

import asyncio
import contextvars
import gc
import sys
import weakref
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from unittest.mock import Mock

import pytest

from kimera_di import (
    AsyncRequiredError,
    CaptiveDependencyError,
    CircularDependencyError,
    InterfaceMismatchError,
    Lifetime,
    MissingServiceError,
    Provider,
    RegistrationError,
    ServiceCollection,
    ServiceContainer,
)
from tests.spec.helpers import in_thread

IMMORTAL_FUNCTIONS = sys.version_info[:2] == (3, 13) and not getattr(sys, "_is_gil_enabled", lambda: True)()

T = TypeVar("T")


class IVault(ABC):
    @abstractmethod
    def read(self) -> str: ...


class RealVault(IVault):
    def read(self) -> str:
        return "real"


class FakeVault(IVault):
    def read(self) -> str:
        return "fake"


class OtherVault(IVault):
    def read(self) -> str:
        return "other"


@dataclass(eq=False)
class Service:
    vault: IVault


@dataclass(eq=False)
class Handler:
    service: Service


class Unrelated:
    pass


@pytest.fixture
def container(services: ServiceCollection) -> ServiceContainer:
    services.singleton(IVault, RealVault).singleton(Service).scoped(Handler).singleton(Unrelated)
    return services.build()


def read(container: ServiceContainer) -> str:
    return container[IVault].read()


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_override_replaces_the_service_until_its_block_ends(container: ServiceContainer, warm: bool) -> None:
    if warm:
        assert read(container) == "real"

    with container.override(IVault, FakeVault()):
        assert read(container) == "fake"

    assert read(container) == "real"


def test_override_ends_although_its_block_fails(container: ServiceContainer) -> None:
    with pytest.raises(ZeroDivisionError, match="block"), container.override(IVault, FakeVault()):
        raise ZeroDivisionError("block")

    assert read(container) == "real"


@pytest.mark.parametrize(
    "look_up",
    [
        lambda c: c.resolve(IVault),
        lambda c: c[IVault],
        lambda c: c.get(IVault),
        lambda c: c.resolve_all(IVault)[-1],
        lambda c: c.resolve(Service).vault,
        lambda c: asyncio.run(awaited(c.aresolve, IVault)),
        lambda c: asyncio.run(awaited(c.aresolve, Service)).vault,
        lambda c: in_scope(c).vault,
    ],
    ids=["resolve", "[]", "get", "all", "dependant", "aresolve", "aresolve dependant", "scope"],
)
def test_override_is_seen_by_every_look_up(
    container: ServiceContainer, look_up: Callable[[ServiceContainer], IVault]
) -> None:
    look_up(container)

    with container.override(IVault, FakeVault()):
        assert look_up(container).read() == "fake"

    assert look_up(container).read() == "real"


async def awaited(look_up: Callable[..., Any], service: Any) -> Any:
    return await look_up(service)


def in_scope(container: ServiceContainer) -> Service:
    with container.scope() as scope:
        return scope[Handler].service


def test_dependants_are_rebuilt_inside_and_as_before_outside(container: ServiceContainer) -> None:
    before = container[Service]

    with container.override(IVault, FakeVault()):
        inside = container[Service]
        assert inside is container[Service]
        assert inside.vault.read() == "fake"

    assert inside is not before
    assert container[Service] is before


def test_services_that_do_not_reach_it_stay_the_same_object(container: ServiceContainer) -> None:
    before = container[Unrelated]

    with container.override(IVault, FakeVault()):
        assert container[Unrelated] is before


def test_unrelated_singleton_first_built_inside_stays_after_the_override(container: ServiceContainer) -> None:
    with container.override(IVault, FakeVault()):
        inside = container[Unrelated]

    assert container[Unrelated] is inside


def test_nested_overrides_restore_each_other(container: ServiceContainer) -> None:
    with container.override(IVault, FakeVault()):
        with container.override(IVault, OtherVault()):
            assert read(container) == "other"
        assert read(container) == "fake"

    assert read(container) == "real"


def test_nested_overrides_of_different_services_are_both_in_force(container: ServiceContainer) -> None:
    other = Unrelated()

    with container.override(IVault, FakeVault()), container.override(Unrelated, other):
        assert container[Service].vault.read() == "fake"
        assert container[Unrelated] is other


def test_override_is_not_seen_by_another_thread(container: ServiceContainer) -> None:
    with container.override(IVault, FakeVault()):
        assert in_thread(lambda: read(container)) == "real"
        assert in_thread(lambda: container[Service]).vault.read() == "real"
        assert read(container) == "fake"


def test_override_is_seen_by_a_thread_that_copies_the_context(container: ServiceContainer) -> None:
    with container.override(IVault, FakeVault()):
        context = contextvars.copy_context()

        assert in_thread(lambda: context.run(read, container)) == "fake"


def test_override_is_seen_by_tasks_started_inside_and_by_no_other(container: ServiceContainer) -> None:
    async def main() -> tuple[str, str, str]:
        go = asyncio.Event()

        async def outside() -> str:
            await go.wait()
            return read(container)

        async def inside() -> str:
            return read(container)

        before = asyncio.create_task(outside())
        await asyncio.sleep(0)
        with container.override(IVault, FakeVault()):
            child = await asyncio.create_task(inside())
            go.set()
            other = await before
            own = read(container)
        return child, other, own

    assert asyncio.run(main()) == ("fake", "real", "fake")


def test_overrides_of_two_tasks_do_not_meet(container: ServiceContainer) -> None:
    async def main() -> list[str]:
        both = asyncio.Barrier(2)

        async def one(vault: IVault) -> str:
            with container.override(IVault, vault):
                await both.wait()
                found = container[Service].vault.read()
                await both.wait()
            return found

        return await asyncio.gather(one(FakeVault()), one(OtherVault()))

    assert asyncio.run(main()) == ["fake", "other"]
    assert read(container) == "real"


def test_ended_override_is_transparent_where_its_context_was_copied(container: ServiceContainer) -> None:
    with container.override(IVault, FakeVault()):
        context = contextvars.copy_context()

    assert context.run(read, container) == "real"


def test_override_of_one_container_leaves_the_other(services: ServiceCollection) -> None:
    services.singleton(IVault, RealVault)
    first, second = services.build(), services.build()

    with first.override(IVault, FakeVault()), second.override(IVault, OtherVault()):
        assert (read(first), read(second)) == ("fake", "other")

    assert (read(first), read(second)) == ("real", "real")


def test_keyed_override_leaves_the_other_keys(services: ServiceCollection) -> None:
    container = services.singleton(IVault, RealVault, key="a").singleton(IVault, RealVault, key="b").build()

    with container.override(IVault, FakeVault(), key="a"):
        assert container.resolve(IVault, key="a").read() == "fake"
        assert container.resolve(IVault, key="b").read() == "real"


def test_scope_opened_inside_sees_the_override(container: ServiceContainer) -> None:
    with container.override(IVault, FakeVault()), container.scope() as scope:
        assert scope[Handler].service.vault.read() == "fake"


def test_scope_opened_earlier_keeps_what_it_built(services: ServiceCollection) -> None:
    container = services.singleton(IVault, RealVault).scoped(Service).scoped(Handler).build()

    with container.scope() as scope:
        kept = scope[Service]
        with container.override(IVault, FakeVault()):
            assert scope[Service] is kept


def test_factory_override_gets_its_parameters_injected(container: ServiceContainer) -> None:
    seen: list[Unrelated] = []

    def make(unrelated: Unrelated) -> IVault:
        seen.append(unrelated)
        return FakeVault()

    with container.override(IVault, factory=make):
        assert read(container) == "fake"

    assert seen == [container[Unrelated]]


@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_factory_override_has_the_lifetime_of_what_it_replaces(services: ServiceCollection, lifetime: Lifetime) -> None:
    container = services.register(IVault, RealVault, lifetime=lifetime).build()

    with container.override(IVault, factory=FakeVault), container.scope() as one, container.scope() as other:
        same_scope = one[IVault] is one[IVault]
        other_scope = one[IVault] is other[IVault]

    assert (same_scope, other_scope) == (lifetime is not Lifetime.TRANSIENT, lifetime is Lifetime.SINGLETON)


def test_class_override_is_built(container: ServiceContainer) -> None:
    with container.override(IVault, factory=FakeVault):
        assert read(container) == "fake"


def test_what_a_factory_override_built_is_closed_when_it_ends(container: ServiceContainer) -> None:
    events: list[str] = []

    def make() -> Iterator[IVault]:
        yield FakeVault()
        events.append("closed")

    with container.override(IVault, factory=make):
        read(container)
        assert events == []

    assert events == ["closed"]


def test_dependants_rebuilt_in_the_override_are_closed_when_it_ends(services: ServiceCollection) -> None:
    closed: list[Service] = []
    container = services.singleton(IVault, RealVault).singleton(Service, on_close=closed.append).build()
    outside = container[Service]

    with container.override(IVault, FakeVault()):
        inside = container[Service]

    assert closed == [inside]
    container.close()
    assert closed == [inside, outside]


def test_overriding_instance_is_not_closed(services: ServiceCollection) -> None:
    closed: list[Any] = []
    container = services.singleton(IVault, RealVault, on_close=closed.append).build()

    with container.override(IVault, FakeVault()):
        read(container)
    container.close()

    assert closed == []


def test_async_factory_override_is_closed_by_async_with(container: ServiceContainer) -> None:
    events: list[str] = []

    async def make() -> AsyncIterator[IVault]:
        yield FakeVault()
        events.append("closed")

    async def main() -> str:
        async with container.override(IVault, factory=make):
            return (await container.aresolve(Service)).vault.read()

    assert asyncio.run(main()) == "fake"
    assert events == ["closed"]
    assert read(container) == "real"


def test_sync_end_of_an_override_that_must_await_is_refused(container: ServiceContainer) -> None:
    async def make() -> AsyncIterator[IVault]:
        yield FakeVault()

    async def main() -> None:
        override = container.override(IVault, factory=make)
        override.__enter__()
        await container.aresolve(IVault)
        with pytest.raises(AsyncRequiredError, match="closing the override must await"):
            override.__exit__(None, None, None)
        await override.__aexit__(None, None, None)

    asyncio.run(main())

    assert read(container) == "real"


@pytest.mark.skipif(IMMORTAL_FUNCTIONS, reason="once a thread was started, CPython 3.13t never frees a function")
def test_override_leaves_nothing_behind(container: ServiceContainer) -> None:
    with container.override(IVault, factory=FakeVault):
        references = [weakref.ref(container[IVault]), weakref.ref(container[Service])]

    for _ in range(3):  # free-threaded interpreters free some objects later
        gc.collect()

    assert [reference() for reference in references] == [None, None]


def test_overriding_with_a_wrong_type_is_refused(container: ServiceContainer) -> None:
    wrong: Any = Unrelated()

    with pytest.raises(InterfaceMismatchError, match="Unrelated is not a subclass of IVault") as caught:
        container.override(IVault, wrong)

    assert caught.value.service is IVault
    assert read(container) == "real"


def test_overriding_with_a_factory_of_a_wrong_type_is_refused(container: ServiceContainer) -> None:
    def make() -> Unrelated:
        return Unrelated()

    with pytest.raises(InterfaceMismatchError, match="Unrelated is not a subclass of IVault"):
        container.override(IVault, factory=make)


def test_overriding_with_an_abstract_class_is_refused(container: ServiceContainer) -> None:
    with pytest.raises(InterfaceMismatchError, match="leaves read abstract"):
        container.override(IVault, factory=IVault)


def test_mock_may_override_anything(container: ServiceContainer) -> None:
    mock: Any = Mock(read=lambda: "mocked")

    with container.override(IVault, mock):
        assert container[Service].vault.read() == "mocked"


def test_overriding_an_unknown_service_is_refused(container: ServiceContainer) -> None:
    with pytest.raises(MissingServiceError, match="nothing provides int") as caught:
        container.override(int, 3)

    assert caught.value.service is int


def test_overriding_an_unknown_key_is_refused(container: ServiceContainer) -> None:
    with pytest.raises(MissingServiceError, match=r"IVault\['nope'\]"):
        container.override(IVault, FakeVault(), key="nope")


def test_overriding_factory_that_needs_something_unknown_is_refused_with_the_path(
    container: ServiceContainer,
) -> None:
    def make(number: int) -> IVault:
        return FakeVault()

    with pytest.raises(MissingServiceError, match="nothing provides int"):
        container.override(IVault, factory=make)


def test_overriding_factory_that_needs_its_dependant_is_a_cycle(container: ServiceContainer) -> None:
    def make(service: Service) -> IVault:
        return service.vault

    with pytest.raises(CircularDependencyError, match="IVault") as caught:
        container.override(IVault, factory=make)

    assert caught.value.path[0].service is caught.value.path[-1].service


def test_overriding_singleton_factory_that_needs_a_scoped_service_is_captive(services: ServiceCollection) -> None:
    def make(unrelated: Unrelated) -> IVault:
        return FakeVault()

    container = services.singleton(IVault, RealVault).scoped(Unrelated).build()

    with pytest.raises(CaptiveDependencyError, match="would keep the scoped Unrelated"):
        container.override(IVault, factory=make)


def test_override_without_a_replacement_is_refused(container: ServiceContainer) -> None:
    with pytest.raises(RegistrationError, match="either an object or factory="):
        container.override(IVault)


def test_override_with_two_replacements_is_refused(container: ServiceContainer) -> None:
    with pytest.raises(RegistrationError, match="either an object or factory="):
        container.override(IVault, FakeVault(), factory=FakeVault)


def test_override_can_be_entered_once(container: ServiceContainer) -> None:
    override = container.override(IVault, FakeVault())
    with override:
        pass

    with pytest.raises(RegistrationError, match="can be entered once"), override:
        pass


def test_override_that_is_never_entered_changes_nothing(container: ServiceContainer) -> None:
    container.override(IVault, FakeVault())

    assert read(container) == "real"


def test_overridden_async_service_can_be_resolved_synchronously(services: ServiceCollection) -> None:
    """What makes a dependant async is replaced, so it is sync inside."""

    async def make() -> IVault:
        await asyncio.sleep(0)
        return RealVault()

    container = services.singleton(IVault, make).singleton(Service).build()

    with container.override(IVault, FakeVault()):
        assert container.resolve(Service).vault.read() == "fake"
    with pytest.raises(AsyncRequiredError, match="IVault"):
        container.resolve(Service)


def test_container_closed_inside_an_override_is_closed_after_it(container: ServiceContainer) -> None:
    with container.override(IVault, FakeVault()):
        container.close()

    assert "closed" in repr(container)


def test_provider_kept_from_an_override_gives_the_registered_service_when_it_has_ended() -> None:
    class Page: ...

    class OtherPage(Page): ...

    class Book:
        def __init__(self, page: Any) -> None:
            self.page = page

    Book.__init__.__annotations__["page"] = Provider[Page]
    container = ServiceCollection().transient(Page).transient(Book).build()
    with container.override(Page, factory=OtherPage):
        book = container.resolve(Book)
        inside = [type(book.page()) for _ in range(3)]

    outside = [type(book.page()) for _ in range(3)]

    assert inside == [OtherPage] * 3
    assert outside == [Page] * 3


def test_provider_of_an_open_service_can_be_looked_up_inside_an_override() -> None:
    class Shelf(Generic[T]): ...

    class Page: ...

    container = ServiceCollection().transient(Shelf).transient(Page).build()

    with container.override(Page, factory=Page):
        make = container.resolve(Provider[Shelf[int]])

        assert type(make()) is Shelf


def test_object_that_equals_everything_can_be_an_override() -> None:
    class Page: ...

    class AnyPage(Page):
        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 1

    container, page = ServiceCollection().singleton(Page).build(), AnyPage()

    with container.override(Page, page):
        assert container.resolve(Page) is page
