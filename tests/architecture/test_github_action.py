"""The composite action of ``action.yml``: its scripts run here as GitHub's runner would start them."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.architecture.trees import write_package
from tests.unit.cli.command import kimera

pytestmark = [pytest.mark.check, pytest.mark.slow]

ACTION: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
SCRIPTS = {name: step for name, step in STEPS.items() if "run" in step}
INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
CONTRACT = """
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


@dataclass(frozen=True, slots=True)
class Ran:
    """What a step left behind."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str


def write_project(folder: Path, core: str = "import shop.web") -> Path:
    write_package(folder, {"shop.web": "", "shop.core": core})
    (folder / "contracts").mkdir()
    (folder / "contracts" / "shop.toml").write_text(CONTRACT, encoding="utf-8")
    return folder


def run_step(name: str, checkout: Path, *, folder: str = ".", python: str = sys.executable, **inputs: str) -> Ran:
    """Run the script of a step with the shell, the folder and the variables that GitHub gives it."""
    given = {key: str(one["default"]) for key, one in ACTION["inputs"].items()}
    given |= {key.replace("_", "-"): value for key, value in inputs.items()} | {"working-directory": folder}
    step = SCRIPTS[name]
    values = {key: INPUT.sub(lambda found: given[found[1]], value) for key, value in step.get("env", {}).items()}
    home = checkout.parent / "runner"
    home.mkdir()
    script, output, summary = home / "step.sh", home / "output", home / "summary.md"
    script.write_text(step["run"], encoding="utf-8")
    output.touch()
    summary.touch()
    program = home / "python"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(python)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "KIMERA_"))}
    done = subprocess.run(
        # What `shell: bash` stands for.
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=checkout / folder,
        env={
            **kept,
            **values,
            "CI": "true",
            "GITHUB_WORKSPACE": str(checkout),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "PATH": os.pathsep.join([str(home), os.environ["PATH"]]),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.partition("=") for line in output.read_text(encoding="utf-8").splitlines()]
    outputs = {key: value for key, _, value in lines}
    return Ran(done.returncode, done.stdout + done.stderr, outputs, summary.read_text(encoding="utf-8"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_is_valid_bash_and_has_no_expression(name: str) -> None:
    """What stands between ``${{`` and ``}}`` in a script becomes part of the program: a way in for strangers."""
    script = SCRIPTS[name]["run"]

    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "${{" not in script
    assert SCRIPTS[name]["shell"] == "bash"


def test_every_input_is_used_and_every_used_one_is_declared() -> None:
    used = set(re.findall(r"\binputs\.([\w-]+)", json.dumps(ACTION["runs"])))

    assert used == ACTION["inputs"].keys()
    assert all(one["description"] for one in ACTION["inputs"].values())


def test_outputs_are_those_that_the_check_writes() -> None:
    sources = {key: one["value"] for key, one in ACTION["outputs"].items()}

    assert sources == {key: f"${{{{ steps.check.outputs.{key} }}}}" for key in ("exit-code", "sarif-file")}
    assert STEPS["Check"]["id"] == "check"


def test_broken_contract_fails_with_annotation_and_summary(checkout: Path) -> None:
    write_project(checkout)

    ran = run_step("Check", checkout)

    assert (ran.code, ran.outputs) == (1, {"exit-code": "1"}), ran.log
    assert "::error file=shop/core.py,line=1,title=Layers of the shop (KD411)::" in ran.log
    assert "| Layers of the shop | **broken** | 1 | 0 | a test |" in ran.summary


def test_kept_contract_passes_and_leaves_a_summary(checkout: Path) -> None:
    write_project(checkout, core="")

    ran = run_step("Check", checkout, format="text")

    assert (ran.code, ran.outputs) == (0, {"exit-code": "0"}), ran.log
    assert "KEPT    Layers of the shop" in ran.log
    assert "1 kept, 0 broken" in ran.summary


def test_project_in_a_folder_is_annotated_from_the_root_of_the_checkout(checkout: Path) -> None:
    """GitHub finds no line for a path that is relative to anything else."""
    write_project(checkout / "services" / "shop")

    ran = run_step("Check", checkout, folder="services/shop", sarif_file="kimera.sarif")

    sarif: Any = json.loads((checkout / ran.outputs["sarif-file"]).read_text(encoding="utf-8"))
    (place,) = sarif["runs"][0]["results"][0]["locations"]
    assert "::error file=services/shop/shop/core.py,line=1," in ran.log
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "services/shop/shop/core.py"


def test_files_of_inputs_are_taken_as_they_are_written(checkout: Path) -> None:
    """Also with blanks, and with what a shell would take for commands."""
    write_project(checkout)
    odd = checkout / "the rules; touch pwned $(touch pwned)"
    odd.mkdir()
    (checkout / "contracts" / "shop.toml").rename(odd / "shop.toml")
    written = kimera(
        checkout, "baseline", "--config", f"{odd.name}/shop.toml", "--output", f"{odd.name}/known.json", CI=""
    )
    assert written.returncode == 0, written.stderr

    ran = run_step(
        "Check", checkout, config=f"{odd.name}/shop.toml\n", baseline=f"{odd.name}/known.json", sarif_file="a b.sarif"
    )

    assert (ran.code, ran.outputs) == (0, {"exit-code": "0", "sarif-file": "./a b.sarif"}), ran.log
    assert "1 known" in ran.log
    assert not list(checkout.rglob("pwned"))


def test_wrong_option_is_exit_code_2(checkout: Path) -> None:
    write_project(checkout)

    ran = run_step("Check", checkout, config="contracts/none.toml")

    assert (ran.code, ran.outputs) == (2, {"exit-code": "2"})
    assert "contracts/none.toml" in ran.log


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("", "kimera-di[check]"),
        ("0.1.0", "kimera-di[check]==0.1.0"),
        (">=0.1,<1", "kimera-di[check]>=0.1,<1"),
    ],
    ids=["newest", "exact", "range"],
)
def test_version_is_one_argument_of_pip(checkout: Path, tmp_path: Path, version: str, wanted: str) -> None:
    """A program stands in for Python here, because the test installs nothing."""
    fake = tmp_path / "fake-python"
    fake.write_text('#!/bin/sh\nfor each in "$@"; do echo "[$each]"; done\n', encoding="utf-8")
    fake.chmod(0o755)

    ran = run_step("Install kimera-di", checkout, python=str(fake), version=version)

    assert ran.log.split("\n")[:-1] == ["[-m]", "[pip]", "[install]", "[--quiet]", f"[{wanted}]"]
