"""The hooks of ``.pre-commit-hooks.yaml``, run by pre-commit in a repository of its own."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pre_commit.clientlib import load_manifest

from tests.unit.architecture.trees import write_package

pytestmark = [pytest.mark.check, pytest.mark.slow]

MANIFEST = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
BIN = Path(sys.executable).parent
CONTRACTS = """
[tool.importlinter]
root_packages = ["shop"]
[[tool.importlinter.contracts]]
id = "layers"
name = "Layers of the shop"
type = "kimera_layers"
why = "a test"
layers = ["web", "core"]
containers = ["shop"]
"""
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A Test"), ("EMAIL", "a.test@example.org"))
}


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program as a developer with an active environment does, without the settings of this machine's git."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "CI"))}
    settings |= {
        **IDENTITY,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        "PRE_COMMIT_HOME": str(folder.parent / "pre-commit-home"),
        "PYTHONUTF8": "1",
    }
    return subprocess.run(words, cwd=folder, env=settings, capture_output=True, text=True, check=False)


def git(folder: Path, *words: str) -> None:
    done = run(folder, "git", *words)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """A repository that offers the hooks."""
    folder = tmp_path / "hooks"
    folder.mkdir()
    shutil.copy(MANIFEST, folder)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "hooks")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose contract is kept, with everything committed."""
    folder = write_package(tmp_path / "project", {"shop.web": "import shop.core", "shop.core": ""})
    (folder / "contracts").mkdir()
    (folder / "contracts" / "shop.toml").write_text(CONTRACTS, encoding="utf-8")
    (folder / "README.md").write_text("A shop.", encoding="utf-8")
    (folder / ".gitignore").write_text(".kimera_cache/\n", encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "a shop")
    return folder


def stage(project: Path, name: str, text: str) -> None:
    (project / name).write_text(text, encoding="utf-8")
    git(project, "add", name)


def try_hook(project: Path, hooks: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(project, "pre-commit", "try-repo", str(hooks), "kimera-check-system", "--verbose", *options)


def manifest() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in load_manifest(str(MANIFEST))}


def test_manifest_is_one_that_pre_commit_accepts() -> None:
    assert manifest().keys() == {"kimera-check", "kimera-check-system"}


def test_both_hooks_differ_in_their_environment_only() -> None:
    isolated, system = manifest()["kimera-check"], manifest()["kimera-check-system"]
    own = ("id", "description", "language", "additional_dependencies")

    assert {key: isolated[key] for key in isolated if key not in own} == {
        key: system[key] for key in system if key not in own
    }
    assert (isolated["language"], isolated["additional_dependencies"]) == ("python", [".[check]"])


def test_commit_that_breaks_a_layer_is_stopped(project: Path, hooks: Path) -> None:
    stage(project, "shop/core.py", "import shop.web\n")

    done = try_hook(project, hooks)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "Failed" in done.stdout
    assert "shop/core.py:1   shop.core -> shop.web" in done.stdout


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("shop/core.py", "TEA = 3\n", "Passed"),
        ("contracts/shop.toml", CONTRACTS.replace("a test", "another test"), "Passed"),
        ("README.md", "Another shop.\n", "Skipped"),
    ],
    ids=["python", "contract", "text"],
)
def test_hook_runs_when_code_or_contracts_change(project: Path, hooks: Path, name: str, text: str, answer: str) -> None:
    stage(project, name, text)

    done = try_hook(project, hooks)

    assert done.returncode == 0, done.stdout + done.stderr
    assert answer in done.stdout


@pytest.mark.parametrize("hook", ["kimera-check", "kimera-check-system"])
def test_entry_takes_a_baseline_as_its_argument(project: Path, hook: str) -> None:
    """What a user writes under ``args`` stands behind the entry."""
    stage(project, "shop/core.py", "import shop.web\n")
    assert run(project, "kimera", "baseline", "--config", "contracts/shop.toml").returncode == 0
    entry = shlex.split(manifest()[hook]["entry"])

    without = run(project, *entry)
    known = run(project, *entry, "--baseline", "contracts/shop.baseline.json")

    assert (without.returncode, known.returncode) == (1, 0), known.stdout + known.stderr
