# what it shows: CancelledError
import asyncio

from dependency_injector import providers


async def make() -> str:
    return await asyncio.sleep(0.1, "made")


single = providers.ThreadSafeSingleton(make)


async def use() -> str:
    return await single()


async def main() -> None:
    first, second = asyncio.create_task(use()), asyncio.create_task(use())
    await asyncio.sleep(0.01)
    first.cancel()
    await second  # another task was cancelled, not this one


asyncio.run(main())
