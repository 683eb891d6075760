"""``init``, ``cut`` and ``why`` on code nobody wrote for them; read as files, never imported."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.specs import IMPORT_KINDS, LayersOptions
from kimera_di.architecture.reading.packages import find_packages
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.rules.built_in import sorted_graph
from kimera_di.architecture.rules.layers_contract import examine_layers

pytestmark = [pytest.mark.check, pytest.mark.real_input]

HOME = Path(__file__).parents[2]
INPUT = HOME / ".real_input"
PACKAGES = ["django", "sqlalchemy", "sympy"]
STRICT = {
    "django": ["contrib", "test", "views", "forms", "template", "http", "db", "core", "utils"],
    "sqlalchemy": ["ext", "orm", "dialects", "engine", "sql", "pool", "util"],
    "sympy": ["physics", "plotting", "solvers", "integrals", "functions", "core", "utilities"],
}


def run(folder: Path, *command: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run Python where the packages and this repository can be found."""
    path = os.pathsep.join([str(INPUT), str(HOME)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "PYTHONHASHSEED": seed}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        check=False,
        env=environment,
        text=True,
        encoding="utf-8",
    )


def kimera(folder: Path, *words: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    assert INPUT.is_dir(), "run `make real-input` first: it puts the packages into .real_input/"
    return run(folder, "-m", "kimera_di.cli", *words, "--root", str(INPUT), seed=seed)


def strict_contract(folder: Path, package: str) -> Path:
    """Write a layers contract that the package breaks."""
    unseen = 'kimera = { allow_unseen = ["**/test-examples/**"] }\n' if package == "sympy" else ""
    file = folder / f"{package}.toml"
    file.write_text(
        f'[tool.importlinter]\nroot_packages = ["{package}"]\n{unseen}'
        + '[[tool.importlinter.contracts]]\nid = "strict"\nname = "Strict"\ntype = "kimera_layers"\nwhy = "a test"\n'
        + f'layers = {STRICT[package]}\ncontainers = ["{package}"]\n',
        encoding="utf-8",
    )
    return file


def without(graph: ModuleGraph, gone: set[Pair]) -> ModuleGraph:
    """Give the graph as it is when some imports have been removed."""
    left = {
        importer: {imported: lines for imported, lines in targets.items() if (importer, imported) not in gone}
        for importer, targets in graph.imports.items()
    }
    return replace(graph, imports=left)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_init_writes_is_kept_by_both_tools(package: str, tmp_path: Path) -> None:
    written = kimera(tmp_path, "init", package)

    checked = kimera(tmp_path, "check", "--no-cache")
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    linted = run(tmp_path, "-c", program, "--config", f"contracts/{package}.toml", "--no-cache")
    assert written.returncode == 0, written.stderr
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_removing_the_cut_keeps_the_contract_for_us_and_for_grimp(package: str, tmp_path: Path) -> None:
    config = strict_contract(tmp_path, package)
    ran = kimera(tmp_path, "cut", "--config", str(config), "--format", "json")
    gone = {(one["importer"], one["imported"]) for one in json.loads(ran.stdout)["imports"]}

    spec = read_contract_file(config).contracts[0]
    left = without(TreeReader().read(find_packages([package], [INPUT])).graph, gone)
    theirs = sorted_graph(left, IMPORT_KINDS)
    assert isinstance(spec.options, LayersOptions)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert examine_layers(spec, spec.options, left, root_packages=[package]).findings == ()
    assert not theirs.find_illegal_dependencies_for_layers(STRICT[package], containers={package})


@pytest.mark.parametrize(("package", "smallest"), [("django", 116), ("sqlalchemy", 81)], ids=["django", "sqlalchemy"])
def test_cut_is_proved_to_be_the_smallest(package: str, smallest: int, tmp_path: Path) -> None:
    """As proved with the versions in the lock; other versions of the packages have other imports."""
    config = str(strict_contract(tmp_path, package))

    outputs = {
        kimera(tmp_path, "cut", "--config", config, "--format", "json", seed=seed).stdout for seed in ("1", "77")
    }

    found = json.loads(outputs.pop())
    assert outputs == set()
    assert found["minimum"]
    assert len(found["imports"]) == found["at_least"] == smallest


@pytest.mark.parametrize(
    ("importer", "imported"),
    [("django.db", "django.http"), ("sqlalchemy.util", "sqlalchemy.orm"), ("sympy.core", "sympy.physics")],
    ids=PACKAGES,
)
def test_every_link_of_a_chain_stands_on_a_line_that_imports(importer: str, imported: str, tmp_path: Path) -> None:
    found = json.loads(kimera(tmp_path, "why", importer, imported, "--format", "json").stdout)

    assert found["chains"]
    for link in found["imports"]:
        line = Path(link["file"]).read_text(encoding="utf-8").splitlines()[link["line"] - 1]
        assert "import" in line, link
