import pytest

from kimera_di.architecture.cycles.cycle_search import cycles_through, find_components, shortest_cycle

pytestmark = pytest.mark.check

TRIANGLE = [("a", "b"), ("b", "c"), ("c", "a")]


def pairs(*edges: str) -> list[tuple[str, str]]:
    return [(edge[0], edge[1]) for edge in edges]


def test_modules_that_reach_each_other_are_one_component() -> None:
    (component,) = find_components([*TRIANGLE, ("a", "x"), ("y", "b")])

    assert component.modules == ("a", "b", "c")
    assert component.pairs == (("a", "b"), ("b", "c"), ("c", "a"))


def test_components_are_sorted_by_their_first_module() -> None:
    found = find_components(pairs("yz", "zy", "cd", "dc"))

    assert [component.modules for component in found] == [("c", "d"), ("y", "z")]


def test_import_between_two_components_is_in_none() -> None:
    found = find_components(pairs("ab", "ba", "bc", "cd", "dc"))

    assert [component.pairs for component in found] == [(("a", "b"), ("b", "a")), (("c", "d"), ("d", "c"))]


def test_module_that_imports_itself_is_in_no_cycle() -> None:
    assert find_components([("a", "a"), ("a", "b")]) == ()


def test_two_modules_that_import_each_other_are_the_shortest_cycle() -> None:
    (component,) = find_components([*TRIANGLE, *pairs("cd", "dc")])

    assert shortest_cycle(component) == ("c", "d", "c")


def test_shortest_cycle_is_found_behind_a_longer_one() -> None:
    long, short = pairs("ab", "bc", "cd", "de", "ea"), pairs("ex", "xy", "ye")
    (component,) = find_components(long + short)

    assert shortest_cycle(component) == ("e", "x", "y", "e")


def test_of_two_shortest_cycles_the_one_with_the_first_name_is_given() -> None:
    (component,) = find_components(pairs("zy", "yx", "xz", "zc", "cb", "bz"))

    assert shortest_cycle(component) == ("b", "z", "c", "b")


def test_cycle_through_an_import_begins_with_it() -> None:
    found = cycles_through([*TRIANGLE, *pairs("ba")], [("b", "c")])

    assert found == {("b", "c"): ("b", "c", "a", "b")}


def test_cycle_through_an_import_is_a_shortest_one() -> None:
    found = cycles_through([*TRIANGLE, *pairs("ba")], [("a", "b")])

    assert found == {("a", "b"): ("a", "b", "a")}


def test_import_in_no_cycle_has_none() -> None:
    assert cycles_through([*TRIANGLE, ("a", "x")], [("a", "x")]) == {}
