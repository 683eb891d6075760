# what it shows: times
import time
from concurrent.futures import ThreadPoolExecutor

from wireup import create_sync_container, injectable


class Leaf:
    def __init__(self) -> None:
        time.sleep(0.05)


c = create_sync_container(injectables=[injectable(Leaf, lifetime="scoped")])
scope = c.enter_scope().__enter__()
with ThreadPoolExecutor(8) as pool:
    made = set(pool.map(lambda _: scope.get(Leaf), range(8)))
assert len(made) == 1, f"built {len(made)} times"
