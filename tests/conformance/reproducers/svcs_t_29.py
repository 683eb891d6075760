# what it shows: AssertionError
from collections.abc import Iterator
from contextlib import contextmanager

import svcs

closed: list[str] = []


def leaf() -> Iterator[str]:
    yield "leaf"
    closed.append("leaf")


def branch() -> Iterator[int]:
    yield len(c.get(str))
    closed.append("branch")


c = svcs.Container(r := svcs.Registry())
r.register_factory(str, contextmanager(leaf)), r.register_factory(int, contextmanager(branch))
c.get(int), c.close()
assert closed == ["branch", "leaf"], closed
