# what it shows: hangs
import threading

from dishka import Provider, Scope, make_container

lock, building = threading.Lock(), threading.Event()


class Leaf: ...


class Other:
    def __init__(self) -> None:
        building.set()
        lock.acquire()


p = Provider(scope=Scope.APP)
p.provide_all(Leaf, Other)
c = make_container(p)
lock.acquire()
threading.Thread(target=lambda: c.get(Other), daemon=True).start()
building.wait()
c.get(Leaf)  # the other thread builds, waiting for our lock; we wait for the container's
