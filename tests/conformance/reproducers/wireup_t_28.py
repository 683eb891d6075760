# what it shows: NameError
import decimal
from typing import TYPE_CHECKING

from wireup import create_sync_container, injectable

if TYPE_CHECKING:
    from decimal import Decimal


class Price:
    def __init__(self, amount: "Decimal") -> None: ...


def make() -> decimal.Decimal:
    return decimal.Decimal(1)


c = create_sync_container(injectables=[injectable(make), injectable(Price)])
