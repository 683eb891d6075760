"""Smallest sets that hit every set."""

import random
from itertools import combinations

import pytest

from kimera_di.architecture.cuts.hitting_sets import HittingSets, OutOfWorkError, packing_size

ENOUGH = 1_000_000


def smallest(sets: list[set[int]], below: int = 99, work: int = ENOUGH) -> frozenset[int] | None:
    return HittingSets(work).smallest([frozenset(members) for members in sets], below)


def test_one_member_in_common_is_enough() -> None:
    assert smallest([{1, 2}, {2, 3}, {2, 4}]) == {2}


def test_separate_groups_are_added_up() -> None:
    assert smallest([{1, 2}, {2, 3}, {7, 8}, {8, 9}]) == {2, 8}


def test_nothing_to_hit_needs_nothing() -> None:
    assert smallest([]) == frozenset()


def test_bound_that_cannot_be_met_gives_nothing() -> None:
    triangle = [{1, 2}, {2, 3}, {1, 3}]

    assert smallest(triangle, below=2) is None
    assert len(smallest(triangle, below=3) or ()) == 2


def test_search_stops_when_its_work_is_used_up() -> None:
    sets = [{a, b} for a, b in combinations(range(12), 2)]

    with pytest.raises(OutOfWorkError):
        smallest(sets, work=100)
    assert len(smallest(sets) or ()) == 11


def test_packing_counts_disjoint_sets() -> None:
    assert packing_size([frozenset({1, 2}), frozenset({2, 3}), frozenset({3, 4})]) == 2


@pytest.mark.parametrize("seed", range(40))
def test_result_is_as_small_as_brute_force(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    members = range(rng.randint(3, 9))
    sets = [set(rng.sample(members, rng.randint(1, 3))) for _ in range(rng.randint(1, 14))]

    found = smallest(sets)

    sizes = (size for size in range(10) for some in combinations(members, size) if all(one & {*some} for one in sets))
    assert found is not None
    assert all(one & found for one in sets)
    assert len(found) == next(sizes)
