"""No reference cycles per scope, nothing retained after one: objects die by reference counting alone."""

import asyncio
import gc
import sys
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from kimera_di import Scope, ServiceCollection, ServiceContainer

IMMORTAL_FUNCTIONS = sys.version_info[:2] == (3, 13) and not getattr(sys, "_is_gil_enabled", lambda: True)()
mortal_functions = pytest.mark.skipif(
    IMMORTAL_FUNCTIONS, reason="once a thread was started, CPython 3.13t never frees a function, nor what it names"
)

SCOPES = 200


class Settings: ...


class Session:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings


class Repository:
    def __init__(self, session: Session) -> None:
        self.session = session


class Handler:
    def __init__(self, repository: Repository, session: Session) -> None:
        self.repository, self.session = repository, session


class Connection(Session): ...


class Cursor:
    def __init__(self, connection: Connection, repositories: list[Repository]) -> None:
        self.connection, self.repositories = connection, repositories

    def __enter__(self) -> "Cursor":
        return self

    def __exit__(self, *_: object) -> None: ...


def open_session(settings: Settings) -> Iterator[Session]:
    yield Session(settings)


async def open_connection(settings: Settings) -> AsyncIterator[Connection]:
    await asyncio.sleep(0)
    yield Connection(settings)


def sync_services() -> ServiceCollection:
    """A scope with a generator resource, a transient, a context manager and ``on_close``."""
    services = ServiceCollection()
    services.singleton(Settings)
    services.scoped(Session, open_session)
    services.transient(Repository)
    services.scoped(Handler, on_close=lambda _: None)
    services.scoped(Connection)
    services.transient(Cursor, enter=True)
    return services


def async_services() -> ServiceCollection:
    """As above with an async resource."""
    services = sync_services()
    services.scoped(Connection, open_connection)
    return services


def one_scope(container: ServiceContainer) -> list[weakref.ref[Any]]:
    """Use a scope as a request does; give weak references to what it built."""
    with container.scope() as scope:
        things = [scope.resolve(Handler), scope.resolve(Session), scope.resolve(Cursor), scope.resolve(Connection)]
        return [weakref.ref(thing) for thing in things]


async def one_async_scope(container: ServiceContainer) -> list[weakref.ref[Any]]:
    """As ``one_scope``, awaited."""
    async with container.scope() as scope:
        things = [await scope.aresolve(kind) for kind in (Handler, Session, Cursor, Connection)]
        return [weakref.ref(thing) for thing in things]


def one_override(container: ServiceContainer) -> list[weakref.ref[Any]]:
    """Use a scope below an override that builds things of its own."""
    with container.override(Settings, factory=Settings), container.scope() as scope:
        things = [scope.resolve(Handler), scope.resolve(Settings)]
        return [weakref.ref(thing) for thing in things]


def nested_scopes(container: ServiceContainer) -> list[weakref.ref[Any]]:
    """A scope inside a scope."""
    with container.scope() as outer, outer.scope() as inner:
        things = [outer.resolve(Handler), inner.resolve(Handler), inner.resolve(Cursor)]
        return [weakref.ref(thing) for thing in things]


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Collect nothing but what a test collects itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


USES = [one_scope, pytest.param(one_override, marks=mortal_functions), nested_scopes]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("use", USES)
def test_scopes_make_no_cyclic_garbage(use: Callable[[ServiceContainer], Any]) -> None:
    with sync_services().build() as container:
        use(container)
        gc.collect()

        for _ in range(SCOPES):
            use(container)

        assert gc.collect() == 0


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("use", USES)
def test_nothing_of_a_scope_is_left_when_it_has_closed(use: Callable[[ServiceContainer], Any]) -> None:
    with sync_services().build() as container:
        left = [reference() for _ in range(3) for reference in use(container)]

    assert left == [None] * len(left)


@pytest.mark.usefixtures("no_collector")
def test_scopes_with_async_resources_make_no_cyclic_garbage() -> None:
    async def run() -> int:
        async with async_services().build() as container:
            await one_async_scope(container)
            gc.collect()
            for _ in range(SCOPES):
                await one_async_scope(container)
            return gc.collect()

    assert asyncio.run(run()) == 0


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("pause_s", [0, 0.0001], ids=["a turn of the loop", "a moment"])
def test_scopes_whose_closers_wait_make_no_cyclic_garbage(pause_s: float) -> None:
    async def open_slowly(settings: Settings) -> AsyncIterator[Connection]:
        yield Connection(settings)
        await asyncio.sleep(pause_s)

    async def use(container: ServiceContainer) -> None:
        async with container.scope() as scope:
            await scope.aresolve(Connection)

    async def run() -> int:
        async with ServiceCollection().singleton(Settings).scoped(Connection, open_slowly).build() as container:
            await use(container)
            gc.collect()
            for _ in range(SCOPES // 4):
                await use(container)
            return gc.collect()

    assert asyncio.run(run()) == 0


@pytest.mark.usefixtures("no_collector")
def test_nothing_of_a_scope_with_async_resources_is_left_when_it_has_closed() -> None:
    async def run() -> list[Any]:
        async with async_services().build() as container:
            return [reference() for _ in range(3) for reference in await one_async_scope(container)]

    left = asyncio.run(run())

    assert left == [None] * len(left)


@pytest.mark.usefixtures("no_collector")
def test_tasks_that_meet_in_a_scope_make_no_cyclic_garbage() -> None:
    async def meet(container: ServiceContainer) -> None:
        async with container.scope() as scope:
            await asyncio.gather(*(scope.aresolve(Connection) for _ in range(3)))

    async def met(count: int, container: ServiceContainer) -> int:
        for _ in range(count):
            await meet(container)
        return gc.collect()

    async def run() -> int:
        async with async_services().build() as container:
            await met(1, container)
            return await met(SCOPES, container)

    assert asyncio.run(run()) == 0


@pytest.mark.usefixtures("no_collector")
def test_a_closed_scope_that_is_still_held_holds_nothing() -> None:
    with sync_services().build() as container:
        scope = container.scope()
        reference = weakref.ref(scope.resolve(Handler))
        scope.close()

        assert reference() is None
        assert isinstance(scope, Scope)


@pytest.mark.usefixtures("no_collector")
def test_a_scope_that_was_opened_by_a_block_and_is_still_held_holds_nothing() -> None:
    with sync_services().build() as container:
        with container.scope() as scope:
            reference = weakref.ref(scope.resolve(Handler))

        assert reference() is None
        assert isinstance(scope, Scope)


@pytest.mark.usefixtures("no_collector")
def test_a_scope_without_resources_frees_what_it_built() -> None:
    """It takes the short way out: nothing is to be closed."""
    services = ServiceCollection().singleton(Settings).scoped(Session)
    with services.build() as container:
        with container.scope() as scope:
            reference = weakref.ref(scope.resolve(Session))

        assert reference() is None
        assert isinstance(scope, Scope)


@pytest.mark.usefixtures("no_collector")
def test_a_scope_dies_with_its_last_reference() -> None:
    with sync_services().build() as container:
        scope = container.scope()
        scope.resolve(Handler)
        scope.close()
        reference = weakref.ref(scope)

        del scope

        assert reference() is None


@pytest.mark.usefixtures("no_collector")
def test_a_scope_that_nobody_closed_dies_with_its_last_reference() -> None:
    services = ServiceCollection().singleton(Settings).scoped(Session)
    with services.build() as container:
        scope = container.scope()
        reference = weakref.ref(scope.resolve(Session))

        del scope

        assert reference() is None


@pytest.mark.usefixtures("no_collector")
def test_a_transient_is_not_held_by_what_built_it() -> None:
    services = ServiceCollection().singleton(Settings).transient(Session)
    with services.build() as container:
        reference = weakref.ref(container.resolve(Session))

        assert reference() is None


def test_a_container_that_nobody_holds_is_collected() -> None:
    container = sync_services().build()
    container.resolve(Settings)
    reference = weakref.ref(container)

    del container
    gc.collect()

    assert reference() is None


@mortal_functions
@pytest.mark.usefixtures("no_collector")
def test_an_ended_override_leaves_nothing_behind() -> None:
    with sync_services().build() as container:
        thing = Settings()
        reference = weakref.ref(thing)
        with container.override(Settings, thing), container.scope() as scope:
            scope.resolve(Handler)

        del thing
        gc.collect()

        assert reference() is None


@mortal_functions
@pytest.mark.usefixtures("no_collector")
def test_overrides_do_not_grow_the_container() -> None:
    with sync_services().build() as container:
        one_override(container)
        gc.collect()
        before = len(gc.get_objects())

        for _ in range(SCOPES):
            one_override(container)

        assert len(gc.get_objects()) - before < SCOPES
