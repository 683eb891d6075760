"""W11: how long importing takes, in an interpreter of its own each time.

In: adapters' names. Out: figures in milliseconds of CPU time of the import statement alone, which is what comes above
the bare interpreter. Statements are interleaved; each round starts with another one. A first run of each is not
counted: it compiles what changed since it was compiled last, which an installer does for installed packages.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks.figures import Figure
from benchmarks.runner import Contestant, Profile

USUAL: Final = {
    "aioinject": "from aioinject import Container, Injected, Scoped, Singleton, SyncContainer, Transient",
    "anydi": "from anydi import Container, Provide",
    "dependency-injector": "from dependency_injector import containers, providers",
    "dishka": "from dishka import FromDishka, Provider, Scope, make_container",
    "diwire": "from diwire import Container, Injected, Lifetime, Scope",
    "injector": "from injector import Injector, inject, singleton",
    "kimera": "from kimera_di import Injected, ServiceCollection",
    "lagom": "from lagom import Container, Singleton",
    "modern-di": "from modern_di import Container, Group, Scope; from modern_di.providers import Factory",
    "punq": "from punq import Container, Scope",
    "rodi": "from rodi import Container",
    "svcs": "import svcs",
    "that-depends": "from that_depends import BaseContainer, Provide, inject, providers",
    "wireup": "from wireup import Injected, create_sync_container, injectable",
}
OURS: Final = {
    "W11 import of the package alone": "import kimera_di",
    "W11 import with inject, which loads the container": "from kimera_di import Injected, ServiceCollection, inject",
    "W11 import and the first object": (
        "from kimera_di import ServiceCollection; ServiceCollection().singleton(S).build()[S]"
    ),
}
ROW: Final = "W11 import of the usual names"
_PROGRAM: Final = """\
import time
class S: pass
begin = time.process_time()
{statement}
print((time.process_time() - begin) * 1e3)
"""


def measure(contestants: Sequence[Contestant], profile: Profile) -> list[Figure]:
    """Time the imports of the contestants that have one."""
    figures: list[tuple[Figure, str]] = []
    for item in contestants:
        name = item.adapter.name
        if name in USUAL:
            figures.append((Figure("W11", ROW, name, item.kind, "ms"), USUAL[name]))
        if name == "kimera":
            figures += [(Figure("W11", row, name, item.kind, "ms"), text) for row, text in OURS.items()]
    for figure, statement in figures:
        _sample(figure, statement, counts=False)
    for round_ in range(max(3, min(15, profile.rounds // 6))):
        at = round_ % len(figures) if figures else 0
        for figure, statement in figures[at:] + figures[:at]:
            if figure.status == "ok":
                _sample(figure, statement)
    return sorted((figure for figure, _ in figures), key=lambda figure: figure.row != ROW)


def _sample(figure: Figure, statement: str, *, counts: bool = True) -> None:
    command = [sys.executable, "-c", _PROGRAM.format(statement=statement)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        figure.status, figure.note = "failed", done.stderr.strip().rsplit("\n", 1)[-1]
    elif counts:
        figure.samples.append(float(done.stdout))
