"""Generator and async generator functions under ``@inject``: they stay what they are."""

import asyncio
import inspect
import types
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kimera_di import Injected, MissingServiceError, ScopeRequiredError, ServiceCollection, inject
from kimera_di.registration import Construction


class Clock:
    pass


class Session:
    def __init__(self) -> None:
        self.open = True


@inject
def numbers(n: int, clock: Injected[Clock]) -> Iterator[object]:
    received = yield clock
    yield (n, received)


@inject
async def numbers_async(n: int, clock: Injected[Clock]) -> AsyncIterator[object]:
    received = yield clock
    yield (n, received)


def services() -> ServiceCollection:
    return ServiceCollection().singleton(Clock)


def test_kind_of_the_function_stays() -> None:
    assert inspect.isgeneratorfunction(numbers)
    assert inspect.isasyncgenfunction(numbers_async)


def test_generator_takes_its_services_at_the_first_step() -> None:
    steps = numbers(3)

    with services().build() as container:
        assert next(steps) is container[Clock]


def test_generator_that_is_awaited_stays_one() -> None:
    @inject
    @types.coroutine
    def wait(n: int, clock: Injected[Clock]) -> Iterator[Any]:
        yield from asyncio.sleep(0).__await__()
        return n, clock

    async def main() -> list[Any]:
        return [await wait(number) for number in range(4)]

    with services().build() as container:
        assert asyncio.run(main()) == [(number, container[Clock]) for number in range(4)]
    assert inspect.isawaitable(wait(1))


def test_generator_that_takes_its_first_step_without_a_scope_says_so() -> None:
    with pytest.raises(ScopeRequiredError, match="numbers its clock"):
        next(numbers(3))


def test_value_sent_to_the_generator_reaches_it() -> None:
    steps: Any = numbers(3, Clock())
    next(steps)

    assert steps.send("sent") == (3, "sent")


def test_result_of_the_generator_is_its_result() -> None:
    @inject
    def work(clock: Injected[Clock]) -> Any:
        yield clock
        return "result"

    steps: Any = work(Clock())
    next(steps)
    with pytest.raises(StopIteration) as stopped:
        next(steps)

    assert stopped.value.value == "result"


def test_async_generator_takes_services_that_must_be_awaited() -> None:
    async def make() -> Clock:
        await asyncio.sleep(0)
        return Clock()

    async def main() -> bool:
        async with ServiceCollection().singleton(Clock, make).build() as container:
            steps: Any = numbers_async(3)
            first = await anext(steps)
            return first is container[Clock] and await steps.asend("sent") == (3, "sent")

    assert asyncio.run(main())


def test_error_thrown_into_the_async_generator_reaches_it() -> None:
    seen: list[str] = []

    @inject
    async def work(clock: Injected[Clock]) -> AsyncIterator[int]:
        try:
            yield 1
        except KeyError as error:
            seen.append(repr(error))
            yield 2

    async def main() -> list[int]:
        steps: Any = work(Clock())
        return [await anext(steps), await steps.athrow(KeyError("thrown")), *[n async for n in steps]]

    assert asyncio.run(main()) == [1, 2]
    assert seen == ["KeyError('thrown')"]


def test_async_generator_that_is_closed_early_cleans_up_at_once() -> None:
    seen: list[str] = []

    @inject
    async def work(clock: Injected[Clock]) -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            seen.append("cleaned up")

    async def main() -> None:
        steps: Any = work(Clock())
        await anext(steps)
        await steps.aclose()
        seen.append("closed")

    asyncio.run(main())

    assert seen == ["cleaned up", "closed"]


def test_async_generator_without_a_scope_says_so() -> None:
    async def main() -> None:
        await anext(numbers_async(3))  # type: ignore[call-overload]

    with pytest.raises(ScopeRequiredError, match="numbers_async its clock"):
        asyncio.run(main())


def test_injected_generator_registered_as_a_factory_is_closed_with_its_scope() -> None:
    @inject
    def open_session(clock: Injected[Clock]) -> Iterator[Session]:
        session = Session()
        yield session
        session.open = False

    container = services().scoped(Session, open_session).build()
    with container.scope() as scope:
        session = scope[Session]
        assert session.open

    assert not session.open


def test_injected_async_generator_registered_as_a_factory_is_closed_with_its_scope() -> None:
    @inject
    async def open_session(clock: Injected[Clock]) -> AsyncIterator[Session]:
        session = Session()
        yield session
        session.open = False

    async def main() -> list[bool]:
        async with services().scoped(Session, open_session).build().scope() as scope:
            session = await scope.aresolve(Session)
            before = session.open
        return [before, session.open]

    assert asyncio.run(main()) == [True, False]


def test_injected_factory_asks_its_own_container_and_no_current_scope() -> None:
    @inject
    def make(clock: Injected[Clock], number: Injected[int] = 7) -> list[object]:
        return [clock, number]

    container = services().singleton(list[object], make).build()
    with ServiceCollection().instance(int, 3).build():
        made = container.resolve_all(list[object])

    assert made == [[container[Clock], 7]]
    (descriptor,) = [each for each in services().singleton(Session, make).descriptors() if each.service[0] is Session]
    assert descriptor.construction is Construction.CALL


def test_missing_service_of_a_generator_is_said_at_its_first_step() -> None:
    @inject
    def rows(number: Injected[float]) -> Iterator[float]:
        yield number

    with services().build():
        steps = rows()
        with pytest.raises(MissingServiceError, match="nothing provides float"):
            next(steps)  # type: ignore[call-overload]
