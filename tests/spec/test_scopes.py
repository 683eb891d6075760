import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from kimera_di import (
    AsyncRequiredError,
    ContainerClosedError,
    MissingServiceError,
    Scope,
    ServiceCollection,
    ServiceContainer,
)


class Settings:
    pass


class Session:
    pass


def noted(events: list[str]) -> Callable[[], Iterator[Session]]:
    def open_session() -> Iterator[Session]:
        yield Session()
        events.append("closed")

    return open_session


def test_block_closes_the_scope(services: ServiceCollection) -> None:
    events: list[str] = []

    with services.scoped(Session, noted(events)).build().scope() as scope:
        scope[Session]

    assert events == ["closed"]


def test_scope_without_a_block_is_closed_by_close(services: ServiceCollection) -> None:
    events: list[str] = []
    scope = services.scoped(Session, noted(events)).build().scope()
    scope[Session]

    scope.close()

    assert events == ["closed"]


def test_async_block_closes_a_scope_with_sync_resources(services: ServiceCollection) -> None:
    events: list[str] = []
    container = services.scoped(Session, noted(events)).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(Session)

    asyncio.run(main())

    assert events == ["closed"]


def test_nested_scope_has_scoped_objects_of_its_own(services: ServiceCollection) -> None:
    services.scoped(Session).singleton(Settings)

    with services.build().scope() as outer, outer.scope() as inner:
        assert inner[Session] is not outer[Session]
        assert inner[Settings] is outer[Settings]


def test_nested_scope_closes_only_its_own_objects(services: ServiceCollection) -> None:
    events: list[str] = []

    with services.scoped(Session, noted(events)).build().scope() as outer:
        outer[Session]
        with outer.scope() as inner:
            inner[Session]
        assert events == ["closed"]

    assert events == ["closed", "closed"]


@pytest.mark.parametrize(
    "use",
    [
        lambda scope: scope.resolve(Session),
        lambda scope: scope[Session],
        lambda scope: scope.get(Session),
        lambda scope: scope.resolve_all(Session),
        lambda scope: scope.scope(),
        lambda scope: scope.__enter__(),
        lambda scope: asyncio.run(scope.aget(Session)),
        lambda scope: asyncio.run(_await(scope.aresolve, Session)),
        lambda scope: asyncio.run(scope.aresolve_all(Session)),
    ],
    ids=["resolve", "[]", "get", "resolve_all", "scope", "with", "aget", "aresolve", "aresolve_all"],
)
@pytest.mark.parametrize("built", [True, False], ids=["warm", "cold"])
def test_closed_scope_refuses_every_use(services: ServiceCollection, use: Callable[[Scope], Any], built: bool) -> None:
    scope = services.scoped(Session).build().scope()
    if built:
        scope[Session]
        asyncio.run(_await(scope.aresolve, Session))
    scope.close()

    with pytest.raises(ContainerClosedError, match="the scope is closed") as caught:
        use(scope)

    assert caught.value.code == "KD303"


async def _await(look_up: Callable[..., Any], service: type) -> Any:
    return await look_up(service)


def test_singleton_cannot_be_had_from_a_closed_scope(services: ServiceCollection) -> None:
    container = services.singleton(Settings).build()
    container[Settings]
    with container.scope() as scope:
        scope[Settings]

    with pytest.raises(ContainerClosedError, match="the scope is closed"):
        scope.resolve(Settings)


def test_scope_tells_what_is_registered(services: ServiceCollection) -> None:
    with services.scoped(Session).build().scope() as scope:
        assert Session in scope
        assert Settings not in scope
        assert scope.get(Settings) is None
        assert asyncio.run(scope.aget(Settings)) is None


def test_get_in_a_scope_gives_the_scoped_object(services: ServiceCollection) -> None:
    with services.scoped(Session).build().scope() as scope:
        assert scope.get(Session) is scope[Session]


def test_unregistered_service_is_missing_in_a_scope(services: ServiceCollection) -> None:
    with services.build().scope() as scope, pytest.raises(MissingServiceError, match="nothing provides Session"):
        scope.resolve(Session)


def test_get_raises_when_what_the_service_needs_fails(services: ServiceCollection) -> None:
    """Only the service itself may be absent."""

    def make() -> Session:
        raise KeyError("inside")

    with services.scoped(Session, make).build().scope() as scope, pytest.raises(KeyError, match="inside"):
        scope.get(Session)


def test_scope_is_not_made_by_hand() -> None:
    with pytest.raises(TypeError, match=r"container\.scope\(\)"):
        Scope()


def test_container_is_made_by_a_collection_only() -> None:
    with pytest.raises(TypeError, match=r"services\.build\(\)"):
        ServiceContainer()


def test_scopes_are_true_hashable_and_weakly_referenceable(services: ServiceCollection) -> None:
    scope = services.build().scope()

    assert scope
    assert {scope: 1}[scope] == 1
    assert weakref.ref(scope)() is scope


def test_scope_is_no_mapping(services: ServiceCollection) -> None:
    scope: Any = services.scoped(Session).build().scope()

    with pytest.raises(TypeError, match="item assignment"):
        scope[Session] = Session()


def test_scopes_of_one_container_are_independent(services: ServiceCollection) -> None:
    events: list[str] = []
    container = services.scoped(Session, noted(events)).build()
    one, other = container.scope(), container.scope()
    one[Session]
    other[Session]

    one.close()

    assert events == ["closed"]
    assert isinstance(other[Session], Session)
    other.close()


def test_scope_that_outlives_its_container_can_only_be_closed(services: ServiceCollection) -> None:
    events: list[str] = []
    container = services.scoped(Session, noted(events)).singleton(Settings).build()
    scope = container.scope()
    scope[Session]

    container.close()

    assert events == []
    with pytest.raises(ContainerClosedError, match="closed"):
        scope.resolve(Settings)
    with pytest.raises(ContainerClosedError, match="closed"):
        scope.scope()
    scope.close()
    assert events == ["closed"]


def test_closed_container_opens_no_scope(services: ServiceCollection) -> None:
    container = services.build()
    container.close()

    with pytest.raises(ContainerClosedError, match="the container is closed"):
        container.scope()


def test_scoped_objects_are_not_kept_by_a_closed_scope(services: ServiceCollection) -> None:
    container = services.scoped(Session).build()
    with container.scope() as scope:
        reference = weakref.ref(scope[Session])

    gc.collect()  # free-threaded interpreters may free later

    assert reference() is None
    assert "closed" in repr(scope)


def test_scope_method_that_a_test_replaces_is_replaced_for_containers_that_exist() -> None:
    container = ServiceCollection().build()
    stand_in = object()

    with mock.patch.object(ServiceContainer, "scope", return_value=stand_in):
        replaced = container.scope()

    assert replaced is stand_in
    assert type(container.scope()).__name__ == "Scope"


def test_container_that_could_not_be_closed_opens_scopes_again() -> None:
    async def make() -> AsyncIterator[Settings]:
        yield Settings()

    async def main() -> Scope:
        container = ServiceCollection().singleton(Settings, make).build()
        await container.aresolve(Settings)
        with pytest.raises(AsyncRequiredError, match="must await"):
            container.close()
        opened = container.scope()
        await container.aclose()
        with pytest.raises(ContainerClosedError):
            container.scope()
        return opened

    assert repr(asyncio.run(main())) == "<Scope open>"
