"""Relations in explanations, exports and the wiring edges of the architecture check."""

import json

import pytest

from kimera_di import Factory, Lazy, Owned, Provider, Scope, ScopeFactory, ServiceCollection, ServiceContainer


class Clock: ...


class Page:
    def __init__(self, text: str, clock: Clock) -> None: ...


class Book:
    def __init__(
        self, clock: Lazy[Clock], clocks: list[Provider[Clock]], add: Factory[[str], Page], scopes: ScopeFactory
    ) -> None: ...


@pytest.fixture
def book() -> ServiceContainer:
    return ServiceCollection().transient(Clock).singleton(Book).build()


def test_tree_says_how_each_service_is_reached(book: ServiceContainer) -> None:
    heads = [line.split("   ")[0] for line in book.explain(Book).splitlines()]

    assert heads == [
        "Book",
        "├─ clock (lazy): Clock",
        "├─ clocks (provider): Clock",
        "├─ add (factory): Page[given str]",
        "│  ├─ text: str, given by the caller",
        "│  └─ clock: Clock",
        "└─ scopes: ScopeFactory",
    ]


def test_tree_of_a_broken_cycle_ends() -> None:
    class Left:
        def __init__(self, right: "Lazy[Right]") -> None: ...

    class Right:
        def __init__(self, left: Left) -> None: ...

    Left.__init__.__annotations__["right"] = Lazy[Right]
    container = ServiceCollection().singleton(Left).singleton(Right).build()

    tree = container.explain(Left)

    assert tree.count("right (lazy): ") == 1
    assert "Left (see above)" in tree


def test_edges_of_the_graph_name_their_relation(book: ServiceContainer) -> None:
    graph = book.graph()
    edges = {(edge.parameter, graph.nodes[edge.target].label, edge.relation) for edge in graph.edges}

    assert edges == {
        ("clock", "Clock", "lazy"),
        ("clocks", "Clock", "provider"),
        ("add", "Page[given str]", "factory"),
        ("clock", "Clock", ""),
    }
    assert {edge["relation"] for edge in json.loads(graph.to_json())["edges"]} == {"lazy", "provider", "factory", ""}


def test_edges_of_relations_are_drawn_dashed(book: ServiceContainer) -> None:
    assert 's1 -.->|"clock (lazy)"| s0' in book.graph().to_mermaid()
    assert 's1 -> s0 [label="clock (lazy)", style=dashed];' in book.graph().to_dot()


@pytest.mark.check
def test_edges_of_networkx_have_their_relation(book: ServiceContainer) -> None:
    edges = list(book.graph().to_networkx().edges(data="relation"))

    assert (1, 0, "lazy") in edges


@pytest.mark.check
def test_wiring_edges_of_the_architecture_check_count_relations() -> None:
    """Reaching up a layer is no better because it happens later."""
    from kimera_di.composition.edges import wiring_edges
    from kimera_di.planning import make_plan

    services = ServiceCollection().transient(Clock).singleton(Book)

    found = [
        (each.parameter, each.implementation[0].name) for each in wiring_edges(make_plan(services.descriptors()).graph)
    ]

    assert (f"{Book.__module__}.Book", "clock") in {
        (each.consumer[0].name, each.parameter) for each in wiring_edges(make_plan(services.descriptors()).graph)
    }
    assert {parameter for parameter, _ in found} == {"clock", "clocks", "add"}


class Everything:
    def __init__(self, scope: Scope, container: ServiceContainer, own: Owned[Clock]) -> None:
        self.scope, self.container, self.own = scope, container, own


def test_relations_say_what_they_are_when_printed() -> None:
    with ServiceCollection().transient(Clock).scoped(Everything).build().scope() as scope:
        owned = scope.resolve(Everything).own
        before = repr(owned)
        owned.close()

        assert (before, repr(owned)) == ("<Owned[Clock], open>", "<Owned[Clock], closed>")
        assert repr(scope.resolve(Lazy[Clock])) == "<Lazy[Clock]: read .value>"
        assert repr(scope.resolve(Provider[Clock])) == "<Provider[Clock]>"
        assert repr(scope.resolve(Factory[[str], Page])) == "<Factory[[str], Page]>"
