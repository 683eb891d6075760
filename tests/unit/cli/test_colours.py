import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.cli.colours import colour, wants_colour
from tests.unit.architecture.trees import layers, write_contracts, write_package

pytestmark = pytest.mark.check

STYLE = re.compile(r"\x1b\[\d+m")
REPORT = """\
BROKEN  Layers [of shop]                                          contracts.toml:3
  shop/core.py:1   shop.core -> shop.web
  why      lists are list[int]
  do this  let core own an interface, and bind its implementation from web in the composition root
  known    2 in the baseline
KEPT    Other
STALE   b.json:3   gone
SYNTAX  shop/a.py:1   no
UNSEEN  shop/b.py   no
ERROR   Third
1 of 5 contracts broken.
"""


def test_colours_change_no_letter() -> None:
    assert STYLE.sub("", colour(REPORT)) == REPORT


def test_state_of_every_block_is_coloured_and_nothing_else_of_its_line() -> None:
    lines = colour(REPORT).splitlines()

    assert lines[0].startswith("\x1b[31m\x1b[1mBROKEN\x1b[0m  Layers [of shop]  ")
    assert lines[1] == "  shop/core.py:1   shop.core -> shop.web"
    assert [line.partition("m")[0] for line in lines[5:]] == [
        "\x1b[32", "\x1b[33", "\x1b[31", "\x1b[33", "\x1b[31", "1 of 5 contracts broken."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
    ids=range(8),
)
def test_user_decides_on_colours(environment: dict[str, str], terminal: bool, wanted: bool) -> None:
    assert wants_colour(environment, terminal=terminal) is wanted


def project(root: Path) -> Path:
    write_package(root, {"shop.web": "", "shop.core": "import shop.web"})
    write_contracts(root, layers('layers = ["web", "core"]\ncontainers = ["shop"]'))
    return root


def check(folder: Path, *options: str, stdout: int, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kimera_di.cli", "check", "--config", "contracts.toml", *options]
    kept = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR"}}
    return subprocess.run(command, cwd=folder, check=False, stdout=stdout, env={**kept, **environment, "TERM": "xterm"})


def test_report_on_a_terminal_is_coloured(tmp_path: Path) -> None:
    reading, writing = pty.openpty()

    check(project(tmp_path), stdout=writing)
    written = os.read(reading, 1 << 16)
    os.close(writing)
    os.close(reading)

    assert written.startswith(b"\x1b[31m\x1b[1mBROKEN\x1b[0m  Layers")


@pytest.mark.parametrize(
    ("options", "forced", "coloured"),
    [((), "", False), ((), "1", True), (("--format", "json"), "1", False), (("--format", "text:out"), "1", False)],
    ids=["pipe", "forced", "json", "file"],
)
def test_pipes_files_and_machine_formats_are_plain(
    tmp_path: Path, options: tuple[str, ...], forced: str, coloured: bool
) -> None:
    ran = check(project(tmp_path), *options, stdout=subprocess.PIPE, FORCE_COLOR=forced)

    written = ran.stdout or (tmp_path / "out").read_bytes()
    assert (b"\x1b" in written) is coloured
    assert b"shop.core" in written
