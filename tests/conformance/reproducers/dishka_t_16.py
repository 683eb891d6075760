# what it shows: left open
import threading
import time
from collections.abc import Iterator

from dishka import Provider, Scope, make_container

closed: list[int] = []


def make() -> Iterator[int]:
    time.sleep(0.2)
    yield 1
    closed.append(1)


p = Provider(scope=Scope.APP)
p.provide(make)
c = make_container(p)
(thread := threading.Thread(target=lambda: c.get(int))).start()
time.sleep(0.1) or c.close()
assert thread.join() or closed, "left open"
