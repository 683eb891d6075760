"""One list claims cell after cell: who waited for an earlier one is not misled by a later one."""

import threading
from typing import Any

import pytest

from kimera_di import ServiceCollection, ServiceContainer
from kimera_di.resolution.claims import SYNC, Claim, Waiter, error_of
from kimera_di.resolution.waiting import settle
from tests.spec.concurrency import Background, reached, until, waiters


class Session:
    def __init__(self) -> None:
        SESSION.entered.set()
        reached(SESSION.released)


class Outer: ...


class Orders:
    def __init__(self, session: Session) -> None:
        self.session = session
        ORDERS.entered.set()
        ORDERS.work()


class Users:
    def __init__(self, session: Session, orders: Orders) -> None:
        self.session, self.orders = session, orders


class Step:
    """Where a test stops a constructor."""

    def __init__(self) -> None:
        self.entered, self.released = threading.Event(), threading.Event()
        self.work: Any = lambda: None


SESSION, ORDERS = Step(), Step()


@pytest.fixture(autouse=True)
def _new_steps() -> None:
    SESSION.__init__()  # type: ignore[misc]
    ORDERS.__init__()  # type: ignore[misc]


def shop(outer: Any = Outer) -> ServiceContainer:
    services = ServiceCollection().singleton(Outer, outer)
    for kind in (Session, Orders, Users):
        services.scoped(kind)
    return services.build()


def cell_of(container: ServiceContainer, kind: type) -> int:
    base: Any = container._root.base
    number = next(node.number for node in base.graph.nodes if node.service.interface is kind)
    return int(base.cells[number])


def test_one_list_claims_one_cell_after_the_other() -> None:
    container = shop()
    scope = container.scope()
    values: Any = scope._values

    with Background(lambda: scope.resolve(Users)) as builder:
        reached(SESSION.entered)
        first = values[cell_of(container, Session)]
        ORDERS.work = lambda: reached(ORDERS.released)
        SESSION.released.set()
        reached(ORDERS.entered)
        second = values[cell_of(container, Orders)]
        ORDERS.released.set()
        builder.result()

    assert first is second
    assert not any(value is first for value in values.values())
    scope.close()


def test_failure_of_a_later_service_is_not_told_to_who_waited_for_an_earlier_one() -> None:
    container = shop()
    scope = container.scope()
    values: Any = scope._values
    cell = cell_of(container, Session)

    def fail() -> None:
        reached(ORDERS.released)
        raise LookupError("no orders")

    ORDERS.work = fail
    with Background(lambda: scope.resolve(Users)) as builder:
        reached(SESSION.entered)
        claim: Claim = values[cell]
        SESSION.released.set()
        reached(ORDERS.entered)
        with Background(lambda: scope.resolve(Orders)) as other:
            until(lambda: waiters(scope))
            ORDERS.released.set()
            failures = builder.error(), other.error()
    late = settle(scope, values, cell, claim, container._root.base)

    assert type(late) is Session
    assert failures[0] is failures[1]
    assert str(failures[0]) == "no orders"
    scope.close()


def test_claim_that_has_moved_on_makes_no_cycle() -> None:
    """The singleton's builder saw the claim of the session; when it begins to wait, the claim is of the orders."""
    scopes: list[Any] = []
    seen, go_on = threading.Event(), threading.Event()

    class Reader(Outer):
        def __init__(self) -> None:
            scope = scopes[0]
            values, cell = scope._values, cell_of(container, Session)
            claim = values[cell]
            seen.set()
            reached(go_on)
            self.session = settle(scope, values, cell, claim, container._root.base)

    container = shop(Reader)
    scopes.append(container.scope())
    ORDERS.work = lambda: container.resolve(Outer)
    with Background(lambda: scopes[0].resolve(Users)) as builder:
        reached(SESSION.entered)
        with Background(lambda: container.resolve(Outer)) as reader:
            reached(seen)
            SESSION.released.set()
            until(lambda: waiters(scopes[0]))
            go_on.set()
            users, outer = builder.result(), reader.result()

    assert outer.session is users.session
    scopes[0].close()


@pytest.mark.parametrize("cell", [3, 4], ids=["failed", "other"])
def test_error_belongs_to_its_cell(cell: int) -> None:
    error = LookupError()
    claim: Claim = [SYNC, (3, error), Waiter(lambda: None)]

    assert error_of(claim, cell) is (error if cell == 3 else None)


def test_interrupt_is_no_error_of_a_cell() -> None:
    assert error_of([SYNC, (3, KeyboardInterrupt())], 3) is None
