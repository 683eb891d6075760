"""Advice about code nobody wrote for us: one for every import of a cut, and interfaces that compile."""

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.check, pytest.mark.real_input]

HOME = Path(__file__).parents[2]
INPUT = HOME / ".real_input"
PACKAGES = ["django", "sqlalchemy"]


@lru_cache
def cuts(package: str) -> list[dict[str, Any]]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(INPUT), str(HOME)])}
    command = [sys.executable, "-m", "kimera_di.cli", "cycles", package, "--root", str(INPUT), "--format", "json"]
    ran = subprocess.run(command, cwd=HOME, capture_output=True, check=False, env=environment, encoding="utf-8")
    assert (ran.returncode, ran.stderr) == (1, "")
    return [link for component in json.loads(ran.stdout)["components"] for link in component["cut"]]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_import_of_a_cut_has_advice(package: str) -> None:
    advice = [link["advice"] for link in cuts(package)]

    assert len(advice) > 20
    assert {each["kind"] for each in advice} <= {"typing", "interface", "move", "delete"}
    assert all(each["text"] for each in advice)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_interface_is_valid_python(package: str) -> None:
    codes = [link["advice"]["code"] for link in cuts(package) if link["advice"]["kind"] == "interface"]

    for code in codes:
        compile(code, "interface", "exec")
    assert all("(Protocol):\n" in code for code in codes)


@pytest.mark.parametrize("package", PACKAGES)
def test_changes_are_on_lines_of_the_importer(package: str) -> None:
    for link in cuts(package):
        for change in link["advice"]["changes"]:
            place, found, _ = change.partition("  ")
            assert not found or place.rpartition(":")[0] == link["file"]
