"""The plan: nodes, what awaits, what closes, warnings; the same registrations give the same plan."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kimera_di import ServiceCollection, ServiceId
from kimera_di.planning import make_plan
from kimera_di.planning.graph import ServiceNode
from kimera_di.planning.indexes import index


class Clock: ...


class Vault:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock


class Shop:
    def __init__(self, vault: Vault) -> None:
        self.vault = vault


class Managed:
    def __enter__(self) -> "Managed":
        return self

    def __exit__(self, *_: object) -> None: ...


class AsyncManaged:
    async def __aenter__(self) -> "AsyncManaged":
        return self

    async def __aexit__(self, *_: object) -> None: ...


class File:
    def close(self) -> None: ...


class Socket:
    async def aclose(self) -> None: ...


async def make_clock() -> Clock:
    return Clock()


def open_clock() -> Iterator[Clock]:
    yield Clock()


async def open_clock_async() -> AsyncIterator[Clock]:
    yield Clock()


async def close_async(_: Any) -> None: ...


def nodes(services: ServiceCollection) -> tuple[ServiceNode, ...]:
    """The planned nodes."""
    return make_plan(services.descriptors()).graph.nodes


def only(services: ServiceCollection) -> ServiceNode:
    """The only node."""
    (node,) = nodes(services)
    return node


def test_awaiting_spreads_to_everything_that_is_built_from_it() -> None:
    services = ServiceCollection().singleton(Shop).singleton(Clock, make_clock).singleton(Vault).singleton(File)

    assert [node.needs_async for node in nodes(services)] == [True, True, True, False]


@pytest.mark.parametrize(
    ("maker", "options", "closes", "closes_async", "needs_async"),
    [
        (Clock, {}, False, False, False),
        (make_clock, {}, False, False, True),
        (open_clock, {}, True, False, False),
        (open_clock_async, {}, True, True, True),
        (Clock, {"on_close": print}, True, False, False),
        (Clock, {"on_close": None}, False, False, False),
        (Clock, {"on_close": close_async}, True, True, False),
    ],
)
def test_node_knows_what_closing_and_building_take(
    maker: Any, options: dict[str, Any], closes: bool, closes_async: bool, needs_async: bool
) -> None:
    node = only(ServiceCollection().singleton(Clock, maker, **options))

    assert (node.closes, node.closes_async, node.needs_async) == (closes, closes_async, needs_async)


@pytest.mark.parametrize(("cls", "how"), [(Managed, "sync"), (AsyncManaged, "async")])
def test_context_manager_is_entered_the_way_it_offers(cls: type, how: str) -> None:
    node = only(ServiceCollection().scoped(cls, enter=True))

    assert (node.enter, node.closes, node.closes_async) == (how, True, how == "async")


@pytest.mark.parametrize(
    ("cls", "advice"),
    [
        (File, "File has close, but nobody calls it: say on_close=File.close, or on_close=None"),
        (Socket, "Socket has aclose, but nobody calls it: say on_close=Socket.aclose, or on_close=None"),
        (Managed, "Managed has __exit__, but nobody calls it: say enter=True, or on_close=None"),
    ],
)
def test_class_that_looks_as_if_it_wanted_to_be_closed_is_warned_about(cls: type, advice: str) -> None:
    services = ServiceCollection().scoped(cls)

    plan = make_plan(services.descriptors())

    assert plan.warnings == ((advice, services.descriptors()[0].place),)


def test_warning_is_given_at_build_on_the_line_of_the_registration() -> None:
    services = ServiceCollection().singleton(File)

    with pytest.warns(UserWarning, match="File has close, but nobody calls it") as caught:
        services.build()

    assert (caught[0].filename, caught[0].lineno) == services.descriptors()[0].place


@pytest.mark.parametrize(
    "services",
    [
        ServiceCollection().singleton(File, on_close=None),
        ServiceCollection().singleton(File, on_close=File.close),
        ServiceCollection().singleton(Managed, enter=True),
        ServiceCollection().transient(File),
        ServiceCollection().instance(File, File()),
        ServiceCollection().singleton(Clock),
    ],
)
def test_nothing_is_warned_about_when_the_question_is_answered(services: ServiceCollection) -> None:
    assert make_plan(services.descriptors()).warnings == ()


def test_equal_registrations_give_equal_plans() -> None:
    services = ServiceCollection().singleton(Shop).singleton(Clock).scoped(Vault)

    first, second = make_plan(services.descriptors()), make_plan(services.descriptors())

    assert first.graph == second.graph
    assert [str(problem) for problem in first.problems] == [str(problem) for problem in second.problems]


def test_last_registration_answers_and_all_are_kept() -> None:
    graph = make_plan(ServiceCollection().singleton(Clock).singleton(Clock, make_clock).descriptors()).graph

    (service,) = graph.single
    assert (graph.single[service], graph.every[service]) == (1, (0, 1))


def test_every_registration_of_a_service_is_found_in_order() -> None:
    services = ServiceCollection().singleton(Vault).singleton(Clock).singleton(Clock, key=0).singleton(Clock)

    every = index(services.descriptors()).every

    assert dict(every) == {ServiceId(Vault): (0,), ServiceId(Clock): (1, 3), ServiceId(Clock, 0): (2,)}
    assert (every.get(ServiceId(File), ()), len(every), ServiceId(File) in every) == ((), 3, False)


def test_numbers_that_are_given_are_kept_as_they_are() -> None:
    numbers = [int(f"{number}000") // 1000 for number in range(300, 303)]  # objects of their own

    found = index(ServiceCollection().singleton(Vault).singleton(Clock).singleton(Shop).descriptors(), (), numbers)

    assert list(found.single.values()) == numbers
    assert all(one is other for one, other in zip(found.single.values(), numbers, strict=True))
