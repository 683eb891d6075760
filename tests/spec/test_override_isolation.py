"""Guarantee 11 beside others: an override is seen in its own context only, ends in any order, and leaves nothing."""

import asyncio
import contextvars
import gc
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kimera_di import (
    AsyncRequiredError,
    ContainerClosedError,
    Lazy,
    Owned,
    Provider,
    RegistrationError,
    ServiceCollection,
    ServiceContainer,
)
from tests.spec.concurrency import Background, areached, reached, run
from tests.spec.helpers import in_thread


class Vault:
    name = "real"


class Fake(Vault):
    name = "fake"


class Other(Vault):
    name = "other"


class Holder:
    def __init__(self, vault: Vault) -> None:
        self.vault = vault


class Unrelated:
    pass


class Top:
    def __init__(self, holder: Holder, unrelated: Unrelated) -> None:
        self.holder, self.unrelated = holder, unrelated


@pytest.fixture
def container() -> ServiceContainer:
    return ServiceCollection().singleton(Vault).singleton(Holder).singleton(Unrelated).transient(Top).build()


def seen(owner: Any) -> str:
    """Give what is seen directly and through a dependant, which must agree."""
    name = owner.resolve(Vault).name
    assert owner.resolve(Holder).vault.name == name
    return str(name)


def test_warm_look_ups_are_warm_again_after_the_override(container: ServiceContainer) -> None:
    before = container[Top], container[Vault]
    with container.override(Vault, Fake()):
        assert container[Top].holder.vault.name == "fake"
        assert container[Vault].name == "fake"

    after = container[Top], container[Vault]

    assert after[1] is before[1]
    assert after[0].holder is before[0].holder


def test_warm_thread_never_sees_the_override_of_another(container: ServiceContainer) -> None:
    stop = threading.Event()
    names: set[str] = set()

    def look() -> None:
        while not stop.is_set():
            names.add(seen(container))
            names.add(container[Top].holder.vault.name)

    with Background(look) as looker:
        for _ in range(100):
            with container.override(Vault, Fake()):
                assert seen(container) == "fake"
            assert seen(container) == "real"
        stop.set()
        looker.result()

    assert names == {"real"}


def test_two_threads_see_their_own_overrides(container: ServiceContainer) -> None:
    barrier = threading.Barrier(2)

    def work(kind: type[Vault]) -> list[str]:
        names: set[str] = set()
        barrier.wait()
        for _ in range(50):
            with container.override(Vault, factory=kind):
                names.add(seen(container))
        return sorted(names)

    with Background(lambda: work(Fake)) as one, Background(lambda: work(Other)) as two:
        assert (one.result(), two.result()) == (["fake"], ["other"])


def test_builder_that_began_before_an_override_publishes_nothing_stale() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def make() -> Vault:
        begun.set()
        reached(go_on)
        return Vault()

    container = ServiceCollection().singleton(Vault, make).singleton(Holder).build()
    with Background(lambda: container[Holder]) as early:
        reached(begun)
        with container.override(Vault, Fake()):
            go_on.set()
            early.result()
            assert seen(container) == "fake"
            assert container[Holder].vault.name == "fake"

    assert container[Holder] is early.result()


@pytest.mark.parametrize("order", ["inner_first", "outer_first"])
def test_nested_overrides_may_end_in_any_order(container: ServiceContainer, order: str) -> None:
    outer, inner = container.override(Vault, Fake()), container.override(Unrelated, Unrelated())
    outer.__enter__()
    inner.__enter__()
    mine = container[Unrelated]

    if order == "inner_first":
        inner.__exit__(None, None, None)
        assert (seen(container), container[Unrelated] is mine) == ("fake", False)
        outer.__exit__(None, None, None)
    else:
        outer.__exit__(None, None, None)
        assert (seen(container), container[Unrelated] is mine) == ("real", True)
        assert container[Top].unrelated is mine
        inner.__exit__(None, None, None)

    assert (seen(container), container[Unrelated] is mine) == ("real", False)


def test_override_of_what_an_ended_one_rebuilt_is_rebuilt_without_it(container: ServiceContainer) -> None:
    """The inner override was put on the outer one's graph; with that gone it stands on the container's."""
    outer, inner = container.override(Vault, factory=Fake), container.override(Unrelated, factory=Unrelated)
    outer.__enter__()
    inner.__enter__()
    assert container[Top].holder.vault.name == "fake"
    outer.__exit__(None, None, None)

    assert container[Top].holder.vault.name == "real"
    inner.__exit__(None, None, None)
    assert container[Top].holder.vault.name == "real"


def test_same_service_overridden_twice_and_left_outer_first(container: ServiceContainer) -> None:
    outer, inner = container.override(Vault, Fake()), container.override(Vault, Other())
    outer.__enter__()
    inner.__enter__()

    outer.__exit__(None, None, None)
    during = seen(container)
    inner.__exit__(None, None, None)

    assert (during, seen(container)) == ("other", "real")


def test_three_nested_overrides_left_in_the_middle_first(container: ServiceContainer) -> None:
    first, second, third = (container.override(Vault, kind()) for kind in (Fake, Other, Fake))
    for each in (first, second, third):
        each.__enter__()

    second.__exit__(None, None, None)
    third.__exit__(None, None, None)
    during = seen(container)
    first.__exit__(None, None, None)

    assert (during, seen(container)) == ("fake", "real")


def test_override_left_in_another_context_ends_everywhere(container: ServiceContainer) -> None:
    """As a fixture does whose two halves run in different contexts."""
    override = container.override(Vault, Fake())
    entered = contextvars.copy_context()
    entered.run(override.__enter__)
    assert entered.run(seen, container) == "fake"

    override.__exit__(None, None, None)

    assert entered.run(seen, container) == "real"
    assert seen(container) == "real"


def test_override_entered_in_another_context_than_it_was_made_in(container: ServiceContainer) -> None:
    with container.override(Unrelated, Unrelated()):
        mine = container[Unrelated]
        override = container.override(Vault, Fake())

        def elsewhere() -> tuple[str, bool]:
            with override:
                return seen(container), container[Unrelated] is mine

        assert in_thread(elsewhere) == ("fake", False)


def test_override_is_seen_by_callbacks_scheduled_inside_until_it_ends(container: ServiceContainer) -> None:
    names: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: names.append(seen(container)))
        with container.override(Vault, Fake()):
            loop.call_soon(lambda: names.append(seen(container)))
            await asyncio.sleep(0)
            loop.call_soon(lambda: names.append(seen(container)))
        await asyncio.sleep(0)

    run(main())

    assert names == ["real", "fake", "real"]


def test_look_up_that_began_inside_goes_on_without_the_ended_override() -> None:
    """A child task still builds when the block ends: what it needs next comes from the container."""
    begun, go_on = threading.Event(), threading.Event()

    async def slow_vault() -> Vault:
        begun.set()
        await areached(go_on)
        return Fake()

    async def aholder(vault: Vault) -> Holder:
        return Holder(vault)

    container = ServiceCollection().singleton(Vault).singleton(Holder, aholder).build()

    async def main() -> str:
        async with container.override(Vault, factory=slow_vault):
            child = asyncio.create_task(container.aresolve(Holder))
            await areached(begun)
            asyncio.get_running_loop().call_soon(go_on.set)
        return (await child).vault.name

    assert run(main()) in {"fake", "real"}
    assert run(container.aresolve(Holder)).vault.name == "real"


def test_end_of_an_override_waits_for_its_builder_in_flight_and_closes_what_it_made(
    container: ServiceContainer,
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    events: list[str] = []

    def make() -> Iterator[Vault]:
        begun.set()
        reached(go_on)
        yield Fake()
        events.append("closed")

    with container.override(Vault, factory=make):
        context = contextvars.copy_context()
        call = Background(lambda: context.run(container.resolve, Vault))
        call.__enter__()
        reached(begun)
        threading.Timer(0.02, go_on.set).start()

    assert events == ["closed"]
    assert call.result().name in {"fake", "real"}  # "real" when the look-up goes on after the override has ended


def test_sync_end_that_must_await_ends_the_override_and_leaves_its_resources_to_the_container(
    container: ServiceContainer,
) -> None:
    events: list[str] = []

    async def make() -> AsyncIterator[Vault]:
        yield Fake()
        events.append("closed")

    async def main() -> None:
        with (
            pytest.raises(AsyncRequiredError, match="closing the override must await"),
            container.override(Vault, factory=make),
        ):
            await container.aresolve(Vault)
        assert events == []
        assert seen(container) == "real"
        await container.aclose()

    run(main())

    assert events == ["closed"]


def test_resource_left_to_the_container_keeps_it_from_closing_synchronously(container: ServiceContainer) -> None:
    async def make() -> AsyncIterator[Vault]:
        yield Fake()

    async def main() -> None:
        override = container.override(Vault, factory=make)
        override.__enter__()
        await container.aresolve(Vault)
        with pytest.raises(AsyncRequiredError, match="closing the override"):
            override.__exit__(None, None, None)
        with pytest.raises(AsyncRequiredError, match="closing the container must await"):
            container.close()
        await override.__aexit__(None, None, None)
        container.close()

    run(main())


@pytest.mark.parametrize("is_async", [True, False])
def test_container_closed_while_an_override_is_in_force_closes_what_that_built(is_async: bool) -> None:
    events: list[str] = []

    def resource(name: str, kind: type[Any]) -> Any:
        def make() -> Iterator[Any]:
            yield kind()
            events.append(name)

        return make

    container = ServiceCollection().singleton(Vault, resource("real", Vault)).singleton(Unrelated).build()
    container.resolve(Vault)
    with container.override(Vault, factory=resource("outer", Fake)):
        container.resolve(Vault)
        with container.override(Vault, factory=resource("inner", Other)):
            container.resolve(Vault)
            run(container.aclose()) if is_async else container.close()
            assert events == ["inner", "outer", "real"]

    assert events == ["inner", "outer", "real"]


def test_override_cannot_be_entered_once_the_container_is_closed(container: ServiceContainer) -> None:
    override = container.override(Vault, Fake())
    container.close()

    with pytest.raises(ContainerClosedError, match="the container is closed"):
        override.__enter__()


def test_ended_override_cannot_be_entered_again(container: ServiceContainer) -> None:
    override = container.override(Vault, Fake())
    with override:
        pass

    with pytest.raises(RegistrationError, match="an override can be entered once"):
        override.__enter__()


def test_overrides_made_at_the_same_time_do_not_share_objects() -> None:
    """Each needs places of its own for what it builds."""
    container = ServiceCollection().singleton(Vault).singleton(Holder).build()
    barrier = threading.Barrier(4)

    def work() -> bool:
        mine = Fake()
        same = True
        for _ in range(30):
            barrier.wait()
            with container.override(Vault, mine):
                barrier.wait()
                same = same and container.resolve(Vault) is mine and container.resolve(Holder).vault is mine
        return same

    calls = [Background(work) for _ in range(4)]
    for call in calls:
        call.__enter__()

    assert all(call.result() for call in calls)


@pytest.fixture
def scoping() -> ServiceContainer:
    return ServiceCollection().scoped(Vault).scoped(Holder).build()


def test_scope_opened_earlier_keeps_what_it_built(scoping: ServiceContainer) -> None:
    with scoping.scope() as scope:
        vault = scope.resolve(Vault)
        with scoping.override(Vault, Fake()):
            assert scope.resolve(Vault) is vault
            assert scope.resolve(Holder).vault is vault
        assert scope.resolve(Holder).vault is vault


def test_scope_opened_earlier_builds_what_it_lacks_inside(scoping: ServiceContainer) -> None:
    with scoping.scope() as scope:
        with scoping.override(Vault, Fake()):
            assert seen(scope) == "fake"
        assert seen(scope) == "real"


def test_scope_opened_between_making_and_entering_counts_as_earlier(scoping: ServiceContainer) -> None:
    override = scoping.override(Vault, Fake())
    with scoping.scope() as scope:
        vault = scope.resolve(Vault)
        with override:
            assert scope.resolve(Vault) is vault


def test_scope_opened_inside_has_the_real_one_after(scoping: ServiceContainer) -> None:
    with scoping.override(Vault, Fake()):
        scope = scoping.scope()
        assert seen(scope) == "fake"
    with scope:
        assert seen(scope) == "real"


def test_scope_of_an_outer_override_keeps_what_it_built_there(scoping: ServiceContainer) -> None:
    with scoping.override(Vault, factory=Fake), scoping.scope() as scope:
        vault = scope.resolve(Vault)
        with scoping.override(Vault, factory=Other):
            assert scope.resolve(Vault) is vault


def test_other_thread_sharing_the_scope_does_not_lend_its_object(scoping: ServiceContainer) -> None:
    """The scope was opened in the outer override, where the container's own object is not to be seen."""
    with scoping.override(Vault, factory=Fake), scoping.scope() as scope:
        assert in_thread(lambda: scope.resolve(Vault)).name == "real"
        with scoping.override(Vault, factory=Other):
            assert scope.resolve(Vault).name == "other"


def test_resource_opened_in_an_earlier_scope_is_closed_with_the_override(scoping: ServiceContainer) -> None:
    events: list[str] = []

    def make() -> Iterator[Vault]:
        yield Fake()
        events.append("closed")

    with scoping.scope() as scope:
        with scoping.override(Vault, factory=make):
            scope.resolve(Vault)
        assert events == ["closed"]
    assert events == ["closed"]


def test_resource_opened_in_a_scope_that_ends_first_is_closed_once(scoping: ServiceContainer) -> None:
    events: list[str] = []

    def make() -> Iterator[Vault]:
        yield Fake()
        events.append("closed")

    with scoping.override(Vault, factory=make):
        with scoping.scope() as scope:
            scope.resolve(Vault)
        assert events == ["closed"]
    assert events == ["closed"]


def test_async_service_built_earlier_is_kept_for_synchronous_code() -> None:
    async def make() -> Vault:
        return Vault()

    scoping = ServiceCollection().scoped(Vault, make).build()

    async def main() -> bool:
        async with scoping.scope() as scope:
            vault = await scope.aresolve(Vault)
            with scoping.override(Vault, factory=make):
                return scope.resolve(Vault) is vault

    assert run(main())


@pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="CPython 3.13t keeps functions alive")
def test_scope_that_lives_on_keeps_nothing_of_the_override(scoping: ServiceContainer) -> None:
    with scoping.scope() as scope:
        with scoping.override(Vault, factory=Fake):
            reference = weakref.ref(scope.resolve(Vault))
        gc.collect()

        assert reference() is None


def test_override_of_an_async_service_by_a_synchronous_one_and_back() -> None:
    async def amake() -> Vault:
        return Vault()

    container = ServiceCollection().singleton(Vault, amake).singleton(Holder).build()

    async def main() -> list[str]:
        names = [(await container.aresolve(Holder)).vault.name]
        with container.override(Vault, factory=Fake):
            names.append(container.resolve(Holder).vault.name)
        async with container.override(Vault, factory=amake):
            with pytest.raises(AsyncRequiredError, match="Vault is made by async code"):
                container.resolve(Holder)
            names.append((await container.aresolve(Holder)).vault.name)
        names.append(container.resolve(Holder).vault.name)
        return names

    assert run(main()) == ["real", "fake", "real", "real"]


def test_override_of_a_synchronous_service_by_an_async_one(container: ServiceContainer) -> None:
    async def amake() -> Vault:
        await asyncio.sleep(0)
        return Fake()

    async def main() -> str:
        async with container.override(Vault, factory=amake):
            with pytest.raises(AsyncRequiredError, match="Vault is made by async code"):
                container.resolve(Top)
            return (await container.aresolve(Top)).holder.vault.name

    assert run(main()) == "fake"
    assert seen(container) == "real"


def test_affected_singleton_may_need_an_unaffected_transient() -> None:
    """It is built by code of the override that calls a builder of the container."""

    class Both:
        def __init__(self, vault: Vault, unrelated: Unrelated) -> None:
            self.vault, self.unrelated = vault, unrelated

    container = ServiceCollection().singleton(Vault).transient(Unrelated).singleton(Both).build()

    with container.override(Vault, Fake()):
        assert container.resolve(Both).vault.name == "fake"
        assert isinstance(container.resolve(Both).unrelated, Unrelated)


def test_ended_override_is_let_go_although_a_task_keeps_its_context(container: ServiceContainer) -> None:
    async def main() -> bool:
        stop = asyncio.Event()
        with container.override(Vault, factory=Fake):
            reference = weakref.ref(container.resolve(Vault))
            task = asyncio.create_task(stop.wait())
        await asyncio.sleep(0)
        gc.collect()
        gone = reference() is None
        stop.set()
        await task
        return gone

    assert run(main()) or not getattr(sys, "_is_gil_enabled", lambda: True)()


def test_task_group_of_tests_with_overrides_of_their_own(container: ServiceContainer) -> None:
    async def one(kind: type[Vault]) -> str:
        async with container.override(Vault, factory=kind):
            await asyncio.sleep(0.001)
            return seen(container)

    async def main() -> list[str]:
        return await asyncio.gather(*(one(kind) for kind in (Fake, Other) * 10))

    assert run(main()) == ["fake", "other"] * 10
    assert seen(container) == "real"


def test_scope_opened_in_an_outer_override_keeps_its_instance_in_a_nested_one() -> None:
    class Request:
        def __init__(self, name: str) -> None:
            self.name = name

    container = ServiceCollection().scope_value(Request).build()

    with container.override(Request, Request("outer")), container.scope() as scope:
        assert scope[Request].name == "outer"
        with container.override(Request, Request("inner")):
            assert scope[Request].name == "outer"
            with container.scope() as later:
                assert later[Request].name == "inner"


def test_scope_with_the_id_of_one_that_is_gone_keeps_nothing_of_the_override(scoping: ServiceContainer) -> None:
    with scoping.override(Vault, factory=Fake):
        for _ in range(50):
            scope = scoping.scope()
            scope.resolve(Vault)
            del scope
        last = scoping.scope()
        last.resolve(Vault)
        cells = last._values
        assert cells

    assert not cells


@pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="freed later without a GIL")
@pytest.mark.parametrize("relation", [Lazy, Provider, Owned])
def test_relations_of_an_ended_override_leave_no_cycle(relation: Any) -> None:
    class Uses:
        def __init__(self, clock: Any) -> None:
            self.clock = clock

    Uses.__init__.__annotations__["clock"] = relation[Vault]
    container = ServiceCollection().singleton(Vault).singleton(Uses).build()

    def override_once() -> weakref.ref[Any]:
        with container.override(Vault, Vault()):
            return weakref.ref(container[Uses])

    override_once()
    gc.collect()
    gc.disable()
    try:
        left = override_once()()
    finally:
        gc.enable()

    assert left is None
