# what it shows: keeps the replacement
from dependency_injector import providers


class Leaf: ...


class Branch:
    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf


leaf = providers.ThreadSafeSingleton(Leaf)
branch = providers.ThreadSafeSingleton(Branch, leaf=leaf)
fake = Leaf()
with leaf.override(providers.Object(fake)):
    branch()
assert branch().leaf is not fake, "keeps the replacement"
