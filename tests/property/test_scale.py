"""Depth, breadth and density: no recursion limit, no blow-up, nothing compiled that nobody asked for."""

import asyncio
import linecache
import sys
import threading
from collections import Counter
from collections.abc import Callable
from types import FunctionType
from typing import Any

import pytest

from kimera_di import BuildErrors, CircularDependencyError, Lifetime, ServiceCollection
from kimera_di.compilation import FILE_PREFIX

DEPTH = 5_000
SINGLETON, SCOPED, TRANSIENT = Lifetime.SINGLETON, Lifetime.SCOPED, Lifetime.TRANSIENT

LIFETIMES: dict[str, Callable[[int], Lifetime]] = {
    "singletons": lambda _: SINGLETON,
    "scoped": lambda _: SCOPED,
    "transients": lambda _: TRANSIENT,
    "all three": lambda n: SINGLETON if n < DEPTH // 2 else (SCOPED, TRANSIENT)[n % 2],
    "transients of a singleton": lambda n: TRANSIENT if n < DEPTH - 1 else SINGLETON,
}


class Link:
    """One object of a chain."""

    inner: Any = None


def link(number: int, previous: Any) -> type:
    """A class that needs ``previous``."""
    if previous is None:
        return type(f"Link{number}", (Link,), {})

    def init(self: Any, inner: previous) -> None:
        self.inner = inner

    return type(f"Link{number}", (Link,), {"__init__": init})


def async_link(number: int, previous: Any) -> tuple[type, Any]:
    """A class and an async factory that makes it from ``previous``."""
    cls = type(f"Link{number}", (Link,), {})
    if previous is None:

        async def first() -> Any:
            return cls()

        return cls, first

    async def make(inner: previous) -> Any:
        made = cls()
        made.inner = inner
        return made

    return cls, make


def chain(lifetime: Callable[[int], Lifetime], *, is_async: bool = False) -> tuple[ServiceCollection, type]:
    """A chain of services, each built from the one before; the last one is asked for."""
    services, last = ServiceCollection(), None
    for number in range(DEPTH):
        if is_async:
            last, make = async_link(number, last)
            services.register(last, make, lifetime=lifetime(number))
        else:
            last = link(number, last)
            services.register(last, lifetime=lifetime(number))
    assert last is not None
    return services, last


def length(thing: Any) -> int:
    """Count the links, and take the chain apart, so that it is not freed by recursion."""
    count = 0
    while thing is not None:
        thing, count = thing.inner, count + 1
    return count


def from_a_deep_stack(frames: int, call: Callable[[], Any]) -> Any:
    """Call with that many frames more below."""
    return call() if not frames else from_a_deep_stack(frames - 1, call)


@pytest.mark.parametrize("lifetime", LIFETIMES.values(), ids=LIFETIMES)
@pytest.mark.parametrize("frames", [0, 300])
def test_a_chain_of_5000_services_resolves_at_the_default_recursion_limit(
    lifetime: Callable[[int], Lifetime], frames: int
) -> None:
    services, last = chain(lifetime)
    assert sys.getrecursionlimit() == 1000

    with services.build() as container, container.scope() as scope:
        thing = from_a_deep_stack(frames, lambda: scope.resolve(last))

        assert length(thing) == DEPTH


@pytest.mark.parametrize("lifetime", LIFETIMES.values(), ids=LIFETIMES)
@pytest.mark.parametrize("frames", [0, 300])
def test_a_chain_of_5000_async_services_resolves_at_the_default_recursion_limit(
    lifetime: Callable[[int], Lifetime], frames: int
) -> None:
    services, last = chain(lifetime, is_async=True)

    async def run() -> int:
        async with services.build() as container, container.scope() as scope:
            return length(await scope.aresolve(last))

    assert from_a_deep_stack(frames, lambda: asyncio.run(run())) == DEPTH


def test_a_chain_below_an_override_resolves_at_the_default_recursion_limit() -> None:
    services, last = chain(LIFETIMES["scoped"])
    first = services.descriptors()[0].service.interface

    with services.build() as container, container.override(first, first()), container.scope() as scope:
        thing = from_a_deep_stack(300, lambda: scope.resolve(last))

        assert length(thing) == DEPTH


def test_5000_resources_close_at_the_default_recursion_limit() -> None:
    closed: list[type] = []
    services, last = ServiceCollection(), None
    for number in range(DEPTH):
        last = link(number, last)
        services.scoped(last, on_close=lambda thing: closed.append(type(thing)))

    with services.build() as container, container.scope() as scope:
        scope.resolve(last)
        from_a_deep_stack(300, scope.close)

    assert [cls.__name__ for cls in closed] == [f"Link{number}" for number in reversed(range(DEPTH))]


def test_a_cycle_of_5000_services_is_reported_without_recursion() -> None:
    services, last = chain(LIFETIMES["scoped"])
    first = services.descriptors()[0].service.interface

    def close_the_ring(self: Any, inner: last) -> None:
        self.inner = inner

    first.__init__ = close_the_ring

    with pytest.raises(BuildErrors) as caught:
        services.build()

    (error,) = caught.value.exceptions
    assert isinstance(error, CircularDependencyError)
    assert len(error.path) == DEPTH + 1
    assert "more steps" in str(error)


@pytest.mark.parametrize("lifetime", LIFETIMES.values(), ids=LIFETIMES)
def test_a_chain_of_5000_services_can_be_explained(lifetime: Callable[[int], Lifetime]) -> None:
    """The tree is as deep as the chain: drawing it takes space for every level, but no recursion."""
    services, last = chain(lambda n: lifetime(n) if n < DEPTH else SCOPED)
    cut = services.descriptors()[499].service.interface

    text = services.build().explain(cut)

    assert len(text.split("\n")) == 500
    del last


def test_10000_services_build_and_one_look_up_builds_one_object() -> None:
    made: list[Any] = []
    services = ServiceCollection()

    def init(self: Any) -> None:
        made.append(self)

    classes = [type(f"S{number}", (), {"__init__": init}) for number in range(10_000)]
    for cls in classes:
        services.singleton(cls)

    with services.build() as container:
        thing = container.resolve(classes[1234])

        assert made == [thing]
        assert type(thing) is classes[1234]


@pytest.mark.parametrize("lifetime", [SCOPED, TRANSIENT])
def test_one_look_up_among_10000_services_compiles_one_builder(lifetime: Lifetime) -> None:
    """Every service has a parameter name of its own, so that no two of them can share compiled code."""
    services = ServiceCollection()
    services.instance(Link, Link())
    classes: list[type] = []
    mark = f"{lifetime.value}_{id(services)}"
    for number in range(10_000):
        name = f"inner_{mark}_{number}"

        def template(self: Any, *, inner: Link) -> None: ...

        code = template.__code__.replace(co_varnames=("self", name))
        init = FunctionType(code, {}, "__init__")
        init.__annotations__ = {name: Link}
        classes.append(type(f"S{number}", (), {"__init__": init}))
        services.register(classes[-1], lifetime=lifetime)
    container = services.build()

    with container.scope() as scope:
        scope.resolve(classes[77])

    texts = ["".join(linecache.getlines(name)) for name in linecache.cache if name.startswith(FILE_PREFIX)]
    compiled = [text for text in texts if f"inner_{mark}_" in text]
    assert len(compiled) == 1
    assert f"inner_{mark}_77=" in compiled[0]


def dense(size: int, lifetime: Lifetime, *, newest_first: bool) -> tuple[ServiceCollection, type, Counter[str]]:
    """Every service needs all earlier ones."""
    services, made = ServiceCollection(), Counter[str]()
    classes: list[type] = []
    for number in range(size):
        needs = classes[::-1] if newest_first else list(classes)
        text = "".join(f", p{index}: T{index}" for index in range(number))
        names: dict[str, Any] = {f"T{index}": cls for index, cls in enumerate(needs)} | {"made": made}
        exec(f"def init(self{text}): made[type(self).__name__] += 1", names)  # noqa: S102 - the text is ours
        classes.append(type(f"S{number}", (), {"__init__": names["init"]}))
        services.register(classes[-1], lifetime=lifetime)
    return services, classes[-1], made


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("lifetime", [SINGLETON, SCOPED])
def test_a_dense_graph_of_100_services_builds_each_once(lifetime: Lifetime, newest_first: bool) -> None:
    services, last, made = dense(100, lifetime, newest_first=newest_first)

    with services.build() as container, container.scope() as scope:
        scope.resolve(last)

    assert made == {f"S{number}": 1 for number in range(100)}


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_code_of_a_dense_graph_grows_with_its_edges(newest_first: bool) -> None:
    """Inlining all of it would write every service once for every way to it."""
    services, last, _ = dense(100, SCOPED, newest_first=newest_first)
    before = set(linecache.cache)

    with services.build() as container, container.scope() as scope:
        scope.resolve(last)

    written = [name for name in linecache.cache if name.startswith(FILE_PREFIX) and name not in before]
    lines = sum(len(linecache.getlines(name)) for name in written)
    edges = 100 * 99 // 2
    assert lines < 15 * edges


def test_a_deep_chain_resolves_in_a_thread_with_a_small_stack() -> None:
    """The C stack matters as well: nothing may recurse in C for every link."""
    services, last = chain(LIFETIMES["all three"])
    lengths: list[int] = []

    def run() -> None:
        with services.build() as container, container.scope() as scope:
            lengths.append(length(scope.resolve(last)))

    old = threading.stack_size(1 << 20)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(old)
    thread.join(30)

    assert lengths == [DEPTH]
