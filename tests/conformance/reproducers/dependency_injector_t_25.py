# what it shows: another thread sees it
from concurrent.futures import ThreadPoolExecutor

from dependency_injector import providers


class Leaf: ...


leaf = providers.ThreadSafeSingleton(Leaf)
fake = Leaf()
with ThreadPoolExecutor() as pool, leaf.override(providers.Object(fake)):
    assert pool.submit(leaf).result() is not fake, "another thread sees it"
