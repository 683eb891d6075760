# what it shows: already executing
import threading
import time
from collections.abc import Iterator

from wireup import create_sync_container, injectable

closed: list[int] = []


def make() -> Iterator[int]:
    time.sleep(0.2)
    yield 1
    closed.append(1)


c = create_sync_container(injectables=[injectable(make)])
(thread := threading.Thread(target=lambda: c.get(int))).start()
time.sleep(0.1) or c.close()
assert thread.join() or closed, "left open"
