# what it shows: UndefinedTypeAnalysisError
import decimal
from typing import TYPE_CHECKING

from dishka import Provider, Scope, make_container

if TYPE_CHECKING:
    from decimal import Decimal


class Price:
    def __init__(self, amount: "Decimal") -> None: ...


p = Provider(scope=Scope.APP)
p.provide(lambda: decimal.Decimal(1), provides=decimal.Decimal)
p.provide(Price)
make_container(p)
