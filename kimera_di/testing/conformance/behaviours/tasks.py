"""Tasks and event loops that want one object at the same moment: the torture tests.

In: ``Services``. Out: nothing, or ``AssertionError``. Each function is one behaviour; its title says what holds.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

import asyncio
import threading
from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import WAIT_S, expect, together
from kimera_di.testing.conformance.model import Feature, Opened
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import Leaf

CHAPTER = Chapter("")
_behaviour = CHAPTER.behaviour
_RACE_S = 0.01


@_behaviour("T-03", "20 tasks that want one async singleton build it once", "maksimzayats/diwire#1", Feature.ASYNC)
def tasks_for_singleton(services: Services) -> None:
    made: list[str] = []
    services.singleton(Leaf, _slow(made))

    async def use() -> list[Any]:
        async with services.open() as container:
            return await asyncio.gather(*[container.aresolve(Leaf) for _ in range(20)])

    got = asyncio.run(use())
    expect(len(made) == 1 and len({id(leaf) for leaf in got}) == 1, f"it is built {len(made)} times")


@_behaviour(
    "T-04", "10 tasks that share a scope build its async object once", "wireup concurrent_scoped_access",
    Feature.ASYNC, Feature.SCOPE,
)  # fmt: skip
def tasks_in_scope(services: Services) -> None:
    made: list[str] = []
    services.scoped(Leaf, _slow(made))

    async def use() -> list[Any]:
        async with services.open() as container, container.scope() as scope:
            return await asyncio.gather(*[scope.aresolve(Leaf) for _ in range(10)])

    got = asyncio.run(use())
    expect(len(made) == 1 and len({id(leaf) for leaf in got}) == 1, f"it is built {len(made)} times")


@_behaviour("T-05", "two event loops that want one async singleton both get it", "none of eight", Feature.ASYNC)
def two_loops(services: Services) -> None:
    made: list[str] = []
    started = threading.Event()

    async def make() -> Leaf:
        made.append("Leaf")
        started.set()
        await asyncio.sleep(0.05)
        return Leaf()

    services.singleton(Leaf, make)
    container = services.open()

    def second() -> Any:
        expect(started.wait(WAIT_S), "the first loop never began to build")
        return asyncio.run(_get(container))

    one, two = together(
        lambda: asyncio.run(_get(container)), second, otherwise="a loop was never woken up"
    )  # fmt: skip
    expect(len(made) == 1, f"it is built {len(made)} times")
    expect(type(one) is Leaf and one is two, f"the loops got {one!r} and {two!r}")


@_behaviour(
    "T-06", "the task that builds is cancelled: one that waits takes over", "DI: cancels innocents", Feature.ASYNC
)  # fmt: skip
def cancelled_builder(services: Services) -> None:
    made: list[str] = []

    async def use() -> Any:
        begun = asyncio.Event()

        async def make() -> Leaf:
            made.append("Leaf")
            begun.set()
            await asyncio.sleep(0.02 if len(made) > 1 else 60)
            return Leaf()

        services.singleton(Leaf, make)
        async with services.open() as container:
            first = asyncio.create_task(container.aresolve(Leaf))
            await begun.wait()
            second = asyncio.create_task(container.aresolve(Leaf))
            await asyncio.sleep(0)
            first.cancel()
            done, _ = await asyncio.wait([second], timeout=WAIT_S)
            expect(done, "the waiting task never got it")
            expect(not second.cancelled(), "the waiting task was cancelled too")
            return second.result()

    expect(type(asyncio.run(use())) is Leaf, "the waiting task got something else")


@_behaviour(
    "T-13", "a task that waits is cancelled: the builder is not disturbed", "DI: cancels innocents", Feature.ASYNC
)
def cancelled_waiter(services: Services) -> None:
    async def use() -> Any:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def make() -> Leaf:
            begun.set()
            await go_on.wait()
            return Leaf()

        services.singleton(Leaf, make)
        async with services.open() as container:
            first = asyncio.create_task(container.aresolve(Leaf))
            await begun.wait()
            second = asyncio.create_task(container.aresolve(Leaf))
            await asyncio.sleep(0)
            second.cancel()
            await asyncio.sleep(0)
            go_on.set()
            return await asyncio.wait_for(first, WAIT_S)

    expect(type(asyncio.run(use())) is Leaf, "the builder got something else")


def _slow(made: list[str]) -> Any:
    async def make() -> Leaf:
        made.append("Leaf")
        await asyncio.sleep(_RACE_S)
        return Leaf()

    return make


async def _get(container: Opened) -> Any:
    return await container.aresolve(Leaf)  # no time-out here: its timer would wake a loop that nobody woke
