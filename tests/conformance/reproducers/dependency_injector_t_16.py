# what it shows: left open
import threading
import time
from collections.abc import Iterator

from dependency_injector import containers, providers

closed: list[int] = []


def make() -> Iterator[int]:
    time.sleep(0.2)
    yield 1
    closed.append(1)


c = containers.DynamicContainer()
c.leaf = providers.Resource(make)
(thread := threading.Thread(target=c.leaf)).start()
time.sleep(0.1) or c.shutdown_resources()
assert thread.join() or closed, "left open"
