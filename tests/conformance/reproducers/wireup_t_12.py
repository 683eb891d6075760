# what it shows: hangs
from wireup import create_sync_container, injectable


class Leaf:
    def __init__(self) -> None:
        c.get(Leaf)


c = create_sync_container(injectables=[injectable(Leaf)])
c.get(Leaf)
