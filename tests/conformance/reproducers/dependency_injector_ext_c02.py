# what it shows: AssertionError
import asyncio
from collections.abc import AsyncIterator, Iterator

from dependency_injector import containers, providers

closed: list[str] = []


def first() -> Iterator[int]:
    yield 1
    closed.append("first")


async def second() -> AsyncIterator[int]:
    yield 2
    closed.append("second")


c = containers.DynamicContainer()
c.first, c.second = providers.Resource(first), providers.Resource(second)


async def main() -> None:
    c.first(), await c.second(), await c.shutdown_resources()


assert asyncio.run(main()) or closed == ["second", "first"], closed
