"""The moment between finding a claim and waiting for it, which no test from outside can hit for certain."""

import asyncio
from typing import Any

import pytest

from kimera_di import ServiceCollection
from kimera_di.resolution.claims import ASYNC, SYNC, TOKEN, give_up, is_claim
from kimera_di.resolution.waiting import settle, settle_async
from tests.spec.concurrency import Background, run


class A:
    pass


def parts() -> tuple[Any, Any, Any, int]:
    """Give a scope, its dictionary, its layer and the cell of ``A``."""
    container = ServiceCollection().scoped(A).build()
    scope = container.scope()
    layer = container._root.base
    return scope, scope._values, layer, layer.cells[0]


def test_waiter_that_comes_when_the_builder_has_finished_is_not_left_asleep() -> None:
    scope, values, layer, cell = parts()
    claim, thing = [SYNC, None], A()
    values[cell] = thing

    with Background(lambda: settle(scope, values, cell, claim, layer)) as waiting:
        assert waiting.is_done(0.5)

    assert waiting.result() is thing


def test_task_that_comes_when_the_builder_has_finished_is_not_left_asleep() -> None:
    scope, values, layer, cell = parts()
    claim, thing = [SYNC, None], A()
    values[cell] = thing

    assert run(asyncio.wait_for(settle_async(scope, values, cell, claim, layer), 0.5)) is thing


def test_waiter_that_comes_when_the_builder_has_given_up_builds() -> None:
    scope, values, layer, cell = parts()

    thing = settle(scope, values, cell, [SYNC, None], layer)

    assert thing is values[cell]


def test_waiter_whose_builder_could_not_wake_it_looks_again() -> None:
    """On a full stack a builder frees its cell and can do nothing more."""
    scope, values, layer, cell = parts()
    claim = values.setdefault(cell, [SYNC, None])

    with Background(lambda: settle(scope, values, cell, claim, layer)) as waiting:
        while len(claim) == 2:
            pass
        del values[cell]
        assert waiting.is_done(2.0)

    assert waiting.result() is values[cell]


def test_async_claim_given_up_on_a_full_stack_is_taken_over() -> None:
    scope, values, layer, cell = parts()

    async def main() -> Any:
        claim = values.setdefault(cell, [ASYNC, asyncio.get_running_loop(), TOKEN])
        claim[1] = None
        return await settle_async(scope, values, cell, claim, layer)

    assert run(main()) is values[cell]


@pytest.mark.parametrize("value", [[], [None], [1, 2], (SYNC,), {"a": SYNC}, SYNC])
def test_object_of_a_user_is_no_claim(value: Any) -> None:
    assert not is_claim(value)


def test_async_claim_is_settled_by_one_of_two() -> None:
    values: dict[Any, Any] = {}
    claim = values[1] = [ASYNC, None, TOKEN]

    first, second = give_up(values, 1, claim, ValueError()), give_up(values, 1, claim, ValueError())

    assert (first, second) == (True, False)
