"""What build refuses in relations: what would be kept too long, and what would have to be awaited."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from kimera_di import (
    AnnotationError,
    AsyncDependencyError,
    AsyncProvider,
    CaptiveDependencyError,
    Factory,
    Injected,
    Key,
    Lazy,
    Owned,
    Provider,
    Scope,
    ScopeFactory,
    ScopeRequiredError,
    ServiceCollection,
    ServiceContainer,
)
from tests.spec.helpers import fact, problem, way


class Session: ...


class Connection: ...


class Repository:
    def __init__(self, session: Session) -> None: ...


def open_connection() -> Iterator[Connection]:
    yield Connection()


async def connect() -> Connection:
    return Connection()


def singleton_of(annotation: Any) -> type:
    """Make a class whose one parameter ``it`` has an annotation."""

    class Holder:
        def __init__(self, it: Any) -> None:
            self.it = it

    Holder.__init__.__annotations__["it"] = annotation
    return Holder


@pytest.mark.parametrize(
    "annotation",
    [Lazy[Session], Provider[Session], AsyncProvider[Session], list[Lazy[Session]], Lazy[Provider[Session]]],
    ids=str,
)
def test_relation_to_a_scoped_service_in_a_singleton_is_captive(annotation: Any) -> None:
    holder = singleton_of(annotation)

    error = problem(ServiceCollection().scoped(Session).singleton(holder), CaptiveDependencyError)

    assert way(error) == [(holder, "it"), (Session, None)]
    assert "ask for ScopeFactory and open a scope for each use" in fact(error, "do this")


def test_relation_to_a_scoped_service_through_a_transient_is_captive() -> None:
    middle = singleton_of(Provider[Repository])
    holder = singleton_of(Lazy[middle])
    services = ServiceCollection().scoped(Session).transient(Repository).transient(middle).singleton(holder)

    error = problem(services, CaptiveDependencyError)

    assert way(error) == [(holder, "it"), (middle, "it"), (Repository, "session"), (Session, None)]


@pytest.mark.parametrize("annotation", [Owned[Session], Provider[Owned[Session]], Lazy[Owned[Session]]], ids=str)
def test_owned_scoped_service_in_a_singleton_is_its_own_affair(annotation: Any) -> None:
    assert ServiceCollection().scoped(Session).singleton(singleton_of(annotation)).validate() == []


@pytest.mark.parametrize("annotation", [Scope, Lazy[Scope]], ids=str)
def test_scope_in_a_singleton_is_captive(annotation: Any) -> None:
    holder = singleton_of(annotation)

    error = problem(ServiceCollection().singleton(holder), CaptiveDependencyError)

    assert way(error) == [(holder, "it"), (Scope, None)]
    assert fact(error, "do this") == "ask for ScopeFactory, and open a scope for each use"


def test_scope_in_a_singleton_through_a_transient_is_captive() -> None:
    middle = singleton_of(Scope)
    holder = singleton_of(Provider[middle])

    error = problem(ServiceCollection().transient(middle).singleton(holder), CaptiveDependencyError)

    assert way(error) == [(holder, "it"), (middle, "it"), (Scope, None)]


def test_scope_in_a_singleton_through_two_transients_is_captive() -> None:
    inner = singleton_of(Scope)
    outer = singleton_of(inner)
    holder = singleton_of(outer)

    error = problem(ServiceCollection().transient(inner).transient(outer).singleton(holder), CaptiveDependencyError)

    assert way(error) == [(holder, "it"), (outer, "it"), (inner, "it"), (Scope, None)]


def test_scope_that_two_singletons_would_keep_is_reported_where_it_is_kept() -> None:
    inner = singleton_of(Scope)
    holder = singleton_of(inner)
    services = ServiceCollection().transient(inner).singleton(holder).singleton(singleton_of(holder))

    error = problem(services, CaptiveDependencyError)

    assert way(error) == [(holder, "it"), (inner, "it"), (Scope, None)]


@pytest.mark.parametrize("annotation", [ScopeFactory, ServiceContainer], ids=lambda each: each.__name__)
def test_singleton_may_keep_the_container_and_its_scope_factory(annotation: Any) -> None:
    assert ServiceCollection().singleton(singleton_of(annotation)).validate() == []


@pytest.mark.parametrize(
    ("annotation", "cure"),
    [
        (Provider[Connection], "Provider[Owned[Connection]]"),
        (AsyncProvider[Connection], "AsyncProvider[Owned[Connection]]"),
        (Factory[[], Connection], "Factory[[], Owned[Connection]]"),
        (list[Provider[Connection]], "Provider[Owned[Connection]]"),
    ],
    ids=str,
)
def test_singleton_that_would_collect_resources_is_refused(annotation: Any, cure: str) -> None:
    """Each call would add one that only the end of the container closes."""
    holder = singleton_of(annotation)
    services = ServiceCollection().transient(Connection, open_connection).singleton(holder)

    error = problem(services, CaptiveDependencyError)

    assert way(error)[0] == (holder, "it")
    assert fact(error, "do this") == f"ask for {cure}, and close each one after use"


@pytest.mark.parametrize("annotation", [Lazy[Connection], Provider[Owned[Connection]]], ids=str)
def test_singleton_with_one_resource_or_owned_ones_is_accepted(annotation: Any) -> None:
    services = ServiceCollection().transient(Connection, open_connection).singleton(singleton_of(annotation))

    assert services.validate() == []


def test_scoped_service_may_be_provided_with_resources() -> None:
    """They end with the scope."""
    services = ServiceCollection().transient(Connection, open_connection)

    assert services.scoped(singleton_of(Provider[Connection])).validate() == []


@pytest.mark.parametrize(
    "annotation",
    [Lazy[Connection], Provider[Connection], Lazy[list[Connection]], Provider[Lazy[Connection]]],
    ids=str,
)
def test_synchronous_relation_to_an_async_service_is_refused(annotation: Any) -> None:
    holder = singleton_of(annotation)

    error = problem(ServiceCollection().singleton(Connection, connect).singleton(holder), AsyncDependencyError)

    assert error.code == "KD206"
    assert error.service is Connection
    assert way(error) == [(holder, "it"), (Connection, None)]
    assert fact(error, "do this") == "ask for AsyncProvider[Connection], and await it"


def test_path_of_an_async_dependency_ends_where_the_await_is() -> None:
    middle = singleton_of(Connection)
    holder = singleton_of(Lazy[middle])
    services = ServiceCollection().singleton(Connection, connect).singleton(middle).singleton(holder)

    error = problem(services, AsyncDependencyError)

    assert way(error) == [(holder, "it"), (middle, "it"), (Connection, None)]


@pytest.mark.parametrize("annotation", [AsyncProvider[Connection], Owned[Connection]], ids=str)
def test_relation_that_can_await_takes_an_async_service(annotation: Any) -> None:
    services = ServiceCollection().singleton(Connection, connect).singleton(singleton_of(annotation))

    assert services.validate() == []


def test_owner_of_a_relation_need_not_await_what_it_gives() -> None:
    holder = singleton_of(AsyncProvider[Connection])

    built = ServiceCollection().singleton(Connection, connect).singleton(holder).build().resolve(holder)

    assert isinstance(built, holder)


@pytest.mark.parametrize("asked", [Lazy[Connection], Provider[Connection]], ids=str)
def test_look_up_of_a_synchronous_relation_to_an_async_service_is_refused(asked: Any) -> None:
    container = ServiceCollection().singleton(Connection, connect).build()

    with pytest.raises(AsyncDependencyError) as caught:
        container.resolve(asked)
    assert fact(caught.value, "do this") == "ask for AsyncProvider[Connection], and await it"


@pytest.mark.parametrize("asked", [Lazy[Session], Provider[Repository], Scope], ids=str)
def test_look_up_at_the_root_of_what_only_a_scope_has_is_refused(asked: Any) -> None:
    container = ServiceCollection().scoped(Session).transient(Repository).build()

    with pytest.raises(ScopeRequiredError, match="scope"):
        container.resolve(asked)


@pytest.mark.parametrize("annotation", [Lazy[Session], Scope], ids=str)
def test_transient_with_a_scoped_relation_is_refused_at_the_root(annotation: Any) -> None:
    holder = singleton_of(annotation)
    container = ServiceCollection().scoped(Session).transient(holder).build()

    with pytest.raises(ScopeRequiredError) as caught:
        container.resolve(holder)
    assert caught.value.path[0].service is holder


@pytest.mark.parametrize(
    "annotation",
    [Lazy, Owned, Annotated[Provider, Key("x")], Factory, Factory[str, Session]],  # type: ignore[misc]
    ids=str,
)
def test_relation_that_does_not_say_of_what_is_refused(annotation: Any) -> None:
    error = problem(ServiceCollection().singleton(singleton_of(annotation)), AnnotationError)

    assert "write" in error.summary


def test_override_that_makes_a_lazy_service_async_is_refused() -> None:
    container = ServiceCollection().singleton(Connection).singleton(singleton_of(Lazy[Connection])).build()

    with pytest.raises(AsyncDependencyError, match="cannot await"):
        container.override(Connection, factory=connect)


def test_function_that_is_proven_may_not_be_given_a_lazy_async_service() -> None:
    def handler(connection: Injected[Lazy[Connection]]) -> None: ...

    services = ServiceCollection().singleton(Connection, connect)
    services.validate_call(handler)

    error = problem(services, AsyncDependencyError)

    assert way(error) == [(handler, "connection"), (Connection, None)]
