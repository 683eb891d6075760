"""Name the files of a report from the root of a repository, for readers that know no other folder.

In: a `Report` whose paths are relative to the folder where the check ran. Out: the same report with paths relative to
another folder around it. Texts stay as they are. Reads no file.
"""

import os
from collections.abc import Callable
from dataclasses import replace

from kimera_di.architecture.model.findings import ContractResult, Finding
from kimera_di.architecture.reports.report import Report


def seen_from(report: Report, folder: str, *, here: str) -> Report:
    """Name every file from ``folder``.

    Args:
        report: The result of a check.
        folder: For instance the root of a checkout, absolute.
        here: Where the check ran, absolute.

    Returns:
        The report with other paths in contracts, findings, chains and files that were not seen; files outside of
        ``folder`` keep theirs, and so does every file when ``here`` is outside. Time O(size of the report).
    """
    root, start = os.path.realpath(folder), os.path.realpath(here)
    if start == root or not _is_below(start, root):
        return report

    def moved(file: str) -> str:
        whole = os.path.normpath(os.path.join(start, file))
        return os.path.relpath(whole, root).replace(os.sep, "/") if _is_below(whole, root) else file

    return replace(
        report,
        contracts=tuple(_result(result, moved) for result in report.contracts),
        findings=tuple(_finding(finding, moved) for finding in report.findings),
        unseen=tuple(replace(item, file=moved(item.file)) for item in report.unseen),
        unresolved=tuple(replace(call, file=moved(call.file)) for call in report.unresolved),
    )


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(os.path.join(folder, ""))


def _result(result: ContractResult, moved: Callable[[str], str]) -> ContractResult:
    findings = tuple(_finding(finding, moved) for finding in result.findings)
    return replace(result, file=moved(result.file), findings=findings)


def _finding(finding: Finding, moved: Callable[[str], str]) -> Finding:
    chain = tuple(replace(link, file=link.file and moved(link.file)) for link in finding.chain)
    return replace(finding, file=finding.file and moved(finding.file), chain=chain)
