"""Guarantees 1-4 under threads: one object, no common lock, failures and full stacks leave nothing behind."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from kimera_di import ContainerClosedError, RegistrationError, ServiceCollection
from tests.spec.concurrency import Background, Meeting, reached
from tests.spec.helpers import WAIT_S, in_thread, in_threads


class A:
    pass


class B:
    pass


class Stop(BaseException):
    pass


def test_two_threads_asking_first_get_one_singleton(services: ServiceCollection) -> None:
    meeting = Meeting()

    def make() -> A:
        meeting.visit()
        return A()

    container = services.singleton(A, make).build()
    first, second = in_threads([lambda: container.resolve(A)] * 2)

    assert first is second
    assert meeting.visitors == 1


def test_two_threads_sharing_a_scope_get_one_scoped_object(services: ServiceCollection) -> None:
    meeting = Meeting()

    def make() -> A:
        meeting.visit()
        return A()

    scope = services.scoped(A, make).build().scope()
    first, second = in_threads([lambda: scope.resolve(A)] * 2)

    assert first is second
    assert meeting.visitors == 1


def test_two_threads_sharing_a_scope_open_one_resource(services: ServiceCollection) -> None:
    meeting = Meeting()
    closed: list[A] = []

    def make() -> Iterator[A]:
        meeting.visit()
        thing = A()
        yield thing
        closed.append(thing)

    with services.scoped(A, make).build().scope() as scope:
        first, second = in_threads([lambda: scope.resolve(A)] * 2)

    assert first is second
    assert closed == [first]


def test_threads_with_scopes_of_their_own_get_objects_of_their_own(services: ServiceCollection) -> None:
    container = services.scoped(A).build()

    def work() -> A:
        with container.scope() as scope:
            return scope.resolve(A)

    assert len(set(in_threads([work] * 4))) == 4


def test_object_that_is_a_list_is_shared_like_any_other(services: ServiceCollection) -> None:
    """A claim is a list as well: the two must not be taken for each other."""
    meeting = Meeting()

    def make() -> Any:
        meeting.visit()
        return []

    shared = services.scoped(A, make).build().scope()
    first, second = in_threads([lambda: shared.resolve(A)] * 2)

    assert first is second
    assert first == []
    assert meeting.visitors == 1


@pytest.mark.parametrize("lifetime", ["singleton", "scoped"])
def test_factory_may_wait_for_a_thread_that_resolves_something_else(services: ServiceCollection, lifetime: str) -> None:
    """A container-wide lock would make the two wait for each other."""
    resolved = threading.Event()

    def make() -> A:
        with Background(lambda: (scope.resolve(B), resolved.set())):
            assert resolved.wait(WAIT_S)
        return A()

    getattr(services, lifetime)(A, make)
    getattr(services, lifetime)(B)
    scope = services.build().scope()

    assert isinstance(in_thread(lambda: scope.resolve(A)), A)


def test_two_factories_run_at_the_same_time(services: ServiceCollection) -> None:
    barrier = threading.Barrier(2)

    def make_a() -> A:
        barrier.wait(WAIT_S)
        return A()

    def make_b() -> B:
        barrier.wait(WAIT_S)
        return B()

    container = services.singleton(A, make_a).singleton(B, make_b).build()
    both: list[Any] = in_threads([lambda: container.resolve(A), lambda: container.resolve(B)])

    assert [type(each) for each in both] == [A, B]


def test_warm_object_is_had_while_another_one_is_built(services: ServiceCollection) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def make() -> A:
        begun.set()
        reached(go_on)
        return A()

    container = services.singleton(A, make).singleton(B).build()
    warm = container.resolve(B)
    with Background(lambda: container.resolve(A)) as building:
        reached(begun)
        again = container.resolve(B)
        go_on.set()

    assert again is warm
    assert isinstance(building.result(), A)


def test_same_thread_may_resolve_other_services_in_a_constructor(services: ServiceCollection) -> None:
    class Outer:
        def __init__(self) -> None:
            self.inner = container.resolve(A)

    container = services.singleton(Outer).singleton(A).build()

    assert container.resolve(Outer).inner is container.resolve(A)


@pytest.mark.parametrize("kind", [AttributeError, KeyError, TypeError, LookupError])
def test_error_of_a_constructor_is_not_mistaken_for_a_closed_scope(
    services: ServiceCollection, kind: type[Exception]
) -> None:
    """The scope is closed by another thread while the constructor runs and fails."""

    class Careless:
        def __init__(self) -> None:
            in_thread(scope.close)
            raise kind("mine")

    class Holder:
        def __init__(self, careless: Careless) -> None:
            pass

    scope = services.transient(Careless).scoped(Holder).build().scope()

    with pytest.raises(kind, match="mine"):
        scope.resolve(Holder)


def test_attribute_error_from_c_code_is_not_mistaken_for_a_closed_scope(services: ServiceCollection) -> None:
    """Its traceback has no frame of its own, like that of ``None.get``."""

    class Holder:
        def __init__(self, thing: A) -> None:
            pass

    def close() -> B:
        in_thread(scope.close)
        return B()

    services.transient(B, close)
    services.transient(A, AskForGet)
    scope = services.scoped(Holder).build().scope()

    with pytest.raises(AttributeError, match="'B' object has no attribute 'get'"):
        scope.resolve(Holder)


class AskForGet(A):
    def __new__(cls, thing: B) -> Any:
        return getattr(thing, "get")  # noqa: B009 - what is missing is the point


def test_scope_closed_before_its_object_is_built_refuses(services: ServiceCollection) -> None:
    """Its transient was built already when another thread closed it."""

    class Holder:
        def __init__(self, thing: A) -> None:
            pass

    def close() -> A:
        in_thread(scope.close)
        return A()

    def open_holder(thing: A) -> Iterator[Holder]:
        yield Holder(thing)

    scope = services.transient(A, close).scoped(Holder, open_holder).build().scope()

    with pytest.raises(ContainerClosedError, match="the scope is closed"):
        scope.resolve(Holder)


class Nosy:
    """A key that does something while a table is searched for it."""

    def __init__(self) -> None:
        self.act: Callable[[], object] = int

    def __hash__(self) -> int:
        self.act()
        return 1


def test_scope_closed_while_its_table_is_searched_refuses(services: ServiceCollection) -> None:
    """The table was read before the scope was closed, so the look-up still finds the builder."""
    key = Nosy()
    container = services.scoped(A, key=key).build()
    with container.scope() as warming:
        warming.resolve(A, key)
    scope = container.scope()
    key.act = lambda: in_thread(scope.close)

    with pytest.raises(ContainerClosedError, match="the scope is closed"):
        scope.resolve(A, key)


@pytest.mark.parametrize("lifetime", ["singleton", "scoped", "transient"])
def test_stop_iteration_of_a_constructor_is_no_missing_yield(services: ServiceCollection, lifetime: str) -> None:
    class Careless:
        def __init__(self) -> None:
            next(iter(()))

    getattr(services, lifetime)(Careless)
    with services.build().scope() as scope, pytest.raises(StopIteration) as caught:
        scope.resolve(Careless)

    assert caught.value.__notes__ == [each for each in caught.value.__notes__ if "raised while building" in each]


@pytest.mark.parametrize("lifetime", ["singleton", "scoped", "transient"])
def test_stop_iteration_inside_a_generator_is_no_missing_yield(services: ServiceCollection, lifetime: str) -> None:
    def make() -> Iterator[A]:
        next(iter(()))
        yield A()

    getattr(services, lifetime)(A, make)

    with services.build().scope() as scope, pytest.raises(RuntimeError, match="generator raised StopIteration"):
        scope.resolve(A)


@pytest.mark.parametrize("lifetime", ["singleton", "scoped", "transient"])
def test_generator_without_a_yield_leaves_no_claim(services: ServiceCollection, lifetime: str) -> None:
    def make() -> Iterator[A]:
        yield from ()

    getattr(services, lifetime)(A, make)
    with services.build().scope() as scope:
        for _ in range(2):
            with pytest.raises(RegistrationError, match="ended without a yield"):
                in_thread(lambda: scope.resolve(A))


@pytest.mark.parametrize("error", [Stop(), KeyboardInterrupt(), SystemExit(1), MemoryError(), RecursionError()])
@pytest.mark.parametrize("lifetime", ["singleton", "scoped"])
def test_error_of_a_builder_leaves_no_claim(services: ServiceCollection, lifetime: str, error: BaseException) -> None:
    failures = [error]

    def make() -> Iterator[A]:
        if failures:
            raise failures.pop()
        yield A()

    getattr(services, lifetime)(A, make)
    with services.build() as container, container.scope() as scope:
        with pytest.raises(type(error)) as caught:
            scope.resolve(A)

        assert caught.value is error
        assert isinstance(in_thread(lambda: scope.resolve(A)), A)


class Shallow:
    def __init__(self, thing: A) -> None:
        self.thing = thing


def open_a() -> Iterator[A]:
    yield A()


@pytest.mark.parametrize("factory", [A, open_a])
@pytest.mark.parametrize("lifetime", ["singleton", "scoped", "transient"])
def test_look_up_on_a_full_stack_leaves_no_claim(
    services: ServiceCollection, lifetime: str, factory: Callable[[], Any]
) -> None:
    """Whatever call meets the recursion limit, also one of the container's own while it gives up.

    A claim left behind would make another thread wait for ever, and a mark left behind would do it to ``close``.
    """
    getattr(services, lifetime)(A, factory)
    scoped_holder = services.scoped(Shallow).build()

    def dive(depth: int, scope: Any) -> Any:
        return dive(depth - 1, scope) if depth else scope.resolve(Shallow)

    limit = sys.getrecursionlimit()
    outcomes: set[str] = set()
    for depth in range(limit - 100, limit):
        scope = scoped_holder.scope()
        try:
            dive(depth, scope)
            outcomes.add("built")
        except RecursionError:
            outcomes.add("refused")
        with Background(lambda scope=scope: (scope.resolve(Shallow), scope.close())) as call:  # type: ignore[misc]
            assert call.is_done(WAIT_S), f"a claim was left behind at depth {depth}"
        call.result()

    scoped_holder.close()
    assert outcomes == {"built", "refused"}


def test_singleton_on_a_full_stack_leaves_no_claim() -> None:
    def dive(depth: int, container: Any) -> Any:
        return dive(depth - 1, container) if depth else container.resolve(Shallow)

    limit = sys.getrecursionlimit()
    for depth in range(limit - 100, limit):
        container = ServiceCollection().singleton(A, open_a).singleton(Shallow).build()
        with suppress(RecursionError):
            dive(depth, container)
        with Background(lambda container=container: (container[Shallow], container.close())) as call:  # type: ignore[misc]
            assert call.is_done(WAIT_S), f"a claim was left behind at depth {depth}"
        call.result()
