# what it shows: does not name
# ruff: noqa: PT017 - a program of its own, no test of pytest
from typing import Annotated

from injector import Injector, UnsatisfiedRequirement


class Store: ...


try:
    Injector(auto_bind=False).get(Annotated[Store, "unheard"])
except UnsatisfiedRequirement as error:
    assert "Store" in str(error), f"{error!s} does not name the service"
