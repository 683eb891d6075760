"""Threads that want one object at the same moment: the torture tests.

In: ``Services``. Out: nothing, or ``AssertionError``. Each function is one behaviour; its title says what holds.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

import contextlib
import threading
import time
from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import WAIT_S, expect, expect_error, together
from kimera_di.testing.conformance.model import Feature, Opened
from kimera_di.testing.conformance.services import Services, counted
from kimera_di.testing.conformance.subjects import Branch, Leaf, Other, Third

CHAPTER = Chapter("")
_behaviour = CHAPTER.behaviour
_RACE_S = 0.01


@_behaviour("T-01", "32 threads that want one singleton build it once", "DI#433, DI#434, DI#322", Feature.FACTORY)
def race_for_singleton(services: Services) -> None:
    made: list[str] = []
    services.singleton(Leaf, counted(Leaf, made, lambda: time.sleep(_RACE_S)))
    with services.open() as container:
        got = together(*[lambda: container.resolve(Leaf)] * 32)
    expect(len(made) == 1, f"it is built {len(made)} times")
    expect(len({id(leaf) for leaf in got}) == 1 and type(got[0]) is Leaf, "threads got different objects")


@_behaviour(
    "T-02", "8 threads that share a scope build its object once", "dishka and wireup: an opt-in lock",
    Feature.FACTORY, Feature.SCOPE,
)  # fmt: skip
def race_in_scope(services: Services) -> None:
    made: list[str] = []
    services.scoped(Leaf, counted(Leaf, made, lambda: time.sleep(_RACE_S)))
    with services.open() as container, container.scope() as scope:
        got = together(*[lambda: scope.resolve(Leaf)] * 8)
    expect(len(made) == 1, f"it is built {len(made)} times")
    expect(len({id(leaf) for leaf in got}) == 1 and type(got[0]) is Leaf, "threads got different objects")


@_behaviour(
    "T-07", "a factory fails: all who wait get the error, and the next look-up tries again",
    "MelbourneDeveloper/ioc_container#11", Feature.FACTORY,
)  # fmt: skip
def failure_is_not_kept(services: Services) -> None:
    made: list[str] = []

    def fail_once() -> Leaf:
        made.append("Leaf")
        time.sleep(_RACE_S)
        if len(made) == 1:
            raise LookupError("first attempt")
        return Leaf()

    services.singleton(Leaf, fail_once)
    with services.open() as container:
        expect_error(lambda: container.resolve(Leaf), "the error is swallowed")
        expect(type(container.resolve(Leaf)) is Leaf, "the failure is kept")


@_behaviour(
    "T-08", "a factory may wait for a thread that resolves another singleton",
    "dotnet/runtime#80697, #81689, google/guice#183, autofac/Autofac#413", Feature.FACTORY,
)  # fmt: skip
def helper_thread(services: Services) -> None:
    opened: list[Opened] = []

    def make() -> Branch:
        got: list[Any] = []
        helper = threading.Thread(target=lambda: got.append(opened[0].resolve(Leaf)), daemon=True)
        helper.start()
        helper.join(WAIT_S)
        expect(got, "the helper thread is locked out")
        return Branch(got[0])

    services.singleton(Leaf)
    services.singleton(Branch, make)
    with services.open() as container:
        opened.append(container)
        (made,) = together(lambda: container.resolve(Branch))
        expect(isinstance(made, Branch), f"{made}")
        expect(made.leaf is container.resolve(Leaf), "two singletons")


@_behaviour("T-09", "two threads build unrelated singletons side by side", "spring-framework#32904", Feature.FACTORY)
def side_by_side(services: Services) -> None:
    both = threading.Barrier(2)
    services.singleton(Leaf, counted(Leaf, [], lambda: both.wait(WAIT_S)))
    services.singleton(Other, counted(Other, [], lambda: both.wait(WAIT_S)))
    with services.open() as container:
        one, two = together(
            lambda: container.resolve(Leaf), lambda: container.resolve(Other), otherwise="one waits for the other"
        )
    expect(type(one) is Leaf and type(two) is Other, "one waits for the other to be built")


@_behaviour(
    "T-10", "a factory may ask the container for another service", "modern-python/modern-di#188", Feature.FACTORY
)  # fmt: skip
def re_entry(services: Services) -> None:
    opened: list[Opened] = []
    services.singleton(Leaf)

    def make() -> Branch:
        return Branch(opened[0].resolve(Leaf))

    services.singleton(Branch, make)
    with services.open() as container:
        opened.append(container)
        expect(container.resolve(Branch).leaf is container.resolve(Leaf), "two singletons")


@_behaviour(
    "T-11", "two threads that wait for one another's singleton get an error, no deadlock", "google/guice#1510",
    Feature.FACTORY,
)  # fmt: skip
def cross_thread_cycle(services: Services) -> None:
    opened: list[Opened] = []
    both = threading.Barrier(2)

    def meet() -> None:
        with contextlib.suppress(threading.BrokenBarrierError):  # a lock around everything keeps the other away
            both.wait(0.2)

    def first() -> Leaf:
        meet()
        opened[0].resolve(Other)
        return Leaf()

    def second() -> Other:
        meet()
        opened[0].resolve(Leaf)
        return Other()

    services.singleton(Leaf, first)
    services.singleton(Other, second)
    opened.append(services.open())
    answers = together(
        lambda: opened[0].resolve(Leaf), lambda: opened[0].resolve(Other), otherwise="both threads wait for ever"
    )
    expect(any(isinstance(answer, Exception) for answer in answers), "a cycle gave objects")


@_behaviour(
    "T-12", "a factory that asks for its own service gets an error", "modern-python/modern-di#188", Feature.FACTORY
)  # fmt: skip
def own_service(services: Services) -> None:
    opened: list[Opened] = []

    def make() -> Leaf:
        return opened[0].resolve(Leaf)  # type: ignore[no-any-return]

    services.singleton(Leaf, make)
    opened.append(services.open())
    (answer,) = together(lambda: opened[0].resolve(Leaf), otherwise="the thread waits for itself")
    expect(isinstance(answer, Exception), "a cycle gave an object")


@_behaviour(
    "EXT-C07", "two threads that want a singleton with dependencies get one graph",
    "M.E.DI ServiceProviderContainerTests: two threads", Feature.FACTORY,
)  # fmt: skip
def one_graph(services: Services) -> None:
    made: list[str] = []
    services.singleton(Leaf, counted(Leaf, made, lambda: time.sleep(_RACE_S)))
    services.singleton(Branch)
    with services.open() as container:
        one, two = together(lambda: container.resolve(Branch), lambda: container.resolve(Branch))
    expect(one is two and len(made) == 1, f"{len(made)} leaves, branches are {'' if one is two else 'not '}one")


@_behaviour(
    "EXT-C08", "a user's lock taken around a look-up and inside a factory does not deadlock",
    "M.E.DI ServiceProviderContainerTests: SingletonAndLazyLocks_NoDeadlock", Feature.FACTORY,
)  # fmt: skip
def users_lock(services: Services) -> None:
    _expect_no_deadlock(services, extra=0)


@_behaviour(
    "EXT-C09", "the same in a bigger graph",
    "M.E.DI ServiceProviderContainerTests: BiggerObjectGraphWithOpenGenerics_NoDeadlock", Feature.FACTORY,
)  # fmt: skip
def users_lock_in_bigger_graph(services: Services) -> None:
    _expect_no_deadlock(services, extra=20)


def _expect_no_deadlock(services: Services, extra: int) -> None:
    """One thread holds the user's lock and resolves A; the other builds B, whose factory takes the lock."""
    lock, taken, building = threading.Lock(), threading.Event(), threading.Event()
    kinds = [type(f"Extra{number}", (), {}) for number in range(extra)]
    holder = services.holder(third=Third, **{kind.__name__.lower(): kind for kind in kinds})
    for kind in (Third, *kinds, holder):
        services.singleton(kind)

    def make() -> Other:
        building.set()
        with lock:
            return Other()

    services.singleton(Other, make)
    with services.open() as container:

        def locks_and_resolves() -> Any:
            with lock:
                taken.set()
                expect(building.wait(WAIT_S), "the other thread never began to build")
                return container.resolve(holder)

        def builds() -> Any:
            expect(taken.wait(WAIT_S), "the other thread never took its lock")
            return container.resolve(Other)

        one, two = together(locks_and_resolves, builds, otherwise="the threads wait for one another")
    expect(type(one) is holder and type(two) is Other, f"the threads got {one!r} and {two!r}")
