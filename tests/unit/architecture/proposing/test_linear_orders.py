"""Orders that few uses lead up in."""

import random
from itertools import permutations

import pytest

from kimera_di.architecture.proposing.linear_orders import MOST_EXACT, closest_order, weight_up

NAMES = ["a", "b", "c", "d", "e"]


def random_uses(names: list[str], seed: int) -> dict[tuple[str, str], int]:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    pairs = [(user, used) for user in names for used in names if user != used]
    return {pair: rng.randint(1, 9) for pair in pairs if rng.random() < 0.5}


def test_users_come_before_what_they_use() -> None:
    assert closest_order(["a", "b", "c"], {("c", "b"): 1, ("b", "a"): 1}) == ("c", "b", "a")


def test_the_lighter_use_leads_up() -> None:
    assert closest_order(["a", "b"], {("a", "b"): 1, ("b", "a"): 5}) == ("b", "a")


def test_names_without_uses_are_sorted() -> None:
    assert closest_order(["c", "a", "b"], {}) == ("a", "b", "c")


@pytest.mark.parametrize("seed", range(10))
def test_few_names_get_the_best_order(seed: int) -> None:
    uses = random_uses(NAMES, seed)

    found = closest_order(NAMES, uses)

    assert weight_up(found, uses) == min(weight_up(order, uses) for order in permutations(NAMES))


@pytest.mark.parametrize("seed", range(5))
def test_no_single_move_makes_the_order_of_many_names_better(seed: int) -> None:
    names = [f"n{number:02}" for number in range(MOST_EXACT + 5)]
    uses = random_uses(names, seed)

    found = list(closest_order(names, uses))

    for name in names:
        rest = [other for other in found if other != name]
        moved = ([*rest[:place], name, *rest[place:]] for place in range(len(names)))
        assert min(weight_up(order, uses) for order in moved) == weight_up(found, uses)
    assert sorted(found) == names
