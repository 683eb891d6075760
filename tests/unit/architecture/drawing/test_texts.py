"""Mermaid, DOT and JSON."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from kimera_di.architecture.drawing.dot import quoted, to_dot
from kimera_di.architecture.drawing.json_picture import to_json
from kimera_di.architecture.drawing.mermaid import MOST_CHARACTERS, MOST_EDGES, MOST_NODES, escaped, shrink, to_mermaid
from kimera_di.architecture.drawing.picture import Edge, Line, Node, Picture
from tests.unit.architecture.drawing.pictures import SHOP, drawn

pytestmark = pytest.mark.check

SMALL = {
    "shop.web": "import shop.core",
    "shop.core": "def f():\n    import shop.web",
    "shop.main": "import shop.web",
}
MERMAID = """\
flowchart TB
    subgraph lane0["in no layer"]
        n0["shop"]
        n2["shop.main"]
    end
    subgraph lane1["web"]
        n3["shop.web"]
    end
    subgraph lane2["core"]
        n1["shop.core"]
    end
    n2 --> n3
    n3 --> n1
    n1 -.-> n3
    lane0 ~~~ lane1
    lane1 ~~~ lane2
    linkStyle 2 stroke:#c0182b,stroke-width:3px
"""
CONTRACT = """
[[contract]]
name = "Layers"
type = "kimera_layers"
why = "a test"
containers = ["shop"]
layers = ["web", "core"]
"""


def test_mermaid_has_lanes_kinds_and_red_violations(tmp_path: Path) -> None:
    picture, lanes = drawn(tmp_path, SMALL, CONTRACT)

    assert to_mermaid(shrink(picture, lanes, ["shop"])) == MERMAID


@pytest.mark.parametrize(
    ("kind", "arrow"),
    [("runtime", "-->"), ("deferred", "-.->"), ("typing", "-.->"), ("lazy", "-.->"), ("wires", "==>")],
)
def test_mermaid_has_an_arrow_of_its_own_for_a_kind(tmp_path: Path, kind: str, arrow: str) -> None:
    picture, lanes = drawn(tmp_path, SMALL, CONTRACT)
    one = replace(picture, edges=(Edge("shop.main", "shop.web", kind, (Line("a.py", 1, kind),)),))

    assert f"    n2 {arrow} n3\n" in to_mermaid(shrink(one, lanes, ["shop"]))


def test_large_picture_is_collapsed_for_mermaid_and_says_so(tmp_path: Path) -> None:
    many = {f"shop.web.m{number}": "import shop.domain.cart" for number in range(MOST_NODES)}
    picture, lanes = drawn(tmp_path, {**SHOP, **many})

    text = to_mermaid(shrink(picture, lanes, ["shop"]))

    assert "%% collapsed to packages at depth 1" in text
    assert f'["shop.web #40;and {MOST_NODES + 2} more#41;"]' in text
    assert len(text) < MOST_CHARACTERS


def test_asked_depth_is_kept_although_it_is_too_large(tmp_path: Path) -> None:
    many = {f"shop.m{a}": "".join(f"import shop.m{b}\n" for b in range(a)) for a in range(34)}
    picture, lanes = drawn(tmp_path, many, contracts="")

    text = to_mermaid(shrink(picture, lanes, ["shop"], 1))

    assert text.count(" --> ") == 34 * 33 // 2 > MOST_EDGES
    assert "%% 35 nodes and 561 edges: Mermaid draws at most 500 edges" in text


def test_flat_package_that_cannot_be_made_smaller_says_so(tmp_path: Path) -> None:
    picture, lanes = drawn(tmp_path, {f"shop.m{number}": "" for number in range(MOST_NODES)}, contracts="")

    shrunk = shrink(picture, lanes, ["shop"])

    assert not shrunk.fits
    assert f"%% {MOST_NODES + 1} nodes and 0 edges" in to_mermaid(shrunk)


def test_mermaid_text_cannot_end_its_quotation_marks() -> None:
    assert escaped('a"]-->b[<script>;%%\n#é') == "a#34;#93;#45;#45;#62;b#91;#60;script#62;#59;#37;#37;#10;#35;é"


def test_dot_has_clusters_and_violations_that_do_not_turn_it_around(tmp_path: Path) -> None:
    picture, _ = drawn(tmp_path, SMALL, CONTRACT)

    text = to_dot(picture)

    assert re.findall(r"subgraph (cluster_\d)", text) == ["cluster_0", "cluster_1", "cluster_2"]
    assert '"shop.core" -> "shop.web" [style=dashed, color="#c0182b", penwidth=2, constraint=false];' in text
    assert '"shop.web" -> "shop.core" [style=solid];' in text


def test_dot_text_cannot_end_its_quotation_marks() -> None:
    assert quoted('a"];b\\n\n') == '"a\\"];b\\\\n\\n"'


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_draws_what_is_written(tmp_path: Path) -> None:
    picture, _ = drawn(tmp_path, SMALL, CONTRACT)

    ran = subprocess.run(["dot", "-Tplain"], input=to_dot(picture), capture_output=True, text=True, check=True)

    rows = [line.replace('"', "").split() for line in ran.stdout.splitlines() if line.startswith("node")]
    heights = {row[1]: float(row[3]) for row in rows}
    assert heights["shop.main"] > heights["shop.web"] > heights["shop.core"]


def test_json_is_complete_and_sorted(tmp_path: Path) -> None:
    picture, _ = drawn(tmp_path, SMALL, CONTRACT)

    data = json.loads(to_json(picture))

    assert [(each["id"], each["layer"]) for each in data["nodes"]] == [
        ("shop", None),
        ("shop.core", "core"),
        ("shop.main", None),
        ("shop.web", "web"),
    ]
    assert [
        (each["importer"], each["imported"], each["line"], each["kind"], each["violation"]) for each in data["edges"]
    ] == [
        ("shop.core", "shop.web", 2, "deferred", True),
        ("shop.main", "shop.web", 1, "runtime", False),
        ("shop.web", "shop.core", 1, "runtime", False),
    ]
    assert data["edges"][0]["file"].endswith("shop/core.py")


def test_file_that_could_not_be_read_is_in_the_json(tmp_path: Path) -> None:
    from kimera_di.architecture.model.findings import Unseen

    picture = Picture("shop", (), (), (), (Unseen("shop/bad.py", "does not parse"),))

    assert json.loads(to_json(picture))["unseen"] == [{"file": "shop/bad.py", "reason": "does not parse"}]


def test_node_that_stands_for_others_says_for_how_many() -> None:
    picture = Picture("shop", (), (Node("shop.web", "package", 0, inside=3),), ())

    assert json.loads(to_json(picture))["nodes"][0]["inside"] == 3
