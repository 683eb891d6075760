# what it shows: times
import time
from concurrent.futures import ThreadPoolExecutor

from dishka import Provider, Scope, make_container


class Leaf:
    def __init__(self) -> None:
        time.sleep(0.05)


p = Provider(scope=Scope.REQUEST)
p.provide_all(Leaf)
c = make_container(p)
scope = c().__enter__()
with ThreadPoolExecutor(8) as pool:
    made = set(pool.map(lambda _: scope.get(Leaf), range(8)))
assert len(made) == 1, f"built {len(made)} times"
