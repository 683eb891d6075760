"""Depth, memory, falsy objects, annotations, forks: the rest of the torture tests.

In: ``Services``. Out: nothing, or ``AssertionError``. Each function is one behaviour; its title says what holds.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

import gc
import os
import threading
import time
import warnings
import weakref
from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import WAIT_S, expect, expect_error
from kimera_di.testing.conformance.model import Feature, Marker, Opened
from kimera_di.testing.conformance.services import Services, counted
from kimera_di.testing.conformance.subjects import Branch, FileStore, Leaf, SqlStore, Store

CHAPTER = Chapter("")
_behaviour = CHAPTER.behaviour


class Empty(list[int]):
    """Objects that are falsy."""


@_behaviour("T-17", "a falsy object is given as it is, and built once", "wireup, modern-di#321", Feature.FACTORY)
def falsy_object(services: Services) -> None:
    made: list[str] = []
    services.singleton(Empty, counted(Empty, made))
    with services.open() as container:
        first = container.resolve(Empty)
        expect(container.resolve(Empty) is first and len(made) == 1, f"it is built {len(made)} times")


@_behaviour("T-18", "falsy keys are keys", "wireup", Feature.KEY, Feature.HASHABLE_KEY)
def falsy_keys(services: Services) -> None:
    services.singleton(Store, FileStore, key=0)
    services.singleton(Store, SqlStore, key="")
    with services.open() as container:
        kinds: Any = (type(container.resolve(Store, 0)), type(container.resolve(Store, "")))
        expect(kinds == (FileStore, SqlStore), f"they give {kinds}")
        expect_error(lambda: container.resolve(Store), "an unkeyed look-up gives one of them")


@_behaviour("T-20", "a chain of 5,000 services is built and resolved", "RecursionError at 600 in four peers")
def deep_chain(services: Services) -> None:
    kinds = _chain(services, 5_000)
    with services.open() as container:
        expect(type(container.resolve(kinds[-1])) is kinds[-1], "it is not built")


@_behaviour("T-21", "a dense graph of 100 services is built at once", "wireup: exponential at 28")
def dense_graph(services: Services) -> None:
    kinds: list[Any] = [Leaf]
    services.singleton(Leaf)
    for number in range(1, 100):
        needs = {number - 1, max(number - 2, 0), number // 2}
        kinds.append(services.holder(**{f"need{each}": kinds[each] for each in sorted(needs)}))
        services.singleton(kinds[-1])
    start = time.perf_counter()
    with services.open() as container:
        container.resolve(kinds[-1])
    seconds = time.perf_counter() - start
    expect(seconds < WAIT_S, f"it takes {seconds:.1f} s")


@_behaviour("T-22", "a scope leaves no reference cycle behind", "modern-python/modern-di#381", Feature.SCOPE)
def no_cycles(services: Services) -> None:
    services.singleton(Leaf)
    services.scoped(Branch)
    with services.open() as container:
        _use_scopes(container, 20)
        gc.collect()
        gc.disable()
        try:
            _use_scopes(container, 50)
            left = gc.collect()
        finally:
            gc.enable()
    expect(left == 0, f"50 scopes leave {left} objects to the garbage collector")


@_behaviour("T-23", "a closed scope keeps none of its objects alive", "leaks of request objects", Feature.SCOPE)
def nothing_retained(services: Services) -> None:
    services.scoped(Leaf)
    with services.open() as container:
        with container.scope() as scope:
            watched = weakref.ref(scope.resolve(Leaf))
        del scope
        gc.collect()
        expect(watched() is None, "the object is still alive")


@_behaviour(
    "T-28",
    "an annotation imported for type checkers only is understood",
    "injector#145, wireup#39, dishka",
    Feature.ANNOTATIONS,
)
def type_checking_import(services: Services) -> None:
    from kimera_di.testing.conformance.typed_elsewhere import Guarded

    services.singleton(Leaf)
    services.singleton(Guarded)
    with services.open() as container:
        expect(container.resolve(Guarded).leaf is container.resolve(Leaf), "it gets something else")


@_behaviour(
    "T-33", "a dependency wanted lazily breaks a cycle", "nestjs/nest#5778, google/dagger#402", Feature.LAZY
)  # fmt: skip
def lazy_breaks_cycle(services: Services) -> None:
    class Hen:
        """Needs an egg, later."""

        def __init__(self, egg: Any) -> None:
            self.egg = egg

    class Egg:
        """Needs a hen."""

        def __init__(self, hen: Hen) -> None:
            self.hen = hen

    Hen.__init__.__annotations__["egg"] = services.spelt(Marker("lazy", Egg))
    services.singleton(Hen)
    services.singleton(Egg)
    with services.open() as container:
        expect(container.resolve(Egg).hen is container.resolve(Hen), "two objects")


@_behaviour(
    "T-36", "a child process does not wait for a thread that its parent had", "celery/celery#10339, DI#592",
    Feature.FACTORY,
)  # fmt: skip
def after_fork(services: Services) -> None:
    if not hasattr(os, "fork"):
        return
    building, go_on = threading.Event(), threading.Event()
    parent = os.getpid()

    def make() -> Leaf:
        if os.getpid() == parent:
            building.set()
            go_on.wait(WAIT_S)
        return Leaf()

    services.singleton(Leaf, make)
    container = services.open()
    thread = threading.Thread(target=lambda: container.resolve(Leaf), daemon=True)
    thread.start()
    expect(building.wait(WAIT_S), "nothing is built")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # since 3.12: forking with threads, which is the point
        child = os.fork()
    if child == 0:
        os._exit(_child(container))
    answer = _child_code(child)
    go_on.set()
    thread.join(WAIT_S)
    expect(answer == 0, "the child hangs" if answer is None else f"the child fails with {answer}")


def _child(container: Opened) -> int:
    try:
        return 0 if type(container.resolve(Leaf)) is Leaf else 1
    except BaseException:  # noqa: BLE001 - a child of a test must end here, whatever it is
        return 2


def _child_code(child: int) -> int | None:
    """Give the exit code of a child, or ``None`` when it had to be killed."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return None


def _chain(services: Services, length: int) -> list[Any]:
    kinds: list[Any] = [Leaf]
    services.singleton(Leaf)
    for _ in range(length - 1):
        kinds.append(_link(kinds[-1]))
        services.singleton(kinds[-1])
    return kinds


def _link(below: Any) -> Any:
    class Link:
        """One service of the chain."""

        def __init__(self, below: object) -> None:
            self.below = below

    Link.__init__.__annotations__["below"] = below
    return Link


def _use_scopes(container: Opened, number: int) -> None:
    for _ in range(number):
        with container.scope() as scope:
            scope.resolve(Branch)
