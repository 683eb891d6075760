"""The same code gives the same bytes, whatever the hash seed of the interpreter is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.architecture.trees import layers, write_contracts, write_package

pytestmark = pytest.mark.check

SEEDS = ["0", "1", "2", "3", "4"]
CONTRACTS = (
    layers(
        'layers = ["web", "(none)", "engines | adapters", "core"]\ncontainers = ["shop"]\nexhaustive = true\n'
        'ignore = [{ import = "shop.core.* -> shop.web.m1", reason = "a" }, { import = "a.x -> a.y", reason = "b" }]'
    )
    + """
[[contract]]
id = "acyclic"
name = "No cycles"
type = "kimera_acyclic"
why = "a test"
packages = ["shop"]

[[contract]]
name = "Built-in layers"
type = "layers"
layers = ["web", "engines", "adapters", "core"]
containers = ["shop"]

[[contract]]
name = "Independent"
type = "independence"
modules = ["shop.web", "shop.engines", "shop.adapters"]

[[contract]]
name = "Forbidden"
type = "forbidden"
source_modules = ["shop.core"]
forbidden_modules = ["shop.web", "shop.adapters"]

[[contract]]
name = "Protected"
type = "protected"
protected_modules = ["shop.core"]
allowed_importers = ["shop.engines"]

[[contract]]
name = "Siblings"
type = "acyclic_siblings"
ancestors = ["shop"]
"""
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package in which everything imports everything a little, with files that are broken or out of place."""
    root = tmp_path_factory.mktemp("seeds")
    homes = [f"shop.{layer}.m{number}" for layer in ("web", "engines", "adapters", "core") for number in range(5)]
    modules = {
        home: "".join(f"import {homes[(index * 7 + step * 3) % len(homes)]}\n" for step in range(1, 4))
        for index, home in enumerate(homes)
    }
    write_package(root, {**modules, "shop.free": "import shop.web.m1", "shop.bad": "import (", "shop.worse": "def"})
    for name in ("b", "a"):
        (root / "shop" / "loose" / name).mkdir(parents=True)
        (root / "shop" / "loose" / name / "x.py").touch()
    write_contracts(root, CONTRACTS)
    return root


def run(project: Path, seed: str, *options: str) -> tuple[int, bytes, bytes]:
    command = [sys.executable, "-m", "kimera_di.cli", *options, "--config", "contracts.toml"]
    variables = {**os.environ, "PYTHONHASHSEED": seed, "CI": ""}
    ran = subprocess.run(command, cwd=project, capture_output=True, check=False, env=variables)
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.parametrize("cache", ["--no-cache", "--cache-dir=cache"])
def test_report_is_the_same_for_every_hash_seed(project: Path, cache: str) -> None:
    written = {
        (
            *run(project, seed, "check", cache, "--format=text", "--format=json:out.json"),
            (project / "out.json").read_bytes(),
        )
        for seed in SEEDS
    }

    ((code, text, _, report),) = written
    assert code == 3
    assert text.count(b"shop/core/") > 20
    assert report.count(b"shop/core/") > 20


def test_baseline_is_the_same_for_every_hash_seed(project: Path) -> None:
    codes = {run(project, seed, "baseline", f"--output={seed}.json")[0] for seed in SEEDS}

    (written,) = {(project / f"{seed}.json").read_bytes() for seed in SEEDS}
    assert codes == {3}
    assert written.count(b"\n") > 50
