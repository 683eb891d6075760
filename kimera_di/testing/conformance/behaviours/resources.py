"""Scopes that are cancelled, fail or race with closing: what stays open, and who is told.

In: ``Services``. Out: nothing, or ``AssertionError``. Each function is one behaviour; its title says what holds.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import WAIT_S, expect, expect_error, together
from kimera_di.testing.conformance.model import Feature, Opened
from kimera_di.testing.conformance.services import Services, async_resource, resource
from kimera_di.testing.conformance.subjects import Branch, Leaf, Other, Third

CHAPTER = Chapter("")
_behaviour = CHAPTER.behaviour


@_behaviour(
    "T-14", "a cancelled scope closes every async resource", "maldoinc/wireup#141, #142",
    Feature.SCOPE, Feature.ASYNC, Feature.ASYNC_CLEANUP,
)  # fmt: skip
def cancelled_scope(services: Services) -> None:
    closed: list[str] = []

    async def last() -> AsyncIterator[Third]:
        try:
            yield Third()
        finally:
            await asyncio.sleep(0)
            closed.append("Third")

    async def first() -> AsyncIterator[Leaf]:
        try:
            yield Leaf()
        finally:
            await asyncio.sleep(0)
            closed.append("Leaf")

    services.scoped(Leaf, first)
    services.scoped(Third, last)

    async def use() -> None:
        async with services.open() as container:
            opened = asyncio.Event()

            async def request() -> None:
                async with container.scope() as scope:
                    await scope.aresolve(Leaf)
                    await scope.aresolve(Third)
                    opened.set()
                    await asyncio.sleep(60)

            task = asyncio.create_task(request())
            await opened.wait()
            task.cancel()
            await asyncio.wait([task], timeout=WAIT_S)
            expect(task.cancelled(), "the cancellation is lost")

    asyncio.run(use())
    expect(closed == ["Third", "Leaf"], f"closed {closed}")


@_behaviour(
    "T-15", "a generator is told the error of its scope, as if it were raised at its yield", "reagento/dishka#113",
    Feature.SCOPE, Feature.CLEANUP, Feature.SCOPE_ERROR,
)  # fmt: skip
def told_the_error(services: Services) -> None:
    told: list[str] = []

    def make() -> Iterator[Leaf]:
        try:
            yield Leaf()
        except LookupError as error:
            told.append(str(error))
            raise

    services.scoped(Leaf, make)

    def use() -> None:
        with services.open() as container, container.scope() as scope:
            scope.resolve(Leaf)
            raise LookupError("in the block")

    error = expect_error(use, "the error of the block is lost")
    expect(isinstance(error, LookupError), f"the error of the block arrives as {type(error).__name__}")
    expect(told == ["in the block"], f"the generator is told {told}")


@_behaviour(
    "T-16", "a resource being built while its container is closed does not stay open", "dotnet/runtime PR#45116",
    Feature.CLEANUP,
)  # fmt: skip
def close_while_building(services: Services) -> None:
    building, go_on, log = threading.Event(), threading.Event(), list[str]()

    def make() -> Iterator[Leaf]:
        building.set()
        go_on.wait(WAIT_S)
        log.append("opened")
        yield Leaf()
        log.append("closed")

    services.singleton(Leaf, make)
    container = services.open()

    def close() -> None:
        expect(building.wait(WAIT_S), "nothing is built")
        threading.Timer(0.05, go_on.set).start()
        container.close()

    together(lambda: container.resolve(Leaf), close, otherwise="closing hangs")
    expect(log == ["opened", "closed"], f"the resource is {log}")


@_behaviour(
    "T-29", "a dependency that a factory pulled from the container is closed after its user",
    "svcs: closed before its user", Feature.CLEANUP, Feature.SCOPE,
)  # fmt: skip
def pulled_dependency(services: Services) -> None:
    closed: list[str] = []
    opened: list[Opened] = []

    def make() -> Iterator[Branch]:
        leaf = opened[0].resolve(Leaf)
        yield Branch(leaf)
        closed.append("Branch")

    services.scoped(Leaf, resource(Leaf, closed))
    services.scoped(Branch, make)
    with services.open() as container, container.scope() as scope:
        opened.append(scope)
        scope.resolve(Branch)
    expect(closed == ["Branch", "Leaf"], f"closed {closed}")


@_behaviour(
    "T-32", "transients with something to close do not pile up at the root", "dotnet/runtime#36461, extensions#2207",
    Feature.TRANSIENT, Feature.ROOT_TRANSIENT, Feature.CLEANUP,
)  # fmt: skip
def root_transients(services: Services) -> None:
    closed: list[str] = []
    alive: list[Any] = []
    services.transient(Leaf, resource(Leaf, closed))
    with services.open() as container:
        for _ in range(50):
            try:
                alive.append(weakref.ref(container.resolve(Leaf)))
            except Exception:  # noqa: BLE001 - refusing is the best answer
                break
        gc.collect()
        kept = sum(watched() is not None for watched in alive)
    expect(kept <= 1, f"{kept} of 50 objects are kept until the container closes")


@_behaviour(
    "T-34", "a closer that raises a BaseException keeps no other from running", "maldoinc/wireup#142",
    Feature.SCOPE, Feature.CLEANUP,
)  # fmt: skip
def base_exception_in_closer(services: Services) -> None:
    closed: list[str] = []
    services.scoped(Leaf, resource(Leaf, closed))
    services.scoped(Other, resource(Other, closed, fails=KeyboardInterrupt("in a closer")))
    with services.open() as container:
        try:
            with container.scope() as scope:
                scope.resolve(Leaf)
                scope.resolve(Other)
        except BaseException as error:  # noqa: BLE001 - that is what is asked for
            expect(closed == ["Other", "Leaf"], f"closed {closed}, then {type(error).__name__}")
            return
    raise AssertionError("the error is swallowed")


@_behaviour(
    "T-35", "an async resource made in a scope is closed with it, not before and not later", "DI#595, #719",
    Feature.SCOPE, Feature.ASYNC, Feature.ASYNC_CLEANUP,
)  # fmt: skip
def async_resource_of_scope(services: Services) -> None:
    closed: list[str] = []
    services.scoped(Leaf, async_resource(Leaf, closed))

    async def use() -> None:
        async with services.open() as container:
            async with container.scope() as scope:
                await scope.aresolve(Leaf)
                expect(closed == [], "it is closed too early")
            expect(closed == ["Leaf"], f"after the scope {closed} is closed")

    asyncio.run(use())


@_behaviour(
    "T-37", "a value given when a scope opens reaches its services, and no other scope's", "FastAPI, aiogram: Request",
    Feature.SCOPE, Feature.SCOPE_VALUE,
)  # fmt: skip
def scope_value(services: Services) -> None:
    one, two = Leaf(), Leaf()
    services.scope_value(Leaf)
    services.scoped(Branch)
    with services.open() as container, container.scope({Leaf: one}) as first, container.scope({Leaf: two}) as second:
        got = [first.resolve(Branch).leaf, second.resolve(Branch).leaf]
    expect(got[0] is one and got[1] is two, "a scope has the value of another")
