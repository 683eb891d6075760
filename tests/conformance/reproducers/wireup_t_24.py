# what it shows: another task sees it
import asyncio

from wireup import create_sync_container, injectable


class Leaf: ...


c = create_sync_container(injectables=[injectable(Leaf)])
fake = Leaf()


async def look() -> Leaf:
    return c.get(Leaf)


async def main() -> None:
    other = asyncio.create_task(look())
    with c.override.injectable(Leaf, new=fake):
        assert await other is not fake, "another task sees it"


asyncio.run(main())
