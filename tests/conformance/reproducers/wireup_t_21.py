# what it shows: hangs
from dataclasses import make_dataclass
from typing import Any

from wireup import create_sync_container, injectable

kinds: list[Any] = [type("K0", (), {})]
for n in range(1, 100):
    needs = {n - 1, max(n - 2, 0), n // 2}
    kinds.append(make_dataclass(f"K{n}", [(f"need{each}", kinds[each]) for each in needs]))
create_sync_container(injectables=[injectable(kind) for kind in kinds]).get(kinds[-1])
