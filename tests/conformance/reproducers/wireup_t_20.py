# what it shows: RecursionError
from dataclasses import make_dataclass
from typing import Any

from wireup import create_sync_container, injectable

kinds: list[Any] = [type("K0", (), {})]
for n in range(1, 3500):
    kinds.append(make_dataclass(f"K{n}", [("below", kinds[-1])]))
create_sync_container(injectables=[injectable(kind) for kind in kinds]).get(kinds[-1])
