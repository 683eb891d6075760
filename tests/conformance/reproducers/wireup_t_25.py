# what it shows: another thread sees it
from concurrent.futures import ThreadPoolExecutor

from wireup import create_sync_container, injectable


class Leaf: ...


c = create_sync_container(injectables=[injectable(Leaf)])
fake = Leaf()
with ThreadPoolExecutor() as pool, c.override.injectable(Leaf, new=fake):
    assert pool.submit(lambda: c.get(Leaf)).result() is not fake, "another thread sees it"
