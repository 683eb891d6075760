# what it shows: the helper is locked out
import threading

from injector import Injector, singleton


@singleton
class Leaf: ...


@singleton
class Branch:
    def __init__(self) -> None:
        helper = threading.Thread(target=lambda: c.get(Leaf), daemon=True)
        helper.start()
        helper.join(1)
        assert not helper.is_alive(), "the helper is locked out"


c = Injector()
c.get(Branch)
