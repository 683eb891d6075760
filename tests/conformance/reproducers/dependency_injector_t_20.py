# what it shows: crashes
from dataclasses import make_dataclass
from typing import Any

from dependency_injector import providers

kinds: list[Any] = [type("K0", (), {})]
for n in range(1, 1000):
    kinds.append(make_dataclass(f"K{n}", [("below", kinds[-1])]))
made = [providers.ThreadSafeSingleton(kinds[0])]
for kind in kinds[1:]:
    made.append(providers.ThreadSafeSingleton(kind, below=made[-1]))
made[-1]()
