# what it shows: the loops differ
import asyncio
from concurrent.futures import ThreadPoolExecutor

import svcs


class Leaf: ...


async def make() -> Leaf:
    return await asyncio.sleep(0.1, Leaf())


r = svcs.Registry()
r.register_factory(Leaf, make)
c = svcs.Container(r)


async def use() -> Leaf:
    return await c.aget(Leaf)


pool = ThreadPoolExecutor(2)
made = [pool.submit(asyncio.run, use()) for _ in range(2)]
assert made[0].result(2) is made[1].result(2), "the loops differ"
