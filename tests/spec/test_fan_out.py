"""Forks of a scope, and ``ScopeFactory``: scopes for a fan-out and for singletons."""

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator, Iterator

import pytest

from kimera_di import (
    ContainerClosedError,
    Injected,
    MissingServiceError,
    Scope,
    ScopeFactory,
    ServiceCollection,
    inject,
)
from tests.spec.helpers import WAIT_S, in_threads, mortal_classes


class Request: ...


class Session: ...


class Report:
    def __init__(self, session: Session) -> None:
        self.session = session


class Worker:
    def __init__(self, scopes: ScopeFactory) -> None:
        self.scopes = scopes


def test_fork_shares_what_is_built_and_builds_the_rest_on_its_own() -> None:
    services = ServiceCollection().scoped(Session).scoped(Report)

    with services.build().scope() as scope:
        session = scope[Session]
        with scope.fork() as one, scope.fork() as two:
            reports = [one[Report], two[Report]]

        assert reports[0] is not reports[1]
        assert reports[0].session is reports[1].session is session
        assert scope[Report] not in reports


def test_fork_has_the_values_of_its_scope() -> None:
    request = Request()
    services = ServiceCollection().scope_value(Request)

    with services.build().scope({Request: request}) as scope, scope.fork() as fork, fork.fork() as again:
        assert fork[Request] is again[Request] is request


def test_closing_a_fork_closes_only_what_it_built() -> None:
    log: list[str] = []

    def session() -> Iterator[Session]:
        yield Session()
        log.append("session closed")

    def report(session: Session) -> Iterator[Report]:
        yield Report(session)
        log.append("report closed")

    services = ServiceCollection().scoped(Session, session).scoped(Report, report)

    with services.build().scope() as scope:
        scope.resolve(Session)
        with scope.fork() as fork:
            fork.resolve(Report)
        assert log == ["report closed"]

    assert log == ["report closed", "session closed"]


def test_async_fork_closes_only_what_it_built() -> None:
    log: list[str] = []

    async def session() -> AsyncIterator[Session]:
        yield Session()
        log.append("session closed")

    async def report(session: Session) -> AsyncIterator[Report]:
        yield Report(session)
        log.append("report closed")

    async def branch(scope: Scope) -> Report:
        async with scope.fork() as fork:
            return await fork.aresolve(Report)

    async def main() -> None:
        container = ServiceCollection().scoped(Session, session).scoped(Report, report).build()
        async with container.scope() as scope:
            shared = await scope.aresolve(Session)
            first, second = await asyncio.gather(branch(scope), branch(scope))
            assert first is not second
            assert first.session is second.session is shared
            assert log == ["report closed", "report closed"]

    asyncio.run(main())

    assert log == ["report closed", "report closed", "session closed"]


def test_fork_does_not_wait_for_what_is_being_built_beside_it() -> None:
    """What is not finished is not shared: the fork builds its own."""
    begun, go_on = threading.Event(), threading.Event()
    first = threading.Lock()

    def session() -> Session:
        if first.acquire(blocking=False):
            begun.set()
            assert go_on.wait(WAIT_S)
        return Session()

    scope = ServiceCollection().scoped(Session, session).build().scope()
    found: list[Session] = []

    def beside() -> None:
        assert begun.wait(WAIT_S)
        with scope.fork() as fork:
            found.append(fork[Session])
        go_on.set()

    in_threads([lambda: found.append(scope[Session]), beside])

    assert len({id(each) for each in found}) == 2
    scope.close()


def test_fork_of_a_closed_scope_is_refused() -> None:
    scope = ServiceCollection().build().scope()
    scope.close()

    with pytest.raises(ContainerClosedError, match="the scope is closed"):
        scope.fork()


def test_fork_of_a_scope_of_a_closed_container_is_refused() -> None:
    container = ServiceCollection().build()
    with container.scope() as scope:
        container.close()

        with pytest.raises(ContainerClosedError, match="the container is closed"):
            scope.fork()


def test_ambient_fork_is_the_current_scope_until_it_ends() -> None:
    @inject
    def current(session: Injected[Session]) -> Session:
        return session

    with ServiceCollection().scoped(Session).build().scope(ambient=True) as scope:
        with scope.fork(ambient=True) as fork:
            inside = current()
            assert inside is fork[Session]
        assert current() is not inside


def test_fork_of_a_level_shares_the_levels_around_it() -> None:
    services = ServiceCollection(scopes=("session", "request")).scoped(Session, scope="session").scoped(Report)

    with services.build() as container, container.scope() as session, session.scope() as request:
        shared = request[Report]
        with request.fork() as fork:
            assert fork[Report] is shared
            assert fork[Session] is session[Session]


def test_fork_inside_an_override_drops_its_objects_when_it_ends() -> None:
    class Fake(Session): ...

    container = ServiceCollection().scoped(Session).build()
    with container.override(Session, factory=Fake):
        scope = container.scope()
        scope.resolve(Session)
        fork = scope.fork()
        fake = weakref.ref(fork[Session])

    gc.collect()

    assert fake() is None
    assert not isinstance(fork[Session], Fake)


def test_fork_leaves_no_reference_cycle() -> None:
    with ServiceCollection().scoped(Session).scoped(Report).build().scope() as scope:
        scope.resolve(Session)
        gc.collect()
        gc.disable()
        try:
            fork = scope.fork()
            report = weakref.ref(fork[Report])
            fork.close()
            del fork

            assert report() is None
        finally:
            gc.enable()


def test_scope_factory_in_a_singleton_opens_scopes_with_values() -> None:
    request = Request()
    services = ServiceCollection().singleton(Worker).scope_value(Request).scoped(Session)

    with services.build() as container:
        worker = container[Worker]
        with worker.scopes({Request: request}) as one, worker.scopes() as two:
            assert one[Request] is request
            assert one[Session] is not two[Session]


def test_scope_factory_opens_ambient_scopes() -> None:
    @inject
    def current(session: Injected[Session]) -> Session:
        return session

    with (
        ServiceCollection().singleton(Worker).scoped(Session).build() as container,
        container[Worker].scopes(ambient=True) as scope,
    ):
        assert current() is scope[Session]


def test_scope_factory_of_a_closed_container_is_refused() -> None:
    container = ServiceCollection().singleton(Worker).build()
    scopes = container[Worker].scopes
    container.close()

    with pytest.raises(ContainerClosedError, match="the container is closed"):
        scopes()
    assert repr(scopes) == "<ScopeFactory of a closed container>"


@mortal_classes
def test_scope_factory_keeps_no_object_of_a_closed_container() -> None:
    container = ServiceCollection().singleton(Worker).singleton(Session).build()
    scopes = container[Worker].scopes
    session = weakref.ref(container[Session])
    container.close()
    del container

    gc.collect()

    assert session() is None
    assert repr(scopes) == "<ScopeFactory of a closed container>"


def test_scope_factory_refuses_a_value_that_nobody_registered() -> None:
    container = ServiceCollection().singleton(Worker).build()

    with pytest.raises(MissingServiceError, match="Request"):
        container[Worker].scopes({Request: Request()})


def test_scope_factory_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError, match="a ScopeFactory is injected"):
        ScopeFactory()


def test_scope_offers_everything_a_container_does() -> None:
    """The list of container.md; a wrapper written for one works with the other."""
    offered = "resolve get resolve_all aresolve aget aresolve_all is_service create call acall scope fork close aclose"

    missing = [name for name in (*offered.split(), "__getitem__", "__contains__") if not hasattr(Scope, name)]

    assert missing == []
