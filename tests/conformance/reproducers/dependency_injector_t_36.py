# what it shows: the child hangs
import os
import threading

from dependency_injector import providers

parent, started = os.getpid(), threading.Event()


class Leaf:
    def __init__(self) -> None:
        started.set() or threading.Event().wait(9 * (os.getpid() == parent))


leaf = providers.ThreadSafeSingleton(Leaf)
threading.Thread(target=leaf, daemon=True).start()
started.wait()
child = os.fork() or os._exit(leaf() is None)
threading.Event().wait(2)
assert os.waitpid(child, os.WNOHANG)[0] or os.kill(child, 9), "the child hangs"
