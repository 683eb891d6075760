# what it shows: hangs
import threading

from dependency_injector import providers

lock, building = threading.Lock(), threading.Event()


class Leaf: ...


class Other:
    def __init__(self) -> None:
        building.set()
        lock.acquire()


leaf = providers.ThreadSafeSingleton(Leaf)
other = providers.ThreadSafeSingleton(Other)
lock.acquire()
threading.Thread(target=other, daemon=True).start()
building.wait()
leaf()  # the other thread builds, waiting for our lock; we wait for the container's
