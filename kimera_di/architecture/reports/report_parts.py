"""What several report writers say in the same way: clean text, the place of a finding, its explanation.

In: findings and results. Out: plain strings and pairs. Knows no format; see ``sarif``, ``junit``, ``github`` and
``markdown`` for those.
"""

import re
from collections.abc import Iterator

from kimera_di.architecture.model.findings import ContractResult, Finding, Link, Unseen
from kimera_di.architecture.reports.report import Report
from kimera_di.rendering import show_place

_STYLES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
"""ANSI control sequences, for instance colours (ECMA-48, 5.4)."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
"""Control characters but tab and line feed, and what XML 1.0 allows in no document (section 2.2)."""


def printable(text: str) -> str:
    r"""Take out what makes a report unreadable: ANSI styles, control characters, halves of surrogate pairs.

    Args:
        text: Anything that came from the code or the contracts under check.

    Returns:
        The same text with tabs and with line feeds, also for other line ends; bytes of a file name that are no UTF-8
        are written as ``\udcXX``.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", _STYLES.sub("", lines)).encode("utf-8", "backslashreplace").decode("utf-8")


def results_of(report: Report) -> dict[Finding, ContractResult]:
    """Say which contract every finding belongs to.

    Args:
        report: The result of a check.

    Returns:
        Nothing about findings that belong to none (files that do not parse, and baseline entries of contracts that are
        gone). Two files may use one id; a finding belongs to the first contract that has it. Time O(findings).
    """
    homes: dict[Finding, ContractResult] = {}
    by_id: dict[str, ContractResult] = {}
    for result in report.contracts:
        by_id.setdefault(result.id, result)
        for finding in result.findings:
            homes.setdefault(finding, result)
    for finding in report.stale:
        if finding.contract in by_id:
            homes.setdefault(finding, by_id[finding.contract])
    return homes


def place_of(finding: Finding, result: ContractResult | None) -> tuple[str | None, int | None]:
    """Give file and line of a finding; those of its contract when it has no file of its own."""
    if finding.file is None and result is not None:
        return result.file, result.line or None
    return finding.file, finding.line


def explanation(finding: Finding, result: ContractResult | None) -> Iterator[str]:
    """Say what was found, by which way, why it matters and what to do.

    Args:
        finding: The finding.
        result: Its contract.

    Yields:
        The message, the chain when it has several links, the contract's reason, the advice.
    """
    yield finding.message
    if len(finding.chain) > 1:
        yield from (f"{show_place(link.file, link.line)}   {link_text(link)}" for link in finding.chain)
    if result is not None and result.why:
        yield f"why: {result.why.strip()}"
    if finding.advice:
        yield f"do this: {finding.advice.strip()}"


def syntax_findings(report: Report) -> tuple[Finding, ...]:
    """Give the findings about files that do not parse."""
    return tuple(finding for finding in report.findings if finding.kind == "syntax")


def other_unseen(report: Report) -> tuple[Unseen, ...]:
    """Give the files that were not seen and of which no finding says so: those that do not parse are told once."""
    told = {finding.file for finding in syntax_findings(report)}
    return tuple(item for item in report.unseen if item.file not in told)


def link_text(link: Link) -> str:
    """Write one link of a chain, without its place."""
    if link.importer == link.imported:  # the second link of a class that is registered as itself
        return f"{link.imported} is registered here, as itself"
    return f"{link.importer} -> {link.imported}"
