"""The contract classes under plain ``lint-imports``."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.architecture.trees import layers, write_contracts, write_package

pytestmark = pytest.mark.check

SESSION = 'root_packages = ["shop"]\ncontract_types = ["kimera_layers: kimera_di.contracts.LayersContract"]'
MODULES = {"shop.web": "", "shop.core": "import shop.util", "shop.util": "def f():\n    import shop.web"}
LAYERS = layers('layers = ["web", "core"]\ncontainers = ["shop"]')


def lint(root: Path, contracts: str, *options: str) -> subprocess.CompletedProcess[str]:
    write_package(root, MODULES)
    write_contracts(root, contracts, session=SESSION)
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--config", "contracts.toml", "--no-cache", "--no-logo", *options]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, encoding="utf-8")


def test_broken_contract_shows_file_and_line_and_fails(tmp_path: Path) -> None:
    ran = lint(tmp_path, LAYERS)

    assert ran.returncode == 1
    assert "shop/core.py:1   shop.core -> shop.util" in ran.stdout
    assert "shop/util.py:2   └─ shop.util -> shop.web" in ran.stdout


def test_kept_contract_passes(tmp_path: Path) -> None:
    assert lint(tmp_path, LAYERS.replace('"web", "core"', '"core", "web"')).returncode == 0


def test_kinds_are_known_there_too(tmp_path: Path) -> None:
    assert lint(tmp_path, LAYERS + 'kinds = ["runtime"]').returncode == 0


def test_ignore_tables_are_read_there_too(tmp_path: Path) -> None:
    assert lint(tmp_path, LAYERS + 'ignore = [{ import = "shop.core -> shop.util", reason = "r" }]').returncode == 0


def test_brackets_and_long_lines_are_printed_as_they_are(tmp_path: Path) -> None:
    reason = "a list[int] is not a list; " * 5

    ran = lint(tmp_path, LAYERS.replace("a test", reason.strip()))

    assert f"why      {reason.strip()}\n" in ran.stdout


def test_mistake_in_a_contract_does_not_hide_the_others(tmp_path: Path) -> None:
    bad = layers('layers = ["nothing"]\nkinds = ["x"]').replace('"layers"', '"bad"')

    ran = lint(tmp_path, bad + LAYERS)

    assert ran.returncode == 1
    assert "kinds knows no 'x'" in ran.stdout
    assert "shop/core.py:1   shop.core -> shop.util" in ran.stdout


def test_missing_layer_does_not_hide_the_others(tmp_path: Path) -> None:
    bad = layers('layers = ["nothing"]').replace('"layers"', '"bad"')

    ran = lint(tmp_path, bad + LAYERS)

    assert "the layer 'nothing' does not exist" in ran.stdout
    assert "shop.core -> shop.util" in ran.stdout
