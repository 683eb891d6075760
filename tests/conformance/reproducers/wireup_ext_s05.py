# what it shows: gives it
from wireup import create_sync_container, injectable


class Leaf: ...


with create_sync_container(injectables=[injectable(Leaf, lifetime="scoped")]).enter_scope() as scope:
    scope.get(Leaf)
assert scope.get(Leaf) is None, "a closed scope gives it"
