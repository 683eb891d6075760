"""The module of a command is loaded when the command is called."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from kimera_di.cli.commands import HOMES, kimera
from tests.unit.architecture.trees import layers, write_contracts, write_package
from tests.unit.cli.command import kimera as run

pytestmark = pytest.mark.check

LOADED = """
import json, sys
from kimera_di.cli.commands import kimera
kimera(sys.argv[1:], standalone_mode=False)
sys.stderr.write(json.dumps(sorted(sys.modules)))
"""


def loaded_by(folder: Path, *words: str) -> set[str]:
    command = [sys.executable, "-c", LOADED, *words]
    ran = subprocess.run(command, cwd=folder, capture_output=True, check=False, encoding="utf-8")
    return set(json.loads(ran.stderr))


def test_check_loads_no_other_command_and_not_what_they_need(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.web": "", "shop.core": ""})
    write_contracts(tmp_path, layers('layers = ["web", "core"]\ncontainers = ["shop"]'))
    run(tmp_path, "check", "--config", "contracts.toml")

    found = loaded_by(tmp_path, "check", "--config", "contracts.toml")

    commands = {"baseline", "cut", "cycles", "drafts", "env", "help", "init", "why"}
    assert found.isdisjoint({f"kimera_di.cli.{name}" for name in commands})
    assert found.isdisjoint({"networkx", "rich", "pydantic", "importlinter"})
    assert "kimera_di.cli.check_command" in found


@pytest.mark.parametrize("name", sorted(HOMES))
def test_every_name_leads_to_a_command_of_that_name(name: str) -> None:
    command = kimera.get_command(click.Context(kimera), name)

    assert command is not None
    assert command.name == name


def test_list_of_commands_has_all_of_them(tmp_path: Path) -> None:
    ran = run(tmp_path, "--help")

    assert [name for name in HOMES if f"\n  {name} " in ran.stdout] == list(HOMES)


def test_unknown_command_is_refused(tmp_path: Path) -> None:
    ran = run(tmp_path, "chekc")

    assert ran.returncode == 2
    assert "No such command 'chekc'" in ran.stderr


def test_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    ran = run(tmp_path, "--version")

    assert ran.stdout.startswith("kimera, version ")
    assert ran.stdout.strip().rpartition(" ")[2]
