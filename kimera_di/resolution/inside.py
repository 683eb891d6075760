"""Know, from any callback or child task, which closers' code it belongs to.

In: the context in which something runs. Out: the closers around it, innermost first. Loads no asyncio.
"""

from contextvars import ContextVar
from typing import Any, Optional

from kimera_di.resolution.claims import Claim

Mark = tuple[Claim, Optional["Mark"]]
"""One run of one closer: the closing claim it belongs to, and the closer around it. Compared by identity."""

INSIDE: ContextVar[Mark | None] = ContextVar("kimera_closing", default=None)
"""The innermost closer whose code, timers or child tasks are running."""


def is_inside(mark: Mark) -> bool:
    """Tell whether the running code belongs to a closer, or to one that it runs."""
    here = INSIDE.get()
    while here is not None:
        if here is mark:
            return True
        here = here[1]
    return False


def closes_inside(claim: Claim) -> bool:
    """Tell whether the running code belongs to a closer of the owner that ``claim`` closes."""
    here: Any = INSIDE.get()
    while here is not None:
        if here[0] is claim:
            return True
        here = here[1]
    return False
