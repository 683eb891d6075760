# what it shows: hangs
import threading

from injector import Injector, singleton

lock, building = threading.Lock(), threading.Event()


@singleton
class Leaf: ...


@singleton
class Other:
    def __init__(self) -> None:
        building.set()
        lock.acquire()


c = Injector()
lock.acquire()
threading.Thread(target=lambda: c.get(Other), daemon=True).start()
building.wait()
c.get(Leaf)  # the other thread builds, waiting for our lock; we wait for the container's
