# what it shows: gives it
from dishka import Provider, Scope, make_container


class Leaf: ...


p = Provider(scope=Scope.REQUEST)
p.provide(Leaf)
with make_container(p)() as scope:
    scope.get(Leaf)
assert scope.get(Leaf) is None, "a closed scope gives it"
