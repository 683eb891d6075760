# what it shows: left open
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import svcs

closed = []


def make() -> Iterator[int]:
    time.sleep(0.2)
    yield 1
    closed.append(1)


c = svcs.Container(r := svcs.Registry())
r.register_factory(int, contextmanager(make))
(thread := threading.Thread(target=lambda: c.get(int))).start()
time.sleep(0.1) or c.close()
assert thread.join() or closed, "left open"
