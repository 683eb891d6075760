# what it shows: RecursionError
from dataclasses import make_dataclass
from typing import Any

from dishka import Provider, Scope, make_container

kinds: list[Any] = [type("K0", (), {})]
for n in range(1, 1000):
    kinds.append(make_dataclass(f"K{n}", [("below", kinds[-1])]))
p = Provider(scope=Scope.APP)
p.provide_all(*kinds)
make_container(p).get(kinds[-1])
