# what it shows: keeps the old one
from dependency_injector import providers


class Leaf: ...


class Branch:
    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf


leaf = providers.ThreadSafeSingleton(Leaf)
branch = providers.ThreadSafeSingleton(Branch, leaf=leaf)
fake = Leaf()
branch()
with leaf.override(providers.Object(fake)):
    assert branch().leaf is fake, "keeps the old one"
