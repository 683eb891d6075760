# what it shows: KeyboardInterrupt
# ruff: noqa: T201 - a program of its own, no test of pytest
from collections.abc import Iterator
from contextlib import contextmanager

import svcs


class Leaf: ...


def first() -> Iterator[Leaf]:
    yield Leaf()
    print("the first is closed")


def second() -> Iterator[int]:
    yield 2
    raise KeyboardInterrupt


c = svcs.Container(r := svcs.Registry())
r.register_factory(Leaf, contextmanager(first))
r.register_factory(int, contextmanager(second))
c.get(Leaf), c.get(int)
c.close()  # "the first is closed" is never printed
