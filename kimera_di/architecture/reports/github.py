"""Write a report as workflow commands, which GitHub shows as annotations at the lines of a change.

In: a `Report`. Out: one command a line and a summary line. Known findings are notices, everything else that fails the
check is an error.

Source:
    "Workflow commands for GitHub Actions" in GitHub's documentation; escaping as in `actions/toolkit`,
    packages/core/src/command.ts.
"""

from collections.abc import Iterator

from kimera_di.architecture.model.findings import ContractResult, Finding
from kimera_di.architecture.reports.report import Report
from kimera_di.architecture.reports.report_parts import (
    explanation,
    other_unseen,
    place_of,
    printable,
    results_of,
)
from kimera_di.architecture.reports.text_report import render_summary


def render_github(report: Report) -> str:
    """Write a report as workflow commands.

    Args:
        report: The result of a check.

    Returns:
        Lines, the last one ending with a line break: what could not be checked, findings by file and line, a
        summary. Time O(size of the report).
    """
    lines = [*_trouble(report), *_findings(report), *_notes(report), render_summary(report)]
    return "".join(f"{line}\n" for line in lines)


def _trouble(report: Report) -> Iterator[str]:
    for error in report.errors:
        yield _command("error", None, None, "A contract file is wrong", error)
    for result in report.contracts:
        if result.error is not None:
            yield _command("error", result.file, result.line, f"{result.name} was not checked", result.error)
    for item in other_unseen(report):
        yield _command("error", item.file, None, "This file was not seen, so the check is incomplete", item.reason)


def _notes(report: Report) -> Iterator[str]:
    for call in report.unresolved:
        title = "The import of a module whose name only the run knows is not checked"
        yield _command("notice", call.file, call.line, title, f"{call.importer}: {call.reason}")


def _findings(report: Report) -> Iterator[str]:
    homes = results_of(report)
    for finding in report.findings:
        home = homes.get(finding)
        level = "notice" if finding.baseline == "known" else "error"
        file, line = place_of(finding, home)
        yield _command(level, file, line, _title(finding, home), "\n".join(explanation(finding, home)))


def _title(finding: Finding, home: ContractResult | None) -> str:
    about = home.name if home is not None else finding.contract or "A file does not parse"
    return f"{about} ({finding.code}{', known' if finding.baseline == 'known' else ''})"


def _command(level: str, file: str | None, line: int | None, title: str, message: str) -> str:
    properties = {"file": file, "line": str(line) if file and line else None, "title": title}
    written = ",".join(f"{name}={_property(text)}" for name, text in properties.items() if text)
    return f"::{level} {written}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
