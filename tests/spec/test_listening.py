"""Listeners: told of every construction; nothing of them is in the builders while nobody listens."""

import asyncio
import dis
import logging
from collections.abc import AsyncIterator, Iterator
from types import FunctionType
from typing import Any

import pytest

from kimera_di import (
    ContainerClosedError,
    Lifetime,
    RegistrationError,
    ServiceBuilt,
    ServiceCollection,
    ServiceFailed,
    ServiceId,
)


class Settings: ...


class Vault:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings


class Session: ...


class Handler:
    def __init__(self, vault: Vault, session: Session) -> None:
        self.vault, self.session = vault, session


def open_session() -> Iterator[Session]:
    yield Session()


async def open_session_async() -> AsyncIterator[Session]:
    yield Session()


async def load_vault(settings: Settings) -> Vault:
    return Vault(settings)


def services() -> ServiceCollection:
    return ServiceCollection().singleton(Settings).singleton(Vault).scoped(Session, open_session).transient(Handler)


def names(events: list[Any]) -> list[tuple[str, str]]:
    return [(type(each).__name__, each.service.interface.__name__) for each in events]


def test_every_construction_is_told_once_dependencies_first() -> None:
    events: list[Any] = []
    container = services().build()

    with container.listen(events.append), container.scope() as scope:
        scope.resolve(Handler)
        scope.resolve(Handler)

    told = ["Settings", "Vault", "Session", "Handler", "Handler"]
    assert names(events) == [("ServiceBuilt", name) for name in told]


def test_event_says_what_was_built_and_where_it_was_registered() -> None:
    events: list[Any] = []
    container = services().build()

    with container.listen(events.append):
        container.resolve(Settings)

    (event,) = events
    assert event.service == ServiceId(Settings)
    assert event.lifetime is Lifetime.SINGLETON
    assert event.registered.file == __file__
    assert event.seconds >= 0


def test_async_constructions_are_told() -> None:
    events: list[Any] = []
    registered = ServiceCollection().singleton(Settings).singleton(Vault, load_vault)
    registered.scoped(Session, open_session_async).scoped(Handler)

    async def main() -> None:
        async with registered.build() as container:
            with container.listen(events.append):
                async with container.scope() as scope:
                    await scope.aresolve(Handler)

    asyncio.run(main())

    assert names(events) == [("ServiceBuilt", name) for name in ("Settings", "Vault", "Session", "Handler")]


@pytest.mark.parametrize("lifetime", list(Lifetime), ids=lambda lifetime: lifetime.value)
def test_factory_that_raises_is_told_with_its_error(lifetime: Lifetime) -> None:
    broken = OSError("no vault")

    def fail() -> Vault:
        raise broken

    events: list[Any] = []
    container = ServiceCollection().register(Vault, factory=fail, lifetime=lifetime).build()

    with container.listen(events.append), container.scope() as scope, pytest.raises(OSError, match="no vault"):
        scope.resolve(Vault)

    assert names(events) == [("ServiceFailed", "Vault")]
    assert events[0].error is broken


def test_async_factory_that_raises_is_told_with_its_error() -> None:
    async def fail() -> Vault:
        raise OSError("no vault")

    events: list[Any] = []

    async def main() -> None:
        container = ServiceCollection().singleton(Vault, fail).build()
        with container.listen(events.append), pytest.raises(OSError, match="no vault"):
            await container.aresolve(Vault)

    asyncio.run(main())

    assert names(events) == [("ServiceFailed", "Vault")]


def test_singleton_with_transient_parts_is_told_with_them() -> None:
    events: list[Any] = []
    container = ServiceCollection().transient(Settings).singleton(Vault).build()

    with container.listen(events.append):
        container.resolve(Vault)

    assert names(events) == [("ServiceBuilt", "Settings"), ("ServiceBuilt", "Vault")]


def test_ended_listener_is_told_nothing() -> None:
    events: list[Any] = []
    container = services().build()
    subscription = container.listen(events.append)

    subscription.end()
    subscription.end()
    with container.scope() as scope:
        scope.resolve(Handler)

    assert events == []


def test_other_listeners_go_on_when_one_ends() -> None:
    first: list[Any] = []
    second: list[Any] = []
    container = services().build()
    subscription = container.listen(first.append)

    with container.listen(second.append):
        subscription.end()
        container.resolve(Settings)

    assert names(first) == []
    assert names(second) == [("ServiceBuilt", "Settings")]


def test_listener_that_fails_is_logged_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    events: list[Any] = []
    container = services().build()

    def fail(event: ServiceBuilt | ServiceFailed) -> None:
        raise ValueError(event.service)

    with caplog.at_level(logging.ERROR, "kimera_di"), container.listen(fail), container.listen(events.append):
        built = container.resolve(Settings)

    assert container.resolve(Settings) is built
    assert names(events) == [("ServiceBuilt", "Settings")]
    assert "a listener failed" in caplog.text


def test_what_an_override_builds_is_told() -> None:
    events: list[Any] = []
    container = services().build()

    class OtherSettings(Settings): ...

    with container.listen(events.append), container.override(Settings, factory=OtherSettings):
        assert isinstance(container.resolve(Vault).settings, OtherSettings)

    assert names(events) == [("ServiceBuilt", "Settings"), ("ServiceBuilt", "Vault")]


def test_block_of_a_subscription_gives_it() -> None:
    subscription = services().build().listen(lambda event: None)

    with subscription as given:
        assert given is subscription


def test_listener_added_inside_an_override_hears_what_it_builds_next() -> None:
    events: list[Any] = []
    container = services().build()

    with container.override(Settings, Settings()), container.scope() as scope:
        scope.resolve(Handler)
        with container.listen(events.append):
            scope.resolve(Handler)

    assert names(events) == [("ServiceBuilt", "Handler")]


def test_builders_hold_nothing_of_listeners_while_nobody_listens() -> None:
    container = services().build()
    with container.scope() as scope:
        scope.resolve(Handler)
        with container.listen(lambda event: None):
            scope.resolve(Handler)
        scope.resolve(Handler)

        build = container._root.scope_table[Handler]

    assert isinstance(build, FunctionType)
    assert not {"HEARD", "clock"} & set(build.__globals__)
    assert "HEARD" not in {each.argval for each in dis.get_instructions(build)}


def test_warm_singleton_is_a_constant_again_when_the_last_listener_ends() -> None:
    container = services().build()

    with container.listen(lambda event: None):
        container.resolve(Settings)
    container.resolve(Settings)

    assert container._root.warm[Settings] is container[Settings]


def test_listener_that_cannot_be_called_is_refused() -> None:
    container = services().build()

    with pytest.raises(RegistrationError, match="cannot be called, so it cannot listen"):
        container.listen(3)  # type: ignore[arg-type]


def test_closed_container_takes_no_listener() -> None:
    container = services().build()
    container.close()

    with pytest.raises(ContainerClosedError):
        container.listen(print)


async def awaiting(_: object) -> None: ...


def stepping(_: object) -> Iterator[None]:
    yield


@pytest.mark.parametrize("listener", [awaiting, stepping], ids=["async", "generator"])
def test_listener_that_would_not_run_when_called_is_refused(listener: Any) -> None:
    container = services().build()

    with pytest.raises(RegistrationError, match="called, it would not run"):
        container.listen(listener)
