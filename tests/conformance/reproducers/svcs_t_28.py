# what it shows: ServiceNotFoundError
import decimal
from typing import TYPE_CHECKING

import svcs

if TYPE_CHECKING:
    from decimal import Decimal


class Price:
    def __init__(self, amount: "Decimal") -> None: ...


r = svcs.Registry()
r.register_value(decimal.Decimal, decimal.Decimal(1))
r.register_factory(Price, svcs.autowire(Price))
svcs.Container(r).get(Price)
