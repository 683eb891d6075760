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


class OtherTable(Table[SystemClock]):
    pass


class Index(Generic[T]):
    def __init__(self, larger: "Index[list[T]]") -> None: ...


class Tenant:
    def __init__(self, name: Annotated[str, ServiceKey()], store: Annotated[Store, SameKey()]) -> None: ...


class Chooser:
    def __init__(self, store: Annotated[Store, Key(ANY_KEY)]) -> None: ...


def _only(services: ServiceCollection) -> None:
    (error,) = services.validate()
    raise error


def _stores() -> ServiceCollection:
    return ServiceCollection().singleton(Store, MemoryStore, key="disk").singleton(Tenant, key=ANY_KEY)


CASES: Mapping[str, Callable[[], object]] = {
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
