"""The settings of the page about CI are ones that the programs they are for understand."""

import configparser
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml
from pre_commit.clientlib import load_config, load_manifest

from tests.docs.pages import ROOT
from tests.unit.architecture.trees import write_package

pytestmark = pytest.mark.check

PAGE = (ROOT / "docs" / "how-to" / "run-in-ci.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- file(?: from the start)?: (\S+) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILES = BLOCK.findall(PAGE)
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def texts(name: str) -> list[str]:
    """Give every block of a file; a page may show several forms of it."""
    found = [text for file, text in FILES if file == name]
    assert found, name
    return found


def project(folder: Path, core: str) -> Path:
    """Write the example of the page, with something of our own in its core."""
    write_package(folder, {"shop.web": texts("shop/web.py")[0], "shop.core": core})
    (folder / "contracts").mkdir()
    (folder / "contracts" / "shop.toml").write_text(texts("contracts/shop.toml")[0], encoding="utf-8")
    return folder


def run(folder: Path, words: Sequence[str], *, ci: str) -> int:
    """Run a command of the page with the programs of this environment."""
    program = Path(sys.executable).with_name(words[0])
    return subprocess.run(
        [program, *words[1:]], cwd=folder, env={**os.environ, "CI": ci}, capture_output=True, check=False
    ).returncode


@pytest.mark.parametrize("number", range(len(texts(".pre-commit-config.yaml"))))
def test_pre_commit_takes_the_configuration_and_knows_the_hook(tmp_path: Path, number: int) -> None:
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(texts(file.name)[number], encoding="utf-8")

    (repository,) = load_config(str(file))["repos"]

    offered = {hook["id"] for hook in load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))}
    assert {hook["id"] for hook in repository["hooks"]} <= offered


@pytest.mark.parametrize("name", [".github/workflows/layers.yml", ".github/workflows/wiring.yml"])
def test_workflow_gives_the_action_inputs_that_it_has(name: str) -> None:
    (job,) = yaml.safe_load(texts(name)[0])["jobs"].values()

    (ours,) = [step for step in job["steps"] if step.get("uses", "").startswith("OWNER/kimera_di@")]

    assert ours["with"].keys() <= ACTION["inputs"].keys()
    assert all(isinstance(value, str) for value in ours["with"].values())


def test_workflow_asks_for_outputs_that_the_action_has() -> None:
    asked = set(re.findall(r"steps\.kimera\.outputs\.([\w-]+)", PAGE))

    assert asked == {"sarif-file"}
    assert asked <= ACTION["outputs"].keys()


def test_table_of_inputs_is_that_of_the_action() -> None:
    _, _, rows = PAGE.partition("| input | meaning |\n|---|---|\n")

    assert re.findall(r"^\| `([\w-]+)` \|", rows.partition("\n\n")[0], re.MULTILINE) == list(ACTION["inputs"])


def test_gitlab_job_passes_with_known_findings_and_fails_with_new_ones(tmp_path: Path) -> None:
    folder = project(tmp_path, core="import shop.web\n")
    job = yaml.safe_load(texts(".gitlab-ci.yml")[0])["layers"]
    (check,) = [shlex.split(line) for line in job["script"] if line.startswith("kimera")]
    assert run(folder, ["kimera", "baseline", "--config", "contracts/shop.toml"], ci="") == 0

    known = run(folder, check, ci="true")
    (folder / "shop" / "late.py").write_text("import shop.web\n", encoding="utf-8")
    (folder / "shop" / "core.py").write_text("import shop.late\n", encoding="utf-8")
    new = run(folder, check, ci="true")

    assert (known, new) == (0, 1)
    assert (folder / job["artifacts"]["reports"]["junit"]).is_file()


def test_tox_runs_the_check(tmp_path: Path) -> None:
    settings = configparser.ConfigParser()
    settings.read_string(texts("tox.ini")[0])
    words = shlex.split(settings["testenv:layers"]["commands"].replace("{posargs}", "--no-cache"))

    assert run(project(tmp_path, core=""), words, ci="true") == 0


@dataclass
class Session:
    """What nox gives to a function; keeps what it is told to do."""

    posargs: list[str]
    did: list[tuple[str, ...]] = field(default_factory=list)

    def install(self, *words: str) -> None:
        self.did.append(("install", *words))

    def run(self, *words: str) -> None:
        self.did.append(words)


def test_nox_runs_the_check(tmp_path: Path) -> None:
    module = ModuleType("noxfile")
    source = texts("noxfile.py")[0].replace("import nox\n", "", 1)
    vars(module)["nox"] = SimpleNamespace(session=lambda function: function, Session=Session)
    exec(compile(source, "noxfile.py", "exec"), vars(module))  # noqa: S102 - it is our own page
    session = Session(["--no-cache"])

    module.layers(session)

    assert session.did == [("install", "-e", ".", "kimera-di[check]"), ("kimera", "check", "--no-cache")]
    assert run(project(tmp_path, core=""), session.did[1], ci="true") == 0
