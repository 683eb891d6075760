"""A scope in which nothing was built yet has a way of its own: what it gives is what the other way gives."""

import threading
from typing import Any

import pytest

from kimera_di import ServiceCollection, ServiceContainer
from kimera_di.compilation.fresh_scopes import claims_below
from tests.spec.concurrency import Background, reached, run


class Request: ...


class Tool:
    made = 0

    def __init__(self) -> None:
        type(self).made += 1


class Session:
    def __init__(self, tool: Tool) -> None:
        self.tool = tool


class Orders:
    def __init__(self, session: Session) -> None:
        self.session = session


class Users:
    def __init__(self, session: Session) -> None:
        self.session = session


class Shop:
    def __init__(self, orders: Orders, users: Users) -> None:
        self.orders, self.users = orders, users


def shop(tool: str) -> ServiceContainer:
    services = ServiceCollection().scope_value(Request)
    getattr(services, tool)(Tool)
    for kind in (Session, Orders, Users, Shop):
        services.scoped(kind)
    Tool.made = 0
    return services.build()


@pytest.mark.parametrize("tool", ["singleton", "scoped", "transient"])
@pytest.mark.parametrize(
    "before", [(), (Session,), (Users,), (Orders, Users)], ids=["none", "session", "users", "both"]
)
@pytest.mark.parametrize("values", [None, {Request: Request()}], ids=["bare", "request"])
def test_scoped_services_are_shared_whatever_was_built_before(
    tool: str, before: tuple[type, ...], values: dict[Any, object] | None
) -> None:
    container = shop(tool)

    with container.scope(values) as scope:
        built = {kind: scope.resolve(kind) for kind in before}
        found = scope.resolve(Shop)

    assert found.orders.session is found.users.session
    assert all(each in {found.orders, found.users, found.orders.session} for each in built.values())
    assert Tool.made == 1


def test_async_look_up_shares_them_too() -> None:
    container = shop("scoped")

    async def main() -> tuple[Shop, Shop]:
        async with container.scope() as scope:
            return await scope.aresolve(Shop), await scope.aresolve(Shop)

    found, again = run(main())

    assert again is found
    assert found.orders.session is found.users.session


def test_service_that_another_thread_builds_meanwhile_is_waited_for() -> None:
    entered, release = threading.Event(), threading.Event()

    class Slow(Session):
        def __init__(self, tool: Tool) -> None:
            super().__init__(tool)
            entered.set()
            reached(release)

    services = ServiceCollection().singleton(Tool).scoped(Session, Slow)
    for kind in (Orders, Users, Shop):
        services.scoped(kind)
    scope = services.build().scope()

    with Background(lambda: scope.resolve(Shop)) as first:
        reached(entered)
        with Background(lambda: scope.resolve(Shop)) as second:
            waits = not second.is_done(within_s=0.05)
            release.set()
            shops = {first.result(), second.result()}

    assert waits
    assert len(shops) == 1
    scope.close()


@pytest.mark.parametrize(("tool", "expected"), [("singleton", 4), ("scoped", 5), ("transient", 0)])
def test_claims_are_counted_unless_a_transient_stands_below_one(tool: str, expected: int) -> None:
    graph = shop(tool)._root.base.graph
    numbers = {node.service.interface: node.number for node in graph.nodes}
    finished = {numbers[Tool]} if tool == "singleton" else set()

    assert claims_below(graph.nodes, numbers[Shop], finished) == expected


def test_large_graph_gets_no_way_of_its_own() -> None:
    kinds: list[type] = []
    for number in range(70):
        needs = {"before": kinds[-1]} if kinds else {}
        kinds.append(type(f"Link{number}", (), {"__init__": _takes(needs)}))
    services = ServiceCollection()
    for kind in kinds:
        services.scoped(kind)
    graph = services.build()._root.base.graph

    assert claims_below(graph.nodes, 10, set()) == 11
    assert claims_below(graph.nodes, 69, set()) == 0


def _takes(needs: dict[str, type]) -> Any:
    def init(self: object, before: object = None) -> None: ...

    init.__annotations__ = needs
    return init
