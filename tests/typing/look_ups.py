"""What every look-up gives, for mypy --strict and pyright strict; checked by `make types`, never run."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Annotated, Generic, NewType, Optional, Protocol, TypeVar, Union, assert_type

from kimera_di import Key, Scope, ServiceCollection, ServiceContainer

T = TypeVar("T")
UserId = NewType("UserId", int)


class Concrete: ...


class Base(ABC):
    @abstractmethod
    def run(self) -> int: ...


class Port(Protocol):
    def run(self) -> int: ...


class User: ...


class Repository(Generic[T]): ...


def container_gives_exactly_what_is_asked_for(container: ServiceContainer) -> None:
    assert_type(container.resolve(Concrete), Concrete)
    assert_type(container.resolve(Base), Base)
    assert_type(container.resolve(Port), Port)
    assert_type(container.resolve(Concrete | Base), Concrete | Base)
    assert_type(container.resolve(Concrete | None), Concrete | None)
    assert_type(container.resolve(Optional[Concrete]), Concrete | None)  # noqa: UP045 - the old spelling works too
    assert_type(container.resolve(Union[Concrete, Base]), Concrete | Base)  # noqa: UP007 - the old spelling works too
    assert_type(container.resolve(Annotated[Concrete, Key("a")]), Concrete)
    assert_type(container.resolve(Repository[User]), Repository[User])
    assert_type(container.resolve(list[Port]), list[Port])
    assert_type(container.resolve(dict[str, int]), dict[str, int])
    assert_type(container.resolve(tuple[int, str]), tuple[int, str])
    assert_type(container.resolve(Mapping[str, Port]), Mapping[str, Port])
    assert_type(container.resolve(Callable[[int], str]), Callable[[int], str])
    assert_type(container.resolve(type[Port]), type[Port])
    assert_type(container.resolve(UserId), UserId)
    assert_type(container.resolve(int), int)


def key_changes_nothing(container: ServiceContainer, scope: Scope) -> None:
    assert_type(container.resolve(Port, key="a"), Port)
    assert_type(container.resolve(Port, "a"), Port)
    assert_type(container.get(Port, key=0), Port | None)
    assert_type(scope.resolve(Repository[User], key=("a", 1)), Repository[User])
    assert_type(scope.resolve_all(Port, key="a"), list[Port])


def brackets_take_the_plain_forms(container: ServiceContainer, scope: Scope) -> None:
    assert_type(container[Concrete], Concrete)
    assert_type(container[Base], Base)
    assert_type(container[Port], Port)
    assert_type(container[Repository[User]], Repository[User])
    assert_type(container[list[Port]], list[Port])
    assert_type(scope[Concrete], Concrete)
    assert_type(scope[Base], Base)
    assert_type(scope[Port], Port)


def get_may_give_none(container: ServiceContainer, scope: Scope) -> None:
    assert_type(container.get(Concrete), Concrete | None)
    assert_type(container.get(Port), Port | None)
    assert_type(scope.get(Base), Base | None)


def resolve_all_gives_a_list(container: ServiceContainer, scope: Scope) -> None:
    assert_type(container.resolve_all(Port), list[Port])
    assert_type(container.resolve_all(Repository[User]), list[Repository[User]])
    assert_type(scope.resolve_all(Base), list[Base])


async def async_look_ups_give_the_same(container: ServiceContainer, scope: Scope) -> None:
    assert_type(await container.aresolve(Concrete), Concrete)
    assert_type(await container.aresolve(Port), Port)
    assert_type(await container.aresolve(Concrete | Base), Concrete | Base)
    assert_type(await container.aresolve(Annotated[Port, Key("a")]), Port)
    assert_type(await container.aresolve(Repository[User], key=1), Repository[User])
    assert_type(await container.aget(Port), Port | None)
    assert_type(await container.aresolve_all(Port), list[Port])
    assert_type(await scope.aresolve(Port), Port)
    assert_type(await scope.aget(Base), Base | None)
    assert_type(await scope.aresolve_all(Port), list[Port])


def scope_gives_exactly_what_is_asked_for(scope: Scope) -> None:
    assert_type(scope.resolve(Concrete), Concrete)
    assert_type(scope.resolve(Base), Base)
    assert_type(scope.resolve(Port), Port)
    assert_type(scope.resolve(Concrete | None), Concrete | None)
    assert_type(scope.resolve(Annotated[Base, Key("a")]), Base)
    assert_type(scope.resolve(list[Port]), list[Port])


def blocks_give_what_they_open(services: ServiceCollection) -> None:
    container = services.build()
    assert_type(container, ServiceContainer)
    with container as same, container.scope() as scope, scope.scope() as inner:
        assert_type(same, ServiceContainer)
        assert_type(scope, Scope)
        assert_type(inner, Scope)
    assert_type(Port in container, bool)


async def async_blocks_give_what_they_open(services: ServiceCollection) -> None:
    async with services.build() as container, container.scope() as scope:
        assert_type(container, ServiceContainer)
        assert_type(scope, Scope)


def registrations_can_be_chained(services: ServiceCollection) -> None:
    assert_type(services.singleton(Concrete).scoped(Base).transient(Port).instance(int, 3), ServiceCollection)
    assert_type(services.register(Port, lifetime=services.descriptors()[0].lifetime), ServiceCollection)
    assert_type(services.copy(), ServiceCollection)
