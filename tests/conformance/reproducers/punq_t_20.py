# what it shows: TypeError
from dataclasses import make_dataclass
from typing import Any

from punq import Container, Scope

kinds: list[Any] = [type("K0", (), {})]
for n in range(1, 1000):
    kinds.append(make_dataclass(f"K{n}", [("below", kinds[-1])]))
c = Container()
for kind in kinds:
    c.register(kind, scope=Scope.singleton)
c.resolve(kinds[-1])
