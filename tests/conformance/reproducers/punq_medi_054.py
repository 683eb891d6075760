# what it shows: does not name
# ruff: noqa: PT017 - a program of its own, no test of pytest
from punq import Container, MissingDependencyError


class Leaf: ...


class Branch:
    def __init__(self, leaf: Leaf) -> None: ...


try:
    Container().instantiate(Branch)
except MissingDependencyError as error:
    assert "Branch" in str(error), f"{error} does not name what is built"
