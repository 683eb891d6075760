# what it shows: hangs
from dishka import Provider, Scope, make_container


class Leaf: ...


class Branch:
    def __init__(self) -> None:
        c.get(Leaf)


p = Provider(scope=Scope.APP)
p.provide_all(Leaf, Branch)
c = make_container(p)
c.get(Branch)
