# what it shows: keeps the old one
from wireup import create_sync_container, injectable


class Leaf: ...


class Branch:
    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf


c = create_sync_container(injectables=[injectable(Leaf), injectable(Branch)])
fake = Leaf()
c.get(Branch)
with c.override.injectable(Leaf, new=fake):
    assert c.get(Branch).leaf is fake, "keeps the old one"
