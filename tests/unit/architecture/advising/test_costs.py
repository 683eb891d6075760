"""What an import costs to remove decides which one of a cycle is cut."""

from pathlib import Path

import pytest

from kimera_di.architecture.advising.costs import DEFERRED, QUOTED, REPLACED, RemovalCosts
from kimera_di.architecture.cycles.cycle_report import report_cycles
from kimera_di.architecture.model.specs import ImportKind
from tests.unit.architecture.advising.trees import ALL, LOADING, RUNTIME
from tests.unit.architecture.trees import check, read_tree, write_package

pytestmark = pytest.mark.check

CYCLE = {
    "shop.a": "from shop.b import B\nclass A:\n    def go(self): return B()\n",
    "shop.b": "from shop.c import C\nclass B(C): ...\n",
    "shop.c": "from shop.a import A\nclass C:\n    def go(self, one: 'A'): ...\n",
}
CONTRACT = '[[contract]]\nid = "c"\nname = "C"\ntype = "kimera_acyclic"\nwhy = "w"\npackages = ["shop"]\n'


@pytest.mark.parametrize(
    ("kinds", "efforts"),
    [(LOADING, (DEFERRED, REPLACED, QUOTED)), (RUNTIME, (REPLACED, REPLACED, QUOTED)), (ALL, (REPLACED,) * 3)],
    ids=["loading", "runtime", "all"],
)
def test_effort_is_that_of_the_cheapest_way_that_helps(
    kinds: tuple[ImportKind, ...], efforts: tuple[int, ...], tmp_path: Path
) -> None:
    costs = RemovalCosts(read_tree(write_package(tmp_path, CYCLE)).graph, kinds)

    assert tuple(costs.effort(pair) for pair in (("shop.a", "shop.b"), ("shop.b", "shop.c"), ("shop.c", "shop.a"))) == (
        efforts
    )


def test_import_for_type_checkers_is_the_cheapest_to_remove(tmp_path: Path) -> None:
    guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.b import B\nx: 'B'\n"
    tree = read_tree(write_package(tmp_path, {"shop.a": guarded, "shop.b": "class B: ...\n"}))

    assert RemovalCosts(tree.graph, ALL).effort(("shop.a", "shop.b")) == QUOTED


def test_cheapest_import_of_a_cycle_is_cut(tmp_path: Path) -> None:
    tree = read_tree(write_package(tmp_path, CYCLE))

    (knot,) = report_cycles(tree, ["shop"], RUNTIME, RemovalCosts(tree.graph, RUNTIME).weights).knots

    assert knot.cut.pairs == (("shop.c", "shop.a"),)
    assert knot.cut.minimum


def test_one_dear_import_is_cut_before_three_cheap_ones(tmp_path: Path) -> None:
    hub = "".join(f"import shop.s{n}\nclass A{n}(shop.s{n}.S): ...\n" for n in range(3))
    spokes = {f"shop.s{n}": "import shop.low\nx: 'shop.low.L'\nclass S: ...\n" for n in range(3)}
    modules = {"shop.hub": hub, **spokes, "shop.low": "import shop.hub\nclass L(shop.hub.A0): ...\n"}
    tree = read_tree(write_package(tmp_path, modules))

    (knot,) = report_cycles(tree, ["shop"], RUNTIME, RemovalCosts(tree.graph, RUNTIME).weights).knots

    assert knot.cut.pairs == (("shop.low", "shop.hub"),)


def test_contract_cuts_what_the_command_cuts_and_says_how(tmp_path: Path) -> None:
    report = check(tmp_path, CYCLE, CONTRACT)

    (finding,) = report.findings
    assert (finding.importer, finding.imported) == ("shop.c", "shop.a")
    assert finding.advice == "move it under TYPE_CHECKING: A is used in annotations only"


def test_layer_finding_says_when_moving_the_import_is_enough(tmp_path: Path) -> None:
    contract = '[[contract]]\nid = "l"\nname = "L"\ntype = "kimera_layers"\nwhy = "w"\ncontainers = ["shop"]\n'
    contract += 'layers = ["a", "c"]\nkinds = ["runtime", "lazy"]\n'

    report = check(tmp_path, {**CYCLE, "shop.b": "class B: ...\n"}, contract)

    assert [finding.advice for finding in report.findings] == [
        "move it under TYPE_CHECKING: A is used in annotations only"
    ]


def test_large_contract_reads_few_files_for_advice(tmp_path: Path) -> None:
    modules = {f"shop.low.m{n}": f"{CYCLE['shop.c']}" for n in range(15)}
    contract = '[[contract]]\nid = "l"\nname = "L"\ntype = "kimera_layers"\nwhy = "w"\ncontainers = ["shop"]\n'
    contract += 'layers = ["a", "low"]\nkinds = ["runtime", "lazy"]\n'

    report = check(tmp_path, {"shop.a": "class A: ...\n", **modules}, contract)

    told = [finding for finding in report.findings if finding.advice.startswith("move it under TYPE_CHECKING")]
    assert (len(report.findings), len(told)) == (15, 10)
