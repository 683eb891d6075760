"""Guarantee 14: falsy instances, keys and overrides are ordinary values."""

import asyncio
from typing import Annotated, Any, NewType

import pytest

from kimera_di import Key, Lifetime, ServiceCollection

Nothing = NewType("Nothing", object)

FALSY: list[Any] = [None, False, 0, 0.0, "", b"", (), [], {}, frozenset()]


class Empty:
    """A service that is false and has no length."""

    def __init__(self) -> None:
        self.built = True

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("value", FALSY, ids=repr)
def test_falsy_instance_is_given_out(services: ServiceCollection, value: Any) -> None:
    container = services.instance(Nothing, value).build()

    with container.scope() as scope:
        for found in (container.resolve(Nothing), container[Nothing], container.get(Nothing), scope[Nothing]):
            assert found is value
    assert Nothing in container


@pytest.mark.parametrize("value", FALSY, ids=repr)
@pytest.mark.parametrize("lifetime", [Lifetime.SINGLETON, Lifetime.SCOPED])
def test_falsy_result_of_a_factory_is_built_once(services: ServiceCollection, value: Any, lifetime: Lifetime) -> None:
    built: list[int] = []

    def make() -> Any:
        built.append(1)
        return value

    services.register(Nothing, factory=make, lifetime=lifetime)

    with services.build().scope() as scope:
        assert scope[Nothing] is value
        assert scope[Nothing] is value

    assert built == [1]


@pytest.mark.parametrize("value", FALSY, ids=repr)
def test_falsy_result_of_an_async_factory_is_built_once(services: ServiceCollection, value: Any) -> None:
    built: list[int] = []

    async def make() -> Any:
        await asyncio.sleep(0)
        built.append(1)
        return value

    container = services.scoped(Nothing, make).build()

    async def main() -> list[Any]:
        async with container.scope() as scope:
            return [await scope.aresolve(Nothing), scope.resolve(Nothing)]

    assert asyncio.run(main()) == [value, value]
    assert built == [1]


@pytest.mark.parametrize("value", FALSY, ids=repr)
def test_falsy_instance_is_injected(services: ServiceCollection, value: Any) -> None:
    def make(nothing: Nothing, other: Nothing | None = Nothing("default")) -> dict[str, Any]:
        return {"got": (nothing, other)}

    assert services.instance(Nothing, value).singleton(dict, make).build()[dict]["got"] == (value, value)


@pytest.mark.parametrize("key", [0, "", False, (), 0.0, b"", frozenset()], ids=repr)
def test_falsy_key_is_a_key(services: ServiceCollection, key: Any) -> None:
    container = services.instance(str, "keyed", key=key).instance(str, "plain").build()

    assert container.resolve(str, key=key) == "keyed"
    assert container[str] == "plain"
    assert container.resolve_all(str, key=key) == ["keyed"]


def test_falsy_key_of_a_parameter_is_a_key(services: ServiceCollection) -> None:
    def make(zero: Annotated[str, Key(0)], plain: str) -> dict[str, str]:
        return {"zero": zero, "plain": plain}

    services.instance(str, "keyed", key=0).instance(str, "plain").singleton(dict, make)

    assert services.build()[dict] == {"zero": "keyed", "plain": "plain"}


@pytest.mark.parametrize("value", FALSY, ids=repr)
def test_falsy_override_is_given_out(services: ServiceCollection, value: Any) -> None:
    container = services.instance(Nothing, "something").build()
    assert container[Nothing] == "something"

    with container.override(Nothing, value):
        assert container[Nothing] is value
        assert container.get(Nothing) is value

    assert container[Nothing] == "something"


def test_falsy_override_of_a_falsy_key_is_given_out(services: ServiceCollection) -> None:
    container = services.instance(str, "zero", key=0).build()

    with container.override(str, "", key=0):
        assert container.resolve(str, key=0) == ""


@pytest.mark.parametrize("lifetime", [Lifetime.SINGLETON, Lifetime.SCOPED])
def test_object_that_is_false_is_one_object(services: ServiceCollection, lifetime: Lifetime) -> None:
    services.register(Empty, lifetime=lifetime)

    with services.build().scope() as scope:
        assert scope[Empty] is scope[Empty]


def test_object_that_is_false_is_closed(services: ServiceCollection) -> None:
    closed: list[Empty] = []
    container = services.singleton(Empty, on_close=closed.append).build()
    empty = container[Empty]

    container.close()

    assert len(closed) == 1
    assert closed[0] is empty


@pytest.mark.parametrize("value", [[], [None], ["x"], [[]]], ids=repr)
def test_list_is_an_ordinary_object(services: ServiceCollection, value: list[Any]) -> None:
    """Whatever marks an object in the making inside, a user's list is never taken for it."""

    def make() -> list[Any]:
        return value

    container = services.scoped(list, make).build()

    with container.scope() as scope:
        assert scope[list] is value
        assert scope[list] is value


def test_class_that_is_false_is_an_ordinary_service(services: ServiceCollection) -> None:
    class Meta(type):
        def __bool__(cls) -> bool:
            return False

        def __len__(cls) -> int:
            return 0

    class Service(metaclass=Meta):
        pass

    class Impl(Service):
        pass

    container = services.singleton(Service, Impl).build()

    assert type(container[Service]) is Impl
    assert "Impl" in container.explain(Service)
