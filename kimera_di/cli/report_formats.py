"""Write one report in the formats a user asked for.

In: a report and outputs. Out: files and stdout. What a format needs is loaded when it is asked for. Decides nothing
about contracts.
"""

import os
from collections.abc import Callable, Mapping, Sequence

from kimera_di.architecture.reports.report import Report
from kimera_di.architecture.reports.text_report import render_text
from kimera_di.cli.colours import colour, wants_colour
from kimera_di.cli.outputs import Output, write
from kimera_di.errors import UnwritableReportError


def write_reports(report: Report, outputs: Sequence[Output]) -> tuple[UnwritableReportError, ...]:
    """Write a report in several formats.

    Args:
        report: The result of a check.
        outputs: Formats with their places. Files are written before stdout, whose reader may be slow or go away.

    Returns:
        One error for each output that could not be written; the others are.
    """
    failed: list[UnwritableReportError] = []
    for output in sorted(outputs, key=lambda each: each.path is None):
        text = rendered(report, output.format)
        styled = output.format == "text" and output.path is None and wants_colour()
        try:
            write(colour(text) if styled else text, output.path)
        except UnwritableReportError as error:
            failed.append(error)
    return tuple(failed)


def rendered(report: Report, name: str) -> str:
    """Give a report in one format.

    Args:
        report: The result of a check.
        name: One of `kimera_di.cli.outputs.FORMATS`.

    Returns:
        The text, without styles for a terminal. Where ``GITHUB_WORKSPACE`` is set and around the current folder, the
        formats that GitHub shows beside the code name files from there.

    Raises:
        KeyError: There is no such format.
    """
    return _WRITERS[name](report)


def _in_repository(report: Report) -> Report:
    """GitHub looks for files from the root of the checkout, wherever in it the check runs."""
    checkout = os.environ.get("GITHUB_WORKSPACE")
    if not checkout:
        return report
    from kimera_di.architecture.reports.repository_paths import seen_from

    return seen_from(report, checkout, here=os.getcwd())


def _json(report: Report) -> str:
    return f"{report.to_json()}\n"


def _sarif(report: Report) -> str:
    from kimera_di.architecture.reports.sarif import RuleText, render_sarif
    from kimera_di.cli.help import first_sentence, installed_pages

    pages = installed_pages()  # without them the rules have no help, and the findings are the same
    found = pages.keys() & {finding.code for finding in report.findings}
    texts = {code: RuleText(first_sentence(pages[code]), pages[code]) for code in found}
    return render_sarif(_in_repository(report), texts)


def _junit(report: Report) -> str:
    from kimera_di.architecture.reports.junit import render_junit

    return render_junit(report)


def _github(report: Report) -> str:
    from kimera_di.architecture.reports.github import render_github

    return render_github(_in_repository(report))


def _markdown(report: Report) -> str:
    from kimera_di.architecture.reports.markdown import render_markdown

    return render_markdown(report)


_WRITERS: Mapping[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "markdown": _markdown,
}
