# what it shows: hangs
import threading

from wireup import create_sync_container, injectable

both = threading.Barrier(2)


class Leaf:
    def __init__(self) -> None:
        both.wait()
        c.get(Other) if type(self) is Leaf else c.get(Leaf)


class Other(Leaf): ...


c = create_sync_container(injectables=[injectable(Leaf), injectable(Other)])
threading.Thread(target=lambda: c.get(Leaf), daemon=True).start()
c.get(Other)
