# what it shows: keeps the replacement
from wireup import create_sync_container, injectable


class Leaf: ...


class Branch:
    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf


c = create_sync_container(injectables=[injectable(Leaf), injectable(Branch)])
fake = Leaf()
with c.override.injectable(Leaf, new=fake):
    c.get(Branch)
assert c.get(Branch).leaf is not fake, "keeps the replacement"
