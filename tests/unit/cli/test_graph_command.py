"""``kimera graph`` as a user starts it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.architecture.trees import layers, write_contracts, write_package
from tests.unit.cli.command import kimera

pytestmark = pytest.mark.check

SHOP = {
    "shop.web.views": "import shop.domain.cart",
    "shop.domain.cart": "import shop.ports\nclass Cart:\n    def __init__(self, store: shop.ports.Store) -> None: ...",
    "shop.infra.db": "import shop.ports\nimport shop.web.views\nclass Db(shop.ports.Store): ...",
    "shop.ports": "class Store: ...",
    "shop.main": """
        from kimera_di import ServiceCollection
        import shop.domain.cart, shop.infra.db, shop.ports

        services = ServiceCollection().singleton(shop.ports.Store, shop.infra.db.Db)
        services.singleton(shop.domain.cart.Cart)
        broken = ServiceCollection().singleton(shop.domain.cart.Cart)
        """,
}
LAYERS = layers('containers = ["shop"]\nlayers = ["web", "infra", "domain"]')
WIRING = """
[[contract]]
id = "wiring"
name = "Wiring"
type = "kimera_wiring"
why = "a test"
services = "shop.main:services"
layers_from = "layers"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_package(tmp_path, SHOP)
    write_contracts(tmp_path, LAYERS + WIRING)
    return tmp_path


def data(folder: Path, *words: str) -> dict[str, Any]:
    ran = kimera(folder, "graph", *words, "--format", "json")
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_json_has_nodes_with_layers_and_edges_with_places(shop: Path) -> None:
    found = data(shop, "shop", "--config", "contracts.toml")

    assert {each["id"]: each["layer"] for each in found["nodes"]}["shop.domain.cart"] == "domain"
    first = found["edges"][0]
    assert {name: first[name] for name in ("importer", "imported", "file", "line", "kind", "violation")} == {
        "importer": "shop.domain.cart",
        "imported": "shop.ports",
        "file": "shop/domain/cart.py",
        "line": 1,
        "kind": "runtime",
        "violation": False,
    }


def test_violation_of_a_contract_is_one_in_the_picture(shop: Path) -> None:
    (shop / "shop" / "domain" / "cart.py").write_text("import shop.web.views", encoding="utf-8")
    write_contracts(shop, LAYERS)

    found = data(shop, "shop", "--config", "contracts.toml")

    broken = [(each["importer"], each["imported"]) for each in found["edges"] if each["violation"]]
    assert broken == [("shop.domain.cart", "shop.web.views"), ("shop.infra.db", "shop.web.views")]


def test_collection_is_drawn_with_its_wiring_beside_the_imports(shop: Path) -> None:
    found = data(shop, "shop.main:services", "--config", "contracts.toml")

    wires = [(each["importer"], each["imported"]) for each in found["edges"] if each["kind"] == "wires"]
    assert wires == [("shop.domain.cart.Cart", "shop.ports.Store"), ("shop.ports.Store", "shop.infra.db.Db")]
    assert ("shop.main", "shop.infra.db") in {(each["importer"], each["imported"]) for each in found["edges"]}


def test_wiring_contract_that_is_broken_makes_both_steps_violations(shop: Path) -> None:
    found = data(shop, "shop.main:services", "--config", "contracts.toml")

    broken = [each["findings"] for each in found["edges"] if each["violation"] and each["kind"] == "wires"]
    assert [[finding["contract"] for finding in some] for some in broken] == [["wiring"], ["wiring"]]


def test_without_a_contract_file_no_edge_is_a_violation(shop: Path) -> None:
    found = data(shop, "shop")

    assert {each["layer"] for each in found["nodes"]} == {None}
    assert not any(each["violation"] for each in found["edges"])


def test_collection_in_a_single_file_is_drawn_without_imports(tmp_path: Path) -> None:
    text = "from kimera_di import ServiceCollection\nclass A: ...\nservices = ServiceCollection().singleton(A)\n"
    (tmp_path / "lonely.py").write_text(text, encoding="utf-8")

    found = data(tmp_path, "lonely:services")

    assert [each["id"] for each in found["nodes"]] == ["lonely.A"]


def test_packages_and_a_collection_are_drawn_together(shop: Path) -> None:
    write_package(shop, {"depot.shelf": "import shop.ports"})

    found = data(shop, "depot", "shop.main:services", "--config", "contracts.toml")

    pairs = {(each["importer"], each["imported"]) for each in found["edges"]}
    assert {("depot.shelf", "shop.ports"), ("shop.domain.cart.Cart", "shop.ports.Store")} <= pairs


def test_depth_collapses_every_format(shop: Path) -> None:
    found = data(shop, "shop", "--depth", "1")

    assert [each["id"] for each in found["nodes"]] == [
        "shop", "shop.domain", "shop.infra", "shop.main", "shop.ports", "shop.web",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ([], "flowchart TB"),
        (["--format", "mermaid"], "flowchart TB"),
        (["--format", "dot"], 'digraph "shop" {'),
        (["--format", "json"], "{"),
        (["--format", "html"], "<!doctype html>"),
    ],
    ids=["default", "mermaid", "dot", "json", "html"],
)
def test_format_is_written_to_stdout(shop: Path, words: list[str], first: str) -> None:
    ran = kimera(shop, "graph", "shop", *words)

    assert (ran.returncode, ran.stderr, ran.stdout.splitlines()[0]) == (0, "", first)


def test_output_makes_its_folders_and_leaves_stdout_empty(shop: Path) -> None:
    ran = kimera(shop, "graph", "shop", "--format", "html", "--output", "site/pictures/shop.html")

    assert (ran.returncode, ran.stdout) == (0, "")
    assert (shop / "site" / "pictures" / "shop.html").read_text(encoding="utf-8").endswith("</html>\n")


def test_output_that_cannot_be_written_exits_with_two(shop: Path) -> None:
    ran = kimera(shop, "graph", "shop", "--output", "contracts.toml/shop.html")

    assert ran.returncode == 2
    assert "KD406 cannot write the report to contracts.toml/shop.html" in ran.stderr
    assert "give a path that can be written: --output FILE" in ran.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shop", "--format", "svg"], "kimera graph ... --format dot | dot -Tsvg -o graph.svg"),
        (["shop", "--format", "png"], "'png' is no format; use mermaid, dot, json, html"),
        (["shop", "--depth", "0"], "0 is not in the range x>=1"),
        (["shpo"], "did you mean  shop"),
        (["shop.wbe"], "there is no module 'shop.wbe'"),
        (["shop.main:servics"], "did you mean  services"),
        (["shop", "--config", "nowhere.toml"], "there is no contract file nowhere.toml"),
    ],
    ids=["svg", "unknown format", "depth", "package", "module", "collection", "config"],
)
def test_what_cannot_be_drawn_exits_with_two_and_says_why(shop: Path, words: list[str], said: str) -> None:
    ran = kimera(shop, "graph", *words)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_file_that_does_not_parse_exits_with_three_and_the_rest_is_drawn(shop: Path) -> None:
    (shop / "shop" / "bad.py").write_text("import (", encoding="utf-8")

    ran = kimera(shop, "graph", "shop", "--format", "json")

    assert ran.returncode == 3
    assert ran.stderr == "not read, so imports in it are missing here: shop/bad.py\n"
    assert [each["file"] for each in json.loads(ran.stdout)["unseen"]] == ["shop/bad.py"]
    assert "shop.web.views" in ran.stdout


def test_allowed_unseen_file_is_no_trouble(shop: Path) -> None:
    (shop / "shop" / "templates").mkdir()
    (shop / "shop" / "templates" / "x.py").touch()
    write_contracts(shop, LAYERS, session='root_packages = ["shop"]\nkimera = { allow_unseen = ["shop/templates/**"] }')

    ran = kimera(shop, "graph", "shop", "--config", "contracts.toml")

    assert (ran.returncode, ran.stderr) == (0, "")


def test_collection_with_problems_exits_with_one_and_is_drawn(shop: Path) -> None:
    ran = kimera(shop, "graph", "shop.main:broken")

    assert (ran.returncode, ran.stderr) == (1, "KD201 nothing provides Store\n")
    assert "shop.domain.cart.Cart" in ran.stdout


def test_contract_that_cannot_be_checked_exits_with_two_and_the_rest_is_drawn(shop: Path) -> None:
    write_contracts(shop, LAYERS + WIRING.replace("shop.main:services", "shop.main:servics"))

    ran = kimera(shop, "graph", "shop", "--config", "contracts.toml")

    assert ran.returncode == 2
    assert "Wiring was not checked" in ran.stderr
    assert "linkStyle 4 " in ran.stdout
    assert 'subgraph lane1["web"]' in ran.stdout


def test_contract_file_about_other_packages_says_that_no_layer_is_shown(shop: Path) -> None:
    write_package(shop, {"depot.a": ""})

    ran = kimera(shop, "graph", "depot", "--config", "contracts.toml")

    assert ran.returncode == 0
    assert ran.stderr == "contracts.toml: no layer that any of this is in, so the picture shows none\n"


@pytest.mark.parametrize("output", ["mermaid", "dot", "json", "html"])
def test_picture_is_the_same_for_every_hash_seed(shop: Path, output: str) -> None:
    words = ("graph", "shop.main:services", "--config", "contracts.toml", "--format", output)

    written = {kimera(shop, *words, PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "2")}

    assert len(written) == 1
    assert "shop.domain.cart.Cart" in written.pop()
