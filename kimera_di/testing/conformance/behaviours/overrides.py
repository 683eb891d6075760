"""Overrides: who sees them, what they reach and what they leave behind.

In: ``Services``. Out: nothing, or ``AssertionError``. Each function is one behaviour; its title says what holds.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

import asyncio
from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import WAIT_S, expect, expect_error, together
from kimera_di.testing.conformance.model import Feature
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import Branch, Leaf, Tree

CHAPTER = Chapter("")
_behaviour = CHAPTER.behaviour


class Empty(list[int]):
    """Objects that are falsy."""


@_behaviour("T-19", "a falsy object may replace a service", "wireup", Feature.OVERRIDE)
def falsy_override(services: Services) -> None:
    services.singleton(Empty)
    fake = Empty()
    with services.open() as container, container.override(Empty, fake):
        expect(container.resolve(Empty) is fake, "the replacement is ignored")


@_behaviour(
    "T-24", "an override in one task is not seen by another", "leaks in six of six", Feature.OVERRIDE
)  # fmt: skip
def override_in_task(services: Services) -> None:
    services.singleton(Leaf)
    fake = Leaf()

    async def use() -> tuple[Any, Any]:
        with services.open() as container:
            overridden, looked = asyncio.Event(), asyncio.Event()

            async def one() -> Any:
                with container.override(Leaf, fake):
                    overridden.set()
                    await asyncio.wait_for(looked.wait(), WAIT_S)
                    return container.resolve(Leaf)

            async def two() -> Any:
                await asyncio.wait_for(overridden.wait(), WAIT_S)
                found = container.resolve(Leaf)
                looked.set()
                return found

            return tuple(await asyncio.gather(one(), two()))

    seen, elsewhere = asyncio.run(use())
    expect(seen is fake, "the task that overrides does not see it")
    expect(elsewhere is not fake, "another task sees it")


@_behaviour(
    "T-25", "an override in one thread is not seen by another", "leaks in six of six", Feature.OVERRIDE
)  # fmt: skip
def override_in_thread(services: Services) -> None:
    services.singleton(Leaf)
    fake = Leaf()
    with services.open() as container, container.override(Leaf, fake):
        (elsewhere,) = together(lambda: container.resolve(Leaf))
    expect(elsewhere is not fake, "another thread sees it")


@_behaviour(
    "T-26", "what was built before an override and needs the service is built anew for it", "anydi#253, DI#421",
    Feature.OVERRIDE,
)  # fmt: skip
def override_reaches_dependants(services: Services) -> None:
    for kind in (Leaf, Branch, Tree):
        services.singleton(kind)
    fake = Leaf()
    with services.open() as container:
        before = container.resolve(Tree)
        with container.override(Leaf, fake):
            expect(container.resolve(Tree).branch.leaf is fake, "a dependant keeps the old object")
        expect(container.resolve(Tree) is before, "the old graph is lost")


@_behaviour(
    "T-27", "an override leaves nothing behind, also when its block fails", "DI#549, anydi#295", Feature.OVERRIDE
)
def override_leaves_nothing(services: Services) -> None:
    for kind in (Leaf, Branch):
        services.singleton(kind)
    fake = Leaf()
    with services.open() as container:

        def fail() -> None:
            with container.override(Leaf, fake):
                container.resolve(Branch)
                raise LookupError("in the block")

        expect_error(fail, "the error of the block is lost")
        expect(container.resolve(Leaf) is not fake, "the replacement stays")
        expect(container.resolve(Branch).leaf is not fake, "a dependant keeps the replacement")
