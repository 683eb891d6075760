# what it shows: the child hangs
import os
import threading

from dishka import Provider, Scope, make_container

parent, started = os.getpid(), threading.Event()


class Leaf:
    def __init__(self) -> None:
        started.set() or threading.Event().wait(9 * (os.getpid() == parent))


p = Provider(scope=Scope.APP)
p.provide_all(Leaf)
c = make_container(p)
threading.Thread(target=lambda: c.get(Leaf), daemon=True).start()
started.wait()
child = os.fork() or os._exit(c.get(Leaf) is None)
threading.Event().wait(2)
assert os.waitpid(child, os.WNOHANG)[0] or os.kill(child, 9), "the child hangs"
