"""``Lazy`` and ``Provider`` break cycles of constructors; using one too early is an error, never a deadlock."""

import asyncio
import contextvars
import threading
from typing import Annotated, Any

import pytest

from kimera_di import (
    AsyncProvider,
    CircularDependencyError,
    Factory,
    Key,
    Lazy,
    Provider,
    ServiceCollection,
)
from tests.spec.concurrency import run
from tests.spec.helpers import fact, in_threads, problem, way

LIFETIMES = pytest.mark.parametrize("lifetime", ["singleton", "scoped", "transient"])


class Parent:
    def __init__(self, child: "Lazy[Child]") -> None:
        self.child = child


class Child:
    def __init__(self, parent: Parent) -> None:
        self.parent = parent


class Hasty:
    """Reads its ``Lazy`` in the constructor, which can never end."""

    def __init__(self, other: "Lazy[Other]") -> None:
        self.other = other.value


class Other:
    def __init__(self, hasty: Hasty) -> None:
        self.hasty = hasty


class HastyProvider:
    def __init__(self, make: "Provider[Needy]") -> None:
        self.made = make()


class Needy:
    def __init__(self, owner: HastyProvider) -> None:
        self.owner = owner


class Selfish:
    def __init__(self, again: "Provider[Selfish]") -> None:
        self.again = again


class Straight:
    def __init__(self, other: "Crooked") -> None: ...


class Crooked:
    def __init__(self, straight: Straight, later: Lazy[Straight]) -> None: ...


def registered(lifetime: str, *classes: type) -> ServiceCollection:
    services = ServiceCollection()
    for each in classes:
        getattr(services, lifetime)(each)
    return services


@LIFETIMES
def test_lazy_breaks_a_cycle(lifetime: str) -> None:
    services = registered(lifetime, Parent, Child)

    with services.build().scope() as scope:
        child = scope.resolve(Parent).child.value

    assert isinstance(child.parent, Parent)


def test_singletons_of_a_broken_cycle_are_the_same_objects() -> None:
    container = registered("singleton", Parent, Child).build()
    parent = container.resolve(Parent)

    assert parent.child.value.parent is parent
    assert container.resolve(Child) is parent.child.value


def test_service_may_provide_itself() -> None:
    one = registered("transient", Selfish).build().resolve(Selfish)

    assert one.again() is not one


def test_cycle_that_has_no_relation_in_it_is_still_reported() -> None:
    error = problem(registered("singleton", Straight, Crooked), CircularDependencyError)

    assert way(error) == [(Straight, "other"), (Crooked, "straight"), (Straight, None)]


@LIFETIMES
@pytest.mark.parametrize("asked", [Hasty, Other], ids=lambda each: each.__name__)
def test_lazy_read_by_a_constructor_of_its_own_cycle_is_refused(lifetime: str, asked: type) -> None:
    with registered(lifetime, Hasty, Other).build().scope() as scope, pytest.raises(CircularDependencyError) as caught:
        scope.resolve(asked)

    assert "Hasty used its parameter other while it was being built" in caught.value.summary
    assert way(caught.value) == [(Hasty, "other"), (Other, "hasty"), (Hasty, None)]
    assert fact(caught.value, "do this").startswith("use it after construction")


@LIFETIMES
def test_lazy_read_by_a_keyed_constructor_of_its_own_cycle_is_refused(lifetime: str) -> None:
    class Reader:
        def __init__(self, other: "Annotated[Lazy[Writer], Key('k')]") -> None:
            self.other = other.value

    class Writer:
        def __init__(self, reader: Annotated[Reader, Key("k")]) -> None: ...

    Reader.__init__.__annotations__["other"] = Annotated[Lazy[Writer], Key("k")]
    services = ServiceCollection()
    for service in (Reader, Writer):
        getattr(services, lifetime)(service, key="k")

    with services.build().scope() as scope, pytest.raises(CircularDependencyError) as caught:
        scope.get(Reader, key="k")

    assert "used its parameter other while it was being built" in caught.value.summary


@LIFETIMES
def test_provider_called_by_a_constructor_of_its_own_cycle_is_refused(lifetime: str) -> None:
    services = registered(lifetime, HastyProvider, Needy)

    with services.build().scope() as scope, pytest.raises(CircularDependencyError) as caught:
        scope.resolve(HastyProvider)

    assert way(caught.value) == [(HastyProvider, "make"), (Needy, "owner"), (HastyProvider, None)]


@pytest.mark.parametrize("lifetime", ["singleton", "transient"])
def test_async_provider_awaited_by_a_factory_of_its_own_cycle_is_refused(lifetime: str) -> None:
    class Late: ...

    class Early:
        def __init__(self, late: Late) -> None: ...

    async def make_late(early: AsyncProvider[Early]) -> Late:
        await early()
        return Late()

    services = ServiceCollection()
    getattr(services, lifetime)(Late, make_late)
    getattr(services, lifetime)(Early)
    container = services.build()

    with pytest.raises(CircularDependencyError) as caught:
        run(container.aresolve(Late))
    assert way(caught.value) == [(Late, "early"), (Early, "late"), (Late, None)]


def test_refused_cycle_under_two_threads_reaches_both() -> None:
    container = registered("singleton", Hasty, Other).build()
    barrier = threading.Barrier(2)

    def resolve(service: type) -> str:
        barrier.wait(10)
        try:
            container.resolve(service)
        except CircularDependencyError as error:
            return error.summary
        return "built"

    found = in_threads([lambda: resolve(Hasty), lambda: resolve(Other)])

    assert all("used its parameter other" in each for each in found), found


def test_refused_cycle_under_two_tasks_reaches_both() -> None:
    class Late: ...

    class Early:
        def __init__(self, late: Late) -> None: ...

    async def make_late(early: AsyncProvider[Early]) -> Late:
        await asyncio.sleep(0)
        await early()
        return Late()

    container = ServiceCollection().singleton(Late, make_late).singleton(Early).build()

    async def both() -> list[Any]:
        return await asyncio.gather(container.aresolve(Late), container.aresolve(Early), return_exceptions=True)

    found = run(both())

    assert [type(each) for each in found] == [CircularDependencyError, CircularDependencyError]


def test_provider_of_a_cycle_may_be_called_later_in_a_context_copied_while_it_was_called() -> None:
    """A task that a constructor starts goes on in a copy of its context."""
    copies: list[contextvars.Context] = []

    class Hub:
        def __init__(self, make: Any) -> None:
            self.make = make

    class Spoke:
        def __init__(self, hub: Hub) -> None:
            copies.append(contextvars.copy_context())

    Hub.__init__.__annotations__["make"] = Provider[Spoke]
    hub = ServiceCollection().singleton(Hub).transient(Spoke).build().resolve(Hub)
    hub.make()

    later = copies[0].run(hub.make)

    assert type(later) is Spoke


def test_container_works_after_a_refused_cycle() -> None:
    """The claims of the builders that were refused are gone, so nobody waits for them."""
    eager: list[bool] = [True]

    class Left:
        def __init__(self, right: "Lazy[Right]") -> None:
            self.right = right.value if eager[0] else right

    class Right:
        def __init__(self, left: Left) -> None: ...

    Left.__init__.__annotations__["right"] = Lazy[Right]
    container = registered("singleton", Left, Right).build()
    with pytest.raises(CircularDependencyError, match="used its parameter right"):
        container.resolve(Left)
    eager[0] = False

    assert isinstance(container.resolve(Right), Right)


def test_provider_in_a_cycle_can_be_used_again_after_construction() -> None:
    """Each use is over when it returns, also for a task that was started meanwhile."""
    one = registered("transient", Selfish).build().resolve(Selfish)

    second = one.again()

    assert isinstance(second.again(), Selfish)


class Node:
    def __init__(self, depth: int, make: "Factory[[int], Node]") -> None:
        self.child = make(depth - 1) if depth else None


def test_factory_may_build_a_tree_in_its_own_constructor() -> None:
    """Its arguments say when it ends, so this is no cycle."""
    node: Node | None = ServiceCollection().build().resolve(Factory[[int], Node])(3)

    depth = 0
    while node is not None:
        node, depth = node.child, depth + 1
    assert depth == 4
