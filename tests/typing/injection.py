"""Type checkers see injected parameters as their types, and the results of calls as what the functions return."""

from typing import Annotated, Protocol, assert_type

from kimera_di import Injected, Key, Scope, ServiceCollection, ServiceContainer, inject


class Clock(Protocol):
    def now(self) -> float: ...


class Report:
    def __init__(self, clock: Clock, title: str) -> None: ...


@inject
def handler(n: int, clock: Injected[Clock], wall: Annotated[Clock, Key("wall")]) -> str:
    assert_type(clock, Clock)
    assert_type(wall, Clock)
    return f"{n}{clock.now()}"


@inject
async def handle_async(n: int, clock: Injected[Clock]) -> str:
    return f"{n}{clock.now()}"


def plain(n: int, clock: Clock) -> str:
    return f"{n}{clock.now()}"


async def plain_async(n: int, clock: Clock) -> str:
    return f"{n}{clock.now()}"


class View:
    @inject
    def get(self, clock: Injected[Clock]) -> int:
        return 3


async def use(container: ServiceContainer, scope: Scope) -> None:
    assert_type(handler(3), str)
    assert_type(await handle_async(3), str)
    assert_type(View().get(), int)
    assert_type(inject(plain, container=container)(3), str)
    assert_type(container.call(plain, 3), str)
    assert_type(scope.call(plain, n=3), str)
    assert_type(await container.acall(plain_async, 3), str)
    assert_type(container.create(Report, title="x"), Report)
    assert_type(scope.create(Report, title="x"), Report)
    assert_type(container.scope({Clock: object()}, ambient=True), Scope)
    assert_type(scope.scope({int: 3}), Scope)
    assert_type(ServiceCollection().scope_value(Clock, key="x"), ServiceCollection)
