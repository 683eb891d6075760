# what it shows: the helper is locked out
import threading

from dependency_injector import providers


class Leaf: ...


class Branch:
    def __init__(self) -> None:
        helper = threading.Thread(target=leaf, daemon=True)
        helper.start()
        helper.join(1)
        assert not helper.is_alive(), "the helper is locked out"


leaf = providers.ThreadSafeSingleton(Leaf)
branch = providers.ThreadSafeSingleton(Branch)
branch()
