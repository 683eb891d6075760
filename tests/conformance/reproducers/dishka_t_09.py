# what it shows: BrokenBarrierError
import threading

from dishka import Provider, Scope, make_container

both = threading.Barrier(2)


class Leaf:
    def __init__(self) -> None:
        both.wait(1)


class Other(Leaf): ...


p = Provider(scope=Scope.APP)
p.provide_all(Leaf, Other)
c = make_container(p)
threading.Thread(target=lambda: c.get(Leaf), daemon=True).start()
c.get(Other)
