# what it shows: the second problem is not reported
# ruff: noqa: BLE001, PT017 - a program of its own, no test of pytest
from wireup import create_sync_container, injectable


class Leaf: ...


class Other: ...


class Branch:
    def __init__(self, leaf: Leaf) -> None: ...


class Holder:
    def __init__(self, other: Other) -> None: ...


try:
    create_sync_container(injectables=[injectable(Branch), injectable(Holder)])
except Exception as error:
    assert "Other" in str(error), "the second problem is not reported"
