# what it shows: left to the collector
import gc

from wireup import create_sync_container, injectable


class Leaf: ...


c = create_sync_container(injectables=[injectable(Leaf, lifetime="scoped")])
gc.collect()
for _ in range(50):
    with c.enter_scope() as scope:
        scope.get(Leaf)
left = gc.collect()
assert left < 50, f"{left} left to the collector"
