# what it shows: gives it
from wireup import create_sync_container, injectable


class Leaf: ...


c = create_sync_container(injectables=[injectable(Leaf)])
c.get(Leaf)
c.close()
assert c.get(Leaf) is None, "a closed container gives it"
