"""Guarantee 9 under anyio on asyncio: cancel scopes kill every await of an unshielded closer; ours are shielded."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kimera_di import CloseErrors, ServiceCollection
from tests.spec.concurrency import auntil, waiters
from tests.spec.helpers import WAIT_S, only

anyio = pytest.importorskip("anyio")


class A:
    pass


class B:
    pass


def run(function: Any) -> Any:
    return anyio.run(function, backend="asyncio")


def test_closer_in_a_cancelled_scope_ends(services: ServiceCollection) -> None:
    ended: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        for _ in range(5):
            await anyio.sleep(0.002)
        ended.append("a")

    container = services.scoped(A, open_a).build()

    async def main() -> bool:
        with anyio.CancelScope() as cancelled:
            async with container.scope() as scope:
                await scope.aresolve(A)
                cancelled.cancel()
        return bool(cancelled.cancelled_caught)

    assert run(main)
    assert ended == ["a"]


def test_scope_cancelled_while_it_closes_catches_its_own_cancellation(services: ServiceCollection) -> None:
    """The kept cancellation must still be recognised as that scope's, and not escape as somebody else's."""
    ended: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        await anyio.sleep(0.05)
        ended.append("a")

    container = services.scoped(A, open_a).build()

    async def main() -> tuple[bool, bool]:
        after = False
        with anyio.move_on_after(0.01) as limit:
            async with container.scope() as scope:
                await scope.aresolve(A)
            after = True
        await anyio.sleep(0)
        return bool(limit.cancelled_caught), after

    assert run(main) == (True, False)
    assert ended == ["a"]


def test_time_limit_inside_a_closer_reaches_it(services: ServiceCollection) -> None:
    ended: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        with anyio.move_on_after(0.01):
            await anyio.sleep(WAIT_S)
        ended.append("a")

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    run(main)

    assert ended == ["a"]


def test_time_limit_inside_a_closer_works_in_a_cancelled_scope(services: ServiceCollection) -> None:
    events: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        with anyio.move_on_after(0.01) as limit, anyio.CancelScope(shield=True):
            await anyio.sleep(0.002)
            events.append("shielded")
        events.append(f"limit {limit.cancelled_caught}")

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        with anyio.CancelScope() as cancelled:
            async with container.scope() as scope:
                await scope.aresolve(A)
                cancelled.cancel()

    run(main)

    assert events[0] == "shielded"
    assert len(events) == 2


def test_task_group_kept_open_by_a_resource_ends_in_the_task_that_opened_it(services: ServiceCollection) -> None:
    """Cancel scopes must be left in the task, and in the order, in which they were entered."""
    ended: list[str] = []

    async def part() -> None:
        await anyio.sleep(0.005)
        ended.append("part")

    async def open_a() -> AsyncIterator[A]:
        async with anyio.create_task_group() as group:
            group.start_soon(part)
            yield A()
        ended.append("group")

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    run(main)

    assert ended == ["part", "group"]


def test_error_in_a_task_group_of_a_closer_is_reported(services: ServiceCollection) -> None:
    async def fail() -> None:
        raise ValueError("part")

    async def open_a() -> AsyncIterator[A]:
        yield A()
        async with anyio.create_task_group() as group:
            group.start_soon(fail)
            await anyio.sleep(WAIT_S)

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)

    with pytest.raises(CloseErrors) as caught:
        run(main)

    assert only(ValueError, only(ExceptionGroup, caught.value)).args == ("part",)


@pytest.mark.parametrize("lifetime", ["singleton", "scoped"])
def test_builder_in_a_cancelled_scope_hands_over(services: ServiceCollection, lifetime: str) -> None:
    calls: list[int] = []

    async def make() -> A:
        calls.append(1)
        if len(calls) == 1:
            await anyio.sleep(WAIT_S)
        return A()

    getattr(services, lifetime)(A, make)
    scope = services.build().scope()

    async def main() -> A:
        async with anyio.create_task_group() as group:
            cancelled = anyio.CancelScope()

            async def build() -> None:
                with cancelled:
                    await scope.aresolve(A)

            group.start_soon(build)
            await auntil(lambda: calls)
            waiter = asyncio.create_task(scope.aresolve(A))
            await auntil(lambda: waiters(scope) == 1)
            cancelled.cancel()
            return await waiter

    assert isinstance(run(main), A)
    assert len(calls) == 2


def test_close_in_a_cancelled_scope_waits_for_a_builder_of_another_task(services: ServiceCollection) -> None:
    events: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        events.append("opening")
        await anyio.sleep(0.01)
        yield A()
        events.append("closed")

    container = services.scoped(A, open_a).build()

    async def main() -> None:
        scope = container.scope()
        builder = asyncio.create_task(scope.aresolve(A))
        await auntil(lambda: events)
        with anyio.CancelScope() as cancelled:
            cancelled.cancel()
            await scope.aclose()
        assert events == ["opening", "closed"]
        await builder

    run(main)


def test_closers_of_several_resources_all_end_in_a_cancelled_scope(services: ServiceCollection) -> None:
    ended: list[str] = []

    async def open_a() -> AsyncIterator[A]:
        yield A()
        await anyio.sleep(0.002)
        ended.append("a")

    async def open_b(a: A) -> AsyncIterator[B]:
        yield B()
        await anyio.sleep(0.002)
        ended.append("b")
        raise ValueError("b")

    container = services.scoped(A, open_a).scoped(B, open_b).build()

    async def main() -> bool:
        with anyio.CancelScope() as cancelled:
            async with container.scope() as scope:
                await scope.aresolve(B)
                cancelled.cancel()
        return bool(cancelled.cancelled_caught)

    assert run(main)
    assert ended == ["b", "a"]
