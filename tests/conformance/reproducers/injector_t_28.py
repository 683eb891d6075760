# what it shows: NameError
from typing import TYPE_CHECKING

from injector import Injector, inject

if TYPE_CHECKING:
    from decimal import Decimal


class Price:
    def __init__(self, amount: "Decimal") -> None: ...


Injector().get(inject(Price))
