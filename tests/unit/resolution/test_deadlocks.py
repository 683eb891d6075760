"""Whose wait counts while waiters are waking up."""

from typing import Any

from kimera_di import ServiceCollection
from kimera_di.resolution.claims import ASYNC, SYNC, TOKEN, Values
from kimera_di.resolution.deadlocks import Hold, Wait


def hold(claim: list[Any], cell: int) -> Hold:
    return Hold(claim, None, cell)


def test_wait_for_an_unsettled_claim_delays_what_the_waiter_holds() -> None:
    held, target = [SYNC, None], [SYNC, None]
    values: Values = {1: held, 2: target}

    wait = Wait((hold(held, 1),), hold(target, 2), values, None)

    assert wait.delays(held)
    assert not wait.delays(target)


def test_waiter_that_is_waking_up_delays_nothing() -> None:
    """What it held when it fell asleep may be settled too, as a parent task's claim is."""
    held, target = [SYNC, None], [SYNC, None]
    values: Values = {1: held, 2: "the object"}

    wait = Wait((hold(held, 1),), hold(target, 2), values, None)

    assert not wait.delays(held)


def test_wait_that_blocks_a_loop_delays_every_task_of_it() -> None:
    loop, other = object(), object()
    target = [SYNC, None]

    wait = Wait((), hold(target, 2), {2: target}, loop)

    assert wait.delays([ASYNC, loop, TOKEN])
    assert not wait.delays([ASYNC, other, TOKEN])
    assert not wait.delays([SYNC, None])


def test_claim_that_belongs_to_no_service_has_a_name_for_messages() -> None:
    container: Any = ServiceCollection().build()

    service, step = container._root.base.describe_cell(10**6)

    assert service.interface == step.service == "a service"
