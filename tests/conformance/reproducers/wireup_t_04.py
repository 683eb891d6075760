# what it shows: times
import asyncio

from wireup import create_async_container, injectable


class Leaf: ...


async def make() -> Leaf:
    await asyncio.sleep(0.01)
    return Leaf()


c = create_async_container(injectables=[injectable(make, lifetime="scoped")])


async def main() -> int:
    async with c.enter_scope() as scope:
        return len(set(await asyncio.gather(*[scope.get(Leaf) for _ in range(10)])))


assert (n := asyncio.run(main())) == 1, f"built {n} times"
