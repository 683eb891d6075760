"""What a forked child does with a container, called in this process: coverage does not see into children.

``tests/spec/test_process_forks.py`` has the same rules in real children.
"""

# pyright: reportPrivateUsage=false

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from kimera_di import Lazy, ServiceCollection, ServiceContainer
from kimera_di.resolution.forked import _end_closing
from kimera_di.resolution.second_closers import CLOSING


class Pool: ...


class Session:
    def __init__(self, pool: Pool) -> None:
        self.pool = pool


class Passing:
    def __init__(self, pool: Pool) -> None:
        self.pool = pool


class Clock: ...


class Later:
    def __init__(self, pool: Lazy[Pool]) -> None:
        self.pool = pool


def fork(container: ServiceContainer) -> None:
    """Do with the container what a child does that was just forked."""
    children: Any = container._root.children
    children.after_fork_in_child()


def test_object_that_is_not_fork_safe_is_built_anew_with_those_that_hold_it() -> None:
    services = ServiceCollection().singleton(Pool, fork_safe=False).singleton(Session).singleton(Clock)
    services.singleton(Later).transient(Passing)
    with services.build() as container:
        session, clock, later = container[Session], container[Clock], container[Later]
        passing = container[Passing]

        fork(container)

        assert container[Session] is not session
        assert container[Session].pool is container[Pool] is not passing.pool
        assert container[Later] is not later
        assert container[Clock] is clock


def test_object_that_is_not_fork_safe_and_was_not_built_takes_nothing_away() -> None:
    with ServiceCollection().singleton(Pool, fork_safe=False).singleton(Clock).build() as container:
        clock = container[Clock]

        fork(container)

        assert container[Clock] is clock


def test_child_closes_nothing_that_its_parent_opened() -> None:
    closed: list[str] = []

    def open_pool() -> Iterator[Pool]:
        yield Pool()
        closed.append("pool")

    def open_session(pool: Pool) -> Iterator[Session]:
        yield Session(pool)
        closed.append("session")

    container = ServiceCollection().singleton(Pool, open_pool).scoped(Session, open_session).build()
    scope = container.scope()
    session = scope[Session]

    fork(container)
    still = scope[Session]
    scope.close()
    container.close()

    assert still is session
    assert closed == []


def test_override_in_force_goes_on_and_leaves_what_the_parent_opened() -> None:
    closed: list[str] = []

    def open_session(pool: Pool) -> Iterator[Session]:
        yield Session(pool)
        closed.append("session")

    replacement = Pool()
    with ServiceCollection().singleton(Pool).singleton(Session, open_session).build() as container:
        with container.override(Pool, replacement):
            assert container[Session].pool is replacement

            fork(container)

            assert container[Pool] is replacement
        assert container[Pool] is not replacement

    assert closed == []


def test_builder_that_forks_goes_on_with_what_it_builds() -> None:
    def make_session(pool: Pool) -> Session:
        fork(container)
        return Session(pool)

    with ServiceCollection().singleton(Pool).singleton(Session, make_session).build() as container:
        session = container[Session]

        assert container[Session] is session


def test_task_of_the_parent_does_not_keep_the_child_waiting() -> None:
    async def main() -> tuple[Pool, Pool]:
        asked, go_on = asyncio.Event(), asyncio.Event()

        async def open_pool() -> Pool:
            asked.set()
            await go_on.wait()
            return Pool()

        async with ServiceCollection().singleton(Pool, open_pool).build() as container:
            before = asyncio.create_task(container.aresolve(Pool))
            await asked.wait()

            fork(container)

            go_on.set()
            found = await container.aresolve(Pool)
            before.cancel()
            await asyncio.wait([before])
            return found, await container.aresolve(Pool)

    first, second = asyncio.run(main())

    assert first is second


@pytest.mark.parametrize("lifetime", ["singleton", "scoped"])
def test_task_of_the_parent_that_goes_on_takes_what_the_child_built(lifetime: str) -> None:
    async def main() -> tuple[Pool, Pool, Pool]:
        asked, go_on = asyncio.Event(), asyncio.Event()

        async def open_pool() -> Pool:
            if not asked.is_set():
                asked.set()
                await go_on.wait()
            return Pool()

        services = ServiceCollection()
        getattr(services, lifetime)(Pool, open_pool)
        async with services.build() as container, container.scope() as scope:
            before = asyncio.create_task(scope.aresolve(Pool))
            await asked.wait()

            fork(container)

            found = await scope.aresolve(Pool)
            go_on.set()
            return found, await before, await scope.aresolve(Pool)

    found, late, then = asyncio.run(main())

    assert found is late is then


@pytest.mark.parametrize("begun", [False, True], ids=["not in earnest", "in earnest"])
def test_close_of_another_thread_has_ended(begun: bool) -> None:
    claim = [CLOSING, None]
    root = SimpleNamespace(_closing=claim, _values=None if begun else {CLOSING: claim})

    _end_closing(root)

    assert claim[0] is None
    assert not root._values
