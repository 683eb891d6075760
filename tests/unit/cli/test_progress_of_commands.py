"""What every command that reads code says on a terminal while it is busy, and that nothing of it stays."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.architecture.trees import write_contracts, write_package
from tests.unit.cli.terminal import ERASE_LINE, Terminal, open_terminal

pytestmark = [pytest.mark.check, pytest.mark.slow]

HELD_UP = """
import os, sys, threading

def hold_up(event, arguments):
    if event == "os.scandir" and os.path.basename(str(arguments[0])) == "shop" and not os.path.exists("threads"):
        with open("threads", "w") as file:
            file.write(" ".join(thread.name for thread in threading.enumerate()))
        open("gate").read()

sys.addaudithook(hold_up)
from kimera_di.cli import main
main()
"""
"""A command that waits where it lists the files of ``shop``, until somebody opens the pipe ``gate`` for writing."""

CONTRACT = """
[[contract]]
id = "layers"
name = "Layers"
type = "kimera_layers"
why = "a test"
layers = ["web", "core"]
containers = ["shop"]
"""
CONFIG = ("--config", "contracts.toml")
COMMANDS = {
    "check": (("check", *CONFIG, "--no-cache"), b"1 of 1 contracts broken"),
    "baseline": (("baseline", *CONFIG, "--no-cache"), b"wrote contracts.baseline.json"),
    "cycles": (("cycles", "shop"), b"CYCLIC"),
    "cut": (("cut", *CONFIG), b"1 import to remove"),
    "metrics": (("metrics", "shop"), b"propagation cost"),
    "graph": (("graph", "shop"), b"flowchart TB"),
    "why": (("why", "shop.core", "shop.web"), b"shop.core imports shop.web directly"),
    "init": (("init", "shop"), b"wrote contracts/shop.toml"),
}
"""The words of each command, and what its result begins with."""


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with open_terminal() as opened:
        yield opened


def start(folder: Path, words: tuple[str, ...], *, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    write_package(folder, {"shop.web": "import shop.core", "shop.core": "import shop.web"})
    write_contracts(folder, CONTRACT)
    os.mkfifo(folder / "gate")
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1", "CI": "", "COLUMNS": "200"}
    command = [sys.executable, "-c", HELD_UP, *words]
    return subprocess.Popen(command, cwd=folder, stdout=stdout, stderr=stderr, env=environment)


@pytest.mark.parametrize("name", COMMANDS)
def test_progress_is_gone_before_the_result_is_written(tmp_path: Path, terminal: Terminal, name: str) -> None:
    """Both go to one terminal as a rule; a line that is taken back later would take one of the result."""
    words, result = COMMANDS[name]
    stream = terminal.stream.fileno()
    running = start(tmp_path, words, stdout=stream, stderr=stream)

    shown = terminal.read_until(b"reading")
    (tmp_path / "gate").write_bytes(b"")
    after = terminal.read_until(result)
    running.wait()
    rest = terminal.read_rest()

    assert ERASE_LINE in after
    assert result not in shown
    assert (ERASE_LINE in rest, ERASE_LINE in after[after.index(result) :]) == (False, False)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_without_a_terminal_shows_no_progress(tmp_path: Path, name: str) -> None:
    words, result = COMMANDS[name]
    running = start(tmp_path, words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    (tmp_path / "gate").write_bytes(b"")
    printed, errors = running.communicate()

    assert "kimera progress" not in (tmp_path / "threads").read_text(encoding="utf-8")
    assert (result in printed, b"\x1b" in printed, errors) == (True, False, b"")


@pytest.mark.parametrize("words", [("cycles", "shop"), ("metrics", "shop"), ("why", "shop.core", "shop.web")])
def test_stdout_holds_data_only_while_progress_is_shown(
    tmp_path: Path, terminal: Terminal, words: tuple[str, ...]
) -> None:
    command = (*words, "--format", "json")
    running = start(tmp_path, command, stdout=subprocess.PIPE, stderr=terminal.stream.fileno())

    terminal.read_until(b"reading")
    (tmp_path / "gate").write_bytes(b"")
    printed, _ = running.communicate()

    assert json.loads(printed)
    assert ERASE_LINE in terminal.read_rest()
