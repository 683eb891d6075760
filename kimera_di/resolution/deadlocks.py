"""Cycles made of the container's own waits, found when a wait begins.

In: what a waiter holds and what it waits for. Out: the error that breaks the cycle. Costs nothing while
nobody waits: held claims are read off the waiter's own stack and context, and only blocked waiters are
registered. Source of the idea: the who-waits-for-whom check of CPython's import locks.
"""

import sys
import threading
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from kimera_di.compilation import FILE_PREFIX
from kimera_di.errors import CircularDependencyError
from kimera_di.resolution.claims import ASYNC, BUILDING, Claim, Held
from kimera_di.vocabulary import ServiceId, Step


@dataclass(frozen=True, slots=True)
class Wait:
    """One blocked waiter."""

    held: tuple[tuple[Claim, ServiceId | None], ...]
    target: Claim
    service: ServiceId
    blocks_loop: Any
    """The event loop whose thread is blocked, so nothing suspended on it can go on; ``None`` for tasks."""


_waits: dict[int, Wait] = {}
_lock = threading.RLock()  # re-entrant: a finaliser that runs inside may resolve something
_holders: set[CodeType] = set()


def holds_claims(function: Any) -> Any:
    """Mark a function that keeps its claim in a local variable called ``mine``."""
    _holders.add(function.__code__)
    return function


def held_here() -> tuple[tuple[Claim, ServiceId | None], ...]:
    """Give the claims that the running thread or task (or a parent task) holds, innermost first."""
    found: list[tuple[Claim, ServiceId | None]] = []
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        code = frame.f_code
        if code in _holders or code.co_filename.startswith(FILE_PREFIX):
            claim = frame.f_locals.get("mine")
            if isinstance(claim, list):
                found.append((claim, _service_in(frame.f_locals, claim)))  # pyright: ignore[reportUnknownArgumentType]
        frame = frame.f_back
    entry: Held | None = BUILDING.get()
    while entry is not None:
        claim, layer, cell, entry = entry
        found.append((claim, layer.service_of(cell)))
    return tuple(found)


def begin_wait(target: Claim, service: ServiceId, loop: Any) -> int:
    """Register a wait, or refuse it because it would never end.

    Args:
        target: The claim that will be waited for.
        service: What it is a claim for.
        loop: The running loop whose thread will be blocked; ``None`` when a task waits.

    Returns:
        A number for ``end_wait``.

    Raises:
        CircularDependencyError: What is held here is, through other waits, what ``target`` waits for.
    """
    held = held_here()
    wait = Wait(held, target, service, loop)
    with _lock:
        for claim, own in held:
            chain = [] if claim is target else _way(target, claim)
            if chain is not None:
                raise _circular(own or service, [service, *chain])
        number = id(wait)
        _waits[number] = wait
    return number


def end_wait(number: int) -> None:
    """Forget a wait."""
    with _lock:
        _waits.pop(number, None)


def _way(start: Claim, goal: Claim) -> list[ServiceId] | None:
    """Services on the way from ``start`` to ``goal`` through waits; ``None`` when there is no way."""
    todo: list[tuple[Claim, list[ServiceId]]] = [(start, [])]
    seen = {id(start)}
    while todo:
        claim, services = todo.pop()
        for wait in _waits.values():
            if not _delays(wait, claim) or id(wait.target) in seen:
                continue
            if wait.target is goal:
                return services
            seen.add(id(wait.target))
            todo.append((wait.target, [*services, wait.service]))
    return None


def _delays(wait: Wait, claim: Claim) -> bool:
    """Tell whether ``claim`` cannot be settled before ``wait`` ends."""
    if any(held is claim for held, _ in wait.held):
        return True
    return claim[0] is ASYNC and wait.blocks_loop is not None and claim[1] is wait.blocks_loop


def _service_in(local: Any, claim: Claim) -> ServiceId | None:
    """Find what a claim on the stack is for: the cell that holds it, in the same frame's dictionary."""
    values, layer = local.get("values"), local.get("layer")
    if not isinstance(values, dict):
        return None
    cell = next((cell for cell, value in list(values.items()) if value is claim), None)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return None if cell is None or layer is None else layer.service_of(cell)


def _circular(first: ServiceId, others: list[ServiceId]) -> CircularDependencyError:
    services = [first, *(each for each in others if each != first), first]
    steps = tuple(Step(s.interface if s.key is None else s, None, None, None, None) for s in services)
    from kimera_di.rendering import short_name

    return CircularDependencyError(
        f"building {short_name(first)} waits for itself: " + " -> ".join(short_name(s) for s in services),
        service=first,
        path=steps,
        facts=(
            ("note", "a constructor or factory asks the container for a service that waits for it"),
            ("do this", "declare what is needed as a parameter, so that build() sees it, or ask for it later"),
        ),
    )
