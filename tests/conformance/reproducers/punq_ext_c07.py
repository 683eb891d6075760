# what it shows: times
import time
from concurrent.futures import ThreadPoolExecutor

from punq import Container, Scope


class Leaf:
    def __init__(self) -> None:
        time.sleep(0.05)


c = Container()
c.register(Leaf, Leaf, scope=Scope.singleton)
with ThreadPoolExecutor(8) as pool:
    made = set(pool.map(lambda _: c.resolve(Leaf), range(8)))
assert len(made) == 1, f"built {len(made)} times"
