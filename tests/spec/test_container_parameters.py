"""``ServiceContainer``, ``Scope`` and ``ScopeFactory`` as parameters."""

import gc
import weakref

import pytest

from kimera_di import (
    Lazy,
    Owned,
    Provider,
    Scope,
    ScopeFactory,
    ScopeRequiredError,
    ServiceCollection,
    ServiceContainer,
)
from tests.spec.helpers import fact, mortal_classes


class Session: ...


class Locator:
    def __init__(self, container: ServiceContainer) -> None:
        self.container = container


class Worker:
    def __init__(self, scopes: ScopeFactory) -> None:
        self.scopes = scopes


class Handler:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope


def test_service_is_given_its_container() -> None:
    container = ServiceCollection().singleton(Locator).build()

    assert container.resolve(Locator).container is container


def test_service_is_given_the_scope_it_is_built_in() -> None:
    container = ServiceCollection().scoped(Handler).build()

    with container.scope() as scope, scope.scope() as nested:
        assert scope.resolve(Handler).scope is scope
        assert nested.resolve(Handler).scope is nested


def test_owned_service_is_given_the_scope_of_its_own() -> None:
    container = ServiceCollection().scoped(Handler).build()

    with container.scope() as scope, scope.resolve(Owned[Handler]) as handler:
        assert handler.scope is not scope


def test_singleton_opens_scopes_with_its_scope_factory() -> None:
    container = ServiceCollection().scoped(Session).singleton(Worker).build()
    worker = container.resolve(Worker)

    with worker.scopes() as one, worker.scopes() as other:
        assert one.resolve(Session) is not other.resolve(Session)


def test_they_can_be_looked_up() -> None:
    container = ServiceCollection().build()

    with container.scope() as scope:
        assert scope.resolve(Scope) is scope
        assert scope.resolve(ServiceContainer) is container
        assert isinstance(scope.resolve(ScopeFactory), ScopeFactory)
    assert container.resolve(Lazy[ServiceContainer]).value is container


def test_scope_asked_for_at_the_root_is_refused() -> None:
    container = ServiceCollection().transient(Handler).build()

    with pytest.raises(ScopeRequiredError) as caught:
        container.resolve(Handler)
    assert caught.value.summary == "Handler needs a scope: Handler asks for one"
    assert "ScopeFactory" in fact(caught.value, "or")


def test_functions_are_given_the_scope_that_calls_them() -> None:
    def handler(scope: Scope, container: ServiceContainer) -> tuple[Scope, ServiceContainer]:
        return scope, container

    container = ServiceCollection().build()

    with container.scope() as scope:
        assert scope.call(handler) == (scope, container)


def test_container_that_only_its_services_know_still_works() -> None:
    """A program may keep nothing but a scope; the container it asks for is as good as the first one."""
    scope = ServiceCollection().singleton(Session).transient(Locator).build().scope()
    gc.collect()

    with scope:
        found = scope.resolve(Locator).container
        assert found.resolve(Session) is scope.resolve(Session)
        assert scope.resolve(ServiceContainer) is found


@mortal_classes
def test_container_is_not_kept_by_a_service_that_knows_it() -> None:
    container = ServiceCollection().singleton(Locator).build()
    kept = weakref.ref(container.resolve(Locator))
    container.close()

    del container
    gc.collect()

    assert kept() is None


class Chain:
    def __init__(self, session: Lazy[Session], make: Provider[Session], scope: Scope, own: Owned[Session]) -> None:
        self.session, self.make, self.scope, self.own = session, make, scope, own
        self.taken = (session.value, make(), own.value)


def test_scope_with_relations_leaves_no_reference_cycles() -> None:
    container = ServiceCollection().scoped(Session).scoped(Chain).build()

    def once() -> "weakref.ref[Chain]":
        with container.scope() as scope:
            return weakref.ref(scope.resolve(Chain))

    once()  # compiles
    gc.collect()
    gc.disable()
    try:
        chain = once()
        assert chain() is None
        assert gc.collect() == 0
    finally:
        gc.enable()
