"""The same code gives the same bytes, whatever the hash seed of the interpreter is."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.architecture.trees import layers, write_contracts, write_package

pytestmark = pytest.mark.check

TAKEN = re.compile(rb'"taken":\d+')
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

[[contract]]
name = "Interfaces"
type = "kimera_interfaces"
why = "a test"
packages = ["shop.*"]
exposes = ["shop.core.m0", "shop.adapters.m0"]
friends = ["shop.web.m0", "shop.free"]

[[contract]]
name = "Numbers"
type = "kimera_metrics"
why = "a test"
packages = ["shop", "shop.*"]
max_afferent_coupling = 1
max_efferent_coupling = 1
max_instability = 0.5
max_distance = 0.5
max_propagation_cost = 0.1
max_cycles = 0
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
    return start(project, seed, *options, "--config", "contracts.toml")


def start(project: Path, seed: str, *options: str) -> tuple[int, bytes, bytes]:
    command = [sys.executable, "-m", "kimera_di.cli", *options]
    variables = {**os.environ, "PYTHONHASHSEED": seed, "CI": ""}
    ran = subprocess.run(command, cwd=project, capture_output=True, check=False, env=variables)
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.parametrize("cache", ["--no-cache", "--cache-dir=cache"])
def test_report_is_the_same_for_every_hash_seed(project: Path, cache: str) -> None:
    files = {name: f"out.{name}" for name in ("json", "sarif", "junit", "github", "markdown")}
    formats = [f"--format={name}:{file}" for name, file in files.items()]

    written = {
        (
            *run(project, seed, "check", cache, "--format=text", *formats),
            *((project / file).read_bytes() for file in files.values()),
        )
        for seed in SEEDS
    }

    ((code, text, _, report, *_),) = written
    assert code == 3
    assert text.count(b"shop/core/") > 20
    assert report.count(b"shop/core/") > 20


def test_baseline_is_the_same_for_every_hash_seed(project: Path) -> None:
    codes = {run(project, seed, "baseline", f"--output={seed}.json")[0] for seed in SEEDS}

    (written,) = {(project / f"{seed}.json").read_bytes() for seed in SEEDS}
    assert codes == {3}
    assert written.count(b"\n") > 30


def test_kept_files_are_the_same_for_every_hash_seed(project: Path) -> None:
    """Two machines that share a cache write the same; only the time at which they looked differs."""
    written: set[tuple[tuple[str, bytes], ...]] = set()
    for seed in SEEDS:
        run(project, seed, "check", f"--cache-dir=kept{seed}")
        kept = (file for file in (project / f"kept{seed}").rglob("*") if file.is_file())
        contents = ((file.relative_to(project / f"kept{seed}").as_posix(), file.read_bytes()) for file in kept)
        written.add(tuple(sorted((name, TAKEN.sub(b"", text.partition(b"\n")[2])) for name, text in contents)))

    (contents,) = written
    assert {name.rpartition("/")[2] for name, _ in contents} >= {"report.json", "tree.json"}


def test_answer_from_the_cache_is_the_same_for_every_hash_seed(project: Path) -> None:
    """Each is made with one seed and shown with another one."""
    shown = {
        run(project, seed, "check", f"--cache-dir=shown{number % 2}", f"--format={form}")
        for form in ("text", "json")
        for number, seed in enumerate([*SEEDS, *reversed(SEEDS)])
    }

    assert len(shown) == 2


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "command", [("cycles", "shop"), ("why", "shop.core", "shop.web"), ("cut",)], ids=lambda c: c[0]
)
def test_other_commands_are_the_same_for_every_hash_seed(project: Path, command: tuple[str, ...], form: str) -> None:
    config = ["--config", "contracts.toml"] if command == ("cut",) else []

    written = {start(project, seed, *command, f"--format={form}", *config) for seed in SEEDS}

    ((code, text, _),) = written
    assert code in {0, 1, 3}
    assert text.count(b"\n") > 3
