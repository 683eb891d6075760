# what it shows: times
import time
from concurrent.futures import ThreadPoolExecutor

import svcs


class Leaf:
    def __init__(self) -> None:
        time.sleep(0.05)


r = svcs.Registry()
r.register_factory(Leaf, Leaf)
c = svcs.Container(r)
with ThreadPoolExecutor(8) as pool:
    made = set(pool.map(lambda _: c.get(Leaf), range(8)))
assert len(made) == 1, f"built {len(made)} times"
