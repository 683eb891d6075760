# what it shows: KeyboardInterrupt
# ruff: noqa: T201 - a program of its own, no test of pytest
from collections.abc import Iterator

from wireup import create_sync_container, injectable


class Leaf: ...


def first() -> Iterator[Leaf]:
    yield Leaf()
    print("the first is closed")


def second() -> Iterator[int]:
    yield 2
    raise KeyboardInterrupt


c = create_sync_container(injectables=[injectable(first), injectable(second)])
c.get(Leaf), c.get(int)
c.close()  # "the first is closed" is never printed
