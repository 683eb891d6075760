"""The page that compares containers is what its record generates; each failure on it has a program that shows it."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.compare_containers import BAD, GENERATED, PAGE, RECORD, REPRODUCERS, page, reproducer

PROGRAMS = sorted(REPRODUCERS.glob("*.py"))
LINES = 15


def record() -> dict[str, Any]:
    return json.loads(RECORD.read_text("utf-8"))  # type: ignore[no-any-return]


def test_page_is_what_the_record_generates() -> None:
    written = GENERATED.search(PAGE.read_text("utf-8"))

    assert written is not None
    assert written[0].removeprefix(written[1]).removesuffix(written[2]) == page(record())


def test_every_failure_has_a_program_and_every_program_a_failure() -> None:
    shown = {
        reproducer(container["name"], result["id"])
        for container in record()["containers"]
        for result in container["results"]
        if result["outcome"] in BAD and container["name"] != "kimera_di"
    }

    assert shown == set(PROGRAMS)


def test_ours_fails_nothing() -> None:
    ours = next(each for each in record()["containers"] if each["name"] == "kimera_di")

    assert [result["id"] for result in ours["results"] if result["outcome"] in BAD] == []


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program_has_at_most_15_lines_and_says_what_it_shows(program: Path) -> None:
    lines = program.read_text("utf-8").splitlines()
    code = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]

    assert lines[0].startswith("# what it shows: ")
    assert len(code) <= LINES
