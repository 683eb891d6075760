"""Packages in place of their modules."""

from dataclasses import replace
from pathlib import Path

import pytest

from kimera_di.architecture.drawing.collapsing import MOST_LINES, collapse, deepest
from kimera_di.architecture.drawing.picture import Lane, Node
from tests.unit.architecture.drawing.pictures import SHOP, drawn, edge, node
from tests.unit.architecture.trees import layers

pytestmark = pytest.mark.check


def test_depth_of_one_draws_the_children_of_the_package(tmp_path: Path) -> None:
    picture, lanes = drawn(tmp_path)

    small = collapse(picture, lanes, ["shop"], 1)

    assert {each.id: each.inside for each in small.nodes} == {
        "shop": 0,
        "shop.domain": 1,
        "shop.infra": 1,
        "shop.main": 0,
        "shop.web": 2,
    }


def test_edges_inside_of_a_package_are_gone_and_others_joined(tmp_path: Path) -> None:
    picture, lanes = drawn(tmp_path)

    small = collapse(picture, lanes, ["shop"], 1)

    assert [(each.importer, each.imported, each.kind) for each in small.edges] == [
        ("shop.domain", "shop.infra", "typing"),
        ("shop.infra", "shop.web", "runtime"),
        ("shop.main", "shop.web", "runtime"),
        ("shop.web", "shop.domain", "runtime"),
    ]


def test_joined_edge_stays_a_violation_and_shows_the_line_of_one(tmp_path: Path) -> None:
    modules = {**SHOP, "shop.infra.a": "import shop.web.forms", "shop.infra.b": "\nimport shop.web.forms"}
    picture, lanes = drawn(tmp_path, modules)

    joined = edge(collapse(picture, lanes, ["shop"], 1), "shop.infra", "shop.web")

    assert len(joined.faults) == 3
    assert joined.lines[0].file is not None
    assert joined.lines[0].file.endswith("shop/infra/a.py")


def test_violation_is_not_lost_among_legal_imports(tmp_path: Path) -> None:
    ignored = '\nignore = [{ import = "shop.infra.a -> shop.web.forms", reason = "x" }]'
    contract = layers('containers = ["shop"]\nlayers = ["web", "domain", "infra"]' + ignored)
    picture, lanes = drawn(tmp_path, {**SHOP, "shop.infra.a": "import shop.web.forms"}, contract)

    joined = edge(collapse(picture, lanes, ["shop"], 1), "shop.infra", "shop.web")

    assert not edge(picture, "shop.infra.a", "shop.web.forms").violation
    assert joined.violation
    assert joined.lines[0].file is not None
    assert joined.lines[0].file.endswith("shop/infra/db.py")


def test_layers_deep_in_a_package_stay_apart(tmp_path: Path) -> None:
    modules = {"shop.core.api.a": "import shop.core.low.b", "shop.core.low.b": "", "shop.core.low.c": ""}
    contract = layers('containers = ["shop.core"]\nlayers = ["api", "low"]')
    picture, lanes = drawn(tmp_path, modules, contract)

    small = collapse(picture, lanes, ["shop"], 1)

    assert [each.id for each in small.nodes] == ["shop", "shop.core", "shop.core.api", "shop.core.low"]
    assert node(small, "shop.core.low").inside == 2


def test_class_of_another_package_stays_in_its_lane(tmp_path: Path) -> None:
    picture, lanes = drawn(tmp_path)
    lane = len(picture.lanes)
    others = (Node("other.a.B", "class", lane), Node("other.a.C", "class", lane))
    wider = replace(picture, lanes=(*picture.lanes, Lane("other packages", None)), nodes=(*picture.nodes, *others))

    small = collapse(wider, lanes, ["shop"], 1)

    assert [(each.id, each.lane, each.inside) for each in small.nodes if each.id.startswith("other")] == [
        ("other.a", lane, 2)
    ]


def test_joined_edge_keeps_a_few_lines_only(tmp_path: Path) -> None:
    many = {f"shop.web.m{number}": "import shop.domain.cart" for number in range(20)}
    picture, lanes = drawn(tmp_path, {**SHOP, **many})

    joined = edge(collapse(picture, lanes, ["shop"], 1), "shop.web", "shop.domain")

    assert len(joined.lines) == MOST_LINES


def test_deepest_depth_joins_nothing(tmp_path: Path) -> None:
    picture, lanes = drawn(tmp_path)

    assert collapse(picture, lanes, ["shop"], deepest(picture)) == picture
