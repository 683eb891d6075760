"""One container on one workload: three pieces of source, turned into a timing loop and into a probe.

The loop is generated, as in the standard library's ``timeit``, for two reasons: no call stands between the clock and
the statement that a user would write, and every cell has a code object of its own. A loop function shared by several
containers would share the interpreter's inline caches, and the second container would pay for the first.

For ``Case("scope.resolve(key)", {...}, before="with container.scope() as scope:")`` the loop is::

    def loop(n, container=container, key=key):
        start = clock()
        for _ in repeat(None, n):
            with container.scope() as scope:
                scope.resolve(key)
        return clock() - start
"""

import asyncio
import sys
import sysconfig
import time
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from textwrap import indent
from typing import Any, Final, Literal, Protocol, runtime_checkable

from benchmarks.parts import Part
from benchmarks.workloads import Workload

Loop = Callable[[int], float]
Seen = Callable[[object, object], None]

_FINE_RESOLUTION_S: Final = 1e-6

# CPU time of this thread does not count the moments in which another process had the core. Where it is too coarse
# (Windows: 15.6 ms), the wall clock is the better of the two.
CLOCK_NAME: Final[Literal["thread_time", "perf_counter"]] = (
    "thread_time"
    if hasattr(time, "thread_time") and time.get_clock_info("thread_time").resolution <= _FINE_RESOLUTION_S
    else "perf_counter"
)

_LOOP: Final = """\
{define} loop(n, {names}):
    start = clock()
    for _ in repeat(None, n):
{operation}
    return clock() - start
"""

_HOLDER: Final = """\
def hold({names}):
{operation}
"""

_PROBE: Final = """\
{define} probe(seen, {names}):
{operation}
"""


def has_gil() -> bool:
    """Say whether threads of this interpreter take turns."""
    return not sysconfig.get_config_var("Py_GIL_DISABLED") or bool(getattr(sys, "_is_gil_enabled", lambda: True)())


@dataclass(frozen=True, slots=True)
class Case:
    """How a container does one operation of a workload.

    Attributes:
        get: The expression that asks for the object, for example ``"container.resolve(key)"``.
        names: What the source refers to; bound as local variables of the loop.
        before: What opens the scope. A text that ends with a colon (``"with ... as scope:"``) is a block header and
            the rest is indented below it; anything else is ordinary statements.
        after: Statements that close the scope where no ``with`` does.
        note: Where this differs from what the other containers do; printed below the table.
    """

    get: str
    names: Mapping[str, object]
    before: str = ""
    after: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The container cannot express the workload, and why."""

    reason: str


class Adapter(Protocol):
    """What a container offers to be measured; also the interface of ``--extra MODULE:CLASS``. Attributes will do."""

    @property
    def name(self) -> str:
        """The heading of the column."""
        ...

    @property
    def package(self) -> str | None:
        """The distribution whose version is recorded, or None."""
        ...

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Register and build everything that ``workload`` needs, and say how one operation is written."""
        ...


@runtime_checkable
class ColdAdapter(Protocol):
    """What a container offers besides to be measured from registration to the last object (W9, W10)."""

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Register ``parts`` as singletons, validate as far as the container can, and give its look-up."""
        ...


@cache
def _event_loop() -> asyncio.Runner:
    """Return the event loop of all async work, so that containers may keep what they bind to it."""
    return asyncio.Runner()


def _compile(template: str, case: Case, operation: str, *, function: str, is_async: bool) -> Callable[..., Any]:
    namespace: dict[str, Any] = {"clock": getattr(time, CLOCK_NAME), "repeat": repeat, **case.names}
    bound = ", ".join(f"{name}={name}" for name in ("clock", "repeat", *case.names))
    source = template.format(define="async def" if is_async else "def", names=bound, operation=operation)
    exec(compile(source, f"<benchmark {function}: {case.get}>", "exec"), namespace)  # noqa: S102
    made: Callable[..., Any] = namespace[function]
    return made


def _operation(case: Case, body: str) -> str:
    is_block = case.before.endswith(":")
    lines = [case.before, indent(body, "    ") if is_block else body, case.after]
    return "\n".join(line for line in lines if line)


def make_loop(case: Case, *, is_async: bool) -> Loop:
    """Return a function that runs n operations and returns the seconds they took.

    Args:
        case: The operation.
        is_async: Make a coroutine function and run the whole loop inside one turn of one event loop.
    """
    operation = indent(_operation(case, case.get), " " * 8)
    loop = _compile(_LOOP, case, operation, function="loop", is_async=is_async)
    if not is_async:
        return loop
    return lambda n: _run(loop(n))


def make_probe(case: Case, *, is_async: bool) -> Callable[[Seen], None]:
    """Return a function that asks twice in one scope and shows both objects to ``seen`` before the scope closes."""
    body = f"first = {case.get}\nsecond = {case.get}\nseen(first, second)"
    operation = indent(_operation(case, body), " " * 4)
    probe = _compile(_PROBE, case, operation, function="probe", is_async=is_async)
    if not is_async:
        return probe
    return lambda seen: _run(probe(seen))


def make_holder(case: Case) -> Callable[[], Generator[object, None, None]]:
    """Return a function that opens a scope, asks in it, and gives a started generator whose end closes it again."""
    operation = indent(_operation(case, f"held = {case.get}\nyield held"), " " * 4)
    made = _compile(_HOLDER, case, operation, function="hold", is_async=False)

    def hold() -> Generator[object, None, None]:
        holder: Generator[object, None, None] = made()
        next(holder)
        return holder

    return hold


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return _event_loop().run(work)
