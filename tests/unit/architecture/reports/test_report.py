import json
from dataclasses import replace
from pathlib import Path

import pytest

from kimera_di.architecture.model.findings import ContractResult, Finding, Link, Undecided, Unseen
from kimera_di.architecture.reports.report import Report, join_reports
from kimera_di.architecture.reports.text_report import render_text, render_trouble
from tests.unit.architecture.trees import check, layers

FINDING = Finding("KD411", "c", "runtime", "a", "b", "a.py", 3, "a imports b")


def result(kept: bool | None, exit_code: int = 0) -> ContractResult:
    return ContractResult(
        "c", "C", "kimera_layers", "c.toml", 1, kept, exit_code=exit_code, error=None if kept is not None else "no"
    )


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report(contracts=(result(True),)), 0),
        (Report(contracts=(result(False, 1),), findings=(FINDING,)), 1),
        (Report(contracts=(result(False, 1),), findings=(FINDING,), unseen=(Unseen("x.py", "r"),)), 3),
        (Report(contracts=(result(None, 3),), findings=(FINDING,)), 3),
        (Report(contracts=(result(None, 2),), unseen=(Unseen("x.py", "r"),)), 2),
        (Report(errors=("bad",), unseen=(Unseen("x.py", "r"),)), 2),
    ],
)
def test_worst_exit_code_wins(report: Report, code: int) -> None:
    assert (report.exit_code, report.kept) == (code, code == 0)


def test_joined_reports_name_shared_findings_once() -> None:
    one = Report(findings=(FINDING,), modules=frozenset({"a"}))

    joined = join_reports([one, one])

    assert (joined.findings, joined.modules) == ((FINDING,), {"a"})


BROKEN = {"shop.web": "", "shop.core": "import shop.util", "shop.util": "\nimport shop.web"}
CONTRACT = layers('layers = ["web", "core"]\ncontainers = ["shop"]')


@pytest.mark.check
def test_json_has_the_published_form(tmp_path: Path) -> None:
    data = json.loads(check(tmp_path, BROKEN, CONTRACT).to_json())

    folder = tmp_path.as_posix()
    chain = [
        {"importer": "shop.core", "imported": "shop.util", "file": f"{folder}/shop/core.py", "line": 1},
        {"importer": "shop.util", "imported": "shop.web", "file": f"{folder}/shop/util.py", "line": 2},
    ]
    assert data["schema_version"] == 1
    assert data["summary"] == {
        "modules": 4, "imports": 2, "kept": 0, "broken": 1, "findings": 1, "new": 1, "known": 0, "stale": 0
    }  # fmt: skip
    assert data["contracts"][0] | {"line": 0} == {
        "id": "layers",
        "name": "Layers",
        "type": "kimera_layers",
        "file": f"{folder}/contracts.toml",
        "line": 0,
        "kept": False,
        "why": "a test",
        "error": None,
        "findings": ["layers|runtime|shop.core|shop.util"],
        "ignored": [],
        "undecided": [],
    }
    assert data["findings"][0]["chain"] == chain
    assert data["findings"][0]["baseline"] == "new"
    assert data["unseen"] == []


@pytest.mark.check
def test_text_shows_place_chain_reason_and_advice(tmp_path: Path) -> None:
    text = render_text(check(tmp_path, BROKEN, CONTRACT)).replace(tmp_path.as_posix(), "T")

    assert text == (
        "BROKEN  Layers                                                    T/contracts.toml:3\n"
        "  T/shop/core.py:1   shop.core -> shop.util\n"
        "  T/shop/util.py:2   └─ shop.util -> shop.web\n"
        "  why      a test\n"
        "  do this  let core own an interface, and bind its implementation from web in the composition root\n"
        "  or       change the order of the layers, or add an ignore with the reason\n"
        "1 of 1 contracts broken, 1 chain. Read 4 modules, 2 imports.\n"
    )


@pytest.mark.check
def test_trouble_tells_what_kept_a_contract_from_being_checked(tmp_path: Path) -> None:
    report = check(tmp_path, BROKEN, layers('layers = ["x"]\ncontainers = ["shop"]'))

    assert "Layers was not checked" in render_trouble(report)
    assert "the layer 'x' does not exist in shop" in render_trouble(report)


def test_report_without_trouble_has_no_text_for_it() -> None:
    assert render_trouble(Report(contracts=(result(True),))) == ""


@pytest.mark.check
def test_advice_for_many_layers_is_given_once(tmp_path: Path) -> None:
    modules = {f"shop.{low}": "import shop.web" for low in ("core", "db", "util")}
    text = layers('layers = ["web", "core | db | util"]\ncontainers = ["shop"]')

    lines = render_text(check(tmp_path, {**modules, "shop.web": ""}, text)).splitlines()

    assert [line for line in lines if line.startswith(("  do this", "  or"))] == [
        "  do this  let the lower layer own an interface, and bind the implementation in the composition root",
        "  or       change the order of the layers, or add an ignore with the reason",
    ]


@pytest.mark.check
def test_finding_that_no_ignore_can_excuse_does_not_offer_one(tmp_path: Path) -> None:
    text = layers('layers = ["web"]\ncontainers = ["shop"]\nexhaustive = true')

    shown = render_text(check(tmp_path, {"shop.web": "x = 1", "shop.core": ""}, text))

    assert "add 'core' to the layers" in shown
    assert "  or " not in shown


PLAN = Finding(
    "KD201", "c", "plan", "a.Z", "builtins.int", "a.py", 3, "nothing provides int",
    chain=(Link("a.Z", "builtins.int", "a.py", 3),),
)  # fmt: skip


def test_problem_of_the_plan_is_told_above_its_chain() -> None:
    broken = replace(result(False, 1), findings=(PLAN,))

    lines = render_text(Report(contracts=(broken,), findings=(PLAN,))).splitlines()

    assert [line.split() for line in lines[1:3]] == [
        ["a.py:3", "nothing", "provides", "int", "(plan)"],
        ["a.py:3", "└─", "a.Z", "->", "builtins.int"],
    ]


def test_class_registered_as_itself_is_no_link_to_itself() -> None:
    chain = (Link("a.Z", "b.Mailer", "a.py", 3), Link("b.Mailer", "b.Mailer", "main.py", 4))
    wired = Finding("KD421", "c", "wires", "a.Z", "b.Mailer", "a.py", 3, "goes up", chain)

    text = render_text(Report(contracts=(replace(result(False, 1), findings=(wired,)),), findings=(wired,)))

    assert "└─ b.Mailer is registered here, as itself" in text
    assert "b.Mailer -> b.Mailer" not in text


@pytest.mark.parametrize(
    ("findings", "counted"),
    [
        ((PLAN, FINDING, replace(FINDING, line=4)), "broken, 1 chain, 2 other findings."),
        ((PLAN, FINDING), "broken, 1 chain, 1 other finding."),
        ((FINDING,), "broken, 1 finding."),
        ((PLAN,), "broken, 1 chain."),
    ],
    ids=["both", "one of each", "no chain", "chain alone"],
)
def test_summary_counts_findings_without_a_chain(findings: tuple[Finding, ...], counted: str) -> None:
    report = Report(contracts=(replace(result(False, 1), findings=findings),), findings=findings)

    assert counted in render_text(report).splitlines()[-1]


def test_undecided_condition_is_named_and_counted_once() -> None:
    open_one = replace(result(True), undecided=(Undecided("Vault", "main.py", 4),))
    report = Report(contracts=(open_one, replace(open_one, id="d")))

    text = render_text(report)

    assert (report.exit_code, text.count("undecided  Vault (main.py:4): left out")) == (0, 2)
    assert "0 of 2 contracts broken, 1 undecided condition." in text
    assert json.loads(report.to_json())["contracts"][0]["undecided"] == [
        {"service": "Vault", "file": "main.py", "line": 4}
    ]
