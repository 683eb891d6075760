"""Where handlers do what takes long: in a thread, so that it holds up no other request.

Handlers are coroutines that await one call of ``in_thread``, rather than plain functions that FastAPI runs in threads:
for those it needs a second thread to make the response. Under load every thread would wait for the write lock of the
database, while the request that has the lock waits for a thread.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function in a thread, and give what it gives; at most 40 run at a time, the others wait their turn."""
    return await run_in_threadpool(function, *args, **kwargs)
