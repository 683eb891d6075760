# what it shows: hangs
from dishka import Provider, Scope, make_container


class Leaf:
    def __init__(self) -> None:
        c.get(Leaf)


p = Provider(scope=Scope.APP)
p.provide_all(Leaf)
c = make_container(p)
c.get(Leaf)
