"""SARIF: what the standard and code scanning ask for."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.reports.report import Report
from kimera_di.architecture.reports.sarif import FINGERPRINT, RuleText, render_sarif
from tests.unit.architecture.reports.rich_report import (
    CAPTIVE,
    EMPTY,
    KNOWN,
    LAYERS,
    RICH,
    SYNTAX,
    UNCOVERED,
    UP,
    WIRED,
    WIRING,
    WRONG,
    only,
)

pytestmark = pytest.mark.check

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "assets" / "sarif" / "sarif-schema-2.1.0.json").read_text("utf-8")
)
RULES = {"KD411": RuleText("An import leads up", "An import leads up. See `contracts`.")}


def run_of(report: Report) -> dict[str, Any]:
    log = json.loads(render_sarif(report, RULES))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    found: dict[str, Any] = log["runs"][0]
    return found


def first(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = run_of(report)["results"][0]
    return found


def place(location: dict[str, Any]) -> tuple[str, str, int | None]:
    physical = location["physicalLocation"]
    artifact = physical["artifactLocation"]
    return artifact["uriBaseId"], artifact["uri"], physical.get("region", {}).get("startLine")


@pytest.mark.parametrize("report", [RICH, EMPTY, Report()], ids=["rich", "kept", "nothing"])
def test_report_is_valid_sarif(report: Report) -> None:
    run = run_of(report)

    assert len(run["results"]) == len(report.findings)


def test_schema_refuses_what_is_no_sarif() -> None:
    log = json.loads(render_sarif(RICH, RULES))
    log["runs"][0]["results"][0]["level"] = "fatal"

    with pytest.raises(jsonschema.ValidationError) as caught:
        jsonschema.Draft4Validator(SCHEMA).validate(log)

    assert caught.value.instance == "fatal"


def test_rule_has_code_text_and_level() -> None:
    (rule,) = run_of(only(LAYERS, UP))["tool"]["driver"]["rules"]

    assert rule["id"] == "KD411"
    assert rule["shortDescription"] == {"text": "An import leads up"}
    assert rule["help"]["text"] == "An import leads up. See `contracts`."
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert "helpUri" not in rule


def test_result_points_to_its_rule() -> None:
    run = run_of(RICH)

    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [found.code for found in RICH.findings]


def test_result_says_place_identity_and_way_out() -> None:
    result = first(only(LAYERS, UP))

    assert place(result["locations"][0]) == ("SRCROOT", "shop/core/cart.py", 3)
    assert result["partialFingerprints"] == {FINGERPRINT: UP.fingerprint}
    assert "why: the core is tested alone" in result["message"]["text"]
    assert "do this: let core own an interface" in result["message"]["text"]


def test_chain_is_a_code_flow() -> None:
    (flow,) = first(only(LAYERS, UP))["codeFlows"]

    steps = [step["location"] for step in flow["threadFlows"][0]["locations"]]
    assert [(place(step)[1:], step["message"]["text"]) for step in steps] == [
        (("shop/core/cart.py", 3), "shop.core.cart -> shop.util"),
        (("shop/util.py", 7), "shop.util -> shop.web"),
    ]


@pytest.mark.parametrize(
    ("finding", "level", "state"),
    [
        (UP, "error", "new"),
        (KNOWN, "note", "unchanged"),
        (UNCOVERED, "warning", "new"),
        (SYNTAX, "error", "new"),
    ],
    ids=["edge", "known", "coverage", "syntax"],
)
def test_level_and_state_follow_kind_and_baseline(finding: Any, level: str, state: str) -> None:
    result = first(Report(findings=(finding,)))

    assert (result["level"], result["baselineState"]) == (level, state)


def test_finding_without_a_file_is_shown_at_its_contract() -> None:
    result = first(only(WIRING, CAPTIVE))

    assert place(result["locations"][0]) == ("SRCROOT", "contracts/shop.toml", 20)


def test_no_path_of_the_machine_is_written() -> None:
    unseen = Unseen("/home/me/lib/shop/loose.py", "/home/me/lib/shop/__init__.py is missing")

    text = render_sarif(replace(only(WIRING, WIRED), unseen=(unseen,), errors=("/home/me/lib/a.toml is bad",)), RULES)

    run = json.loads(text)["runs"][0]
    result = run["results"][0]
    steps = [step["location"] for step in result["codeFlows"][0]["threadFlows"][0]["locations"]]
    assert [place(step) for step in steps] == [("OUTSIDE", "lib/shop/core.py", 2), ("OUTSIDE", "other/main.py", 5)]
    assert set(run["originalUriBaseIds"]) == {"SRCROOT", "OUTSIDE"}
    assert not any("uri" in base for base in run["originalUriBaseIds"].values())
    assert "/home/me" not in text


def test_path_is_a_uri() -> None:
    odd = replace(UP, file="a:b/größe 1%\udcff.py", chain=())

    assert place(first(only(LAYERS, odd))["locations"][0])[1] == "a%3Ab/gr%C3%B6%C3%9Fe%201%25%FF.py"


def test_contract_that_was_not_checked_is_an_error_of_the_run() -> None:
    invocation = run_of(Report(contracts=(WRONG,)))["invocations"][0]

    (found,) = invocation["toolConfigurationNotifications"]
    assert (invocation["executionSuccessful"], invocation["exitCode"], found["level"]) == (False, 2, "error")
    assert found["message"]["text"].startswith("Wrong was not checked: no layer")
    assert place(found["locations"][0]) == ("SRCROOT", "contracts/shop.toml", 50)


def test_file_that_was_not_seen_is_an_error_of_the_run() -> None:
    invocation = run_of(Report(unseen=(Unseen("shop/a.py", "why not"),)))["invocations"][0]

    (found,) = invocation["toolExecutionNotifications"]
    assert (invocation["executionSuccessful"], invocation["exitCode"], found["level"]) == (False, 3, "error")
    assert found["message"]["text"] == "shop/a.py was not seen: why not"


def test_import_that_only_the_run_knows_is_a_note_of_the_run() -> None:
    unresolved = RICH.unresolved[0]

    invocation = run_of(Report(unresolved=(unresolved,)))["invocations"][0]

    (found,) = invocation["toolExecutionNotifications"]
    assert (invocation["executionSuccessful"], found["level"]) == (True, "note")
    assert place(found["locations"][0]) == ("SRCROOT", "shop/plugins.py", 6)


def test_broken_contract_is_a_successful_run() -> None:
    invocation = run_of(only(LAYERS, UP))["invocations"][0]

    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)


def test_verdicts_of_all_contracts_are_kept() -> None:
    contracts = run_of(RICH)["properties"]["contracts"]

    assert [found["kept"] for found in contracts] == [False, False, False, True, True, None, None]
