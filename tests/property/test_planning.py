"""Planning against brute force: cycles, captives, missing services; the order of registrations; nothing is called."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di import (
    BuildErrors,
    CaptiveDependencyError,
    CircularDependencyError,
    KimeraError,
    MissingServiceError,
    ServiceId,
    Step,
)
from kimera_di.planning.indexes import index
from kimera_di.planning.misfits import misfits
from kimera_di.planning.plain import PlainNodes, fits_itself
from kimera_di.planning.planner import make_node
from kimera_di.planning.walks import components, consumers_of, reached, search, shortest_cycle, tree_from_roots
from tests.property.strategies import (
    SCOPED,
    SINGLETON,
    TRANSIENT,
    Realised,
    Service,
    World,
    realise,
    shuffled,
    tangles,
    worlds,
)

graphs = st.integers(1, 12).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=4), min_size=size, max_size=size)
)


def targets(world: World, service: Service) -> list[Service]:
    """Everything a service is built from."""
    return [target for need in service.needs for target in world.targets(need)]


def number_of(real: Realised, shown: Any) -> int:
    """The group a step of a path, or an error, speaks about; absent ones are negative."""
    interface = shown.interface if isinstance(shown, ServiceId) else shown
    everything = [*real.absent, *real.interfaces]
    return everything.index(interface) - len(real.absent)


def closure(world: World) -> dict[int, set[int]]:
    """For every service what it reaches, by repeated joining (Warshall 1962)."""
    reach = {s.number: {t.number for t in targets(world, s)} for s in world.services}
    for middle, further in reach.items():
        for reached_so_far in reach.values():
            if middle in reached_so_far:
                reached_so_far.update(further)
    return reach


def cyclic_components(world: World) -> set[frozenset[int]]:
    """Services that reach themselves, with everything that lies on the same cycles."""
    reach = closure(world)
    on_cycles = [n for n in reach if n in reach[n]]
    return {frozenset(m for m in on_cycles if m in reach[n] and n in reach[m]) for n in on_cycles}


def captive_pairs(world: World) -> set[tuple[int, int]]:
    """Singletons and scoped services they would hold, by walking every simple path through transients."""
    found: set[tuple[int, int]] = set()

    def walk(holder: int, service: Service, passed: frozenset[int]) -> None:
        for target in targets(world, service):
            if target.lifetime is SCOPED:
                found.add((holder, target.number))
            elif target.lifetime is TRANSIENT and target.number not in passed:
                walk(holder, target, passed | {target.number})

    for service in world.services:
        if service.lifetime is SINGLETON:
            walk(service.number, service, frozenset())
    return found


def of(kind: type[KimeraError], problems: list[KimeraError]) -> list[Any]:
    """The problems of one kind."""
    return [problem for problem in problems if type(problem) is kind]


def edges_named(real: Realised, path: tuple[Step, ...]) -> Iterator[bool]:
    """For every step but the last, whether some member of its group passes the next one for the named parameter."""
    for step, following in itertools.pairwise(path):
        wanted = number_of(real, following.service)
        members = real.world.groups[number_of(real, step.service)]
        assert step.parameter is not None
        index = int(step.parameter.removeprefix("p"))
        yield any(len(member.needs) > index and member.needs[index].group == wanted for member in members)


@given(world=tangles())
def test_missing_services_are_those_that_brute_force_finds(world: World) -> None:
    real = realise(world)
    wanted = {
        (need.group, s.number) for s in world.services for need in s.needs if need.group < 0 and need.form == "one"
    }

    found = of(MissingServiceError, real.services.validate())

    assert sorted(number_of(real, error.service) for error in found) == sorted({group for group, _ in wanted})


@given(world=tangles())
def test_every_cyclic_component_is_reported_once(world: World) -> None:
    real = realise(world)

    found = of(CircularDependencyError, real.services.validate())

    shown = [frozenset(number_of(real, step.service) for step in error.path) for error in found]
    groups = [frozenset(world.services[n].group for n in part) for part in cyclic_components(world)]
    assert len(found) == len(groups)
    assert all(any(cycle <= part for part in groups) for cycle in shown)


@given(world=tangles())
def test_captives_are_those_that_brute_force_finds(world: World) -> None:
    real = realise(world)

    found = of(CaptiveDependencyError, real.services.validate())

    ends = [(number_of(real, e.path[0].service), number_of(real, e.path[-1].service)) for e in found]
    expected = [(world.services[a].group, world.services[b].group) for a, b in captive_pairs(world)]
    assert sorted(ends) == sorted(expected)


@given(world=tangles())
def test_every_cycle_starts_and_ends_with_the_same_service(world: World) -> None:
    real = realise(world)

    found = of(CircularDependencyError, real.services.validate())

    for error in found:
        assert len(error.path) >= 2
        assert error.path[0].service == error.path[-1].service


@given(world=tangles())
def test_every_path_follows_parameters_that_exist(world: World) -> None:
    real = realise(world)

    problems = real.services.validate()

    for problem in problems:
        assert all(edges_named(real, problem.path))


@given(world=tangles())
def test_every_captive_path_leads_from_a_singleton_through_transients_to_a_scoped_service(world: World) -> None:
    problems = realise(world).services.validate()

    for error in of(CaptiveDependencyError, problems):
        first, *middle, last = [step.lifetime for step in error.path]
        assert (first, last) == (SINGLETON, SCOPED)
        assert set(middle) <= {TRANSIENT}


def fingerprints(real: Realised) -> list[tuple[str, ...]]:
    """Problems without what may depend on the order: which of a component's cycles, which of the shortest paths."""
    parts = {n: min(part) for part in cyclic_components(real.world) for n in part}
    found: list[tuple[str, ...]] = []
    for problem in real.services.validate():
        ends = [number_of(real, step.service) for step in problem.path]
        if isinstance(problem, CircularDependencyError):
            found.append(("cycle", str(parts[real.world.groups[ends[0]][0].number])))
        elif isinstance(problem, CaptiveDependencyError):
            found.append(("captive", str(ends[0]), str(ends[-1])))
        else:
            found.append((type(problem).__name__, str(ends[-1])))
    return sorted(found)


@given(world=tangles(most=30, shared=False), seed=st.integers(0, 10**6))
def test_the_order_of_registrations_does_not_change_the_problems(world: World, seed: int) -> None:
    first, second = realise(world), realise(shuffled(world, seed))

    assert fingerprints(second) == fingerprints(first)


@given(world=tangles(most=30), seed=st.integers(0, 10**6))
def test_the_order_of_interfaces_does_not_change_how_many_problems_of_each_kind_there_are(
    world: World, seed: int
) -> None:
    """Several registrations of one interface keep their order among themselves: the last one answers."""
    first, second = realise(world), realise(shuffled(world, seed))

    kinds = [Counter(type(problem) for problem in real.services.validate()) for real in (first, second)]

    assert kinds[0] == kinds[1]


@given(world=tangles(most=40))
def test_build_raises_all_that_validate_lists(world: World) -> None:
    services = realise(world).services
    listed = services.validate()
    if not listed:
        services.build().close()
        return

    with pytest.raises(BuildErrors) as caught:
        services.build()

    assert [str(error) for error in caught.value.exceptions] == [str(error) for error in listed]


@given(world=worlds(is_async=True))
def test_a_legal_world_has_no_problems_and_building_calls_no_maker(world: World) -> None:
    real = realise(world)
    before = len(real.log.made)

    problems = real.services.validate()
    container = real.services.build()
    container.graph()

    assert problems == []
    assert len(real.log.made) == before
    container.close()


@given(world=tangles())
def test_planning_a_broken_world_calls_no_maker(world: World) -> None:
    real = realise(world)

    real.services.validate()

    assert real.log.made == []


@given(world=tangles(most=30))
def test_nodes_planned_straight_are_those_of_the_general_way(world: World) -> None:
    descriptors = realise(world).services.descriptors()
    services = index(descriptors)
    plain = PlainNodes(services, descriptors)

    straight = {number: plain.node(number, each) for number, each in enumerate(descriptors)}

    for number, node in straight.items():
        general, unmet = make_node(number, descriptors[number], services)
        assert node is None or (node, ()) == (general, unmet)
        assert not fits_itself(general) or not misfits(general, services.known)


@given(edges=graphs)
def test_components_are_those_that_reach_themselves(edges: list[list[int]]) -> None:
    reach = [reached(children, edges) for children in edges]
    on_cycles = [n for n in range(len(edges)) if n in reach[n]]
    expected = {tuple(m for m in on_cycles if m in reach[n] and n in reach[m]) for n in on_cycles}

    found = components(edges)

    assert found == sorted(list(part) for part in expected)


@pytest.mark.check
@given(edges=graphs)
def test_components_equal_those_of_networkx(edges: list[list[int]]) -> None:
    import networkx

    graph = networkx.DiGraph([(node, child) for node, children in enumerate(edges) for child in children])
    graph.add_nodes_from(range(len(edges)))
    strong = [sorted(part) for part in networkx.strongly_connected_components(graph)]
    expected = sorted(part for part in strong if len(part) > 1 or graph.has_edge(part[0], part[0]))

    found = components(edges)

    assert found == expected


@pytest.mark.check
@given(edges=graphs)
def test_shortest_cycle_is_as_short_as_networkx_finds_one(edges: list[list[int]]) -> None:
    import networkx

    graph = networkx.DiGraph([(node, child) for node, children in enumerate(edges) for child in children])
    for part in components(edges):
        lengths = networkx.single_target_shortest_path_length(graph, part[0])
        expected = 1 + min(dict(lengths).get(child, len(edges)) for child in edges[part[0]])

        found = shortest_cycle(part, edges)

        assert found[0] == found[-1] == part[0]
        assert all(after in edges[before] for before, after in itertools.pairwise(found))
        assert len(found) - 1 == expected


@given(edges=graphs)
def test_consumers_are_the_edges_turned_around(edges: list[list[int]]) -> None:
    turned = consumers_of(edges)

    assert turned == [sorted(n for n, children in enumerate(edges) if node in children) for node in range(len(edges))]


@given(edges=graphs)
def test_every_node_has_a_way_from_a_root(edges: list[list[int]]) -> None:
    consumers = consumers_of(edges)

    parents = tree_from_roots(edges, consumers)

    for node, parent in enumerate(parents):
        assert parent == -1 or node in edges[parent]
        assert (not consumers[node]) <= (parent == -1)
        seen = {node}
        while parent >= 0:
            node = parent  # noqa: PLW2901 - walking up
            parent = parents[node]  # noqa: PLW2901
            assert node not in seen
            seen.add(node)


@given(edges=graphs, seed=st.integers(0, 10**6))
def test_search_finds_a_path_to_every_goal_that_can_be_reached_through_allowed_nodes(
    edges: list[list[int]], seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    goals = {node for node in range(1, len(edges)) if rng.random() < 0.3}
    allowed = {node for node in range(len(edges)) if rng.random() < 0.7} - goals
    inside = [[child for child in children if child in allowed or child in goals] for children in edges]
    inside = [[] if node in goals or node not in allowed | {0} else children for node, children in enumerate(inside)]

    found = search(0, edges, through=lambda n: n in allowed, goal=lambda n: n in goals)

    assert {path[-1] for path in found} == goals & reached([0], inside)
    for path in found:
        assert path[0] == 0
        assert set(path[1:-1]) <= allowed
        assert all(after in edges[before] for before, after in itertools.pairwise(path))
