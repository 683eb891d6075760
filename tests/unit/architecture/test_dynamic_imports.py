"""Imports by calls count only for the contracts that ask for them, and the same for every tool."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.model.module_graph import UnresolvedImport
from kimera_di.architecture.reading.packages import find_packages
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.text_report import render_text
from tests.unit.architecture.trees import check, layers, pairs, read_tree, write_contracts, write_package

pytestmark = pytest.mark.check

SHOP = {
    "shop.web": "import shop.core",
    "shop.core": """
        from importlib import import_module
        import_module("shop.web")
        import_module(name)
        """,
}
LAYERS = 'layers = ["web", "core"]\ncontainers = ["shop"]\n'
DYNAMIC = layers(f'{LAYERS}kinds = ["runtime", "dynamic"]')


def test_layers_that_ask_see_the_call_with_its_line(tmp_path: Path) -> None:
    report = check(tmp_path, SHOP, DYNAMIC)

    assert pairs(report.findings) == [("shop.core", "shop.web")]
    assert [(finding.kind, finding.line) for finding in report.findings] == [("dynamic", 3)]
    assert report.exit_code == 1


def test_without_the_kind_neither_verdict_nor_counts_know_the_call(tmp_path: Path) -> None:
    report = check(tmp_path, SHOP, layers(LAYERS))
    asked = check(tmp_path, SHOP, DYNAMIC)

    assert (report.kept, report.unresolved) == (True, ())
    assert report.imports == asked.imports == {("shop.web", "shop.core")}


def test_acyclic_contract_that_asks_sees_the_cycle(tmp_path: Path) -> None:
    contract = layers('packages = ["shop"]\nkinds = ["runtime", "dynamic"]').replace("kimera_layers", "kimera_acyclic")
    used = SHOP | {
        "shop.web": "import shop.core\n\nprint(shop.core)"
    }  # an import that nobody uses would be cut instead

    report = check(tmp_path, used, contract)

    assert [finding.kind for finding in report.findings] == ["dynamic"]
    assert {link.imported for link in report.findings[0].chain} == {"shop.web", "shop.core"}


def test_static_import_is_the_stronger_kind(tmp_path: Path) -> None:
    core = "import importlib\nimportlib.import_module('shop.web')\ndef f():\n    import shop.web\n"
    contract = layers(f'{LAYERS}kinds = ["deferred", "dynamic"]')

    report = check(tmp_path, {"shop.web": "", "shop.core": core}, contract)

    assert [(finding.kind, finding.line) for finding in report.findings] == [("deferred", 4)]


def test_call_is_ignored_with_a_reason_like_any_import(tmp_path: Path) -> None:
    ignore = '\nignore = [{ import = "shop.core -> shop.web", reason = "plugins" }]'

    report = check(tmp_path, SHOP, DYNAMIC + ignore)

    assert report.kept
    assert [(item.importer, item.line) for item in report.contracts[0].ignored] == [("shop.core", 3)]


def test_computed_name_is_a_note_and_fails_nothing(tmp_path: Path) -> None:
    report = check(tmp_path, {**SHOP, "shop.core": SHOP["shop.core"].replace("shop.web", "os")}, DYNAMIC)

    place = f"{tmp_path}/shop/core.py"
    assert report.kept
    assert report.unresolved == (UnresolvedImport("shop.core", place, 4, "the name is computed"),)
    assert f"NOTE    {place}:4   dynamic import not followed: the name is computed\n" in render_text(report)
    assert json.loads(report.to_json())["unresolved"] == [
        {"importer": "shop.core", "file": place, "line": 4, "reason": "the name is computed"}
    ]


def test_name_that_is_no_module_counts_as_its_package(tmp_path: Path) -> None:
    """As ``import shop.web.missing`` does."""
    modules = {"shop.web": "", "shop.core": "__import__('shop.web.missing')\n__import__('shop.core.own')"}

    assert pairs(check(tmp_path, modules, DYNAMIC).findings) == [("shop.core", "shop.web")]


def test_cache_gives_the_same_calls_and_keeps_both_graphs_apart(tmp_path: Path) -> None:
    write_package(tmp_path, SHOP)
    packages, cache = find_packages(["shop"], [tmp_path]), tmp_path / "cache"

    first = [TreeReader(cache).read(packages, dynamic=dynamic) for dynamic in (True, False)]
    again = [TreeReader(cache).read(packages, dynamic=dynamic) for dynamic in (True, False)]

    assert first == again
    assert first[0].graph.dynamic == {"shop.core": {"shop.web": (3,)}}
    assert [len(tree.graph.unresolved) for tree in again] == [1, 0]


def test_one_reader_keeps_both_graphs_apart(tmp_path: Path) -> None:
    write_package(tmp_path, SHOP)
    packages, reader = find_packages(["shop"], [tmp_path]), TreeReader()

    found = [dict(reader.read(packages, dynamic=dynamic).graph.dynamic) for dynamic in (False, True, False)]

    assert [len(calls) for calls in found] == [0, 1, 0]


def test_graph_that_nobody_asked_calls_of_has_none(tmp_path: Path) -> None:
    assert read_tree(write_package(tmp_path, SHOP)).graph.dynamic == {}


def test_lint_imports_says_the_same(tmp_path: Path) -> None:
    write_package(tmp_path, SHOP)
    session = 'root_packages = ["shop"]\ncontract_types = ["kimera_layers: kimera_di.contracts.LayersContract"]'
    path = write_contracts(tmp_path, DYNAMIC, session=session)
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]

    ran = subprocess.run(
        [*command, "--config", path.name, "--no-cache"], cwd=tmp_path, capture_output=True, check=False, text=True
    )

    assert ran.returncode == 1
    assert "shop/core.py:3   shop.core -> shop.web   (dynamic)" in ran.stdout
    assert "dynamic import not followed" in ran.stdout
    assert pairs(Architecture.load(path, root=tmp_path).check().findings) == [("shop.core", "shop.web")]


def test_unknown_kind_lists_dynamic_among_the_known(tmp_path: Path) -> None:
    report = check(tmp_path, SHOP, layers(f'{LAYERS}kinds = ["dynamik"]'))

    assert "did you mean  dynamic" in str(report.contracts[0].error)


def test_interfaces_contract_that_asks_sees_the_call(tmp_path: Path) -> None:
    modules = {"shop.bank.vault": "", "shop.bank": "", "shop.core": "__import__('shop.bank.vault')"}
    contract = layers('packages = ["shop.bank"]\nkinds = ["dynamic"]').replace("kimera_layers", "kimera_interfaces")

    report = check(tmp_path, modules, contract)

    assert [(finding.kind, finding.importer) for finding in report.findings] == [("dynamic", "shop.core")]


def test_cut_counts_the_call_where_its_contract_does(tmp_path: Path) -> None:
    write_package(tmp_path, SHOP)
    write_contracts(tmp_path, DYNAMIC)
    command = [sys.executable, "-m", "kimera_di.cli", "cut", "--config", "contracts.toml"]

    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True)

    assert "shop/core.py:3   shop.core -> shop.web   (dynamic)" in ran.stdout
