"""``kimera help``: what every error message names, also without the extra."""

import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.cli.help import error_pages, help_text, plain_text
from kimera_di.errors import KimeraError
from tests.unit.cli.command import kimera

PAGE = """\
# KD101

`E`: one
thing. More.

<!-- program: a.py -->
```python
x
```

See [KD102](KD102.md).
"""
PAGES = {"KD101": "`E`: one\nthing. More.\n", "KD102": "See KD101.\n"}
WITHOUT_EXTRA = """
import importlib.util
import sys

NEEDED = {"click", "grimp", "importlinter", "networkx", "pydantic"}
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in NEEDED else find(name)


class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in NEEDED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Hidden())
from kimera_di.cli import main

main()
"""


def without_extra(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRA, *words], capture_output=True, check=False, encoding="utf-8"
    )


def test_page_is_shown_without_heading_comments_and_links() -> None:
    assert plain_text(PAGE) == "`E`: one\nthing. More.\n\n```python\nx\n```\n\nSee KD102.\n"


def test_page_comes_below_its_code() -> None:
    assert help_text(["KD102"], PAGES) == "KD102\n\nSee KD101.\n"


@pytest.mark.parametrize("given", ["KD102", "kd102", "102"])
def test_code_may_be_written_in_short(given: str) -> None:
    assert help_text([given], PAGES).startswith("KD102\n")


def test_several_pages_come_in_the_order_that_was_asked_for() -> None:
    text = help_text(["KD102", "KD101"], PAGES)

    assert [line for line in text.splitlines() if line in {"KD101", "KD102"}] == ["KD102", "KD101"]


def test_without_a_code_all_are_listed_with_their_first_sentence() -> None:
    assert help_text([], PAGES) == "KD101  `E`: one thing\nKD102  See KD101\n"


def test_unknown_code_gets_a_guess() -> None:
    with pytest.raises(KimeraError) as caught:
        help_text(["KD109"], PAGES)

    assert "there is no code 'KD109'" in str(caught.value)
    assert dict(caught.value.facts)["did you mean"] == "KD102, KD101"


def test_pages_of_the_documentation_are_found() -> None:
    assert {"KD000", "KD201", "KD411", "KD901"} <= set(error_pages())


@pytest.mark.check
def test_command_prints_the_section(tmp_path: Path) -> None:
    ran = kimera(tmp_path, "help", "kd420")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("KD420\n\nAn entry of the baseline excuses nothing any more")


@pytest.mark.check
def test_command_refuses_an_unknown_code(tmp_path: Path) -> None:
    ran = kimera(tmp_path, "help", "KD999")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "KD000 there is no code 'KD999'" in ran.stderr


def test_help_works_without_the_extra() -> None:
    ran = without_extra("help", "KD201")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("KD201\n\n`MissingServiceError`")


def test_unknown_code_without_the_extra_is_an_error_with_a_guess() -> None:
    ran = without_extra("help", "KD209")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "did you mean" in ran.stderr


def test_every_other_command_without_the_extra_says_what_to_install() -> None:
    ran = without_extra("check")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert 'pip install "kimera-di[check]"' in ran.stderr
