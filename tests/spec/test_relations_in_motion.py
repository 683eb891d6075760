"""Relations that are used while something else goes on: an override ends, a start fails, an owner closes."""

import asyncio
import contextvars
import threading
import types
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any

import pytest

from kimera_di import (
    AsyncProvider,
    ContainerClosedError,
    Lazy,
    Provider,
    ScopeRequiredError,
    ServiceCollection,
    ServiceContainer,
)
from tests.spec.concurrency import Background, areached, auntil, reached, run, until


class Vault:
    name = "real"


class Fake(Vault):
    name = "fake"


class One:
    def __init__(self, vault: Vault) -> None:
        self.vault = vault


class Two:
    def __init__(self, vault: Vault) -> None:
        self.vault = vault


class Report:
    def __init__(self, one: One, two: Two) -> None:
        self.one, self.two = one, two

    @property
    def names(self) -> set[str]:
        return {self.one.vault.name, self.two.vault.name}


class Broken: ...


class Gate:
    """A factory that begins, and goes on when it is told to."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def make(self, vault: Vault) -> One:
        self.begun.set()
        reached(self.go_on)
        return One(vault)

    async def amake(self, vault: Vault) -> One:
        self.begun.set()
        await areached(self.go_on)
        return One(vault)


def sees(container: ServiceContainer, context: contextvars.Context) -> str:
    """Give the name of the vault that a context sees."""
    return context.run(container.resolve, Vault).name


Ask = Callable[[ServiceContainer], Callable[[], Report]]
AskLater = Callable[[ServiceContainer], Callable[[], Awaitable[Report]]]

ASKED: dict[str, Ask] = {
    "provider": lambda container: container.resolve(Provider[Report]),
    "look-up": lambda container: lambda: container.resolve(Report),
    "collection": lambda container: lambda: container.resolve_all(Report)[0],
}
AWAITED: dict[str, AskLater] = {
    "provider": lambda container: container.resolve(AsyncProvider[Report]),
    "look-up": lambda container: lambda: container.aresolve(Report),
    "collection": lambda container: lambda: first_of(container.aresolve_all(Report)),
}


async def first_of(found: Awaitable[Sequence[Report]]) -> Report:
    return (await found)[0]


@pytest.mark.parametrize("how", ASKED)
def test_look_up_under_way_while_its_override_ends_goes_on_without_it(how: str) -> None:
    """What it had begun is finished, what it needs next comes from the container: never half of each."""
    gate = Gate()
    container = ServiceCollection().singleton(Vault).singleton(One, gate.make).singleton(Two).transient(Report).build()

    override = container.override(Vault, Fake())
    with override:
        ask, here, looking = ASKED[how](container), contextvars.copy_context(), contextvars.copy_context()
        with Background(lambda: here.run(ask)) as call:
            reached(gate.begun)
            with Background(lambda: override.__exit__(None, None, None)) as end:
                until(lambda: sees(container, looking) == "real")
                gate.go_on.set()

    end.result()
    assert call.result().names == {"real"}


@pytest.mark.parametrize("how", AWAITED)
def test_awaited_look_up_under_way_while_its_override_ends_goes_on_without_it(how: str) -> None:
    gate = Gate()
    services = ServiceCollection().singleton(Vault).singleton(One, gate.amake).singleton(Two).transient(Report)
    container = services.build()

    async def main() -> Report:
        override = container.override(Vault, Fake())
        async with override:
            looking = contextvars.copy_context()
            call = asyncio.ensure_future(AWAITED[how](container)())
            await areached(gate.begun)
            end = asyncio.ensure_future(override.__aexit__(None, None, None))
            await auntil(lambda: sees(container, looking) == "real")
            gate.go_on.set()
            await end
            return await call

    assert run(main()).names == {"real"}


@pytest.mark.parametrize("how", ASKED)
def test_look_up_under_way_while_a_start_takes_back_what_it_needs_builds_it_anew(how: str) -> None:
    """The container is open, whatever became of the start."""
    fail, gate = threading.Event(), Gate()

    def broken(two: Two) -> Broken:
        started.append(two)
        reached(fail)
        raise ValueError("not today")

    started: list[Two] = []
    services = ServiceCollection().singleton(Vault).singleton(Two, eager=True).singleton(Broken, broken, eager=True)
    container = services.singleton(One, gate.make).transient(Report).build()

    with Background(container.start) as start:
        until(lambda: started)
        with Background(ASKED[how](container)) as call:
            reached(gate.begun)
            fail.set()
            assert str(start.error()) == "not today"
            gate.go_on.set()

    report = call.result()
    assert report.two is container[Two] is not started[0]
    container.close()


@pytest.mark.parametrize("how", AWAITED)
def test_awaited_look_up_under_way_while_a_start_takes_back_what_it_needs_builds_it_anew(how: str) -> None:
    gate = Gate()

    async def main() -> None:
        fail, started = asyncio.Event(), list[Two]()

        async def broken(two: Two) -> Broken:
            started.append(two)
            await fail.wait()
            raise ValueError("not today")

        services = ServiceCollection().singleton(Vault).singleton(Two, eager=True).singleton(Broken, broken, eager=True)
        container = services.singleton(One, gate.amake).transient(Report).build()
        start = asyncio.ensure_future(container.astart())
        await auntil(lambda: started)
        call = asyncio.ensure_future(AWAITED[how](container)())
        await areached(gate.begun)
        fail.set()
        with pytest.raises(ValueError, match="not today"):
            await start
        gate.go_on.set()
        report = await call
        assert report.two is container[Two] is not started[0]
        await container.aclose()

    run(main())


@pytest.mark.parametrize("overridden", [False, True], ids=["container", "override"])
def test_look_up_goes_no_further_once_the_container_closes(overridden: bool) -> None:
    """The singleton it was building is finished and closed with the rest; the next one is not begun."""
    gate, begun_too_late = Gate(), list[str]()

    def two(vault: Vault) -> Two:
        begun_too_late.append(vault.name)
        return Two(vault)

    services = ServiceCollection().singleton(Vault).singleton(One, gate.make).singleton(Two, two).transient(Report)
    container = services.build()
    if overridden:
        container.override(Vault, Fake()).__enter__()
    context = contextvars.copy_context()

    with Background(lambda: context.run(container.resolve, Report)) as call:
        reached(gate.begun)
        with Background(container.close) as close:
            until(lambda: container._root._values is None)
            gate.go_on.set()

    close.result()
    assert isinstance(call.error(), ContainerClosedError)
    assert begun_too_late == []


class Left:
    def __init__(self, right: "Lazy[Right]") -> None:
        self.right = right


class Right:
    def __init__(self, left: Lazy[Left]) -> None:
        self.left = left.value


def test_relation_of_a_cycle_may_use_another_one_that_is_built_already() -> None:
    with ServiceCollection().singleton(Left).singleton(Right).build() as container:
        left = container[Left]

        assert left.right.value.left is left


class Hub:
    def __init__(self, spoke: "AsyncProvider[Spoke]") -> None:
        self.spoke = spoke


class Spoke:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub


@types.coroutine
def suspend() -> Generator[None, None, None]:
    """Suspend once, for whoever drives the coroutine by hand."""
    yield


def test_relation_of_a_cycle_may_be_finished_in_another_context_than_it_was_begun_in() -> None:
    async def make(hub: Hub) -> Spoke:
        await suspend()
        return Spoke(hub)

    async def main() -> None:
        with ServiceCollection().singleton(Hub).transient(Spoke, make).build() as container:
            hub = container[Hub]
            steps: Any = hub.spoke()
            contextvars.copy_context().run(steps.send, None)
            with pytest.raises(StopIteration) as stop:
                contextvars.copy_context().run(steps.send, None)
            assert stop.value.value.hub is hub

    run(main())


def test_provider_of_an_inner_level_used_further_out_says_which_level_is_missing() -> None:
    class Session: ...

    class Request: ...

    services = ServiceCollection(scopes=("session", "request")).scoped(Session, scope="session")
    services.scoped(Request, scope="request")

    with services.build() as container, container.scope(name="session") as session:
        provider = session.resolve(Provider[Request])
        with pytest.raises(ScopeRequiredError, match="needs a scope 'request' around it"):
            provider()


def test_relation_looked_up_inside_an_override_is_not_given_to_anybody_else() -> None:
    with ServiceCollection().singleton(Vault).build() as container:
        with container.override(Vault, Fake()):
            assert container.resolve(Provider[Vault])().name == "fake"

        assert container.resolve(Provider[Vault])().name == "real"
