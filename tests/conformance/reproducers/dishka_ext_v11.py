# what it shows: the second problem is not reported
# ruff: noqa: BLE001, PT017 - a program of its own, no test of pytest
from dishka import Provider, Scope, make_container


class Leaf: ...


class Other: ...


class Branch:
    def __init__(self, leaf: Leaf) -> None: ...


class Holder:
    def __init__(self, other: Other) -> None: ...


p = Provider(scope=Scope.APP)
p.provide_all(Branch, Holder)
try:
    make_container(p)
except Exception as error:
    assert "Other" in str(error), "the second problem is not reported"
