# what it shows: another task sees it
import asyncio

from dependency_injector import providers


class Leaf: ...


leaf = providers.ThreadSafeSingleton(Leaf)
fake = Leaf()


async def look() -> Leaf:
    return leaf()


async def main() -> None:
    other = asyncio.create_task(look())
    with leaf.override(providers.Object(fake)):
        assert await other is not fake, "another task sees it"


asyncio.run(main())
