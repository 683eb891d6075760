"""How far a change spreads, on graphs whose answer is known, and on large ones."""

import random
import time
from itertools import pairwise

import pytest

from kimera_di.architecture.metrics.propagation import find_reach

pytestmark = pytest.mark.check


def test_modules_without_imports_reach_themselves() -> None:
    assert find_reach(["a", "b", "c"], []).reached == 3


def test_chain_of_three_has_six_of_nine_pairs() -> None:
    assert find_reach(["a", "b", "c"], [("a", "b"), ("b", "c")]).reached == 6


def test_ring_has_every_pair() -> None:
    reach = find_reach(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a")])

    assert (reach.reached, [each.modules for each in reach.components]) == (9, [("a", "b", "c")])


def test_two_ways_to_the_same_module_count_once() -> None:
    assert find_reach(["a", "b", "c", "d"], [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]).reached == 9


def test_chain_of_five_thousand_modules_needs_no_recursion() -> None:
    names = [f"m{number:05}" for number in range(5_000)]
    pairs = list(pairwise(names))

    assert find_reach(names, pairs).reached == 5_000 * 5_001 // 2


@pytest.mark.parametrize("backwards", [True, False], ids=["with cycles", "without"])
def test_seven_thousand_modules_take_less_than_two_seconds(backwards: bool) -> None:
    rng = random.Random(1)  # noqa: S311 - repeatable on purpose
    names = [f"m{number:05}" for number in range(7_000)]
    pairs = {(rng.choice(names), rng.choice(names)) for _ in range(30_000)}
    kept = [pair for pair in pairs if backwards or pair[0] < pair[1]]

    before = time.process_time()
    reach = find_reach(names, kept)

    assert time.process_time() - before < 2
    assert bool(reach.components) is backwards
