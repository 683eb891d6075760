"""Collections, generics, unions and keys, for mypy --strict and pyright strict; checked by `make types`, never run."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Generic, Protocol, TypeVar, assert_type

from kimera_di import ANY_KEY, SameKey, Scope, ServiceCollection, ServiceContainer, ServiceKey

T = TypeVar("T")


class Port(Protocol):
    def run(self) -> int: ...


class User: ...


class Order: ...


class Repository(ABC, Generic[T]):
    @abstractmethod
    def get(self) -> T: ...


class SqlRepository(Repository[T]):
    def __init__(self, row: type[T]) -> None:
        self.row = row

    def get(self) -> T:
        return self.row()


class Cache:
    def __init__(self, name: Annotated[str, ServiceKey()], port: Annotated[Port, SameKey()]) -> None:
        assert_type(name, str)
        assert_type(port, Port)


def registrations(services: ServiceCollection) -> None:
    services.scoped(Repository, SqlRepository).singleton(Cache, key=ANY_KEY)
    services.remove(Cache, key=ANY_KEY)


def collections_have_the_type_that_was_asked_for(container: ServiceContainer, scope: Scope) -> None:
    assert_type(container.resolve(list[Port]), list[Port])
    assert_type(container.resolve(Sequence[Port]), Sequence[Port])
    assert_type(container.resolve(Iterable[Port]), Iterable[Port])
    assert_type(scope.resolve(tuple[Port, ...]), tuple[Port, ...])
    assert_type(scope.resolve(Mapping[str, Port]), Mapping[str, Port])
    assert_type(scope.resolve(dict[int, Port]), dict[int, Port])
    assert_type(container.resolve_all(Port, key=ANY_KEY), list[Port])


async def awaited_collections_too(scope: Scope) -> None:
    assert_type(await scope.aresolve(Mapping[str, Port]), Mapping[str, Port])
    assert_type(await scope.aresolve(tuple[Port, ...]), tuple[Port, ...])
    assert_type(await scope.aresolve_all(Port, key=ANY_KEY), list[Port])


def generics_keep_their_arguments(container: ServiceContainer, scope: Scope) -> None:
    assert_type(container.resolve(Repository[User]), Repository[User])
    assert_type(scope.resolve(Repository[Order]).get(), Order)
    assert_type(scope.get(SqlRepository[User]), SqlRepository[User] | None)
    assert_type(container.resolve_all(Repository[User]), list[Repository[User]])


def unions_are_unions(container: ServiceContainer) -> None:
    assert_type(container.resolve(User | Order), User | Order)
    assert_type(container.resolve(User | None), User | None)
    assert_type(container.is_service(User | Order), bool)
    assert_type(container.is_service(list[User], key=ANY_KEY), bool)


def wants_users(_: Repository[User]) -> None: ...


def wants_user(_: User) -> None: ...


def arguments_are_not_mixed_up(container: ServiceContainer) -> None:
    wants_users(container.resolve(Repository[Order]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_user(container.resolve(User | None))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_user(container.resolve(Mapping[str, User]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_user(container.is_service(User))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
