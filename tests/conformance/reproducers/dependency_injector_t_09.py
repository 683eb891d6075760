# what it shows: BrokenBarrierError
import threading

from dependency_injector import providers

both = threading.Barrier(2)


class Leaf:
    def __init__(self) -> None:
        both.wait(1)


class Other(Leaf): ...


leaf = providers.ThreadSafeSingleton(Leaf)
other = providers.ThreadSafeSingleton(Other)
threading.Thread(target=leaf, daemon=True).start()
other()
