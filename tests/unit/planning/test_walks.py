"""Walks on graphs small enough to be drawn; ``tests/property/test_planning.py`` has the random ones."""

import pytest

from kimera_di.planning.walks import components, consumers_of, reached, search, shortest_cycle, tree_from_roots

DIAMOND = [(1, 2), (3,), (3,), ()]
RING = [(1,), (2,), (0,)]
TWO_RINGS = [(1,), (0, 2), (3,), (2,)]


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([], []),
        (DIAMOND, []),
        ([(0,)], [[0]]),
        (RING, [[0, 1, 2]]),
        (TWO_RINGS, [[0, 1], [2, 3]]),
        ([(1,), (2,), (1,)], [[1, 2]]),
    ],
)
def test_components_are_the_cycles(edges: list[tuple[int, ...]], expected: list[list[int]]) -> None:
    assert components(edges) == expected


def test_shortest_cycle_starts_at_the_first_node_of_its_component() -> None:
    edges = [(1, 3), (2,), (0,), (0,)]

    assert shortest_cycle([0, 1, 2, 3], edges) == [0, 3, 0]


def test_service_that_needs_itself_is_a_cycle_of_one() -> None:
    assert shortest_cycle([1], [(), (1,)]) == [1, 1]


def test_consumers_are_named_once_even_when_they_need_a_service_twice() -> None:
    assert consumers_of([(1, 1), ()]) == [[], [0]]


def test_start_itself_is_reached() -> None:
    assert reached([1], DIAMOND) == {1, 3}


def test_tree_from_roots_takes_the_shortest_way() -> None:
    edges = [(1, 2), (2,), (3,), ()]

    assert tree_from_roots(edges, consumers_of(edges)) == [-1, 0, 0, 2]


def test_cycle_that_no_root_reaches_gets_a_root_of_its_own() -> None:
    assert tree_from_roots(RING, consumers_of(RING)) == [-1, 0, 1]


def test_search_gives_the_shortest_path_to_every_goal() -> None:
    edges = [(1, 2), (3,), (4,), (4,), ()]

    found = search(0, edges, through=lambda _: True, goal=lambda n: n in {3, 4})

    assert found == [[0, 1, 3], [0, 2, 4]]


def test_search_does_not_pass_what_it_may_not() -> None:
    assert search(0, DIAMOND, through=lambda _: False, goal=lambda n: n == 3) == []
