# what it shows: RecursionError
from dataclasses import make_dataclass
from typing import Any

from injector import Injector, inject, singleton

kinds: list[Any] = [type("K0", (), {})]
for n in range(1, 1000):
    kinds.append(make_dataclass(f"K{n}", [("below", kinds[-1])]))


def configure(binder: Any) -> None:
    for kind in kinds:
        binder.bind(kind, to=inject(kind) if kind is not kinds[0] else kind, scope=singleton)


Injector(configure).get(kinds[-1])
