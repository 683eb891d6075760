"""Closing containers and scopes: M.E.DI's ``ServiceProviderContainerTests`` and ``ServiceProviderEngineScopeTests``.

In: ``Services``. Out: nothing, or ``AssertionError``. What .NET disposes is here what a generator factory made.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect, expect_error, text_of, together
from kimera_di.testing.conformance.model import Feature, Opened
from kimera_di.testing.conformance.services import Services, async_resource, counted, resource
from kimera_di.testing.conformance.subjects import Branch, Leaf, Other, Third

CHAPTER = Chapter("M.E.DI ServiceProviderContainerTests: ")
SCOPES = Chapter("M.E.DI ServiceProviderEngineScopeTests: ")
_behaviour = CHAPTER.behaviour
_ASYNC = (Feature.ASYNC, Feature.ASYNC_CLEANUP)


@_behaviour(
    "EXT-C01", "sync closing of what must be awaited is an error that names it", "sync close, async only",
    *_ASYNC, Feature.SYNC_CLOSE,
)  # fmt: skip
def sync_close_of_async(services: Services) -> None:
    closed: list[str] = []
    services.singleton(Leaf, async_resource(Leaf, closed))

    async def use() -> None:
        container = services.open()
        await container.aresolve(Leaf)
        error = expect_error(container.close, "sync close raises nothing")
        expect("Leaf" in text_of(error), f"the error does not name it: {error}")
        await container.aclose()

    asyncio.run(use())
    expect(closed == ["Leaf"], f"closed {closed}")


@_behaviour(
    "EXT-C02", "async closing closes sync and async resources in reverse order", "async close", *_ASYNC,
    Feature.CLEANUP,
)  # fmt: skip
def async_close_of_both(services: Services) -> None:
    closed: list[str] = []
    services.singleton(Leaf, async_resource(Leaf, closed))
    services.singleton(Other, resource(Other, closed))
    services.singleton(Third, async_resource(Third, closed))

    async def use() -> None:
        async with services.open() as container:
            for kind in (Leaf, Other, Third):
                await container.aresolve(kind)

    asyncio.run(use())
    expect(closed == ["Third", "Other", "Leaf"], f"closed {closed}")


CHAPTER.waive(
    "EXT-C03", "an object with two ways to be closed is closed the sync way by sync closing", "sync close, both forms",
    "what closes an object is the generator that made it, which is sync or async; there is no second way to choose",
)  # fmt: skip


@_behaviour(
    "EXT-C04", "what factories made is closed, what was supplied is not", "supplied instances",
    Feature.CLEANUP, Feature.INSTANCE,
)  # fmt: skip
def supplied_is_left_open(services: Services) -> None:
    closed: list[str] = []

    class Closable:
        """Notes that it is closed."""

        def close(self) -> None:
            """Note it."""
            closed.append("supplied")

        def __enter__(self) -> "Closable":
            """Nothing."""
            return self

        def __exit__(self, *error: object) -> None:
            """Note it."""
            self.close()

    services.instance(Closable, Closable())
    services.singleton(Leaf, resource(Leaf, closed))
    with services.open() as container:
        container.resolve(Closable)
        container.resolve(Leaf)
    expect(closed == ["Leaf"], f"closed {closed}")


@_behaviour("EXT-C05", "async closing twice closes once", "async dispose once", *_ASYNC)
def async_close_twice(services: Services) -> None:
    closed: list[str] = []
    services.singleton(Leaf, async_resource(Leaf, closed))

    async def use() -> None:
        container = services.open()
        await container.aresolve(Leaf)
        await container.aclose()
        await container.aclose()

    asyncio.run(use())
    expect(closed == ["Leaf"], f"closed {closed}")


@_behaviour(
    "EXT-C06", "closing the container inside a constructor neither hangs nor leaks", "dispose in a constructor",
    Feature.CLEANUP, Feature.FACTORY,
)  # fmt: skip
def close_inside_constructor(services: Services) -> None:
    closed: list[str] = []
    opened: list[Opened] = []

    def make() -> Branch:
        leaf = opened[0].resolve(Leaf)
        opened[0].close()
        return Branch(leaf)

    services.singleton(Leaf, resource(Leaf, closed))
    services.singleton(Branch, make)
    opened.append(services.open())
    try:
        opened[0].resolve(Branch)
    except Exception as error:  # noqa: BLE001 - refusing is right as well
        text_of(error)
    opened[0].close()
    expect(closed == ["Leaf"], f"closed {closed}")


@_behaviour(
    "EXT-C10", "a closed container gives nothing", "resolve after dispose", Feature.CLEANUP, Feature.FINAL_CLOSE
)
def resolve_after_close(services: Services) -> None:
    services.singleton(Leaf)
    services.singleton(Other, resource(Other, []))
    container = services.open()
    container.resolve(Leaf)
    container.close()
    expect_error(lambda: container.resolve(Leaf), "a singleton is given")
    expect_error(lambda: container.resolve(Other), "a resource is opened")


@_behaviour("EXT-C12", "scoped objects stay what they are after many scopes", "after compilation", Feature.SCOPE)
def scoped_stays_stable(services: Services) -> None:
    services.scoped(Leaf)
    services.scoped(Branch)
    with services.open() as container:
        for _ in range(200):
            with container.scope() as scope:
                expect(scope.resolve(Branch).leaf is scope.resolve(Leaf), "two objects in one scope")


@_behaviour(
    "EXT-C13", "many threads that resolve different services get each its own", "concurrent unique resolves"
)  # fmt: skip
def unique_in_threads(services: Services) -> None:
    kinds = [type(f"Unique{number}", (), {}) for number in range(160)]
    made: list[str] = []
    for kind in kinds:
        services.singleton(kind, counted(kind, made, lambda: time.sleep(0.0005)))
    with services.open() as container:

        def resolve_some(number: int) -> list[object]:
            return [container.resolve(kind) for kind in kinds[number::4]]

        answers = together(*[lambda number=number: resolve_some(number % 4) for number in range(8)])
    expect(len(made) == len(kinds), f"{len(made)} objects of {len(kinds)} services")
    for number, got in enumerate(answers):
        expect([type(each) for each in got] == kinds[number % 4 :: 4], "services are mixed up")


@SCOPES.behaviour("EXT-S01", "closing a scope twice is harmless", "double dispose", Feature.SCOPE, Feature.CLEANUP)
def close_twice(services: Services) -> None:
    closed: list[str] = []
    services.scoped(Leaf, resource(Leaf, closed))
    with services.open() as container:
        scope = container.scope()
        scope.resolve(Leaf)
        scope.close()
        scope.close()
    expect(closed == ["Leaf"], f"closed {closed}")


@SCOPES.behaviour(
    "EXT-S02", "one closer fails: all others run, and its error is raised", "one disposer throws",
    Feature.CLOSE_ERRORS, Feature.SCOPE, Feature.CLEANUP,
)  # fmt: skip
def one_closer_fails(services: Services) -> None:
    closed: list[str] = []
    services.scoped(Leaf, resource(Leaf, closed))
    services.scoped(Other, resource(Other, closed, fails=OSError("closer of Other")))
    services.scoped(Third, resource(Third, closed))
    with services.open() as container:
        said = text_of(expect_error(lambda: _use_scope(container, Leaf, Other, Third), "the error is swallowed"))
    expect(closed == ["Third", "Other", "Leaf"], f"closed {closed}")
    expect("closer of Other" in said, f"another error is raised: {said}")


@SCOPES.behaviour(
    "EXT-S03", "two closers fail: all run, and both errors are reported", "two disposers throw",
    Feature.CLOSE_ERRORS, Feature.SCOPE, Feature.CLEANUP,
)  # fmt: skip
def two_closers_fail(services: Services) -> None:
    closed: list[str] = []
    services.scoped(Leaf, resource(Leaf, closed, fails=OSError("closer of Leaf")))
    services.scoped(Other, resource(Other, closed))
    services.scoped(Third, resource(Third, closed, fails=OSError("closer of Third")))
    with services.open() as container:
        said = text_of(expect_error(lambda: _use_scope(container, Leaf, Other, Third), "the errors are swallowed"))
    expect(closed == ["Third", "Other", "Leaf"], f"closed {closed}")
    expect("closer of Leaf" in said and "closer of Third" in said, f"an error is lost: {said}")


@SCOPES.behaviour(
    "EXT-S04", "the same for async closers", "async, two disposers throw", Feature.CLOSE_ERRORS, Feature.SCOPE, *_ASYNC
)  # fmt: skip
def two_async_closers_fail(services: Services) -> None:
    closed: list[str] = []

    async def first() -> AsyncIterator[Leaf]:
        yield Leaf()
        closed.append("Leaf")
        raise OSError("closer of Leaf")

    async def third() -> AsyncIterator[Third]:
        yield Third()
        closed.append("Third")
        raise OSError("closer of Third")

    services.scoped(Leaf, first)
    services.scoped(Other, async_resource(Other, closed))
    services.scoped(Third, third)

    async def use() -> None:
        async with services.open() as container, container.scope() as scope:
            for kind in (Leaf, Other, Third):
                await scope.aresolve(kind)

    said = text_of(expect_error(lambda: asyncio.run(use()), "the errors are swallowed"))
    expect(closed == ["Third", "Other", "Leaf"], f"closed {closed}")
    expect("closer of Leaf" in said and "closer of Third" in said, f"an error is lost: {said}")


@SCOPES.behaviour(
    "EXT-S05",
    "a closed scope gives nothing",
    "resolve after dispose",
    Feature.SCOPE,
    Feature.CLEANUP,
    Feature.FINAL_CLOSE,
)
def resolve_in_closed_scope(services: Services) -> None:
    services.scoped(Leaf, resource(Leaf, []))
    with services.open() as container:
        scope = container.scope()
        scope.resolve(Leaf)
        scope.close()
        expect_error(lambda: scope.resolve(Leaf), "a scoped object is given")


@SCOPES.behaviour(
    "EXT-S06", "a factory that fails half-way leaves what was opened before it to be closed", "constructor throws",
    Feature.SCOPE, Feature.CLEANUP, Feature.FACTORY_PARAMETER,
)  # fmt: skip
def factory_fails_half_way(services: Services) -> None:
    closed: list[str] = []

    def failing(leaf: Leaf) -> Branch:
        raise LookupError(f"no branch for {leaf!r}")

    def make(leaf: Leaf) -> Iterator[Branch]:
        yield failing(leaf)

    services.scoped(Leaf, resource(Leaf, closed))
    services.scoped(Branch, make)
    with services.open() as container:
        error = expect_error(lambda: _use_scope(container, Branch), "the error is swallowed")
    expect(closed == ["Leaf"], f"closed {closed}")
    expect(isinstance(error, LookupError), f"it arrives as {type(error).__name__}")


def _use_scope(container: Opened, *kinds: type) -> None:
    with container.scope() as scope:
        for kind in kinds:
            scope.resolve(kind)
