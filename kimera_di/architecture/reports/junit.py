"""Write a report as JUnit XML, for CI systems that show tests.

In: a `Report`. Out: XML with one test case per contract: broken is a failure, not checked is an error. What belongs to
no contract and fails the check is a case of its own, so that nothing hides behind green cases; there is none when
nothing is wrong. Says no times, so that equal reports give equal bytes.

Source:
    The schema of Jenkins' xUnit plugin, junit-10.xsd; GitLab reads the same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple
from xml.etree import ElementTree as ET

from kimera_di.architecture.model.findings import ContractResult, Finding
from kimera_di.architecture.reports.report import Report
from kimera_di.architecture.reports.report_parts import other_unseen, printable, syntax_findings
from kimera_di.architecture.reports.text_report import render_contract
from kimera_di.rendering import show_place


class _Case(NamedTuple):
    name: str
    classname: str
    file: str | None = None
    line: int | None = None
    outcome: str = ""
    """``failure``, ``error``, or empty for passed."""
    message: str = ""
    kind: str = ""
    text: str = ""
    remarks: str = ""
    """What is worth knowing whatever the outcome is."""


def render_junit(report: Report) -> str:
    """Write a report as JUnit XML.

    Args:
        report: The result of a check.

    Returns:
        XML that ends with a line break. It has a failure or an error exactly when the exit code is not 0. Time
        O(size of the report).
    """
    cases = [*_contracts(report), *_others(report)]
    counts = Counter(case.outcome for case in cases)
    numbers = {"tests": len(cases), "failures": counts["failure"], "errors": counts["error"], "skipped": 0}
    attributes = {"name": "kimera", **{name: str(number) for name, number in numbers.items()}}
    outer = {name: value for name, value in attributes.items() if name != "skipped"}
    root = ET.Element("testsuites", outer)
    suite = ET.SubElement(root, "testsuite", attributes)
    for case in cases:
        _add(suite, case)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _contracts(report: Report) -> Iterator[_Case]:
    # GitLab keeps one of several cases with the same names, and so may lose the one that fails.
    named = Counter((result.file, result.name) for result in report.contracts)
    for result in report.contracts:
        unique = named[result.file, result.name] == 1
        name = result.name if unique else f"{result.name} [{result.id}]"
        case = _Case(name, result.file, result.file, result.line or None, remarks=_remarks(result))
        if result.error is not None:
            yield case._replace(outcome="error", message="not checked", kind=result.type, text=result.error)
        elif result.kept is False:
            yield case._replace(
                outcome="failure", message=_broken(result), kind=result.type, text=render_contract(result)
            )
        else:
            yield case


def _broken(result: ContractResult) -> str:
    new = sum(finding.baseline == "new" for finding in result.findings)
    return f"{new} finding{'' if new == 1 else 's'}" + (f": {result.why}" if result.why else "")


def _remarks(result: ContractResult) -> str:
    """Give what is said about a contract that fails nothing: known findings, ignored imports, undecided conditions."""
    known = tuple(finding for finding in result.findings if finding.baseline == "known")
    quiet = replace(result, name="", findings=known, kept=True, error=None)
    _, _, rest = render_contract(quiet).partition("\n")
    return "\n".join([*rest.splitlines(), *(f"  {line}" for line in _lines(known))])


def _others(report: Report) -> Iterator[_Case]:
    if report.errors:
        text = "\n\n".join(report.errors)
        yield _Case("contract files", "kimera", None, None, "error", "a contract file is wrong", "configuration", text)
    unread = [f"{item.file}   {item.reason}" for item in other_unseen(report)]
    unread += _lines(syntax_findings(report))
    if unread:
        message = f"{len(unread)} not seen, so the check is incomplete"
        yield _Case("files", "kimera", None, None, "error", message, "unseen", "\n".join(unread))
    if report.stale:
        message = f"{len(report.stale)} of the entries excuse nothing any more"
        text = "\n".join(_lines(report.stale))
        yield _Case("baseline", "kimera", None, None, "failure", message, "stale", text)


def _lines(findings: Iterable[Finding]) -> Iterator[str]:
    return (f"{show_place(item.file, item.line)}   {item.message}" for item in findings)


def _add(suite: ET.Element, case: _Case) -> None:
    place = {"file": case.file, "line": None if case.line is None else str(case.line)}
    attributes = {"name": case.name, "classname": case.classname, **{key: text for key, text in place.items() if text}}
    element = ET.SubElement(suite, "testcase", {name: printable(text) for name, text in attributes.items()})
    if case.outcome:
        inner = ET.SubElement(element, case.outcome, {"message": printable(case.message), "type": case.kind})
        inner.text = printable(case.text)
    if case.remarks:
        ET.SubElement(element, "system-out").text = printable(case.remarks)
