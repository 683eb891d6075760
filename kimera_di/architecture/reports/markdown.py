"""Write a report as Markdown, for the summary of a job or a comment on a change.

In: a `Report`. Out: a table of the contracts, then everything that was found, by contract; nothing is cut off. Places
and chains stand in code spans, all other text is escaped, so that nothing in it is taken for Markdown, HTML or a
mention of somebody.

Source:
    CommonMark 0.31.2, sections 2.4, 4.5 and 6.1; tables as in GitHub Flavored Markdown, section 4.10.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from kimera_di.architecture.model.findings import ContractResult, Finding
from kimera_di.architecture.reports.report import Report
from kimera_di.architecture.reports.report_parts import link_text, other_unseen, place_of, printable, syntax_findings
from kimera_di.architecture.reports.text_report import advice_for
from kimera_di.rendering import show_place

_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
"""What means something within a line; ``~`` and ``$`` do on GitHub and GitLab."""
_REPLACED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@<!-- -->"}
"""An entity would not keep ``@name`` from being a mention: those are looked for in the rendered text."""
_STATES = {True: "kept", False: "**broken**", None: "**not checked**"}


def render_markdown(report: Report) -> str:
    """Write a report as Markdown.

    Args:
        report: The result of a check.

    Returns:
        Lines, the last one ending with a line break. Time O(size of the report).
    """
    blocks = [f"### kimera: {_verdict(report)}", _counts(report)]
    if report.contracts:
        blocks.append("\n".join(_table(report.contracts)))
    for result in report.contracts:
        blocks += _contract(result)
    blocks += _others(report)
    return "\n\n".join(blocks) + "\n"


def _verdict(report: Report) -> str:
    texts = {0: "all contracts are kept", 1: "something was found", 2: "a contract is wrong"}
    return texts.get(report.exit_code, "the check is incomplete")


def _counts(report: Report) -> str:
    verdicts = [result.kept for result in report.contracts]
    return (
        f"Contracts: {verdicts.count(True)} kept, {verdicts.count(False)} broken, {verdicts.count(None)} not checked. "
        f"Findings: {len(report.new)} new, {len(report.known)} known, {len(report.stale)} stale. "
        f"Files not seen: {len(report.unseen)}. Read {len(report.modules)} modules, {len(report.imports)} imports."
    )


def _table(contracts: Sequence[ContractResult]) -> Iterator[str]:
    yield "| contract | result | new | known | why |"
    yield "|---|---|---:|---:|---|"
    for result in contracts:
        known = sum(finding.baseline == "known" for finding in result.findings)
        new = len(result.findings) - known
        cells = [_text(result.name), _STATES[result.kept], str(new), str(known), _text(result.why or "")]
        yield f"| {' | '.join(cells)} |"


def _contract(result: ContractResult) -> Iterator[str]:
    new = [finding for finding in result.findings if finding.baseline == "new"]
    known = [finding for finding in result.findings if finding.baseline == "known"]
    if new or result.error is not None:
        yield f"#### {_text(result.name)} ({_code(show_place(result.file, result.line))})"
    if result.error is not None:
        yield _block(result.error)
    if new:
        yield "\n".join(_list(new, result))
    yield from (f"**Do this:** {_text(text)}" for text in advice_for(new))
    if known:
        yield f"<details><summary>{len(known)} known in {_text(result.name)}</summary>"
        yield "\n".join(_list(known, result))
        yield "</details>"


def _list(findings: Iterable[Finding], result: ContractResult | None = None) -> Iterator[str]:
    for finding in findings:
        kind = f" ({finding.kind})" if finding.chain and finding.kind != "runtime" else ""
        yield f"- {_code(show_place(*place_of(finding, result)))} {_text(finding.message)}{kind}"
        if len(finding.chain) > 1:
            for link in finding.chain:
                yield f"  - {_code(show_place(link.file, link.line))} {_code(link_text(link))}"


def _others(report: Report) -> Iterator[str]:
    if report.undecided:
        yield "#### Registrations left out, because the settings their conditions ask for cannot be read"
        yield "\n".join(
            f"- {_code(show_place(item.file, item.line))} {_text(item.service)}" for item in report.undecided
        )
    if report.stale:
        yield "#### Baseline entries that excuse nothing any more"
        yield "\n".join(_list(report.stale))
    if report.unresolved:
        yield "#### Imports of modules whose names only the run knows"
        calls = ((_code(show_place(call.file, call.line)), call) for call in report.unresolved)
        yield "\n".join(f"- {place} {_text(call.importer)}: {_text(call.reason)}" for place, call in calls)
    unread = [f"- {_code(item.file)} {_text(item.reason)}" for item in other_unseen(report)]
    unread += _list(syntax_findings(report))
    if unread:
        yield "#### Files that were not seen"
        yield "\n".join(unread)
    if report.errors:
        yield "#### Contract files with mistakes"
        yield from (_block(error) for error in report.errors)


def _text(text: str) -> str:
    """Escape a text for one line, also in a cell of a table."""
    line = " ".join(printable(text).split())
    escaped = _SPECIAL.sub(r"\\\1", line)
    return re.sub(r"[&<>@]", lambda found: _REPLACED[found.group()], escaped)


def _code(text: str) -> str:
    """Write a code span, fenced by more backticks than the text has in a row; not for cells of a table."""
    line = " ".join(printable(text).split())
    fence = "`" * (_longest_run(line) + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def _block(text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{printable(text).strip()}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
