"""Functions that are filled, and overrides in all their forms, as both type checkers see them. Checked, never run."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Protocol, assert_type

from kimera_di import Injected, Key, Scope, ServiceCollection, ServiceContainer, inject
from kimera_di.testing.fixtures import KimeraOverride


class Clock(Protocol):
    def now(self) -> float: ...


class Frozen:
    def now(self) -> float:
        return 0.0


class Report:
    def __init__(self, clock: Clock, title: str) -> None: ...


@inject
def handler(n: int, clock: Injected[Clock] | None = None) -> str:
    return str(n)


@inject
async def handle_async(n: int, clock: Injected[Clock]) -> str:
    return str(n)


@inject
def rows(n: int, clock: Injected[Clock]) -> Iterator[int]:
    yield n


@inject
async def rows_async(n: int, clock: Injected[Clock]) -> AsyncIterator[int]:
    yield n


async def plain_async(n: int, clock: Clock) -> str:
    return str(n)


def plain(n: int, clock: Clock) -> str:
    return str(n)


def wants_int(_: int) -> None: ...


def wants_str(_: str) -> None: ...


async def results_of_injected_functions(container: ServiceContainer, scope: Scope) -> None:
    assert_type(handler(3), str)
    assert_type(await handle_async(3), str)
    assert_type(rows(3), Iterator[int])
    assert_type(rows_async(3), AsyncIterator[int])
    assert_type(inject(container=container)(plain)(3), str)
    assert_type(await inject(plain_async, container=container)(3), str)


async def results_of_calls(container: ServiceContainer, scope: Scope) -> None:
    assert_type(container.call(plain, 3), str)
    assert_type(container.call(handler, 3), str)
    assert_type(container.call(rows, 3), Iterator[int])
    assert_type(await container.acall(plain_async, 3), str)
    wants_str(await container.acall(handle_async, 3))  # for mypy it is Any by itself: both overloads match `...`
    assert_type(await scope.acall(plain, 3), str)
    wants_str(await scope.acall(handle_async, n=3))
    assert_type(scope.create(Report, title="x"), Report)


def results_are_not_any(container: ServiceContainer, scope: Scope) -> None:
    wants_int(handler(3))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_int(container.call(plain, 3))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_int(scope.create(Report, title="x"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    container.call(3)  # type: ignore[arg-type]  # pyright: ignore
    container.create("Report")  # type: ignore[arg-type]  # pyright: ignore


async def awaited_results_are_not_any(container: ServiceContainer) -> None:
    wants_int(await container.acall(plain_async, 3))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_int(await container.acall(handle_async, 3))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_int(await handle_async(3))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def overrides(container: ServiceContainer, services: ServiceCollection) -> None:
    with container.override(Clock, Frozen()):
        pass
    with container.override(Clock, factory=Frozen, key="wall", everywhere=True):
        pass

    @container.override(Clock, Frozen())
    def work(n: int) -> str:
        return str(n)

    @container.override(Clock, factory=Frozen, everywhere=True)
    async def work_async(n: int) -> str:
        return str(n)

    assert_type(work(3), str)
    decorated: Callable[[int], str] = work
    decorated(3)
    work("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    work_async("3")  # type: ignore[arg-type, unused-coroutine]  # pyright: ignore
    container.override(Clock, Frozen(), everywhere="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    container.override()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    assert_type(services.build(overrides={Clock: Frozen(), Annotated[Clock, Key("wall")]: Frozen()}), ServiceContainer)
    services.build(overrides=[Frozen()])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def result_of_a_decorated_async_function(container: ServiceContainer) -> None:
    async def plain_work(n: int) -> str:
        return str(n)

    work = container.override(Clock, Frozen())(plain_work)
    assert_type(await work(3), str)


def fixture(kimera_override: KimeraOverride) -> None:
    assert_type(kimera_override(Clock, Frozen(), everywhere=True), Frozen)
    kimera_override(Clock, factory=Frozen)
    kimera_override(Clock)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


def what_is_proven(services: ServiceCollection, container: ServiceContainer) -> None:
    assert_type(services.validate_call(plain).validate_call(handle_async).validate_call(Report), ServiceCollection)
    assert_type(container.takes_value(Clock, "x"), bool)
    services.validate_call("plain")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    inject(plain, container=services)  # type: ignore[call-overload]  # pyright: ignore
