"""Many small services that hang together: what is registered, built and resolved in W9, and weighed in W10.

In: how many, and how their annotations are written. Out: fresh classes, dependencies first. No container is imported.
Service i needs those at (i-1)//2, (i-1)//3 and (i-1)//4: at most three, and chains of log2(n). They are written as
source and compiled like a module of a user, so that each container reads signatures and annotations in its usual way.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from types import ModuleType
from typing import Final

_NUMBERS: Final = count()


@dataclass(frozen=True, slots=True)
class Part:
    """A service.

    Attributes:
        kind: The class, which is its own key.
        needs: The classes of its parameters, in their order; containers that are wired by hand are told them.
    """

    kind: type
    needs: tuple[type, ...]


def make_parts(n: int, *, strings: bool = False) -> Sequence[Part]:
    """Make ``n`` services that no container has seen.

    Args:
        n: How many.
        strings: Write annotations as text, as ``from __future__ import annotations`` does.

    Returns:
        They, every one after all it needs. Linear in n. Their module stays in ``sys.modules``, where annotations
        written as text are looked up; `forget` takes it out.
    """
    module = ModuleType(f"benchmark_parts_{next(_NUMBERS)}")
    needs = [needs_of(number) for number in range(n)]
    source = "\n".join(_source(number, found) for number, found in enumerate(needs))
    head = "from __future__ import annotations\n" if strings else ""
    sys.modules[module.__name__] = module
    exec(compile(head + source, f"<{module.__name__}>", "exec", dont_inherit=True), vars(module))  # noqa: S102
    kinds: list[type] = [vars(module)[f"Part{number}"] for number in range(n)]
    return [Part(kind, tuple(kinds[at] for at in found)) for kind, found in zip(kinds, needs, strict=True)]


def needs_of(number: int) -> tuple[int, ...]:
    """Give the numbers of the services that service ``number`` needs, each once, smaller than its own."""
    return tuple(dict.fromkeys((number - 1) // by for by in (2, 3, 4))) if number else ()


def _source(number: int, needs: tuple[int, ...]) -> str:
    parameters = "".join(f", p{at}: Part{at}" for at in needs)
    body = "\n".join(f"        self.p{at} = p{at}" for at in needs) or "        self.ready = True"
    return f"class Part{number}:\n    def __init__(self{parameters}) -> None:\n{body}\n"


def forget(parts: Sequence[Part]) -> None:
    """Take the module of ``parts`` out of ``sys.modules``."""
    if parts:
        sys.modules.pop(parts[0].kind.__module__, None)
