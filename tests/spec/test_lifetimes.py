import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from kimera_di import AsyncRequiredError, Lifetime, Scope, ScopeRequiredError, ServiceCollection, ServiceContainer
from tests.spec.helpers import WAIT_S, in_threads, way


class Settings:
    pass


class Session:
    pass


@dataclass(eq=False)
class Repository:
    session: Session


@dataclass(eq=False)
class Handler:
    repository: Repository
    session: Session


@dataclass(eq=False)
class Pair:
    left: Settings
    right: Settings


def test_singleton_is_one_object_for_container_and_scopes(services: ServiceCollection) -> None:
    container = services.singleton(Settings).build()

    with container.scope() as one, container.scope() as other:
        assert one[Settings] is other[Settings] is container[Settings]


def test_singleton_first_asked_for_in_a_scope_outlives_it(services: ServiceCollection) -> None:
    container = services.singleton(Settings).build()

    with container.scope() as scope:
        first = scope[Settings]

    assert container[Settings] is first


def test_singletons_of_two_containers_are_two_objects(services: ServiceCollection) -> None:
    services.singleton(Settings)

    assert services.build()[Settings] is not services.build()[Settings]


def test_building_the_container_builds_no_service(services: ServiceCollection) -> None:
    built: list[str] = []

    class Loud:
        def __init__(self) -> None:
            built.append("loud")

    services.singleton(Loud).build()

    assert built == []


def test_scoped_service_is_shared_by_all_consumers_of_a_scope(services: ServiceCollection) -> None:
    container = services.scoped(Session).transient(Repository).transient(Handler).build()

    with container.scope() as scope:
        handler = scope[Handler]

        assert handler.session is handler.repository.session is scope[Session]


def test_scoped_service_differs_between_scopes(services: ServiceCollection) -> None:
    container = services.scoped(Session).build()

    with container.scope() as one, container.scope() as other:
        assert one[Session] is not other[Session]


def test_transient_is_new_for_every_look_up(services: ServiceCollection) -> None:
    container = services.transient(Settings).build()

    assert container[Settings] is not container[Settings]


def test_transient_is_new_for_every_parameter(services: ServiceCollection) -> None:
    container = services.transient(Settings).transient(Pair).build()

    pair = container[Pair]

    assert pair.left is not pair.right


def test_singleton_keeps_the_transient_it_was_built_with(services: ServiceCollection) -> None:
    container = services.transient(Settings).singleton(Pair).build()

    assert container[Pair].left is container[Pair].left


@pytest.mark.parametrize("look_up", [ServiceContainer.resolve, ServiceContainer.__getitem__, ServiceContainer.get])
def test_scoped_service_is_refused_at_the_root(
    services: ServiceCollection, look_up: Callable[[ServiceContainer, type], Any]
) -> None:
    container = services.scoped(Session).build()

    with pytest.raises(ScopeRequiredError, match="Session is scoped") as caught:
        look_up(container, Session)

    assert caught.value.service is Session
    assert way(caught.value) == [(Session, None)]


def test_scoped_service_is_refused_at_the_root_by_aresolve(services: ServiceCollection) -> None:
    container = services.scoped(Session).build()

    with pytest.raises(ScopeRequiredError, match="Session is scoped"):
        asyncio.run(container.aresolve(Session))


def test_transient_that_needs_a_scoped_service_is_refused_at_the_root_with_its_path(
    services: ServiceCollection,
) -> None:
    container = services.scoped(Session).transient(Repository).transient(Handler).build()

    with pytest.raises(ScopeRequiredError) as caught:
        container.resolve(Repository)

    assert way(caught.value) == [(Repository, "session"), (Session, None)]
    assert [step.lifetime for step in caught.value.path] == [Lifetime.TRANSIENT, Lifetime.SCOPED]


def test_transient_with_cleanup_is_refused_at_the_root(services: ServiceCollection) -> None:
    """Nobody could say when it ends: it would pile up until the container closes."""

    def open_settings() -> Iterator[Settings]:
        yield Settings()

    container = services.transient(Settings, open_settings).build()

    with pytest.raises(ScopeRequiredError, match="Settings must be closed") as caught:
        container.resolve(Settings)

    assert caught.value.code == "KD301"


def test_transient_with_cleanup_belongs_to_the_scope_that_asked(services: ServiceCollection) -> None:
    closed: list[int] = []
    numbers = iter(range(9))

    def open_number() -> Iterator[int]:
        number = next(numbers)
        yield number
        closed.append(number)

    container = services.transient(int, open_number).build()

    with container.scope() as scope:
        scope[int]
        scope[int]
        assert closed == []

    assert closed == [1, 0]


def test_transient_with_cleanup_inside_a_singleton_belongs_to_the_root(services: ServiceCollection) -> None:
    closed: list[str] = []

    def open_settings() -> Iterator[Settings]:
        yield Settings()
        closed.append("settings")

    container = services.transient(Settings, open_settings).singleton(Pair).build()
    with container.scope() as scope:
        scope[Pair]

    assert closed == []
    container.close()
    assert closed == ["settings", "settings"]


def at_the_same_time(work: Callable[[], Any], count: int = 8) -> list[Any]:
    barrier = threading.Barrier(count)

    def run() -> Any:
        barrier.wait(WAIT_S)
        return work()

    return in_threads([run] * count)


def slow(built: list[int]) -> Callable[[], Settings]:
    def make() -> Settings:
        built.append(1)
        threading.Event().wait(0.02)  # long enough for every other thread to arrive
        return Settings()

    return make


def test_singleton_is_built_once_under_threads(services: ServiceCollection) -> None:
    built: list[int] = []
    container = services.singleton(Settings, slow(built)).build()

    objects = at_the_same_time(lambda: container[Settings])

    assert len(set(objects)) == 1
    assert len(built) == 1


def test_scoped_service_is_built_once_when_threads_share_the_scope(services: ServiceCollection) -> None:
    built: list[int] = []
    container = services.scoped(Settings, slow(built)).build()

    with container.scope() as scope:
        objects = at_the_same_time(lambda: scope[Settings])

    assert len(set(objects)) == 1
    assert len(built) == 1


@pytest.mark.parametrize("lifetime", [Lifetime.SINGLETON, Lifetime.SCOPED])
def test_async_service_is_built_once_when_tasks_ask_together(services: ServiceCollection, lifetime: Lifetime) -> None:
    built: list[int] = []

    async def make() -> Settings:
        built.append(1)
        await asyncio.sleep(0.01)
        return Settings()

    container = services.register(Settings, factory=make, lifetime=lifetime).build()

    async def main() -> list[Settings]:
        async with container.scope() as scope:
            return await asyncio.gather(*(scope.aresolve(Settings) for _ in range(20)))

    objects = asyncio.run(main())

    assert len(set(objects)) == 1
    assert len(built) == 1


def test_async_singleton_is_built_once_under_several_event_loops(services: ServiceCollection) -> None:
    built: list[int] = []

    async def make() -> Settings:
        built.append(1)
        await asyncio.sleep(0.02)
        return Settings()

    container = services.singleton(Settings, make).build()

    async def ask() -> Settings:
        return await container.aresolve(Settings)

    objects = at_the_same_time(lambda: asyncio.run(ask()), count=4)

    assert len(set(objects)) == 1
    assert len(built) == 1


def test_finished_async_singleton_is_available_to_resolve(services: ServiceCollection) -> None:
    async def make() -> Settings:
        return Settings()

    container = services.singleton(Settings, make).build()

    built = asyncio.run(container.aresolve(Settings))

    assert container.resolve(Settings) is built


def test_async_singleton_in_flight_is_refused_to_resolve_in_its_own_loop(services: ServiceCollection) -> None:
    """Waiting there would stop the loop that has to finish it."""
    refused: list[AsyncRequiredError] = []

    async def main() -> None:
        inside, go = asyncio.Event(), asyncio.Event()

        async def make() -> Settings:
            inside.set()
            await go.wait()
            return Settings()

        container = services.singleton(Settings, make).build()
        task = asyncio.create_task(container.aresolve(Settings))
        await inside.wait()
        with pytest.raises(AsyncRequiredError, match="Settings") as caught:
            container.resolve(Settings)
        refused.append(caught.value)
        go.set()
        assert container.resolve(Settings) is await task if task.done() else await task

    asyncio.run(main())

    assert refused[0].code == "KD302"


def test_failed_construction_is_not_cached(services: ServiceCollection) -> None:
    attempts: list[int] = []

    def make() -> Settings:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("not yet")
        return Settings()

    container = services.singleton(Settings, make).build()

    with pytest.raises(OSError, match="not yet"):
        container.resolve(Settings)

    assert isinstance(container.resolve(Settings), Settings)


def test_failure_reaches_every_current_waiter_as_the_same_object(services: ServiceCollection) -> None:
    attempts: list[int] = []
    asking = threading.Semaphore(0)

    def make() -> Settings:
        attempts.append(1)
        for _ in range(4):
            assert asking.acquire(timeout=WAIT_S)
        threading.Event().wait(0.05)  # the others are in resolve by now
        raise OSError("broken")

    container = services.singleton(Settings, make).build()

    def ask() -> BaseException:
        asking.release()
        with pytest.raises(OSError, match="broken") as caught:
            container.resolve(Settings)
        return caught.value

    errors = in_threads([ask] * 4)

    assert len({id(error) for error in errors}) == 1
    assert len(attempts) == 1


def test_cancelled_builder_hands_over_to_a_waiter(services: ServiceCollection) -> None:
    attempts: list[int] = []

    async def make() -> Settings:
        attempts.append(1)
        if len(attempts) == 1:
            await asyncio.sleep(WAIT_S)
        return Settings()

    container = services.singleton(Settings, make).build()

    async def main() -> tuple[Settings, bool]:
        first = asyncio.create_task(container.aresolve(Settings))
        await asyncio.sleep(0)
        second = asyncio.create_task(container.aresolve(Settings))
        await asyncio.sleep(0)
        first.cancel()
        built = await second
        return built, first.cancelled() or first.done()

    built, first_ended = asyncio.run(main())

    assert isinstance(built, Settings)
    assert first_ended
    assert len(attempts) == 2


def test_unrelated_singletons_are_built_side_by_side(services: ServiceCollection) -> None:
    """No container-wide lock: each waits until the other one is being built as well."""
    barrier = threading.Barrier(2)

    def make_settings() -> Settings:
        barrier.wait(WAIT_S)
        return Settings()

    def make_session() -> Session:
        barrier.wait(WAIT_S)
        return Session()

    container = services.singleton(Settings, make_settings).singleton(Session, make_session).build()

    objects = in_threads([lambda: container[Settings], lambda: container[Session]])

    assert [type(each) for each in objects] == [Settings, Session]


def test_scope_asked_for_a_service_of_the_root_gives_its_own_scoped_objects(services: ServiceCollection) -> None:
    container = services.scoped(Session).transient(Repository).build()
    scope: Scope = container.scope()

    first, second = scope[Repository], scope[Repository]

    assert first is not second
    assert first.session is second.session
    scope.close()
