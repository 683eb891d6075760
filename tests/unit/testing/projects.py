"""Tiny projects for tests that run pytest inside pytest.

In: modules and contracts. Out: files in the folder of a ``Pytester``, and what a run in it printed.
"""

from collections.abc import Mapping
from textwrap import dedent

import pytest

from tests.unit.architecture.trees import write_package

MODULES = {"shop.web": "", "shop.core": "import shop.web"}

KEPT = """
[[contract]]
id = "kept"
name = "Upside down"
type = "kimera_layers"
why = "a test"
layers = ["core", "web"]
containers = ["shop"]
"""
BROKEN = """
[[contract]]
id = "layers"
name = "Shop layers"
type = "kimera_layers"
why = "rules run without a server"
layers = ["web", "core"]
containers = ["shop"]
"""
MISTAKEN = BROKEN.replace('"web"', '"wed"').replace('"layers"\n', '"mistaken"\n')


def write_project(pytester: pytest.Pytester, contracts: str = KEPT, modules: Mapping[str, str] = MODULES) -> None:
    """Write the package ``shop`` and ``contracts/shop.toml``; ``[[contract]]`` stands for the long header."""
    write_package(pytester.path, modules)
    text = contracts.replace("[[contract]]", "[[tool.importlinter.contracts]]")
    folder = pytester.path / "contracts"
    folder.mkdir()
    (folder / "shop.toml").write_text(f'[tool.importlinter]\nroot_packages = ["shop"]\n{text}', encoding="utf-8")


def write(pytester: pytest.Pytester, name: str, text: str) -> None:
    """Write a file of the project."""
    file = pytester.path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dedent(text), encoding="utf-8")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest in the project; without hypothesis, which it would import anew each time, for half a second."""
    return pytester.runpytest("-p", "no:hypothesispytest", *arguments)


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    """Give the numbers of the last line."""
    return result.parseoutcomes()
