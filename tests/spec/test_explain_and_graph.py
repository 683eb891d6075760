import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from kimera_di import Key, MissingServiceError, ServiceCollection


class IVault:
    pass


class Settings:
    pass


@dataclass
class SqlVault(IVault):
    settings: Settings


@dataclass
class Handler:
    vault: IVault
    settings: Settings
    name: str = "handler"


def open_vault(settings: Settings) -> Iterator[IVault]:
    yield SqlVault(settings)


@pytest.fixture
def built(services: ServiceCollection) -> Any:
    return services.instance(Settings, Settings()).singleton(IVault, SqlVault).scoped(Handler).build()


def test_tree_names_what_is_built_from_what(built: Any) -> None:
    heads = [line.split("   ")[0] for line in built.explain(Handler).splitlines()]

    assert heads == [
        "Handler",
        "├─ vault: IVault <- SqlVault",
        "│  └─ settings: Settings = instance of Settings",
        "├─ settings: Settings = instance of Settings",
        "└─ name: (default)",
    ]


def test_tree_names_lifetimes_and_places(built: Any) -> None:
    first, vault, *_ = built.explain(Handler).splitlines()

    assert "scoped" in first
    assert "singleton" in vault
    assert vault.count("test_explain_and_graph.py:") == 2


def test_service_drawn_before_is_not_drawn_again(services: ServiceCollection) -> None:
    @dataclass
    class Two:
        left: IVault
        right: IVault

    text = services.singleton(Settings).singleton(IVault, SqlVault).singleton(Two).build().explain(Two)

    assert text.count("settings: Settings") == 1
    assert "right: IVault <- SqlVault (see above)" in text


def test_factory_is_named(services: ServiceCollection) -> None:
    text = services.singleton(Settings).singleton(IVault, open_vault).build().explain(IVault)

    assert text.startswith("IVault <- open_vault")


def test_keyed_service_can_be_explained(services: ServiceCollection) -> None:
    container = services.singleton(Settings, key="a").build()

    assert container.explain(Settings, key="a").startswith("Settings['a']")


def test_keyed_parameter_shows_its_key(services: ServiceCollection) -> None:
    def make(settings: Annotated[Settings, Key("a")]) -> Handler:
        return Handler(IVault(), settings)

    text = services.singleton(Settings, key="a").singleton(Handler, make).build().explain(Handler)

    assert "settings: Settings['a']" in text


def test_every_member_of_a_list_is_drawn(services: ServiceCollection) -> None:
    def make(vaults: list[IVault]) -> Handler:
        return Handler(vaults[0], Settings())

    services.singleton(Settings).singleton(IVault).singleton(IVault, SqlVault).singleton(Handler, make)

    text = services.build().explain(Handler)

    assert "├─ vaults: IVault " in text
    assert "└─ vaults: IVault <- SqlVault" in text


def test_unregistered_service_cannot_be_explained(built: Any) -> None:
    with pytest.raises(MissingServiceError, match="nothing provides SqlVault") as caught:
        built.explain(SqlVault)

    assert caught.value.service is SqlVault


def test_explaining_builds_nothing(services: ServiceCollection) -> None:
    def make() -> IVault:
        raise AssertionError("built")

    assert services.singleton(IVault, make).build().explain(IVault)


def test_override_is_explained_while_it_is_active(built: Any) -> None:
    class Fake(IVault):
        pass

    with built.override(IVault, Fake()):
        inside = built.explain(IVault)

    assert "instance of" in inside
    assert "SqlVault" in built.explain(IVault)


def test_explaining_a_list_draws_every_member(services: ServiceCollection) -> None:
    services.singleton(Settings).singleton(IVault).singleton(IVault, SqlVault)

    text = services.build().explain(list[IVault])

    assert "SqlVault" in text
    assert not text.startswith("Settings")


def test_graph_has_one_node_per_registration_and_one_edge_per_parameter(built: Any) -> None:
    graph = built.graph()

    assert [(node.label, node.lifetime) for node in graph.nodes] == [
        ("Settings", "singleton"), ("IVault", "singleton"), ("Handler", "scoped"),
    ]  # fmt: skip
    assert [(edge.source, edge.target, edge.parameter) for edge in graph.edges] == [
        (1, 0, "settings"), (2, 1, "vault"), (2, 0, "settings"),
    ]  # fmt: skip


def test_graph_nodes_name_implementation_and_places(built: Any) -> None:
    node = built.graph().nodes[1]

    assert node.service == f"{__name__}.IVault"
    assert node.implementation == f"{__name__}.SqlVault"
    assert node.file == node.registered_file == __file__
    assert node.line > 0
    assert node.registered_line > node.line


def test_graph_as_json_holds_the_same_data(built: Any) -> None:
    data = json.loads(built.graph().to_json())

    assert [node["label"] for node in data["nodes"]] == ["Settings", "IVault", "Handler"]
    assert data["edges"][0] == {"source": 1, "target": 0, "parameter": "settings", "relation": ""}


def test_graph_as_mermaid_names_nodes_and_parameters(built: Any) -> None:
    text = built.graph().to_mermaid()

    assert text.startswith("flowchart TD\n")
    assert 's2["Handler<br/>scoped"]' in text
    assert 's2 -->|"vault"| s1' in text


def test_graph_as_dot_names_nodes_and_parameters(built: Any) -> None:
    text = built.graph().to_dot()

    assert text.startswith("digraph services {\n")
    assert 's2 -> s1 [label="vault"];' in text


def test_names_with_quotes_and_brackets_are_escaped(services: ServiceCollection) -> None:
    graph = services.singleton(Settings, key='a"<b>').build().graph()

    assert "<b>" not in graph.to_mermaid()
    assert '\\"<b>' in graph.to_dot()
    assert json.loads(graph.to_json())["nodes"][0]["service"].endswith("['a\"<b>']")


@pytest.mark.check
def test_graph_as_networkx_keeps_parallel_edges(services: ServiceCollection) -> None:
    @dataclass
    class Two:
        left: Settings
        right: Settings

    graph = services.singleton(Settings).singleton(Two).build().graph().to_networkx()

    assert graph.nodes[0]["label"] == "Settings"
    assert sorted(data["parameter"] for _, _, data in graph.edges(data=True)) == ["left", "right"]


def test_graph_holds_no_classes_and_no_objects(built: Any) -> None:
    """Other programs read it; it keeps nothing alive."""
    values = [getattr(node, name) for node in built.graph().nodes for name in node.__slots__]

    assert {type(value) for value in values} <= {int, str, type(None)}
