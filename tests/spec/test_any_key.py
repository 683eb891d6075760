"""Registrations for every key, and parameters that receive or pass on the key of their own service."""

import threading
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    AmbiguousServiceError,
    BuildErrors,
    InterfaceMismatchError,
    Key,
    MissingServiceError,
    SameKey,
    ScopeRequiredError,
    ServiceCollection,
    ServiceId,
    ServiceKey,
)
from tests.spec.helpers import fact, in_threads, problem, way

T = TypeVar("T")


class Connection:
    pass


class Replica(Connection):
    pass


@dataclass(eq=False)
class Cache:
    name: Annotated[str, ServiceKey()]


@dataclass(eq=False)
class Store:
    connection: Annotated[Connection, SameKey()]


class Box(Generic[T]):
    pass


class FirstBox(Box[T]):
    pass


class Agreeable:
    """Equal to everything, as some mocks and matchers are."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return id(self)


class Tenant(Enum):
    A = "a"


def test_any_key_answers_for_every_key(services: ServiceCollection) -> None:
    container = services.singleton(Connection, key=ANY_KEY).build()

    found = [container.resolve(Connection, key=key) for key in ("a", 0, "", Tenant.A, (1, 2))]

    assert len({id(each) for each in found}) == 5
    assert found[0] is container.resolve(Connection, key="a")


def test_any_key_does_not_answer_without_a_key(services: ServiceCollection) -> None:
    container = services.singleton(Connection, key=ANY_KEY).build()

    with pytest.raises(MissingServiceError, match="nothing provides Connection"):
        container.resolve(Connection)

    assert container.get(Connection) is None


def test_exact_key_wins_over_any_key(services: ServiceCollection) -> None:
    container = services.singleton(Connection, Replica, key="a").singleton(Connection, key=ANY_KEY).build()

    assert type(container.resolve(Connection, key="a")) is Replica
    assert type(container.resolve(Connection, key="b")) is Connection


def test_last_registration_with_any_key_wins(services: ServiceCollection) -> None:
    container = services.singleton(Connection, key=ANY_KEY).singleton(Connection, Replica, key=ANY_KEY).build()

    assert type(container.resolve(Connection, key=1)) is Replica


def test_single_look_up_with_any_key_is_ambiguous(services: ServiceCollection) -> None:
    container = services.singleton(Connection, key="a").singleton(Connection, key=ANY_KEY).build()

    with pytest.raises(AmbiguousServiceError, match="names no single Connection") as caught:
        container.resolve(Connection, key=ANY_KEY)

    assert fact(caught.value, "registered") == "Connection['a']"
    with container.scope() as scope, pytest.raises(AmbiguousServiceError, match="names no single Connection"):
        scope.get(Connection, key=ANY_KEY)


def test_parameter_with_any_key_is_ambiguous_at_build(services: ServiceCollection) -> None:
    def make(one: Annotated[Connection, Key(ANY_KEY)]) -> Cache:
        return Cache("")

    services.singleton(Connection, key="a").singleton(Connection, key=ANY_KEY).singleton(Cache, make)

    assert problem(services, AmbiguousServiceError).service is Connection


def test_key_that_equals_everything_is_not_any_key(services: ServiceCollection) -> None:
    def make(one: Annotated[Connection, Key(Agreeable())]) -> Cache:
        return Cache("")

    services.singleton(Connection, key="a").singleton(Cache, make)

    assert problem(services, MissingServiceError).service is Connection


def test_generic_under_a_key_that_equals_everything_comes_before_any_key(services: ServiceCollection) -> None:
    key = Agreeable()
    services.singleton(Box, FirstBox, key=key).singleton(Box, key=ANY_KEY)

    container = services.build()

    assert isinstance(container.get(Box[int], key=key), FirstBox)


def test_list_for_any_key_leaves_what_any_key_made_out_whatever_was_asked_before(services: ServiceCollection) -> None:
    services.singleton(Connection, key=ANY_KEY).singleton(Connection, key="a").singleton(Connection, key="b")
    container = services.build()

    before = container.resolve_all(Connection, key=ANY_KEY)
    container.resolve(Connection, key="c")

    assert container.resolve_all(Connection, key=ANY_KEY) == before
    assert before == [container.resolve(Connection, key="a"), container.resolve(Connection, key="b")]


def test_list_for_a_key_leaves_any_key_out(services: ServiceCollection) -> None:
    container = services.singleton(Connection, key=ANY_KEY).singleton(Connection, Replica, key="a").build()

    assert [type(each) for each in container.resolve_all(Connection, key="a")] == [Replica]
    assert container.resolve_all(Connection, key="b") == []


def test_service_key_is_received(services: ServiceCollection) -> None:
    container = services.singleton(Cache, key="fixed").transient(Cache, key=ANY_KEY).build()

    assert (container.resolve(Cache, key="fixed").name, container.resolve(Cache, key="other").name) == (
        "fixed",
        "other",
    )


def test_falsy_key_is_received(services: ServiceCollection) -> None:
    container = services.scoped(Cache, key=ANY_KEY).build()

    with container.scope() as scope:
        assert scope.resolve(Cache, key="").name == ""


def test_service_key_of_an_unkeyed_registration_is_none_where_the_type_takes_it(services: ServiceCollection) -> None:
    def make(name: Annotated[str | None, ServiceKey()]) -> Cache:
        return Cache(repr(name))

    assert services.singleton(Cache, make).build()[Cache].name == "None"


def test_service_key_of_an_unkeyed_registration_without_none_is_refused(services: ServiceCollection) -> None:
    error = problem(services.singleton(Cache), InterfaceMismatchError)

    assert "no key, which is no str" in error.summary
    assert way(error) == [(Cache, "name")]


def test_service_key_of_an_unkeyed_registration_with_a_default_is_the_default(services: ServiceCollection) -> None:
    def make(name: Annotated[str, ServiceKey()] = "main") -> Cache:
        return Cache(name)

    assert services.singleton(Cache, make).build()[Cache].name == "main"


def test_default_of_a_service_key_before_a_positional_only_service_is_passed_on(services: ServiceCollection) -> None:
    def make(name: Annotated[str, ServiceKey()] = "main", one: Connection | None = None, /) -> Cache:
        assert type(one) is Connection
        return Cache(name)

    services.singleton(Connection).singleton(Cache, make)

    assert services.build()[Cache].name == "main"


def test_key_of_the_wrong_type_is_refused_at_build(services: ServiceCollection) -> None:
    error = problem(services.singleton(Cache, key=3), InterfaceMismatchError)

    assert "the key 3, which is no str" in error.summary
    assert error.service is Cache


def test_key_of_the_wrong_type_is_refused_at_the_look_up_of_any_key(services: ServiceCollection) -> None:
    container = services.singleton(Cache, key=ANY_KEY).build()

    with pytest.raises(InterfaceMismatchError, match="the key 3, which is no str") as caught:
        container.resolve(Cache, key=3)

    assert caught.value.key == 3
    assert container.resolve(Cache, key="a").name == "a"


def test_same_key_is_inherited(services: ServiceCollection) -> None:
    services.singleton(Connection, key="a").singleton(Connection, Replica, key="b")
    container = services.singleton(Store, key=ANY_KEY).build()

    assert container.resolve(Store, key="b").connection is container.resolve(Connection, key="b")
    assert container.resolve(Store, key="a").connection is container.resolve(Connection, key="a")


def test_same_key_of_an_unkeyed_registration_is_the_unkeyed_service(services: ServiceCollection) -> None:
    services.singleton(Connection).singleton(Connection, Replica, key="a").singleton(Store)

    container = services.build()

    assert container[Store].connection is container[Connection]


def test_same_key_inside_a_list_and_an_optional_is_inherited(services: ServiceCollection) -> None:
    def make(
        every: list[Annotated[Connection, SameKey()]], maybe: Annotated[Connection, SameKey()] | None
    ) -> dict[str, Any]:
        return {"every": every, "maybe": maybe}

    services.singleton(Connection).singleton(Connection, key="a").singleton(Connection, key="a")
    container = services.singleton(dict, make, key=ANY_KEY).build()

    assert container.resolve(dict, key="a")["every"] == container.resolve_all(Connection, key="a")
    assert container.resolve(dict, key="b") == {"every": [], "maybe": None}


def test_missing_service_of_the_same_key_is_found_at_build(services: ServiceCollection) -> None:
    """An unkeyed service does not rescue it."""
    services.singleton(Connection).singleton(Store, key="a")

    assert way(problem(services, MissingServiceError)) == [
        (ServiceId(Store, "a"), "connection"),
        (ServiceId(Connection, "a"), None),
    ]


def test_missing_service_of_the_same_key_is_found_at_the_look_up_of_any_key(services: ServiceCollection) -> None:
    container = services.singleton(Connection, key="a").singleton(Store, key=ANY_KEY).build()

    for _ in range(2):  # what fails leaves nothing behind
        with pytest.raises(MissingServiceError, match=r"nothing provides Connection\['b'\]") as caught:
            container.get(Store, key="b")
        assert way(caught.value) == [(ServiceId(Store, "b"), "connection"), (ServiceId(Connection, "b"), None)]
    assert type(container.resolve(Store, key="a").connection) is Connection


def test_parameter_that_names_a_key_of_any_key_is_proven_at_build(services: ServiceCollection) -> None:
    def make(store: Annotated[Store, Key("b")]) -> dict[str, Any]:
        return {}

    services.singleton(Connection, key="a").singleton(Store, key=ANY_KEY).singleton(dict, make)

    error = problem(services, MissingServiceError)

    assert way(error)[0] == (dict, "store")
    assert (error.service, error.key) == (Connection, "b")


def test_parameter_and_look_up_share_the_object_of_any_key(services: ServiceCollection) -> None:
    def make(one: Annotated[Connection, Key("x")]) -> Store:
        return Store(one)

    container = services.singleton(Connection, key=ANY_KEY).singleton(Store, make).build()

    assert container[Store].connection is container.resolve(Connection, key="x")


def test_scoped_service_of_any_key_is_one_object_per_scope_and_key(services: ServiceCollection) -> None:
    container = services.scoped(Connection, key=ANY_KEY).build()

    with container.scope() as one, container.scope() as other:
        assert one.resolve(Connection, key="a") is one.resolve(Connection, key="a")
        assert one.resolve(Connection, key="a") is not one.resolve(Connection, key="b")
        assert one.resolve(Connection, key="a") is not other.resolve(Connection, key="a")
    with pytest.raises(ScopeRequiredError, match="is scoped"):
        container.resolve(Connection, key="a")


def test_resources_of_any_key_are_closed(services: ServiceCollection) -> None:
    closed: list[Connection] = []
    container = services.singleton(Connection, key=ANY_KEY, on_close=closed.append).build()
    first, second = container.resolve(Connection, key=1), container.resolve(Connection, key=2)

    container.close()

    assert closed == [second, first]


def test_is_service_of_any_key_is_true_for_every_key_and_builds_nothing(services: ServiceCollection) -> None:
    built: list[str] = []

    def make(name: Annotated[str, ServiceKey()]) -> Cache:
        built.append(name)
        return Cache(name)

    container = services.singleton(Connection, key="a").singleton(Cache, make, key=ANY_KEY).build()

    assert [container.is_service(Connection, key) for key in ("a", "b", None)] == [True, False, False]
    assert [container.is_service(Cache, key) for key in ("a", "b", None)] == [True, True, False]
    assert not container.is_service(Cache, ANY_KEY)
    assert built == []


def test_threads_asking_first_for_a_key_get_one_object(services: ServiceCollection) -> None:
    container = services.singleton(Connection, key=ANY_KEY).build()
    barrier = threading.Barrier(4)

    def ask() -> list[Connection]:
        barrier.wait(10)
        return [container.resolve(Connection, key=key) for key in range(20)]

    first, *others = in_threads([ask] * 4)

    assert all(each == first for each in others)
    assert len({id(each) for each in first}) == 20


def test_override_of_a_key_holds_for_services_of_any_key_that_are_met_later(services: ServiceCollection) -> None:
    container = services.singleton(Connection, key="a").scoped(Store, key=ANY_KEY).build()
    fake = Replica()

    with container.override(Connection, fake, key="a"), container.scope() as scope:
        assert scope.resolve(Store, key="a").connection is fake
    with container.scope() as scope:
        assert type(scope.resolve(Store, key="a").connection) is Connection


def test_service_of_any_key_can_be_overridden_for_one_key(services: ServiceCollection) -> None:
    container = services.singleton(Connection, key=ANY_KEY).singleton(Store, key=ANY_KEY).build()
    fake = Replica()

    with container.override(Connection, fake, key="a"):
        assert container.resolve(Store, key="a").connection is fake
        assert container.resolve(Store, key="b").connection is not fake
    assert container.resolve(Store, key="a").connection is not fake


def test_override_that_needs_a_new_key_is_given_it(services: ServiceCollection) -> None:
    def make(one: Annotated[Connection, Key("new")]) -> Store:
        return Store(one)

    container = services.singleton(Connection, key=ANY_KEY).instance(Store, Store(Connection())).build()

    with container.override(Store, factory=make):
        assert container[Store].connection is container.resolve(Connection, key="new")


def test_objects_met_first_inside_an_override_are_those_outside(services: ServiceCollection) -> None:
    """What the override does not reach is shared with the container."""
    container = services.singleton(Connection, key=ANY_KEY).instance(str, "x").build()

    with container.override(str, "y"):
        inside = container.resolve(Connection, key="a")

    assert container.resolve(Connection, key="a") is inside


def test_everything_else_of_any_key_is_proven_at_build(services: ServiceCollection) -> None:
    def make(name: Annotated[str, ServiceKey()], connection: Connection) -> Cache:
        return Cache(name)

    services.singleton(Cache, make, key=ANY_KEY)

    assert way(problem(services, MissingServiceError))[-1] == (Connection, None)


def test_several_problems_of_a_key_come_as_one_group(services: ServiceCollection) -> None:
    def make(one: Annotated[Connection, SameKey()], other: Annotated[Cache, SameKey()]) -> Store:
        return Store(one)

    container = services.singleton(Store, make, key=ANY_KEY).build()

    with pytest.raises(BuildErrors, match="Store\\['a'\\] has 2 problems") as caught:
        container.resolve(Store, key="a")

    assert {error.service for error in caught.value.exceptions if isinstance(error, MissingServiceError)} == {
        Connection, Cache,
    }  # fmt: skip
