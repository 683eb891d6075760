# what it shows: RuntimeError
import asyncio
from concurrent.futures import ThreadPoolExecutor

from dependency_injector import providers


class Leaf: ...


async def make() -> Leaf:
    return await asyncio.sleep(0.1, Leaf())


leaf = providers.ThreadSafeSingleton(make)


async def use() -> Leaf:
    return await leaf()


pool = ThreadPoolExecutor(2)
made = [pool.submit(asyncio.run, use()) for _ in range(2)]
assert made[0].result(2) is made[1].result(2), "the loops differ"
