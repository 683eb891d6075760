# what it shows: hangs
import asyncio
from concurrent.futures import ThreadPoolExecutor

from dishka import Provider, Scope, make_async_container


class Leaf: ...


async def make() -> Leaf:
    return await asyncio.sleep(0.1, Leaf())


p = Provider(scope=Scope.APP)
p.provide(make, provides=Leaf)
c = make_async_container(p)


async def use() -> Leaf:
    return await c.get(Leaf)


pool = ThreadPoolExecutor(2)
made = [pool.submit(asyncio.run, use()) for _ in range(2)]
assert made[0].result(2) is made[1].result(2), "the loops differ"
