"""Errors about keys, generics and unions, for the golden texts: one cause each."""

from collections.abc import Callable, Mapping
from typing import Annotated, Generic, TypeVar

from kimera_di import ANY_KEY, Key, SameKey, ServiceCollection, ServiceKey
from tests.spec.shop import MemoryStore, Session, Store, SystemClock

T = TypeVar("T")
S = TypeVar("S", bound=Session)


class Table(Generic[T]):
    pass


class SessionTable(Table[S]):
    def __init__(self, index: "Index[S]") -> None: ...


class LocalTable(Table[T]):
    pass


class OtherTable(Table[SystemClock]):
    pass


class Index(Generic[T]):
    def __init__(self, larger: "Index[list[T]]") -> None: ...


class LoggedTable(Table[T]):
    def __init__(self, inner: Table[T]) -> None: ...


class Tenant:
    def __init__(self, name: Annotated[str, ServiceKey()], store: Annotated[Store, SameKey()]) -> None: ...


class Chooser:
    def __init__(self, store: Annotated[Store, Key(ANY_KEY)]) -> None: ...


def _only(services: ServiceCollection) -> None:
    (error,) = services.validate()
    raise error


def _stores() -> ServiceCollection:
    return ServiceCollection().singleton(Store, MemoryStore, key="disk").singleton(Tenant, key=ANY_KEY)


def _first(services: ServiceCollection) -> None:
    raise services.validate()[0]


def _open() -> ServiceCollection:
    return ServiceCollection().singleton(Table, LocalTable)


CASES: Mapping[str, Callable[[], object]] = {
    "KD101_alias_with_an_open_name": lambda: _only(
        _open().alias(Table[T], OtherTable).singleton(OtherTable)  # type: ignore[valid-type]
    ),
    "KD101_decorator_of_other_type_arguments": lambda: _first(
        ServiceCollection().singleton(Table[Session], LocalTable).decorate(Table[Session], LoggedTable[int])
    ),
    "KD101_decorator_with_type_arguments": lambda: _only(_open().decorate(Table, LoggedTable[int])),
    "KD101_private_alias_of_every_key": lambda: _stores().alias(MemoryStore, Store, key=ANY_KEY, private=True),
    "KD201_alias_of_an_open_generic": lambda: _only(ServiceCollection().singleton(LocalTable).alias(Table, LocalTable)),
    "KD201_type_argument_out_of_bounds": lambda: (
        ServiceCollection().singleton(Table, SessionTable).build().resolve(Table[int])
    ),
    "KD201_needed_by_a_closed_generic": lambda: (
        ServiceCollection().singleton(Table, SessionTable).build().resolve(Table[Session])
    ),
    "KD201_same_key_not_registered": lambda: _stores().build().resolve(Tenant, key="tape"),
    "KD201_union_without_a_member": lambda: ServiceCollection().build().resolve(MemoryStore | SystemClock),
    "KD202_type_arguments_grow": lambda: ServiceCollection().singleton(Index).build().resolve(Index[int]),
    "KD204_other_type_arguments": lambda: _only(ServiceCollection().singleton(Table[Session], OtherTable)),
    "KD204_key_of_the_wrong_type": lambda: _stores().build().resolve(Tenant, key=3),
    "KD205_any_key": lambda: _stores().build().resolve(Store, key=ANY_KEY),
    "KD205_any_key_of_a_parameter": lambda: _only(_stores().singleton(Chooser)),
    "KD205_union_look_up": lambda: (
        ServiceCollection().singleton(MemoryStore).singleton(SystemClock).build().resolve(MemoryStore | SystemClock)
    ),
}
