"""A start that several wait for: it fails for all of them, tells of each failure, is cancelled, is given up."""

import asyncio
from typing import Any

import pytest

from kimera_di import (
    ServiceCollection,
)
from kimera_di.registration import forks
from tests.spec.helpers import mortal_classes


class Pool: ...


class Clock: ...


def test_start_that_fails_fails_for_every_task_that_waits() -> None:
    async def main() -> list[Any]:
        go_on = asyncio.Event()

        async def fail() -> Pool:
            await go_on.wait()
            raise ValueError("no pool")

        async with ServiceCollection().singleton(Pool, fail, eager=True).build() as container:
            tasks = [asyncio.ensure_future(container.astart()) for _ in range(2)]
            for _ in range(3):
                await asyncio.sleep(0)
            go_on.set()
            return await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(error) for error in asyncio.run(main())] == [ValueError, ValueError]


def test_start_whose_factories_fail_together_tells_of_each() -> None:
    async def main() -> ExceptionGroup:
        async def fail() -> Pool:
            raise ValueError("no pool")

        async def fail_too() -> Clock:
            raise KeyError("no clock")

        services = ServiceCollection().singleton(Pool, fail, eager=True).singleton(Clock, fail_too, eager=True)
        async with services.build() as container:
            with pytest.raises(ExceptionGroup, match="2 services could not be started") as caught:
                await container.astart()
            return caught.value

    assert {type(error) for error in asyncio.run(main()).exceptions} == {ValueError, KeyError}


def test_start_whose_factory_is_cancelled_is_cancelled() -> None:
    async def main() -> None:
        async def give_up() -> Pool:
            raise asyncio.CancelledError

        async with ServiceCollection().singleton(Pool, give_up, eager=True).build() as container:
            with pytest.raises(asyncio.CancelledError):
                await container.astart()

    asyncio.run(main())


def test_second_failure_of_a_start_interrupts_nobody_again() -> None:
    log: list[str] = []

    async def main() -> None:
        async def fail() -> Pool:
            await asyncio.sleep(0)
            raise ValueError("no pool")

        async def fail_when_told() -> Clock:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise KeyError("no clock") from None
            return Clock()

        async def clean_up() -> list[int]:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                for _ in range(5):
                    await asyncio.sleep(0)
                log.append("cleaned up")
                raise
            return []

        services = ServiceCollection().singleton(Pool, fail, eager=True).singleton(Clock, fail_when_told, eager=True)
        async with services.singleton(list[int], clean_up, eager=True).build() as container:
            with pytest.raises(ExceptionGroup, match="2 services could not be started"):
                await container.astart()

    asyncio.run(main())

    assert log == ["cleaned up"]


def test_start_that_succeeds_wakes_who_waits_for_it() -> None:
    async def main() -> bool:
        asked, go_on = asyncio.Event(), asyncio.Event()

        async def make() -> Pool:
            asked.set()
            await go_on.wait()
            return Pool()

        async with ServiceCollection().singleton(Pool, make, eager=True).build() as container:
            first, second = (asyncio.ensure_future(container.astart()) for _ in range(2))
            await asked.wait()
            await asyncio.sleep(0)
            go_on.set()
            await first
            for _ in range(10):
                await asyncio.sleep(0)
            told = second.done()
            await second
            return told

    assert asyncio.run(main())


def test_task_that_gave_up_waiting_is_not_woken() -> None:
    async def main() -> Pool:
        go_on = asyncio.Event()

        async def make() -> Pool:
            await go_on.wait()
            return Pool()

        async with ServiceCollection().singleton(Pool, make).build() as container:
            first, second = (asyncio.ensure_future(container.aresolve(Pool)) for _ in range(2))
            for _ in range(3):
                await asyncio.sleep(0)
            go_on.set()
            await asyncio.sleep(0)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            return await first

    assert type(asyncio.run(main())) is Pool


@mortal_classes
def test_forked_child_renews_every_lock() -> None:
    services = ServiceCollection().singleton(Pool)
    with services.build() as container:
        pool = container[Pool]

        forks._after_fork_in_child()  # pyright: ignore[reportPrivateUsage]

        assert container[Pool] is pool
