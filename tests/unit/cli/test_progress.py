import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from kimera_di.cli.progress import progress
from tests.unit.cli.terminal import HIDE_CURSOR, Terminal, open_terminal
from tests.unit.composition.shop_tree import LAYERS, WIRING, write_shop

pytestmark = pytest.mark.check


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with open_terminal() as opened:
        yield opened


def test_work_that_takes_long_is_shown_and_taken_back(terminal: Terminal) -> None:
    with progress("reading shop", stream=terminal.stream, delay_s=0):
        shown = terminal.read_until(b"reading shop")
    left = terminal.read_rest()

    assert shown.startswith(HIDE_CURSOR)
    assert left.endswith(b"\x1b[1A\x1b[2KEND")


def test_next_step_is_shown_with_its_brackets(terminal: Terminal) -> None:
    with progress("reading shop", stream=terminal.stream, delay_s=0) as advance:
        terminal.read_until(b"reading shop")
        advance("checking [layers]")

        assert b"checking [layers]" in terminal.read_until(b"checking [layers]")


def test_short_work_shows_nothing(terminal: Terminal) -> None:
    with progress("reading shop", stream=terminal.stream, delay_s=60) as advance:
        advance("checking")

    assert terminal.read_rest() == b"END"


def test_no_thread_is_left_behind(terminal: Terminal) -> None:
    with pytest.raises(KeyError, match="stop"), progress("reading", stream=terminal.stream, delay_s=60):
        raise KeyError("stop")

    assert "kimera progress" not in {thread.name for thread in threading.enumerate()}


def test_file_gets_nothing(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+", encoding="utf-8") as log, progress("reading", stream=log, delay_s=0) as advance:
        advance("checking")

    assert (tmp_path / "log").read_bytes() == b""


def test_without_a_terminal_no_thread_is_started() -> None:
    with progress("reading", stream=StringIO(), delay_s=0):
        names = {thread.name for thread in threading.enumerate()}

    assert "kimera progress" not in names


BLOCKED = """
from kimera_di.registration import Registry
from shop.core.audit import Auditor
open("gate").read()
services = Registry().register(Auditor)
"""


def start_check(folder: Path, stderr: int) -> subprocess.Popen[bytes]:
    """Start a check that waits in the composition root until somebody opens the pipe ``gate`` for writing."""
    write_shop(folder, LAYERS, WIRING, main=BLOCKED)
    os.mkfifo(folder / "gate")
    command = [sys.executable, "-m", "kimera_di.cli", "check", "--config", "contracts.toml", "--format", "json"]
    environment = {**os.environ, "TERM": "xterm"}
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=stderr, env=environment)


def test_check_says_which_composition_root_it_imports(tmp_path: Path, terminal: Terminal) -> None:
    checking = start_check(tmp_path, terminal.stream.fileno())

    shown = terminal.read_until(b"shop.main:services")
    (tmp_path / "gate").write_bytes(b"")
    report, _ = checking.communicate()
    left = terminal.read_rest()

    assert b"checking Wiring [1], importing shop.main:services" in shown
    assert left.endswith(b"\x1b[1A\x1b[2KEND")
    assert (b"\x1b" not in report, json.loads(report)["schema_version"]) == (True, 1)


def test_check_writes_no_progress_into_a_pipe(tmp_path: Path) -> None:
    checking = start_check(tmp_path, subprocess.PIPE)

    (tmp_path / "gate").write_bytes(b"")
    _, errors = checking.communicate()

    assert b"importing" not in errors
    assert b"\x1b" not in errors


@pytest.mark.parametrize("command", [("cut", "reading contract files"), ("baseline", "reading contract files")])
def test_other_commands_say_what_they_do(tmp_path: Path, terminal: Terminal, command: tuple[str, str]) -> None:
    """They wait for their contract file: somebody has to write it into the pipe that they read."""
    contracts = write_shop(tmp_path, LAYERS).read_bytes()
    os.mkfifo(tmp_path / "gate.toml")
    start = [sys.executable, "-m", "kimera_di.cli", command[0], "--config", "gate.toml"]
    environment = {**os.environ, "TERM": "xterm", "CI": ""}

    working = subprocess.Popen(
        start, cwd=tmp_path, stdout=subprocess.PIPE, stderr=terminal.stream.fileno(), env=environment
    )
    shown = terminal.read_until(command[1].encode())
    (tmp_path / "gate.toml").write_bytes(contracts)
    working.communicate()

    assert command[1].encode() in shown
    assert terminal.read_rest().endswith(b"\x1b[1A\x1b[2KEND")
    assert working.returncode == 0
