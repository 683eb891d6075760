# what it shows: AssertionError
from punq import Container, Scope


class Store: ...


c = Container()
c.register(Store, scope=Scope.singleton)
assert c.resolve_all(Store) == c.resolve_all(Store), "a singleton is built again"
