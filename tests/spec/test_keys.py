from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

import pytest

from kimera_di import (
    AnnotationError,
    ContainerClosedError,
    Key,
    Lazy,
    MissingServiceError,
    RegistrationError,
    Scope,
    ScopeFactory,
    ServiceCollection,
    ServiceContainer,
    ServiceId,
)
from tests.spec.helpers import fact, problem, way


class Cache:
    pass


class RedisCache(Cache):
    pass


class MemoryCache(Cache):
    pass


class Colour(Enum):
    RED = 1


@dataclass
class User:
    redis: Annotated[Cache, Key("redis")]
    plain: Cache


def test_keyed_and_unkeyed_registrations_live_side_by_side(services: ServiceCollection) -> None:
    container = services.singleton(Cache, RedisCache, key="redis").singleton(Cache, MemoryCache).build()

    assert type(container.resolve(Cache, key="redis")) is RedisCache
    assert type(container.resolve(Cache)) is type(container[Cache]) is MemoryCache


def test_key_may_be_passed_by_position(services: ServiceCollection) -> None:
    container = services.singleton(Cache, RedisCache, key="redis").build()

    assert container.resolve(Cache, "redis") is container.get(Cache, "redis")


@pytest.mark.parametrize("key", ["redis", 1, 1.5, (1, "a"), Colour.RED, Cache, frozenset({1}), b"x"], ids=repr)
def test_any_hashable_is_a_key(services: ServiceCollection, key: object) -> None:
    container = services.singleton(Cache, RedisCache, key=key).build()

    with container.scope() as scope:
        assert scope.resolve(Cache, key=key) is container.resolve(Cache, key=key)


def test_parameters_name_keys_with_annotated(services: ServiceCollection) -> None:
    container = services.singleton(Cache, RedisCache, key="redis").singleton(Cache, MemoryCache).singleton(User).build()

    user = container[User]

    assert (type(user.redis), type(user.plain)) == (RedisCache, MemoryCache)


def test_optional_inside_annotated_key_is_none_when_the_key_is_absent(services: ServiceCollection) -> None:
    def make(cache: Annotated[Cache | None, Key("redis")]) -> dict[str, object]:
        return {"cache": cache}

    services.singleton(Cache).singleton(dict, make)

    assert services.build()[dict] == {"cache": None}


def test_annotated_key_inside_optional_is_found(services: ServiceCollection) -> None:
    def make(cache: Annotated[Cache, Key("redis")] | None) -> dict[str, object]:
        return {"cache": type(cache)}

    services.singleton(Cache, RedisCache, key="redis").singleton(dict, make)

    assert services.build()[dict] == {"cache": RedisCache}


def test_last_registration_of_a_key_wins(services: ServiceCollection) -> None:
    container = services.singleton(Cache, RedisCache, key=1).singleton(Cache, MemoryCache, key=1).build()

    assert type(container.resolve(Cache, key=1)) is MemoryCache


def test_unknown_key_is_missing_with_the_registered_ones_as_a_guess(services: ServiceCollection) -> None:
    container = services.singleton(Cache, RedisCache, key="redis").build()

    with pytest.raises(MissingServiceError, match=r"nothing provides Cache\['rediss'\]") as caught:
        container.resolve(Cache, key="rediss")

    assert (caught.value.service, caught.value.key) == (Cache, "rediss")
    assert fact(caught.value, "did you mean").startswith("Annotated[Cache, Key('redis')] (")


def test_unkeyed_look_up_does_not_see_keyed_registrations(services: ServiceCollection) -> None:
    container = services.singleton(Cache, RedisCache, key="redis").build()

    assert Cache not in container
    assert container.get(Cache) is None
    assert container.resolve_all(Cache) == []


def test_missing_key_of_a_parameter_is_reported_with_the_key(services: ServiceCollection) -> None:
    services.singleton(Cache).singleton(User)

    error = problem(services, MissingServiceError)

    assert way(error) == [(User, "redis"), (ServiceId(Cache, "redis"), None)]


def test_keyed_singletons_of_one_class_are_different_objects(services: ServiceCollection) -> None:
    container = services.singleton(Cache, key=1).singleton(Cache, key=2).build()

    assert container.resolve(Cache, key=1) is not container.resolve(Cache, key=2)


def test_keyed_scoped_service_is_one_object_per_scope(services: ServiceCollection) -> None:
    container = services.scoped(Cache, key="a").build()

    with container.scope() as one, container.scope() as other:
        assert one.resolve(Cache, key="a") is one.resolve(Cache, key="a")
        assert one.resolve(Cache, key="a") is not other.resolve(Cache, key="a")


def test_key_in_a_registered_annotated_type_is_the_key(services: ServiceCollection) -> None:
    """What a parameter is annotated with can be copied into the registration."""
    services.singleton(Annotated[Cache, Key("redis")], RedisCache)

    assert type(services.build().resolve(Cache, key="redis")) is RedisCache


def test_annotated_type_can_be_looked_up(services: ServiceCollection) -> None:
    """What a parameter is annotated with can be asked for; a type checker says the result is a Cache."""
    container = services.singleton(Cache, RedisCache, key="redis").build()

    assert type(container.resolve(Annotated[Cache, Key("redis")])) is RedisCache


def test_list_of_an_annotated_type_can_be_looked_up(services: ServiceCollection) -> None:
    """As a parameter of that type would be given it; an empty list would be a silent loss."""
    container = services.singleton(Cache, RedisCache, key="redis").build()

    assert [type(each) for each in container.resolve(list[Annotated[Cache, Key("redis")]])] == [RedisCache]


def test_what_the_container_itself_provides_is_a_service_without_a_key(services: ServiceCollection) -> None:
    container = services.singleton(Cache).build()

    assert all(container.is_service(kind) for kind in (ServiceContainer, Scope, ScopeFactory, Lazy[Cache]))
    assert not any(container.is_service(kind, "a") for kind in (ServiceContainer, Scope, ScopeFactory, Lazy[Cache]))
    assert not container.is_service(Lazy[User])


def test_is_service_of_a_closed_container_is_refused(services: ServiceCollection) -> None:
    container = services.singleton(Cache).build()
    container.close()

    with pytest.raises(ContainerClosedError, match="the container is closed"):
        container.is_service(Cache)


def test_is_service_of_something_that_is_not_hashable_is_refused(services: ServiceCollection) -> None:
    with pytest.raises(RegistrationError, match="hashable"):
        services.build().is_service([])


WITHOUT: Any = Annotated[Cache, Key]
DOUBLE: Any = Annotated[Cache, Key("redis"), Key("memory")]
UNHASHABLE: Any = Annotated[Cache, Key(["redis"])]
WRONG = {"without-a-key": WITHOUT, "two-keys": DOUBLE, "unhashable": UNHASHABLE}
SAID = {
    "without-a-key": "Key stands there without a key",
    "two-keys": "two keys stand there, Key(key='redis') and Key(key='memory')",
    "unhashable": "Key(key=['redis']) is not hashable",
}


@pytest.mark.parametrize("key", [Key("redis"), Key], ids=["marker", "class-of-the-marker"])
def test_marker_as_key_of_a_registration_is_refused(services: ServiceCollection, key: Any) -> None:
    with pytest.raises(RegistrationError, match="how a parameter asks for") as raised:
        services.singleton(Cache, key=key)

    assert "test_keys.py:" in fact(raised.value, "at")


@pytest.mark.parametrize("wrong", WRONG)
def test_registration_of_a_misused_key_says_what_is_wrong(services: ServiceCollection, wrong: str) -> None:
    with pytest.raises(RegistrationError) as raised:
        services.singleton(WRONG[wrong], Cache)

    assert SAID[wrong] in str(raised.value)
    assert "test_keys.py:" in fact(raised.value, "at")


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("form", [lambda kind: kind, lambda kind: list[kind]], ids=["one", "list"])
def test_parameter_with_a_misused_key_cannot_be_read(
    services: ServiceCollection, wrong: str, form: Callable[[Any], Any]
) -> None:
    def make(cache: Any) -> User:
        return User(cache)

    make.__annotations__["cache"] = form(WRONG[wrong])
    error = problem(services.singleton(Cache).singleton(User, make), AnnotationError)

    assert SAID[wrong] in error.summary


LOOK_UPS: dict[str, Callable[[ServiceContainer, Any], object]] = {
    "resolve": lambda container, wanted: container.resolve(wanted),
    "get": lambda container, wanted: container.get(wanted),
    "override": lambda container, wanted: container.override(wanted, Cache()),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("how", LOOK_UPS)
def test_look_up_with_a_misused_key_is_refused(services: ServiceCollection, wrong: str, how: str) -> None:
    container = services.singleton(Cache).build()

    with pytest.raises(RegistrationError) as raised:
        LOOK_UPS[how](container, WRONG[wrong])

    assert SAID[wrong] in str(raised.value)
    assert "test_keys.py:" in fact(raised.value, "at")


def test_unhashable_key_in_brackets_says_so_at_its_line(services: ServiceCollection) -> None:
    container = services.singleton(Cache).build()

    with pytest.raises(TypeError, match=r"is not hashable .*: a key is a string, a number"):
        container[UNHASHABLE]
    with pytest.raises(TypeError, match=r"is not hashable .*: a key is a string, a number"):
        services.build(overrides={UNHASHABLE: Cache()})
