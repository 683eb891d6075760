"""Whatever stands in a report, every format of it can be read back and says the same."""

import json
import string
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di.architecture.model.findings import ContractResult, Finding, Link, Unseen
from kimera_di.architecture.reports.github import render_github
from kimera_di.architecture.reports.junit import render_junit
from kimera_di.architecture.reports.markdown import render_markdown
from kimera_di.architecture.reports.report import Report, sorted_findings
from kimera_di.architecture.reports.sarif import render_sarif

pytestmark = pytest.mark.check

SCHEMA: Mapping[str, Any] = json.loads(
    (Path(__file__).parents[1] / "assets" / "sarif" / "sarif-schema-2.1.0.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)
OWN_SCHEMA: Mapping[str, Any] = json.loads(
    files("kimera_di.architecture").joinpath("check-report-v1.schema.json").read_text("utf-8")
)
OWN_VALIDATOR = jsonschema.Draft202012Validator(OWN_SCHEMA)
NASTY = st.text(st.sampled_from("ab |`<>&@:,%[]()_*~$\\\n\r\t\x00\x07\x1b\x85\u2028\ud800\udcff\ufffe😀"), max_size=12)
TEXT = NASTY | st.text(max_size=12)
FILES = st.none() | st.builds(lambda head, tail: f"{head}{tail}.py", st.sampled_from(["shop/", "/a/b/", "C:/x/"]), TEXT)
LINKS = st.builds(Link, TEXT, TEXT, FILES, st.none() | st.integers(1, 99))
KINDS = st.sampled_from(["runtime", "typing", "wires", "captive", "coverage", "ignore", "metric"])


@st.composite
def findings(draw: st.DrawFn, contract: str | None) -> Finding:
    kind = draw(KINDS) if contract else "syntax"
    code = draw(st.sampled_from(["KD411", "KD416"])) if contract else "KD419"
    file = draw(FILES)
    line = None if file is None else draw(st.none() | st.integers(1, 99))
    chain = tuple(draw(st.lists(LINKS, max_size=3)))
    known = draw(st.sampled_from(["new", "known"])) if contract else "new"
    return Finding(code, contract, kind, draw(TEXT), draw(TEXT), file, line, draw(TEXT), chain, known, draw(TEXT))  # type: ignore[arg-type]


@st.composite
def results(draw: st.DrawFn) -> ContractResult:
    name = draw(st.text(string.ascii_letters, min_size=1, max_size=3))
    error = draw(st.none() | TEXT)
    if error is not None:
        code = draw(st.sampled_from([2, 3]))
        return ContractResult(name, draw(TEXT), "layers", "a.toml", 1, None, draw(TEXT), error, code)
    found = tuple(draw(st.lists(findings(name), max_size=3)))
    new = any(finding.baseline == "new" for finding in found)
    return ContractResult(name, draw(TEXT), "layers", "a.toml", 0, not new, draw(TEXT), None, int(new), found)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    contracts = tuple(draw(st.lists(results(), max_size=3)))
    syntax = draw(st.lists(findings(None), max_size=2))
    unseen = draw(st.lists(st.builds(Unseen, FILES.filter(bool), TEXT), max_size=2))
    unseen += [Unseen(finding.file, "does not parse") for finding in syntax if finding.file]
    every = [*(finding for result in contracts for finding in result.findings), *syntax]
    return Report(contracts, sorted_findings(every), tuple(unseen), tuple(draw(st.lists(TEXT, max_size=1))))


def written(text: str) -> bytes:
    """Give the bytes that the command writes."""
    return text.encode("utf-8", "backslashreplace")


@given(reports())
def test_sarif_is_valid_and_complete(report: Report) -> None:
    log = json.loads(written(render_sarif(report, {})))

    VALIDATOR.validate(log)
    run = log["runs"][0]
    states = [result["baselineState"] for result in run["results"]]
    assert states == [{"new": "new", "known": "unchanged"}[finding.baseline] for finding in report.findings]
    assert run["invocations"][0]["executionSuccessful"] == (report.exit_code in {0, 1})


def possible(finding: Finding) -> Finding:
    """Give a chain to what has one only, and a file to what does not parse: the schema promises both."""
    if finding.kind in {"runtime", "typing", "wires"}:
        return replace(finding, chain=finding.chain or (Link("a", "b", None, None),))
    file = finding.file or "shop/x.py" if finding.kind == "syntax" else finding.file
    return replace(finding, file=file, chain=finding.chain if finding.kind == "captive" else ())


@given(reports())
def test_json_follows_the_published_schema_and_is_complete(random: Report) -> None:
    contracts = tuple(replace(each, findings=tuple(map(possible, each.findings))) for each in random.contracts)
    report = replace(random, contracts=contracts, findings=tuple(map(possible, random.findings)))

    data = json.loads(written(report.to_json()))

    OWN_VALIDATOR.validate(data)
    assert len(data["findings"]) == data["summary"]["findings"] == len(report.findings)
    assert [item["reason"] for item in data["unseen"]] == [
        json.loads(written(json.dumps(item.reason, ensure_ascii=False))) for item in report.unseen
    ]


@given(reports())
def test_junit_is_red_exactly_when_the_check_fails(report: Report) -> None:
    root = ET.fromstring(written(render_junit(report)))  # noqa: S314 - written by us

    cases = list(root.iter("testcase"))
    red = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    assert bool(red) == (report.exit_code != 0)
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases}) >= min(1, len(cases))
    assert len(cases) >= len(report.contracts)


@given(reports())
def test_github_has_one_line_for_each_annotation(report: Report) -> None:
    *commands, summary = written(render_github(report)).decode().split("\n")[:-1]

    assert not summary.startswith("::")
    assert all(line.startswith(("::error ", "::notice ")) for line in commands)
    known = sum(line.startswith("::notice ") for line in commands)
    assert known == len(report.known)
    assert len(commands) >= len(report.findings)


@given(reports())
def test_markdown_has_one_row_for_each_contract(report: Report) -> None:
    lines = written(render_markdown(report)).decode().split("\n")

    rows = [line for line in lines if line.startswith("| ")][1:]
    assert len(rows) == len(report.contracts)
    assert all(row.replace("\\|", "").count("|") == 6 for row in (row.replace("\\\\", "") for row in rows))
