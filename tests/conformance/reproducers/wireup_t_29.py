# what it shows: its leaf is closed already
from collections.abc import Iterator

from wireup import create_sync_container, injectable


class Leaf: ...


class Branch: ...


def leaf() -> Iterator[Leaf]:
    yield Leaf()
    closed.append("leaf")


def branch() -> Iterator[Branch]:
    yield scope.get(Leaf) and Branch()
    assert not closed, "its leaf is closed already"


c = create_sync_container(injectables=[injectable(leaf, lifetime="scoped"), injectable(branch, lifetime="scoped")])
closed: list[str] = []
with c.enter_scope() as scope:
    scope.get(Branch)
