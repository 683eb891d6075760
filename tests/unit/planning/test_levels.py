"""Which service of an outer level holds one of an inner level."""

import pytest

from kimera_di import ServiceCollection, ServiceId
from kimera_di.planning import make_plan
from kimera_di.planning.levels import level_captives, level_of


class Inner: ...


class Middle:
    def __init__(self, inner: Inner) -> None: ...


class Through:
    def __init__(self, inner: Inner) -> None: ...


class Outer:
    def __init__(self, middle: Middle, through: Through) -> None: ...


def captives(services: ServiceCollection, only: frozenset[type] | None = None) -> list[list[str]]:
    graph = make_plan(services.descriptors(), services.scopes).graph
    numbers = None if only is None else frozenset(graph.single[ServiceId(each)] for each in only)
    found = level_captives(graph, graph.edges(), numbers)
    return [[graph.nodes[number].service.interface.__name__ for number in path] for path in found]


def leveled() -> ServiceCollection:
    services = ServiceCollection(scopes=("a", "b", "c")).scoped(Inner).scoped(Middle, scope="b").transient(Through)
    return services.scoped(Outer, scope="a")


def test_every_holder_is_found_with_its_own_path() -> None:
    assert captives(leveled()) == [["Outer", "Middle"], ["Outer", "Through", "Inner"], ["Middle", "Inner"]]


def test_only_the_wanted_holders_are_looked_at() -> None:
    assert captives(leveled(), frozenset((Middle,))) == [["Middle", "Inner"]]


def test_holder_at_the_level_of_what_it_holds_is_no_captive() -> None:
    services = ServiceCollection(scopes=("a", "b")).scoped(Inner).scoped(Middle).scoped(Through)

    assert captives(services) == []


@pytest.mark.parametrize(("scope", "level"), [(None, 2), ("a", 0), ("b", 1), ("c", 2)])
def test_level_is_the_named_one_or_the_innermost(scope: str | None, level: int) -> None:
    (descriptor,) = ServiceCollection(scopes=("a", "b", "c")).scoped(Inner, scope=scope).descriptors()

    assert level_of(descriptor, ("a", "b", "c")) == level


def test_level_without_names_is_the_only_one() -> None:
    (descriptor,) = ServiceCollection().scoped(Inner).descriptors()

    assert level_of(descriptor, ()) == 0
