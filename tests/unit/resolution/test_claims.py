"""Claims that somebody else settled first: each is settled once, and only its own cell is freed."""

import asyncio

from kimera_di.resolution.claims import ASYNC, SYNC, TOKEN, Claim, Values, Waiter, give_up, take_over


def test_claim_that_lost_its_cell_leaves_the_cell_alone() -> None:
    """After a fork, for example, the child builds anew in it while the old builder still unwinds."""
    woken: list[str] = []
    mine: Claim = [SYNC, None, Waiter(lambda: woken.append("waiter"))]
    values: Values = {1: "built by somebody else"}

    assert give_up(values, 1, mine, ValueError("late"))

    assert values == {1: "built by somebody else"}
    assert woken == ["waiter"]


def test_claim_of_a_vanished_task_is_taken_over_once() -> None:
    woken: list[str] = []
    loop = asyncio.new_event_loop()
    loop.close()
    claim: Claim = [ASYNC, loop, TOKEN, Waiter(lambda: woken.append("first"))]
    values: Values = {1: claim}

    take_over(values, 1, claim)
    values[1] = "the successor's"
    claim.append(Waiter(lambda: woken.append("late")))
    take_over(values, 1, claim)

    assert values == {1: "the successor's"}
    assert woken == ["first"]


def test_claim_taken_over_after_its_cell_was_freed_frees_nothing_else() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    claim: Claim = [ASYNC, loop, TOKEN]
    values: Values = {1: "another claim's object"}

    take_over(values, 1, claim)

    assert values == {1: "another claim's object"}
    assert TOKEN not in claim
