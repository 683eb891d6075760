# what it shows: times
import asyncio

import svcs


class Leaf: ...


async def make() -> Leaf:
    await asyncio.sleep(0.01)
    return Leaf()


r = svcs.Registry()
r.register_factory(Leaf, make)
c = svcs.Container(r)


async def main() -> int:
    return len(set(await asyncio.gather(*[c.aget(Leaf) for _ in range(10)])))


assert (n := asyncio.run(main())) == 1, f"built {n} times"
