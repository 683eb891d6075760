# what it shows: TypeError
from dataclasses import make_dataclass
from typing import Any

import svcs

kinds: list[Any] = [type("K0", (), {})]
for n in range(1, 400):
    kinds.append(make_dataclass(f"K{n}", [("below", kinds[-1])]))
r = svcs.Registry()
for kind in kinds:
    r.register_factory(kind, svcs.autowire(kind))
svcs.Container(r).get(kinds[-1])
