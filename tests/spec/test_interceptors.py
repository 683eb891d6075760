import asyncio
import gc
import weakref
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

import pytest

from kimera_di import ANY_KEY, Call, InterfaceMismatchError, RegistrationError, ServiceCollection
from tests.spec.helpers import fact, problem

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Vault(Protocol):
    name: str

    def get(self, key: str) -> str: ...
    def keys(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...


class MemoryVault:
    name = "memory"

    def __init__(self) -> None:
        self.values = {"a": "1"}

    def get(self, key: str) -> str:
        return self.values[key]

    def keys(self) -> Iterator[str]:
        yield from self.values

    def __len__(self) -> int:
        return len(self.values)


class Store(ABC):
    @abstractmethod
    async def load(self, key: str, *, fresh: bool = False) -> str: ...


class MemoryStore(Store):
    async def load(self, key: str, *, fresh: bool = False) -> str:
        await asyncio.sleep(0)
        return f"{key} {fresh}"


class Mixed(Protocol):
    def count(self) -> int: ...
    async def load(self) -> str: ...


class MemoryMixed:
    def count(self) -> int:
        return 1

    async def load(self) -> str:
        return "loaded"


def recorder(seen: list[Call]) -> Callable[[Call], Any]:
    def around(call: Call) -> Any:
        seen.append(call)
        return call.proceed()

    return around


def async_recorder(seen: list[Call]) -> Callable[[Call], Awaitable[Any]]:
    async def around(call: Call) -> Any:
        seen.append(call)
        return await call.proceed()

    return around


def test_function_runs_around_every_public_method() -> None:
    seen: list[Call] = []
    services = ServiceCollection().singleton(Vault, MemoryVault).intercept(Vault, recorder(seen))

    vault = services.build().resolve(Vault)

    assert vault.get("a") == "1"
    assert list(vault.keys()) == ["a"]
    assert [(call.service, call.method, call.args, call.kwargs) for call in seen] == [
        (Vault, "get", ("a",), {}),
        (Vault, "keys", (), {}),
    ]


def test_special_methods_and_attributes_go_to_the_object_itself() -> None:
    seen: list[Call] = []
    vault = ServiceCollection().singleton(Vault, MemoryVault).intercept(Vault, recorder(seen)).build().resolve(Vault)

    vault.name = "changed"

    assert len(vault) == 1
    assert vault.name == "changed"
    assert seen == []


def test_intercepted_object_is_an_instance_of_its_interface() -> None:
    async def around(call: Call) -> Any:
        return await call.proceed()

    store = ServiceCollection().singleton(Store, MemoryStore).intercept(Store, around).build().resolve(Store)

    assert isinstance(store, Store)
    assert not isinstance(store, MemoryStore)


def test_async_function_runs_around_async_methods() -> None:
    seen: list[Call] = []
    services = ServiceCollection().singleton(Store, MemoryStore).intercept(Store, async_recorder(seen))

    store = services.build().resolve(Store)

    assert asyncio.run(store.load("a", fresh=True)) == "a True"
    assert [(call.method, call.args, call.kwargs) for call in seen] == [("load", ("a",), {"fresh": True})]


def test_interface_with_both_kinds_takes_two_functions() -> None:
    sync_seen: list[Call] = []
    async_seen: list[Call] = []
    services = ServiceCollection().singleton(Mixed, MemoryMixed)
    services.intercept(Mixed, recorder(sync_seen), async_around=async_recorder(async_seen))

    mixed = services.build().resolve(Mixed)

    assert (mixed.count(), asyncio.run(mixed.load())) == (1, "loaded")
    assert [call.method for call in sync_seen] == ["count"]
    assert [call.method for call in async_seen] == ["load"]


def test_result_of_the_function_is_the_result_of_the_method() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).intercept(Vault, lambda _: "other")

    assert services.build().resolve(Vault).get("a") == "other"


def test_call_may_proceed_several_times() -> None:
    class Flaky:
        def __init__(self) -> None:
            self.left = 2

        def get(self) -> str:
            self.left -= 1
            if self.left:
                raise OSError("not yet")
            return "got"

    def retry(call: Call) -> Any:
        try:
            return call.proceed()
        except OSError:
            return call.proceed()

    services = ServiceCollection().singleton(Flaky).intercept(Flaky, retry)

    assert services.build().resolve(Flaky).get() == "got"


def test_errors_of_the_method_pass_through() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).intercept(Vault, lambda call: call.proceed())

    with pytest.raises(KeyError, match="missing"):
        services.build().resolve(Vault).get("missing")


def test_class_with_state_of_its_own_keeps_it_inside() -> None:
    class Counter:
        step = 1

        def __init__(self) -> None:
            self.count = 0

        def add(self) -> int:
            self.count += self.step
            return self._double()

        def _double(self) -> int:
            return self.count * 2

    seen: list[Call] = []
    counter = ServiceCollection().singleton(Counter).intercept(Counter, recorder(seen)).build().resolve(Counter)
    counter.step = 5

    assert counter.add() == 10
    assert counter.count == 5
    assert [call.method for call in seen] == ["add"]


def test_callable_interface_is_intercepted() -> None:
    class Handler(Protocol):
        def __call__(self, text: str) -> str: ...

    class Upper:
        def __call__(self, text: str) -> str:
            return text.upper()

    seen: list[Call] = []
    services = ServiceCollection().singleton(Handler, Upper).intercept(Handler, recorder(seen))

    assert services.build().resolve(Handler)("a") == "A"
    assert [call.method for call in seen] == ["__call__"]


def test_several_interceptors_and_decorators_stand_in_order() -> None:
    order: list[str] = []

    def named(name: str) -> Callable[[Call], Any]:
        def around(call: Call) -> Any:
            order.append(name)
            return call.proceed()

        return around

    services = ServiceCollection().singleton(Vault, MemoryVault)
    services.intercept(Vault, named("inner")).intercept(Vault, named("outer"))

    services.build().resolve(Vault).get("a")

    assert order == ["outer", "inner"]


def test_keyed_services_are_intercepted_by_key() -> None:
    seen: list[Call] = []
    services = ServiceCollection().singleton(Vault, MemoryVault).singleton(Vault, MemoryVault, key="b")
    services.intercept(Vault, recorder(seen), key=ANY_KEY)
    container = services.build()

    container.resolve(Vault).get("a")
    container.resolve(Vault, key="b").get("a")

    assert len(seen) == 1


class Repository(Protocol[T_co]):
    def find(self) -> T_co: ...


class MakingRepository(Generic[T]):
    def __init__(self, of: type[T]) -> None:
        self.of = of

    def find(self) -> T:
        return self.of()


def test_closed_generic_interface_is_intercepted() -> None:
    seen: list[Call] = []
    services = ServiceCollection().singleton(Repository[int], MakingRepository[int])
    services.intercept(Repository[int], recorder(seen))

    assert services.build().resolve(Repository[int]).find() == 0
    assert [call.service for call in seen] == [Repository[int]]


def test_open_generic_interface_is_intercepted() -> None:
    seen: list[Call] = []
    services = ServiceCollection().singleton(Repository, MakingRepository).intercept(Repository, recorder(seen))

    container = services.build()

    assert container.resolve(Repository[int]).find() == 0
    assert container.resolve(Repository[str]).find() == ""
    assert [call.method for call in seen] == ["find", "find"]


def test_sync_function_around_async_methods_is_a_build_error() -> None:
    services = ServiceCollection().singleton(Store, MemoryStore).intercept(Store, lambda call: call.proceed())

    error = problem(services, InterfaceMismatchError)

    assert "is not async, but Store has async methods: load" in error.summary
    assert "test_interceptors.py:" in fact(error, "at")


def test_async_function_around_sync_methods_is_a_build_error() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).intercept(Vault, async_recorder([]))

    error = problem(services, InterfaceMismatchError)

    assert "is async, but Vault has methods that are not: get, keys" in error.summary


def test_class_that_cannot_be_subclassed_is_refused() -> None:
    with pytest.raises(RegistrationError, match="bool cannot be subclassed"):
        ServiceCollection().instance(bool, True).intercept(bool, lambda call: call.proceed())


def test_function_that_cannot_be_called_is_refused() -> None:
    around: Any = 3

    with pytest.raises(RegistrationError, match="around=3 cannot be called"):
        ServiceCollection().singleton(Vault, MemoryVault).intercept(Vault, around)


def test_proxy_class_is_made_once_per_interface() -> None:
    services = ServiceCollection().transient(Vault, MemoryVault).intercept(Vault, lambda call: call.proceed())
    others = ServiceCollection().singleton(Vault, MemoryVault).intercept(Vault, lambda call: call.proceed())

    assert type(services.build().resolve(Vault)) is type(others.build().resolve(Vault))


def test_function_for_async_methods_that_is_not_async_is_a_build_error() -> None:
    around: Any = recorder([])
    services = ServiceCollection().singleton(Mixed, MemoryMixed).intercept(Mixed, around, async_around=around)

    error = problem(services, InterfaceMismatchError)

    assert error.summary.endswith("is not async")


def test_async_function_for_the_methods_that_are_not_is_a_build_error() -> None:
    around = async_recorder([])
    services = ServiceCollection().singleton(Mixed, MemoryMixed).intercept(Mixed, around, async_around=around)

    error = problem(services, InterfaceMismatchError)

    assert error.summary.endswith("is async; it runs around the methods that are not")


def test_union_cannot_be_intercepted() -> None:
    with pytest.raises(RegistrationError, match="is no class, so its methods cannot be intercepted"):
        ServiceCollection().intercept(Store | Vault, lambda call: call.proceed())


def test_intercepted_object_and_call_say_what_they_are() -> None:
    seen: list[Call] = []
    store = ServiceCollection().singleton(Store, MemoryStore).intercept(Store, async_recorder(seen)).build()[Store]

    asyncio.run(store.load("a"))

    assert repr(store).startswith("<intercepted <")
    assert repr(seen[0]) == "<Call of Store.load>"


def test_attribute_of_an_intercepted_object_is_deleted_inside() -> None:
    class Box:
        value = 0

    box = ServiceCollection().singleton(Box).intercept(Box, lambda call: call.proceed()).build()[Box]
    box.value = 1
    extra: Any = box
    extra.other = 2

    del box.value
    del extra.other

    assert box.value == 0
    assert not hasattr(box, "other")


def test_interceptor_of_a_scoped_service_leaves_nothing_behind() -> None:
    class Unit:
        def work(self) -> int:
            return 1

    container = ServiceCollection().scoped(Unit).intercept(Unit, lambda call: call.proceed()).build()
    with container.scope() as scope:
        unit = scope.resolve(Unit)
        assert unit.work() == 1
    gone = weakref.ref(unit)
    gc.disable()

    del unit, scope
    try:
        assert gone() is None
    finally:
        gc.enable()
