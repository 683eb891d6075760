"""Every contract type that needs no application, on Django and SQLAlchemy: both tools, both forms, one verdict."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.property.test_both_tools_and_both_forms_agree import Contract, as_ini, as_toml

pytestmark = [pytest.mark.check, pytest.mark.real_input]

INPUT = Path(__file__).parents[2] / ".real_input"
EVERY_KIND = ["runtime", "deferred", "lazy", "typing"]
INSIDE: Mapping[str, tuple[str, str]] = {"django": ("forms", "db.models"), "sqlalchemy": ("dialects", "sql")}
"""A package whose modules few may import, and one that everything imports."""
FORMS = ("contracts.toml", "setup.cfg")
PROGRAM = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def contracts(package: str) -> Sequence[Contract]:
    rare, common = (f"{package}.{name}" for name in INSIDE[package])
    return [
        Contract("No cycles of modules", "kimera_acyclic", {"packages": [package], "level": "modules"}),
        Contract(
            "No cycles of packages",
            "kimera_acyclic",
            {"packages": [package], "level": "packages", "kinds": EVERY_KIND},
        ),
        Contract("Twin", "acyclic_siblings", {"ancestors": [package]}),
        Contract("Internals", "kimera_interfaces", {"packages": [common], "exposes": [common]}),
        Contract("Free for all", "kimera_interfaces", {"packages": [rare], "friends": [package]}),
        Contract("Roots", "kimera_composition_root", {"roots": [package], "implementations": [common]}),
        Contract("Only one root", "kimera_composition_root", {"roots": [rare], "implementations": [common]}),
        Contract("Small", "kimera_metrics", {"packages": [package], "max_efferent_coupling": 10, "max_cycles": 0}),
        Contract("Huge", "kimera_metrics", {"packages": [package], "max_efferent_coupling": 1000, "max_cycles": 99}),
    ]


def written(folder: Path, package: str) -> None:
    """Write both forms; a built-in type has no ``why``."""
    for name, text in zip(FORMS, (as_toml(contracts(package)), as_ini(contracts(package))), strict=True):
        told = text.replace('"wired_shop"', f'"{package}"').replace(
            "root_package = wired_shop", f"root_package = {package}"
        )
        for why in ('\nwhy = "a test"', "\nwhy = a test"):
            head, twin, rest = told.partition("acyclic_siblings")
            told = head + twin + rest.replace(why, "", 1) if rest.lstrip('"').startswith(why) else told
        (folder / name).write_text(told, encoding="utf-8")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    assert INPUT.is_dir(), "run `make real-input` first: it puts the packages into .real_input/"
    paths = os.pathsep.join([str(INPUT), str(INPUT.parent)])
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": paths, "PYTHONUTF8": "1"},
    )


def checked(folder: Path, name: str) -> dict[str, Any]:
    options = ("--no-cache", "--format", "json", "--root", str(INPUT))
    found: dict[str, Any] = json.loads(run(folder, "-m", "kimera_di.cli", "check", *options, "--config", name).stdout)
    return found


@pytest.mark.timeout(180)  # one search for the smallest cuts each, some seconds on an idle machine
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("package", sorted(INSIDE))
def test_both_tools_have_one_verdict(tmp_path: Path, package: str, form: str) -> None:
    written(tmp_path, package)
    report = checked(tmp_path, form)

    ran = run(tmp_path, "-c", PROGRAM, "--no-cache", "--config", form)

    verdicts = {result["name"]: result["kept"] for result in report["contracts"]}
    shown = {line.rpartition(" ")[0]: line.rpartition(" ")[2] for line in ran.stdout.splitlines() if " " in line}
    assert set(verdicts.values()) == {True, False}
    assert verdicts["No cycles of packages"] is verdicts["Twin"]
    assert {name: shown[name] for name in verdicts} == {
        name: "KEPT" if kept else "BROKEN" for name, kept in verdicts.items()
    }


@pytest.mark.timeout(180)
@pytest.mark.parametrize("package", sorted(INSIDE))
def test_both_forms_give_the_same_findings(tmp_path: Path, package: str) -> None:
    written(tmp_path, package)

    toml, ini = (checked(tmp_path, form) for form in FORMS)

    assert toml["findings"] == ini["findings"]
    assert len(toml["findings"]) > 100
