# what it shows: KeyboardInterrupt
# ruff: noqa: T201 - a program of its own, no test of pytest
from collections.abc import Iterator

from dishka import Provider, Scope, make_container


class Leaf: ...


def first() -> Iterator[Leaf]:
    yield Leaf()
    print("the first is closed")


def second() -> Iterator[int]:
    yield 2
    raise KeyboardInterrupt


p = Provider(scope=Scope.APP)
p.provide_all(first, second)
c = make_container(p)
c.get(Leaf), c.get(int)
c.close()  # "the first is closed" is never printed
