"""Types of levels, forks, scope factories and starts; checked, not run."""

from typing import assert_type

from kimera_di import Scope, ScopeFactory, ServiceCollection, ServiceContainer


class Clock: ...


class Worker:
    def __init__(self, scopes: ScopeFactory) -> None:
        assert_type(scopes(), Scope)
        assert_type(scopes({Clock: Clock()}, ambient=True, name="request"), Scope)
        scopes(name=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def registrations() -> None:
    services = ServiceCollection(scopes=("session", "request"))
    assert_type(services.scopes, tuple[str, ...])
    assert_type(services.scoped(Clock, scope="session"), ServiceCollection)
    assert_type(services.singleton(Worker, eager=True, fork_safe=False), ServiceCollection)
    assert_type(services.scope_value(int, scope="session"), ServiceCollection)
    services.singleton(Clock, eager="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    services.scoped(Clock, eager=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def scopes(container: ServiceContainer) -> None:
    with container.scope(name="session") as session:
        assert_type(session, Scope)
        assert_type(session.scope(name="request"), Scope)
        assert_type(session.fork(), Scope)
        assert_type(session.fork(ambient=True)[Clock], Clock)
        session.fork({int: 3})  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue]


async def start(container: ServiceContainer) -> None:
    container.start()
    await container.astart()
    started: int = container.start()  # type: ignore[func-returns-value, assignment]  # pyright: ignore[reportAssignmentType]
    del started
