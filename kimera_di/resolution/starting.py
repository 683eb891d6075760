"""Build the eager singletons of a container side by side, or none of them.

In: a container. Out: every eager singleton, and what it needs, is built; or what this call built is closed and
forgotten again, and the container is as it was. Threads for ``start()``, tasks for ``astart()``
(``async_starting``); both at most so many at a time. See docs/decisions/0015.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import os
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import Any

from kimera_di.compilation import awaits_itself
from kimera_di.errors import AsyncRequiredError, CloseErrors
from kimera_di.registration import caller_place
from kimera_di.registration.descriptors import misuse
from kimera_di.rendering import listed, short_name
from kimera_di.resolution.claims import SYNC, Claim, Values, error_of, give_up, is_async_claim, wake
from kimera_di.resolution.closers import entry_name
from kimera_di.resolution.closing import close_owner
from kimera_di.resolution.deadlocks import Hold, builds_for
from kimera_di.resolution.failures import add_note, steps_of
from kimera_di.resolution.logs import log
from kimera_di.resolution.refusals import closed
from kimera_di.resolution.schedule import Schedule
from kimera_di.resolution.singletons import has_async_transients
from kimera_di.resolution.started import STARTING, Started, started_for
from kimera_di.resolution.waiting import loop_here, wait_here

START: Any = "start"
"""Key of the claim that the running call of ``start()`` leaves among the singletons: closing waits for it."""
MOST_THREADS = 32

Failure = tuple[int | None, BaseException]
"""The singleton that was built, ``None`` when the call itself was interrupted, and the error."""


def start(root: Any) -> None:
    """Build every eager singleton, several at a time in threads.

    Args:
        root: The inside of the container.

    Raises:
        AsyncRequiredError: An eager service, or what it needs, awaits; nothing was built.
        ContainerClosedError: The container is closed.
        RegistrationError: Called by a constructor or factory of the container.
        ExceptionGroup: Several failed; a single error is raised as it is. What was built is closed again.
    """
    while True:
        layer, numbers = eager_services(root)
        schedule = Schedule(layer, numbers)
        if not schedule.singletons:
            return
        refuse_inside(root)
        _refuse_async(layer, numbers, schedule)
        values: Values = root.base.home()
        mine: Claim = [SYNC, None]
        found = values.setdefault(START, mine)
        if found is mine:
            _start_all(root, layer, numbers, values, mine)
            return
        _wait_for(root, layer, values, found)


def eager_services(root: Any) -> tuple[Any, list[int]]:
    """Give the layer that the current context sees, and its eager services; of an open one those asked for so far."""
    if root._values is None:
        raise closed()
    layer, graph = root.layer(), root.base.graph
    layer.catch_up()  # another context may have asked for more
    return layer, [node.number for node in graph.nodes if node.eager and node.number not in graph.templates.descriptors]


def refuse_inside(root: Any) -> None:
    """Refuse to start from within a builder: it would wait for itself."""
    if builds_for(root) or started_for(root) is not None:
        raise misuse(
            "start() is called by a constructor or factory that the container is running", caller_place(),
            "start the container where it was built",
        )  # fmt: skip


def one_error(layer: Any, numbers: Sequence[int], errors: Sequence[Failure]) -> BaseException:
    """Make the one error of everything that failed.

    Args:
        layer: The wiring.
        numbers: The services that were to be started.
        errors: What was built and what it raised.

    Returns:
        The error itself when there is one; a group of several. What is no ``Exception`` (Ctrl-C) comes alone.
    """
    different: list[BaseException] = []
    for number, error in errors:
        if number is not None:
            add_note(error, layer.describe(_way(layer, numbers, number)))
        if not any(error is known for known in different):
            different.append(error)
    control = [error for error in different if not isinstance(error, Exception)]
    if control or len(different) == 1:
        return (control or different)[0]
    ordinary = [error for error in different if isinstance(error, Exception)]
    return ExceptionGroup(f"{len(ordinary)} services could not be started", ordinary)


def note_closers(error: BaseException, failed: CloseErrors) -> None:
    """Say on the error of a start that closing what was built failed as well."""
    log().error("closing what was built before %r: %s", error, failed, exc_info=failed)
    names = ", ".join(repr(each) for each in failed.exceptions)
    error.add_note(f"kimera_di: {failed.message}: {names}")


def _start_all(root: Any, layer: Any, numbers: Sequence[int], values: Values, mine: Claim) -> None:
    try:
        _build_all(root, layer, numbers)
    except BaseException as error:
        give_up(values, START, mine, error)
        raise
    values.pop(START, None)  # gone in a child that one of the factories forked
    wake(mine)


def _build_all(root: Any, layer: Any, numbers: Sequence[int]) -> None:
    started = Started(root)
    errors: list[Failure] = []
    try:  # a start that ended between our look and our claim has built everything: look again
        _Threads(root, layer, Schedule(layer, numbers), started).run(errors)
    except BaseException as interrupted:  # noqa: BLE001 - Ctrl-C: what was built is closed first
        errors.append((None, interrupted))
    if errors:
        error = one_error(layer, numbers, errors)
        _take_back(started, error)
        raise error


def _take_back(started: Started, error: BaseException) -> None:
    started.withdraw(sync=True)
    left = [entry_name(entry) for entry in started.left_open]
    if left:
        error.add_note(f"kimera_di: closing {listed(left)} must await: aclose() of the container does it")
    try:
        close_owner(started)
    except CloseErrors as failed:
        note_closers(error, failed)


def _wait_for(root: Any, layer: Any, values: Values, found: Claim) -> None:
    """Wait until another call has ended; raise the error it failed with."""
    if is_async_claim(found) and found[1] is loop_here():
        raise AsyncRequiredError(
            "the container is being started by a task of this event loop",
            facts=(("do this", "await container.astart()"),),
        )
    wait_here(Hold(found, layer, START), values, root.stall_report_s)
    error = error_of(found, START)
    if error is not None:
        raise error


def _refuse_async(layer: Any, numbers: Sequence[int], schedule: Schedule) -> None:
    nodes = layer.graph.nodes
    awaiting = [n for n in schedule.singletons if awaits_itself(nodes[n]) or has_async_transients(layer, nodes[n])]
    if not awaiting:
        return
    paths = [path for number in numbers for path in [_path(layer, number, awaiting)] if path]
    names = listed(sorted(short_name(nodes[path[0]].service) for path in paths), shown=9)
    raise AsyncRequiredError(
        f"start() cannot build {names}: async code is needed",
        path=steps_of(layer.describe(paths[0])),
        facts=(("do this", "await container.astart()"),),
    )


def _path(layer: Any, start: int, goals: Sequence[int]) -> tuple[int, ...]:
    """Give the way from an eager service to the first of ``goals`` it needs; ``()`` when it needs none."""
    needed = [start, *(n for n in layer.unbuilt_singletons((start,)) if n != start)]
    return next((layer._way(start, number) for number in needed if number in goals), ())


def _way(layer: Any, numbers: Sequence[int], goal: int) -> tuple[int, ...]:
    """Give the way from the first eager service that needs ``goal``."""
    ways = (layer._way(number, goal) for number in numbers)
    return next((way for number, way in zip(numbers, ways, strict=True) if way[0] == number), (goal,))


class _Threads:
    """Builds what is ready, in the caller's thread while nothing can be done beside it."""

    def __init__(self, root: Any, layer: Any, schedule: Schedule, started: Started) -> None:
        self._root, self._layer, self._schedule, self._started = root, layer, schedule, started

    def run(self, errors: list[Failure]) -> None:
        """Build until everything is built, or something failed and the others have ended."""
        ready = self._schedule.ready
        while ready and not errors:
            if len(ready) == 1:
                self._take(ready.popleft(), self._job, errors)
            else:
                self._side_by_side(errors)

    def _side_by_side(self, errors: list[Failure]) -> None:
        from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

        ready = self._schedule.ready
        most = min(MOST_THREADS, (os.cpu_count() or 1) + 4, len(self._schedule.singletons))
        running: dict[Future[None], int] = {}
        with ThreadPoolExecutor(most, thread_name_prefix="kimera-start") as pool:
            try:
                while running or (len(ready) > 1 and not errors):
                    while ready and not errors:
                        number = ready.popleft()
                        running[pool.submit(copy_context().run, self._job, number)] = number
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        self._take(running.pop(future), lambda _, future=future: future.result(), errors)  # type: ignore[misc]
            except BaseException:  # Ctrl-C while we wait: nothing new is begun, what runs is waited for
                for future in running:
                    future.cancel()
                raise

    def _take(self, number: int, result: Callable[[int], None], errors: list[Failure]) -> None:
        """Note how one construction ended."""
        try:
            result(number)
        except BaseException as error:  # noqa: BLE001 - what was built must be closed first; the caller raises it
            errors.append((number, error))
        else:
            self._schedule.done(number)

    def _job(self, number: int) -> None:
        """Build one singleton for this call."""
        token = STARTING.set(self._started)
        try:
            self._root.build_singleton(self._layer, number)
        finally:
            STARTING.reset(token)
