"""Wiring in a picture: classes and factories, drawn as the findings of wiring contracts name them."""

from pathlib import Path

import pytest

from kimera_di.architecture.drawing.import_picture import faults_of
from kimera_di.architecture.drawing.lanes import LayerTable, lanes_of_layers
from kimera_di.architecture.drawing.picture import Fault, Node, Picture
from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.specs import LayersOptions
from kimera_di.composition.loading import load_wiring
from kimera_di.composition.locators import ResolvesEdge
from kimera_di.composition.wiring import check_wiring
from kimera_di.composition.wiring_picture import draw_wiring
from tests.unit.architecture.trees import write_package

pytestmark = pytest.mark.check

PORTS = "class Store: ...\nclass Wide: ..."
DOMAIN = """
from {name}.ports import Store
class Cart:
    def __init__(self, store: Store) -> None: ...
"""
INFRA = """
import sqlite3
from {name}.ports import Store
class SqlStore(Store):
    def __init__(self, connection: sqlite3.Connection) -> None: ...
def open_connection() -> sqlite3.Connection:
    raise AssertionError("nothing is built")
"""
MAIN = """
import sqlite3
from kimera_di import ServiceCollection
from {name}.domain import Cart
from {name}.infra import SqlStore, open_connection
from {name}.ports import Store, Wide

services = ServiceCollection()
services.singleton(Cart)
services.singleton(Store, SqlStore)
services.singleton(sqlite3.Connection, open_connection)
services.singleton(Wide)
"""
ORDER = LayerOrder.from_options(LayersOptions(layers=("infra", "domain"), containers=("*",)))


def drawn(root: Path, name: str) -> Picture:
    """Draw the wiring of a small shop; a name is used once, because its modules stay imported."""
    modules = {"ports": PORTS, "domain": DOMAIN, "infra": INFRA, "main": MAIN}
    write_package(root, {f"{name}.{module}": text.replace("{name}", name) for module, text in modules.items()})
    wiring = load_wiring(f"{name}.main:services", [str(root)])
    lanes = lanes_of_layers([LayerTable("layers", ORDER)])
    faults = faults_of(check_wiring(wiring.graph, ORDER, "wiring"))
    return draw_wiring(Picture("", lanes.rows, (), ()), lanes, [wiring], (), faults, own={name})


def test_consumer_leads_to_interface_and_interface_to_implementation(tmp_path: Path) -> None:
    picture = drawn(tmp_path, "wired_steps")

    assert [(each.importer, each.imported, each.kind) for each in picture.edges] == [
        ("sqlite3.Connection", "wired_steps.infra.open_connection", "wires"),
        ("wired_steps.domain.Cart", "wired_steps.ports.Store", "wires"),
        ("wired_steps.infra.SqlStore", "sqlite3.Connection", "wires"),
        ("wired_steps.ports.Store", "wired_steps.infra.SqlStore", "wires"),
    ]


def test_steps_name_the_class_that_asks_and_the_line_that_registers(tmp_path: Path) -> None:
    picture = drawn(tmp_path, "wired_lines")

    lines = {each.importer: each.lines[0] for each in picture.edges}
    asks, binds = lines["wired_lines.domain.Cart"], lines["wired_lines.ports.Store"]
    assert (Path(asks.file or "").name, asks.line) == ("domain.py", 3)
    assert (Path(binds.file or "").name, binds.line) == ("main.py", 10)


def test_both_steps_of_a_wiring_finding_are_violations(tmp_path: Path) -> None:
    picture = drawn(tmp_path, "wired_faults")

    broken = [(each.importer, each.imported) for each in picture.edges if each.violation]
    assert broken == [
        ("wired_faults.domain.Cart", "wired_faults.ports.Store"),
        ("wired_faults.ports.Store", "wired_faults.infra.SqlStore"),
    ]


def test_class_of_another_package_stands_below_all_layers(tmp_path: Path) -> None:
    picture = drawn(tmp_path, "wired_outside")

    placed = {each.id: picture.lanes[each.lane].label for each in picture.nodes}
    assert placed["sqlite3.Connection"] == "other packages"
    assert placed["wired_outside.ports.Store"] == "in no layer"
    assert placed["wired_outside.infra.SqlStore"] == "infra"


def test_service_that_nobody_is_given_is_drawn_too(tmp_path: Path) -> None:
    picture = drawn(tmp_path, "wired_alone")

    assert "wired_alone.ports.Wide" in {each.id for each in picture.nodes}


def test_picture_without_any_collection_stays_as_it_is() -> None:
    lanes = lanes_of_layers([])

    picture = draw_wiring(Picture("shop", lanes.rows, (), ()), lanes, [])

    assert (picture.nodes, picture.edges) == ((), ())


def test_module_that_asks_the_container_leads_to_it(tmp_path: Path) -> None:
    lanes = lanes_of_layers([LayerTable("layers", ORDER)])
    module = Node("shop.domain", "module", 0)
    asks = [ResolvesEdge("shop.domain", "kimera_di.Scope", "shop/domain.py", line, ".resolve") for line in (4, 9)]
    fault = Fault("roots", "asks")

    picture = draw_wiring(
        Picture("shop", lanes.rows, (module,), ()), lanes, [], asks, {("shop.domain", "kimera_di.Scope"): (fault,)}
    )

    (edge,) = picture.edges
    assert (edge.importer, edge.imported, edge.kind, edge.faults) == (
        "shop.domain",
        "kimera_di.Scope",
        "resolves",
        (fault,),
    )
    assert [line.line for line in edge.lines] == [4, 9]
    assert {node.id: picture.lanes[node.lane].label for node in picture.nodes}["kimera_di.Scope"] == "other packages"


def test_module_that_is_not_drawn_asks_nobody() -> None:
    lanes = lanes_of_layers([LayerTable("layers", ORDER)])
    asks = [ResolvesEdge("elsewhere.web", "kimera_di.Scope", "web.py", 4, ".resolve")]

    picture = draw_wiring(Picture("shop", lanes.rows, (), ()), lanes, [], asks)

    assert picture.edges == ()
    assert picture.nodes == ()


def test_function_that_is_called_with_services_is_a_consumer(tmp_path: Path) -> None:
    main = MAIN + "def handler(store: Injected[Store]) -> None: ...\nservices.validate_call(handler)\n"
    modules = {
        "ports": PORTS,
        "domain": DOMAIN,
        "infra": INFRA,
        "main": main.replace("import Serv", "import Injected, Serv"),
    }
    write_package(tmp_path, {f"wired_calls.{m}": text.replace("{name}", "wired_calls") for m, text in modules.items()})
    lanes = lanes_of_layers([LayerTable("layers", ORDER)])

    wiring = load_wiring("wired_calls.main:services", [str(tmp_path)])
    picture = draw_wiring(Picture("", lanes.rows, (), ()), lanes, [wiring])

    assert ("wired_calls.main.handler", "wired_calls.ports.Store") in {
        (each.importer, each.imported) for each in picture.edges
    }
