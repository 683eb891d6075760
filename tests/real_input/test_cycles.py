"""Cycles of code nobody wrote for us: components of networkx, no cycle left without the cut, in seconds."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import networkx
import pytest

pytestmark = [pytest.mark.check, pytest.mark.real_input]

HOME = Path(__file__).parents[2]
INPUT = HOME / ".real_input"
PACKAGES = ["django", "sqlalchemy", "sympy"]
EXIT = {"django": 1, "sqlalchemy": 1, "sympy": 3}
"""sympy has a folder of examples that cannot be a package, so some of its files cannot be seen."""

Pair = tuple[str, str]
GRAPH = """
import sys, grimp, json
graph = grimp.build_graph(sys.argv[1], cache_dir=None, exclude_type_checking_imports=sys.argv[2] == "runtime")
pairs = [(name, other) for name in graph.modules for other in graph.find_modules_directly_imported_by(name)]
print(json.dumps(sorted(pair for pair in pairs if pair[0] != pair[1])))
"""
BREAKERS = """
import sys, grimp, json
graph = grimp.build_graph(sys.argv[1], cache_dir=None, exclude_type_checking_imports=True)
for importer, imported in json.load(sys.stdin):
    graph.remove_import(importer=importer, imported=imported)
packages = [module for module in graph.modules if graph.find_children(module)]
print(json.dumps(sorted(package for package in packages if graph.nominate_cycle_breakers(package))))
"""


def run(*command: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(INPUT), str(HOME)])}
    words = [sys.executable, *command]
    return subprocess.run(
        words, cwd=HOME, capture_output=True, check=False, env=environment, input=given, encoding="utf-8"
    )


@lru_cache
def components(package: str, kind: str) -> list[dict[str, Any]]:
    assert (INPUT / package).is_dir(), "run `make real-input` first: it puts the packages into .real_input/"
    options = ("--root", str(INPUT), "--format", "json", "--kind", kind)
    ran = run("-m", "kimera_di.cli", "cycles", package, *options)
    assert ran.returncode == EXIT[package], ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)["components"]
    return found


@lru_cache
def grimp_pairs(package: str, kind: str) -> frozenset[Pair]:
    return frozenset((importer, imported) for importer, imported in json.loads(run("-c", GRAPH, package, kind).stdout))


@lru_cache
def findings(package: str, level: str, folder: Path) -> list[dict[str, Any]]:
    contract = folder / f"{package}-{level}.toml"
    contract.write_text(
        f'[tool.importlinter]\nroot_packages = ["{package}"]\n'
        f'[[tool.importlinter.contracts]]\nname = "Cycles"\ntype = "kimera_acyclic"\nwhy = "a test"\n'
        f'packages = ["{package}"]\nlevel = "{level}"\n',
        encoding="utf-8",
    )
    options = ("--config", str(contract), "--root", str(INPUT), "--no-cache", "--format", "json")
    ran = run("-m", "kimera_di.cli", "check", *options)
    assert ran.returncode == EXIT[package], ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)["findings"]
    return found


def linked(links: Iterable[dict[str, Any]]) -> list[Pair]:
    return [(link["importer"], link["imported"]) for link in links]


def knots(pairs: Iterable[Pair]) -> list[list[str]]:
    graph: networkx.DiGraph[str] = networkx.DiGraph(list(pairs))
    return sorted(sorted(knot) for knot in networkx.strongly_connected_components(graph) if len(knot) > 1)


@pytest.mark.parametrize("kind", ["runtime", "all"])
@pytest.mark.parametrize("package", PACKAGES)
def test_components_are_those_of_networkx_on_the_graph_of_grimp(package: str, kind: str) -> None:
    found = [component["modules"] for component in components(package, kind)]

    assert found == knots(grimp_pairs(package, kind))
    assert max(len(modules) for modules in found) > 30


@pytest.mark.parametrize("kind", ["runtime", "all"])
@pytest.mark.parametrize("package", PACKAGES)
def test_without_the_cuts_no_cycle_is_left(package: str, kind: str) -> None:
    cut = {pair for component in components(package, kind) for pair in linked(component["cut"])}

    assert cut <= grimp_pairs(package, kind)
    assert knots(grimp_pairs(package, kind) - cut) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_cut_is_larger_than_twice_what_is_proven_to_be_needed(package: str) -> None:
    for component in components(package, "runtime"):
        assert component["cut_at_least"] <= len(component["cut"]) <= 2 * component["cut_at_least"]


@pytest.mark.parametrize("package", PACKAGES)
def test_shortest_cycle_runs_through_imports_that_exist(package: str) -> None:
    for component in components(package, "runtime"):
        cycle = linked(component["shortest_cycle"])

        assert set(cycle) <= grimp_pairs(package, "runtime")
        assert [importer for importer, _ in cycle] == [cycle[-1][1], *(imported for _, imported in cycle[:-1])]


@pytest.mark.parametrize("package", PACKAGES)
def test_without_the_findings_no_package_has_a_cycle_of_its_children(
    package: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = findings(package, "packages", tmp_path_factory.getbasetemp())

    ran = run("-c", BREAKERS, package, given=json.dumps(linked(found)))

    assert json.loads(ran.stdout) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_without_the_findings_of_both_levels_no_cycle_of_any_kind_is_left(
    package: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = linked(findings(package, "both", tmp_path_factory.getbasetemp()))

    ran = run("-c", BREAKERS, package, given=json.dumps(found))

    assert json.loads(ran.stdout) == []
    assert knots(grimp_pairs(package, "runtime") - set(found)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_finding_is_the_first_import_of_its_chain(package: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    for finding in findings(package, "both", tmp_path_factory.getbasetemp()):
        first = finding["chain"][0]

        assert all(first[key] == finding[key] for key in ("importer", "imported", "file", "line"))
