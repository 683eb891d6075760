"""The services that every integration is tried with: a session that notes how it ended, and two users of it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from kimera_di import ServiceCollection


@dataclass
class Log:
    """What happened, in order; shared by the services and the tests."""

    events: list[str] = field(default_factory=list)

    def add(self, event: str) -> None:
        self.events.append(event)


class Session:
    """Opened and closed by the scope; ``number`` tells sessions apart."""

    def __init__(self, number: int) -> None:
        self.number = number


class AsyncSession(Session):
    """Opened and closed with await."""


class Reader:
    def __init__(self, session: Session) -> None:
        self.session = session


class Writer:
    def __init__(self, session: Session) -> None:
        self.session = session


class Greeter:
    def greet(self) -> str:
        return "hello"


class FakeGreeter(Greeter):
    def greet(self) -> str:
        return "fake"


class Caller:
    """Who asks, told by the value the scope was opened with."""

    def __init__(self, name: str) -> None:
        self.name = name


class CommitError(Exception):
    """The database refuses a commit."""


def shop(log: Log, value: Any, caller: Any, *, commit_fails: bool = False) -> ServiceCollection:
    """Register the services.

    Args:
        log: Where sessions note what happens.
        value: What the integration opens its scopes with; ``None`` leaves it out.
        caller: A factory that makes a ``Caller`` of it.
        commit_fails: Whether sessions refuse to commit.
    """
    opened = iter(range(1, 1_000_000))

    def open_session() -> Iterator[Session]:
        log.add("open")
        try:
            yield Session(next(opened))
        except BaseException as error:
            log.add(f"rollback {type(error).__name__}")
            raise
        if commit_fails:
            log.add("commit fails")
            raise CommitError("the database is full")
        log.add("commit")

    async def open_async_session() -> AsyncIterator[AsyncSession]:
        yield AsyncSession(next(opened))
        log.add("async commit")

    services = ServiceCollection().instance(Log, log)
    services.scoped(Session, open_session).scoped(AsyncSession, open_async_session)
    services.transient(Reader).transient(Writer).singleton(Greeter)
    if value is None:
        return services.instance(Caller, Caller("nobody"))
    return services.scope_value(value).scoped(Caller, caller)
