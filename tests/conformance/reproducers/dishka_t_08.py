# what it shows: the helper is locked out
import threading

from dishka import Provider, Scope, make_container


class Leaf: ...


class Branch:
    def __init__(self) -> None:
        helper = threading.Thread(target=lambda: c.get(Leaf), daemon=True)
        helper.start()
        helper.join(1)
        assert not helper.is_alive(), "the helper is locked out"


p = Provider(scope=Scope.APP)
p.provide_all(Leaf, Branch)
c = make_container(p)
c.get(Branch)
