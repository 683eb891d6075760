"""GitHub: one workflow command a line, nothing in a name ends it."""

import re
from dataclasses import replace

import pytest

from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.reports.github import render_github
from kimera_di.architecture.reports.report import Report
from tests.unit.architecture.reports.rich_report import CAPTIVE, KNOWN, LAYERS, RICH, UP, WIRED, WIRING, WRONG, only

COMMAND = re.compile(r"::(error|notice) ((?:\w+=[^,:]*,?)+)::(.*)")


def commands(report: Report) -> list[tuple[str, dict[str, str], str]]:
    *lines, _ = render_github(report).splitlines()
    found = [COMMAND.fullmatch(line) for line in lines]
    assert None not in found, lines
    return [
        (match[1], dict(pair.split("=", 1) for pair in match[2].split(",")), match[3])
        for match in found
        if match is not None
    ]


def test_finding_is_an_error_at_its_line() -> None:
    ((level, place, message),) = commands(only(LAYERS, UP))

    assert level == "error"
    assert place == {"file": "shop/core/cart.py", "line": "3", "title": "Layers of the shop (KD411)"}
    assert message.startswith("shop.core.cart (core) reaches, through shop.util, shop.web (web), a layer above core%0A")
    assert "%0Ashop/util.py:7   shop.util -> shop.web%0Awhy: the core is tested alone%0Ado this: let core" in message


def test_known_finding_is_a_notice() -> None:
    ((level, place, _),) = commands(only(LAYERS, KNOWN))

    assert (level, place["title"]) == ("notice", "Layers of the shop (KD411%2C known)")


def test_special_characters_are_escaped() -> None:
    ((_, place, message),) = commands(only(WIRING, WIRED))

    assert place["title"] == (
        "a|b `c` <i>&amp; @home%2C 100 %25%3A red nul%0A%3A%3Aerror%3A%3Atwo ]]> __init__ \U0001f600 (KD421)"
    )
    assert message.startswith("a|b `c` <i>&amp; @home, 100 %25: red nul%0A::error::two ]]>")


def test_carriage_return_alone_ends_no_command() -> None:
    report = only(LAYERS, replace(UP, message="one\rtwo", chain=(), advice=""))

    ((_, _, message),) = commands(report)

    assert message == "one%0Atwo%0Awhy: the core is tested alone"


def test_finding_without_a_file_is_shown_at_its_contract() -> None:
    ((_, place, _),) = commands(only(WIRING, CAPTIVE))

    assert (place["file"], place["line"]) == ("contracts/shop.toml", "20")


@pytest.mark.parametrize(
    ("report", "place", "text"),
    [
        (Report(contracts=(WRONG,)), {"file": "contracts/shop.toml", "line": "50"}, "no layer%0A"),
        (Report(unseen=(Unseen("shop/a.py", "why not"),)), {"file": "shop/a.py"}, "why not"),
        (Report(errors=("no TOML",)), {}, "no TOML"),
    ],
    ids=["not-checked", "unseen", "configuration"],
)
def test_what_was_not_checked_is_an_error(report: Report, place: dict[str, str], text: str) -> None:
    ((level, found, message),) = commands(report)

    title = found.pop("title")
    assert title
    assert (level, found) == ("error", place)
    assert message.startswith(text)


def test_every_finding_trouble_and_note_is_told_once() -> None:
    assert len(commands(RICH)) == len(RICH.findings) + 2 + 1 + 1 + 1


def test_last_line_is_the_summary() -> None:
    assert render_github(RICH).splitlines()[-1].startswith("3 of 7 contracts broken, 2 not checked, ")
