"""Cycles made of the container's own waits, found when a wait begins.

In: what a waiter holds and what it waits for. Out: the error that breaks the cycle. Costs nothing while
nobody waits: held claims are read off the waiter's own stack and context, and only blocked waiters are
registered. Source of the idea: the who-waits-for-whom check of CPython's import locks.
"""

import sys
import threading
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType
from typing import Any

from kimera_di.compilation import FILE_PREFIX
from kimera_di.errors import CircularDependencyError
from kimera_di.records import dataclass
from kimera_di.rendering import short_name
from kimera_di.resolution.claims import ASYNC, BUILDING, Claim, Held, Values, is_claim, is_open_async


@dataclass(frozen=True, slots=True)
class Hold:
    """A claim, and what it is for."""

    claim: Claim
    layer: Any
    cell: int


@dataclass(frozen=True, slots=True)
class Wait:
    """One blocked waiter."""

    held: tuple[Hold, ...]
    target: Hold
    values: Values
    blocks_loop: Any
    """The event loop whose thread is blocked, so nothing suspended on it can go on; ``None`` for tasks."""

    def delays(self, claim: Claim) -> bool:
        """Tell whether ``claim`` cannot be settled before this wait ends."""
        if self.values.get(self.target.cell) is not self.target.claim:
            return False  # settled: the waiter is waking up, and what it held may be settled too
        return any(hold.claim is claim for hold in self.held) or _is_on(claim, self.blocks_loop)


InFlight = list[tuple[Hold, Values]]
"""Claims of builders that have not finished, each with the dictionary it is in."""

_waits: dict[int, Wait] = {}
_lock = threading.RLock()  # re-entrant: a finaliser that runs inside may resolve something
_holders: set[CodeType] = set()


def holds_claims(function: Any) -> Any:
    """Mark a function that keeps its claim, dictionary, cell and layer in variables of the usual names."""
    _holders.add(function.__code__)
    return function


def held_here() -> tuple[Hold, ...]:
    """Give the claims that the running thread or task (or a parent task) holds, innermost first."""
    found = {id(hold.claim): hold for frame in _builder_frames() for hold in _held_in(frame)}
    entry: Held | None = BUILDING.get()
    while entry is not None:
        claim, layer, cell, entry = entry
        if is_open_async(claim):
            found.setdefault(id(claim), Hold(claim, layer, cell))
    return tuple(found.values())


def in_flight(layer: Any, values: Values) -> InFlight:
    """Give the claims in a dictionary; ``layer`` names what they are for."""
    return [(Hold(claim, layer, cell), values) for cell, claim in list(values.items()) if is_claim(claim)]


def builds_for(root: Any) -> bool:
    """Tell whether the running thread or task is inside a builder of a container."""
    layers = [frame.f_globals.get("LAYER") or frame.f_locals.get("layer") for frame in _builder_frames()]
    return any(layer is not None and layer.root is root for layer in [*layers, *(hold.layer for hold in held_here())])


def begin_wait(target: Hold, values: Values, loop: Any) -> int:
    """Register a wait, or refuse it because it would never end.

    Args:
        target: The claim that will be waited for.
        values: The dictionary it is in.
        loop: The running loop whose thread will be blocked; ``None`` when a task waits.

    Returns:
        A number for ``end_wait``.

    Raises:
        CircularDependencyError: What is held here is, through other waits, what ``target`` waits for.
    """
    wait = Wait(held_here(), target, values, loop)
    with _lock:
        if values.get(target.cell) is target.claim:  # else it is settled, and the same list may be another cell's claim
            _refuse_cycle(wait)
        number = id(wait)
        _waits[number] = wait
    return number


def end_wait(number: int) -> None:
    """Forget a wait."""
    with _lock:
        _waits.pop(number, None)


def _builder_frames() -> Iterator[FrameType]:
    """Give the frames of builders on the running thread's stack, innermost first."""
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if frame.f_code in _holders or frame.f_code.co_filename.startswith(FILE_PREFIX):
            yield frame
        frame = frame.f_back


def _held_in(frame: FrameType) -> Iterator[Hold]:
    """Give the claims of one builder that are still in a cell; a variable may also name one that is settled."""
    local = frame.f_locals
    values = local.get("values")
    if not isinstance(values, dict):
        return
    own = [value for name, value in local.items() if (name == "mine" or name.endswith("_mark")) and is_claim(value)]
    if not own:
        return
    layer = local.get("layer") or frame.f_globals.get("LAYER")
    for cell, value in list(values.items()):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if any(value is claim for claim in own):
            yield Hold(value, layer, cell)  # pyright: ignore[reportUnknownArgumentType]


def _refuse_cycle(wait: Wait) -> None:
    """Follow the waits from the target; raise when they come back to something held here."""
    held = {id(hold.claim): index for index, hold in enumerate(wait.held)}
    todo: list[tuple[Hold, tuple[Hold, ...]]] = [(wait.target, ())]
    seen = {id(wait.target.claim)}
    while todo:
        here, way = todo.pop()
        index = held.get(id(here.claim))
        if index is not None:
            raise _circular([*reversed(wait.held[: index + 1]), *way, here])
        if _is_on(here.claim, wait.blocks_loop):
            raise _circular([here, *reversed(wait.held), *way, here])
        for other in list(_waits.values()):
            if id(other.target.claim) not in seen and other.delays(here.claim):
                seen.add(id(other.target.claim))
                todo.append((other.target, (*way, here)))


def _is_on(claim: Claim, loop: Any) -> bool:
    """Tell whether a task of ``loop`` builds."""
    return loop is not None and claim[0] is ASYNC and claim[1] is loop


def _circular(holds: Iterable[Hold]) -> CircularDependencyError:
    nodes = [hold.layer.describe_cell(hold.cell) for hold in holds]
    services, steps = [service for service, _ in nodes], tuple(step for _, step in nodes)
    return CircularDependencyError(
        f"building {short_name(services[0])} waits for itself: " + " -> ".join(short_name(each) for each in services),
        service=services[0],
        path=steps,
        facts=(
            ("note", "a constructor or factory asks the container for a service that waits for it"),
            ("do this", "declare what is needed as a parameter, so that build() sees it, or ask for it later"),
        ),
    )
