"""JUnit: what CI systems read."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import junitparser
import pytest

from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.reports.junit import render_junit
from kimera_di.architecture.reports.report import Report
from tests.unit.architecture.reports.rich_report import (
    EMPTY,
    KEPT,
    KNOWN,
    LAYERS,
    RAISES,
    RICH,
    STALE,
    SYNTAX,
    TWIN,
    UP,
    WIRED,
    WIRING,
    WRONG,
    only,
)

pytestmark = pytest.mark.check


def cases(report: Report) -> dict[str, ET.Element]:
    root = ET.fromstring(render_junit(report).encode())  # noqa: S314 - written by us
    return {case.attrib["name"]: case for case in root.iter("testcase")}


def outcomes(report: Report) -> dict[str, str]:
    return {
        name: next((found.tag for found in case if found.tag != "system-out"), "passed")
        for name, case in cases(report).items()
    }


def test_contract_is_a_case_by_name_in_its_file() -> None:
    case = cases(only(LAYERS, UP))["Layers of the shop"]

    assert (case.attrib["classname"], case.attrib["line"]) == ("contracts/shop.toml", "4")


def test_verdict_is_passed_failure_or_error() -> None:
    report = Report(contracts=(KEPT, LAYERS, WRONG, RAISES))

    assert outcomes(report) == {
        "No cycles": "passed",
        "Layers of the shop": "failure",
        "Wrong": "error",
        "Raises": "error",
    }


def test_failure_has_every_new_finding_with_place_and_reason() -> None:
    text = cases(RICH)["Layers of the shop"].findtext("failure") or ""

    for wanted in ("shop/core/cart.py:3", "└─ shop.util -> shop.web", "shop/core/db.py:1", "shop.new is in no layer"):
        assert wanted in text
    assert "why      the core is tested alone" in text


def test_known_findings_pass_and_are_listed() -> None:
    report = only(replace(LAYERS, kept=True), KNOWN)

    assert outcomes(report) == {"Layers of the shop": "passed"}
    assert "shop/core/old.py:9" in (cases(report)["Layers of the shop"].findtext("system-out") or "")


@pytest.mark.parametrize(
    ("report", "name"),
    [
        (Report(contracts=(KEPT,), unseen=(Unseen("a.py", "why not"),)), "files"),
        (Report(contracts=(KEPT,), findings=(SYNTAX,)), "files"),
        (Report(contracts=(KEPT,), findings=(STALE,)), "baseline"),
        (Report(contracts=(KEPT,), errors=("broken",)), "contract files"),
    ],
    ids=["unseen", "syntax", "stale", "configuration"],
)
def test_what_belongs_to_no_contract_does_not_hide_behind_green(report: Report, name: str) -> None:
    found = outcomes(report)

    assert report.exit_code != 0
    assert found.pop("No cycles") == "passed"
    assert found.keys() == {name}
    assert "passed" not in found.values()


def test_kept_contracts_are_all_there_is_when_nothing_is_wrong() -> None:
    assert outcomes(EMPTY) == {"No cycles": "passed"}


def test_contracts_of_one_name_stay_apart() -> None:
    """GitLab shows one of two cases with the same names."""
    assert set(outcomes(Report(contracts=(KEPT, TWIN)))) == {"No cycles [acyclic]", "No cycles [acyclic-2]"}


def test_control_characters_are_left_out() -> None:
    text = render_junit(only(WIRING, WIRED))

    assert "red nul\n" in text
    assert not any(character in text for character in "\x1b\x00\r")


def test_numbers_are_those_of_the_cases() -> None:
    root = ET.fromstring(render_junit(RICH).encode())  # noqa: S314 - written by us

    found = list(outcomes(RICH).values())
    expected = {"tests": len(found), "failures": found.count("failure"), "errors": found.count("error")}
    assert {name: int(root.attrib[name]) for name in expected} == expected


def test_file_is_read_by_junitparser(tmp_path: Path) -> None:
    file = tmp_path / "kimera.xml"
    file.write_text(render_junit(RICH), encoding="utf-8", newline="\n")

    suites = junitparser.JUnitXml.fromfile(str(file))

    assert (suites.tests, suites.failures, suites.errors) == (10, 4, 4)
    assert next(case.name for suite in suites for case in suite) == "Layers of the shop"


def test_other_formats_do_not_load_the_xml_library() -> None:
    program = "import sys, kimera_di.cli.report_formats; sys.exit('xml.etree' in sys.modules)"

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert ran.returncode == 0
