# what it shows: times
import asyncio

from dishka import Provider, Scope, make_async_container


class Leaf: ...


async def make() -> Leaf:
    await asyncio.sleep(0.01)
    return Leaf()


p = Provider(scope=Scope.REQUEST)
p.provide(make, provides=Leaf)
c = make_async_container(p)


async def main() -> int:
    async with c() as scope:
        return len(set(await asyncio.gather(*[scope.get(Leaf) for _ in range(10)])))


assert (n := asyncio.run(main())) == 1, f"built {n} times"
