# what it shows: BrokenBarrierError
import threading

from injector import Injector, singleton

both = threading.Barrier(2)


@singleton
class Leaf:
    def __init__(self) -> None:
        both.wait(1)


@singleton
class Other(Leaf): ...


c = Injector()
threading.Thread(target=lambda: c.get(Leaf), daemon=True).start()
c.get(Other)
