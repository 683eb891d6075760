"""Which ignores are needed, in few searches."""

import random
from collections.abc import Callable, Collection, Mapping

import pytest

from kimera_di.architecture.cycles.cycle_search import closing_pairs, find_components
from kimera_di.architecture.ignoring.ignore_relevance import Relevance

Pair = tuple[str, str]


def edge(number: int) -> Pair:
    return f"m{number}", "x"


def one_after_the_other(
    pairs: Collection[Pair],
    active: Mapping[int, Collection[Pair]],
    violations: Callable[[Collection[Pair]], Collection[Pair]],
) -> tuple[frozenset[Pair], frozenset[int]]:
    """Judge as the documentation says it: each ignore is dropped when nothing more is broken without it."""
    left = dict(active)
    for number in active:
        kept = set(pairs).difference(*left.values())
        without = set(pairs).difference(*(edges for other, edges in left.items() if other != number))
        if len(violations(without)) == len(violations(kept)):
            del left[number]
    return frozenset(set(pairs).difference(*left.values())), frozenset(left)


def random_case(seed: int) -> tuple[list[Pair], dict[int, frozenset[Pair]], list[frozenset[Pair]]]:
    """Give edges, ignores, and groups of edges that break the contract when all of a group are there."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    pairs = [edge(number) for number in range(12)]
    active = {number: frozenset(rng.sample(pairs, rng.randint(1, 3))) for number in range(rng.randint(1, 9))}
    groups = [frozenset(rng.sample(pairs, rng.randint(1, 3))) for _ in range(6)]
    return pairs, active, groups


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("told", [True, False], ids=["alone-is-told", "alone-is-not-told"])
def test_verdicts_are_those_of_judging_one_after_the_other(seed: int, told: bool) -> None:
    pairs, active, groups = random_case(seed)

    def violations(some: Collection[Pair]) -> set[Pair]:
        return {min(group) for group in groups if group <= set(some)}

    def alone(kept: Collection[Pair], some: Collection[Pair]) -> set[Pair]:
        return {pair for pair in some if len(violations({*kept, pair})) > len(violations(kept))}

    found = Relevance(pairs, active, violations, alone if told else None).judged()

    assert found == one_after_the_other(pairs, active, violations)


@pytest.mark.parametrize("needed", [500, 0], ids=["all-needed", "none-needed"])
def test_hundreds_of_ignores_take_a_handful_of_searches(needed: int) -> None:
    pairs = [edge(number) for number in range(500)]
    bad, calls = set(pairs[:needed]), 0

    def violations(some: Collection[Pair]) -> set[Pair]:
        nonlocal calls
        calls += 1
        return bad & set(some)

    active = {number: [pair] for number, pair in enumerate(pairs)}
    found = Relevance(pairs, active, violations, lambda _, some: bad & set(some)).judged()

    assert (len(found[1]), calls) == (needed, 1 if needed else 2)


@pytest.mark.check
@pytest.mark.parametrize("seed", range(15))
def test_edge_closes_a_cycle_when_it_is_in_one_afterwards(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    names = [f"n{number}" for number in range(9)]
    every = [(a, b) for a in names for b in names]
    pairs, wanted = rng.sample(every, 10), [*rng.sample(every, 30), ("new", "n0")]

    closing = closing_pairs(pairs, wanted)

    assert closing == {
        one for one in wanted if any(one in component.pairs for component in find_components([*pairs, one]))
    }
