# what it shows: hangs
import threading
import time

from dishka import Provider, Scope, make_container


class Leaf:
    def __init__(self) -> None:
        time.sleep(0.1)
        c.get(Other) if type(self) is Leaf else c.get(Leaf)


class Other(Leaf): ...


p = Provider(scope=Scope.APP)
p.provide_all(Leaf, Other)
c = make_container(p)
threading.Thread(target=lambda: c.get(Leaf), daemon=True).start()
c.get(Other)
