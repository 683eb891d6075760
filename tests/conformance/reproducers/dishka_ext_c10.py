# what it shows: gives it
from dishka import Provider, Scope, make_container


class Leaf: ...


p = Provider(scope=Scope.APP)
p.provide_all(Leaf)
c = make_container(p)
c.get(Leaf)
c.close()
assert c.get(Leaf) is None, "a closed container gives it"
