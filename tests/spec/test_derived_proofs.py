"""What open registrations build later is proven like the rest: captives through transients and relations, levels."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Annotated, Generic, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    AsyncDependencyError,
    AsyncProvider,
    CaptiveDependencyError,
    CircularDependencyError,
    Lazy,
    Provider,
    Scope,
    ServiceCollection,
    ServiceKey,
)
from tests.spec.helpers import way

T = TypeVar("T")


class User:
    pass


class Session:
    pass


def open_session() -> Iterator[Session]:
    yield Session()


class Reader(Generic[T]):
    pass


class Providing(Reader[User]):
    def __init__(self, sessions: Provider[Session]) -> None:
        self.sessions = sessions


class Scoped(Reader[User]):
    def __init__(self, scope: Scope) -> None:
        self.scope = scope


class Plain(Reader[User]):
    pass


class Holding(Reader[User]):
    def __init__(self, session: Session) -> None:
        self.session = session


@dataclass(eq=False)
class Repository(Generic[T]):
    reader: Reader[T]


@dataclass(eq=False)
class Waiting(Generic[T]):
    reader: Lazy[Reader[T]]


def test_scoped_service_behind_a_provider_of_a_transient_is_captive_of_a_closed_singleton(
    services: ServiceCollection,
) -> None:
    container = services.scoped(Session).transient(Reader[User], Providing).singleton(Repository).build()

    with pytest.raises(CaptiveDependencyError) as caught:
        container.resolve(Repository[User])

    assert way(caught.value) == [(Repository[User], "reader"), (Reader[User], "sessions"), (Session, None)]


def test_provider_of_what_must_be_closed_is_a_leak_of_a_closed_singleton(services: ServiceCollection) -> None:
    services.transient(Session, open_session).transient(Reader[User], Providing)
    container = services.singleton(Repository).build()

    with pytest.raises(CaptiveDependencyError, match="would keep every Session") as caught:
        container.resolve(Repository[User])

    assert way(caught.value)[0] == (Repository[User], "reader")


def test_scope_of_a_transient_is_captive_of_a_closed_singleton(services: ServiceCollection) -> None:
    container = services.transient(Reader[User], Scoped).singleton(Repository).build()

    with pytest.raises(CaptiveDependencyError, match="would keep the scope it is built in"):
        container.resolve(Repository[User])


@pytest.mark.parametrize("through", ["directly", "transient"])
def test_closed_service_of_an_outer_level_does_not_keep_one_of_an_inner_level(through: str) -> None:
    services = ServiceCollection(scopes=("session", "request")).scoped(Repository, scope="session")
    if through == "directly":
        services.scoped(Reader[User], Plain, scope="request")
    else:
        services.scoped(Session, scope="request").transient(Reader[User], Holding)
    container = services.build()

    with container.scope() as outer, pytest.raises(CaptiveDependencyError, match="of a scope 'request' inside it"):
        outer.resolve(Repository[User])


def test_lazy_of_what_must_be_awaited_is_refused_in_a_closed_service(services: ServiceCollection) -> None:
    async def read() -> Reader[User]:
        return Plain()

    container = services.singleton(Reader[User], read).singleton(Waiting).build()

    with pytest.raises(AsyncDependencyError, match="cannot await"):
        container.resolve(Waiting[User])


@dataclass(eq=False)
class Second(Generic[T]):
    first: "First[T]"


class First(Generic[T]):
    def __init__(self, second: Lazy[Second[T]]) -> None:
        self.second = second.value


def test_lazy_used_too_early_in_a_derived_cycle_is_named(services: ServiceCollection) -> None:
    container = services.singleton(First).singleton(Second).build()

    with pytest.raises(CircularDependencyError, match="used its parameter second while it was being built") as caught:
        container.resolve(First[User])

    assert way(caught.value) == [(First[User], "second"), (Second[User], "first"), (First[User], None)]


class Connection:
    pass


@dataclass(eq=False)
class Tenant:
    name: Annotated[str, ServiceKey()]
    connection: Lazy[Connection]
    later: AsyncProvider[Connection]


def calls_to_derive(others: int) -> int:
    """Count the calls of Python functions of a first look-up by key, beside other registrations."""
    services = ServiceCollection().singleton(Connection).singleton(Tenant, key=ANY_KEY)
    for number in range(others):
        services.singleton(Connection, key=number)
    container = services.build()
    container.resolve(Tenant, key="the first one reads what is there")
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        container.resolve(Tenant, key="a")
    finally:
        sys.setprofile(before)
    return calls


def test_service_with_relations_is_derived_without_a_walk_over_what_is_there() -> None:
    alone = calls_to_derive(others=10)

    crowded = calls_to_derive(others=1000)

    assert crowded < alone + 100
