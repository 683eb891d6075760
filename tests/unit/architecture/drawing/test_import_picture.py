"""What is in a picture of imports: modules in lanes, edges with their lines, violations."""

from pathlib import Path

import pytest

from kimera_di.architecture.drawing.import_picture import faults_of
from kimera_di.architecture.model.findings import Finding, Kind, Link
from tests.unit.architecture.drawing.pictures import LAYERS, SHOP, drawn, edge, node
from tests.unit.architecture.trees import layers

pytestmark = pytest.mark.check


def test_module_stands_in_the_row_of_its_layer(tmp_path: Path) -> None:
    picture, _ = drawn(tmp_path)

    placed = {each.id: picture.lanes[each.lane].label for each in picture.nodes}
    assert placed == {
        "shop": "in no layer",
        "shop.domain": "domain",
        "shop.domain.cart": "domain",
        "shop.infra": "infra",
        "shop.infra.db": "infra",
        "shop.main": "in no layer",
        "shop.web": "web",
        "shop.web.forms": "web",
        "shop.web.views": "web",
    }


def test_rows_of_siblings_are_one_lane(tmp_path: Path) -> None:
    contracts = layers('containers = ["shop"]\nlayers = ["web", "domain | infra"]')

    picture, _ = drawn(tmp_path, contracts=contracts)

    assert [lane.label for lane in picture.lanes] == ["in no layer", "web", "domain | infra"]
    assert [node(picture, name).layer for name in ("shop.domain", "shop.infra", "shop")] == ["domain", "infra", None]


def test_second_contract_places_what_the_first_leaves_out(tmp_path: Path) -> None:
    second = LAYERS.replace('id = "layers"', 'id = "tops"').replace('["web", "domain", "infra"]', '["main", "web"]')

    picture, _ = drawn(tmp_path, contracts=LAYERS + second)

    main = node(picture, "shop.main")
    assert (picture.lanes[main.lane].contract, main.layer) == ("tops", "main")
    assert picture.lanes[node(picture, "shop.web").lane].contract == "layers"


def test_package_and_module_are_told_apart(tmp_path: Path) -> None:
    picture, _ = drawn(tmp_path)

    assert [node(picture, name).kind for name in ("shop.web", "shop.web.views")] == ["package", "module"]


@pytest.mark.parametrize(
    ("importer", "imported", "kind", "line"),
    [
        ("shop.web.views", "shop.domain.cart", "runtime", 1),
        ("shop.web.forms", "shop.domain.cart", "deferred", 2),
        ("shop.domain.cart", "shop.infra.db", "typing", 3),
    ],
)
def test_edge_has_the_kind_and_line_of_its_import(
    tmp_path: Path, importer: str, imported: str, kind: str, line: int
) -> None:
    picture, _ = drawn(tmp_path)

    found = edge(picture, importer, imported)
    assert (found.kind, found.lines[0].line) == (kind, line)


def test_pair_imported_twice_is_one_edge_with_two_lines(tmp_path: Path) -> None:
    picture, _ = drawn(tmp_path)

    assert [line.line for line in edge(picture, "shop.main", "shop.web.views").lines] == [1, 2]


def test_strongest_line_of_an_edge_comes_first(tmp_path: Path) -> None:
    modules = {"shop.a": "def f():\n    import shop.b\nimport shop.b", "shop.b": ""}

    picture, _ = drawn(tmp_path, modules, contracts="")

    assert [(line.line, line.kind) for line in edge(picture, "shop.a", "shop.b").lines] == [
        (3, "runtime"),
        (2, "deferred"),
    ]


def test_only_what_a_finding_names_is_a_violation(tmp_path: Path) -> None:
    picture, _ = drawn(tmp_path)

    broken = [each for each in picture.edges if each.violation]
    assert [(each.importer, each.imported) for each in broken] == [("shop.infra.db", "shop.web.views")]
    assert [fault.contract for fault in broken[0].faults] == ["layers"]


def test_modules_outside_of_the_named_packages_are_left_out(tmp_path: Path) -> None:
    picture, _ = drawn(tmp_path, packages=("shop.web", "shop.main"))

    assert {each.id for each in picture.nodes} == {"shop.main", "shop.web", "shop.web.forms", "shop.web.views"}
    assert {(each.importer, each.imported) for each in picture.edges} == {
        ("shop.main", "shop.web.views"),
        ("shop.web.views", "shop.web.forms"),
    }


def test_without_layers_packages_stand_below_what_imports_them(tmp_path: Path) -> None:
    modules = {**SHOP, "shop.infra.db": ""}

    picture, _ = drawn(tmp_path, modules, contracts="")

    levels = {each.id: picture.lanes[each.lane].label for each in picture.nodes}
    wanted = {"shop.main": "level 1", "shop.web": "level 2", "shop.domain": "level 3", "shop.infra": "level 4"}
    assert {name: levels[name] for name in wanted} == wanted
    assert levels["shop.web.views"] == "level 2"


def test_root_package_that_hands_on_everything_ties_no_knot(tmp_path: Path) -> None:
    modules = {"shop": "import shop.high, shop.low", "shop.high": "import shop.low", "shop.low": "import shop"}

    picture, _ = drawn(tmp_path, modules, contracts="")

    assert [(each.id, picture.lanes[each.lane].label) for each in picture.nodes] == [
        ("shop", "level 1"),
        ("shop.high", "level 1"),
        ("shop.low", "level 2"),
    ]


def test_packages_that_import_each_other_stand_on_one_level(tmp_path: Path) -> None:
    picture, _ = drawn(tmp_path, contracts="")

    assert len({node(picture, name).lane for name in ("shop.web", "shop.domain", "shop.infra")}) == 1


@pytest.mark.parametrize(
    ("kind", "pairs"),
    [
        ("runtime", {("a", "b")}),
        ("wires", {("a", "b"), ("b", "c")}),
        ("captive", {("a", "b"), ("b", "c")}),
    ],
)
def test_finding_about_wiring_names_every_step_and_one_about_imports_the_first(
    kind: Kind, pairs: set[tuple[str, str]]
) -> None:
    chain = (Link("a", "b", None, None), Link("b", "c", None, None))
    finding = Finding("KD000", "x", kind, "a", "b", None, None, "said", chain)

    assert set(faults_of([finding])) == pairs


def test_finding_without_an_import_names_no_edge() -> None:
    finding = Finding("KD000", "x", "metric", "a", None, None, None, "too many")

    assert faults_of([finding]) == {}
