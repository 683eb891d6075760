"""Write a report for people.

In: a `Report`. Out: text; what went wrong with the check itself is a text of its own, for stderr. Shows every
finding, sorted, without colour or wrapping, so that the same input gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kimera_di.architecture.model.codes import BUILT_IN, LAYER_IMPORT, MODULE_CYCLE, PACKAGE_CYCLE, UNCOVERED
from kimera_di.architecture.model.findings import ContractResult, Finding
from kimera_di.architecture.model.module_graph import UnresolvedImport
from kimera_di.architecture.reports.report import Report
from kimera_di.architecture.reports.report_parts import link_text, printable
from kimera_di.rendering import show_place

_WIDTH = 64
"""Column of the place in the line of a contract."""
_EDGES = ("runtime", "lazy", "deferred", "typing", "dynamic", "wires", "resolves")
"""Kinds of findings that an ignore can excuse."""
_MOST_ADVICE = 2
"""Pieces of advice of one code that are shown one by one."""
_IN_GENERAL: Mapping[str, str] = {
    LAYER_IMPORT: "let the lower layer own an interface, and bind the implementation in the composition root",
    MODULE_CYCLE: "remove the first import of each chain; kimera advise says how for one of them",
    PACKAGE_CYCLE: "remove the first import of each chain",
    UNCOVERED: "add them to the layers, or to exhaustive_ignores",
}
"""The advice for many findings of one code."""


def render_text(report: Report) -> str:
    """Write contracts, findings, unseen files and a summary.

    Args:
        report: The result of a check.

    Returns:
        Lines, the last one ending with a line break. Time O(size of the report).
    """
    parts = [*(render_contract(result) for result in report.contracts), render_unread(report)]
    parts += [*render_notes(report.unresolved), render_summary(report)]
    return printable("\n".join(part for part in parts if part)) + "\n"


def render_contract(result: ContractResult) -> str:
    """Write one contract with its findings, without a line break at the end."""
    return printable("\n".join(_contract(result)))  # a file name may hold what a terminal obeys


def render_unread(report: Report) -> str:
    """Write what belongs to no contract, without a line break at the end: stale entries, files that were not read."""
    syntax = [finding for finding in report.findings if finding.kind == "syntax"]
    lines = [f"STALE   {_place(finding)}   {finding.message}" for finding in report.stale]
    lines += [f"SYNTAX  {_place(finding)}   {finding.message}" for finding in syntax]
    return "\n".join([*lines, *(f"UNSEEN  {item.file}   {item.reason}" for item in report.unseen)])


def render_notes(unresolved: Iterable[UnresolvedImport]) -> list[str]:
    """Write one line for each call that imports what only the run knows; it fails nothing."""
    return [
        f"NOTE    {show_place(item.file, item.line)}   dynamic import not followed: {item.reason}"
        for item in unresolved
    ]


def render_trouble(report: Report) -> str:
    """Write what kept contracts from being checked; empty when all were."""
    errors = dict.fromkeys(report.errors)
    for result in report.contracts:
        if result.error and result.error not in errors:
            errors[f"{result.name} was not checked  ({show_place(result.file, result.line)})\n{result.error}"] = None
    return printable("".join(f"{error}\n\n" for error in errors))


def render_summary(report: Report) -> str:
    """Write how many contracts are broken, what was found and how much was read, without a line break at the end."""
    broken = sum(result.kept is False for result in report.contracts)
    failed = sum(result.kept is None for result in report.contracts)
    chains = sum(bool(finding.chain) for finding in report.new)
    parts = [f"{broken} of {len(report.contracts)} contracts broken"]
    parts += [f"{failed} not checked"] if failed else []
    parts += [f"{chains} chain{'' if chains == 1 else 's'}"] if chains else []
    others = 0 if report.known or report.stale else len(report.new) - chains  # else "new" counts them
    parts += [f"{others} {'other ' * bool(chains)}finding{'' if others == 1 else 's'}"] if others else []
    open_ones = len(report.undecided)
    parts += [f"{open_ones} undecided condition{'' if open_ones == 1 else 's'}"] if open_ones else []
    parts += [f"{len(report.unseen)} unseen file{'' if len(report.unseen) == 1 else 's'}"] if report.unseen else []
    delta = {"new": report.new, "known": report.known, "stale": report.stale}
    if report.known or report.stale:
        parts += [f"{len(found)} {name}" for name, found in delta.items()]
    return f"{', '.join(parts)}. Read {len(report.modules)} modules, {len(report.imports)} imports."


def render_findings(findings: tuple[Finding, ...], why: str | None) -> str:
    """Write the findings of one broken contract, without its first line.

    Args:
        findings: At least one.
        why: The reason of the contract, if it has one.

    Returns:
        Lines without a line break at the end.
    """
    rows = [row for finding in findings for row in _rows(finding)]
    width = max(len(place) for place, _ in rows)
    lines = [f"  {place:<{width}}   {text}".rstrip() for place, text in rows]
    labelled = [("why", why or ""), *(("do this", text) for text in advice_for(findings)), ("or", _otherwise(findings))]
    return "\n".join([*lines, *(line for label, text in labelled for line in _labelled(label, text))])


def advice_for(findings: Sequence[Finding]) -> Iterator[str]:
    """Give what to do about the findings of one contract.

    Args:
        findings: Some of them.

    Yields:
        Each advice once; many of one code that differ in names only become one.
    """
    by_code: dict[str, dict[str, None]] = {}
    for finding in findings:
        if finding.advice:
            by_code.setdefault(finding.code, {})[finding.advice] = None
    for code, texts in by_code.items():
        yield from [_IN_GENERAL[code]] if len(texts) > _MOST_ADVICE and code in _IN_GENERAL else texts


def _otherwise(findings: Iterable[Finding]) -> str:
    """Give what can be done instead of changing the code, where the contract is one that takes ignores."""
    edges = [finding for finding in findings if finding.kind in _EDGES and finding.code != BUILT_IN]
    if not edges:
        return ""
    layered = any(finding.code == LAYER_IMPORT or finding.kind == "wires" for finding in edges)
    return f"{'change the order of the layers, or ' if layered else ''}add an ignore with the reason"


def _contract(result: ContractResult) -> Iterator[str]:
    state = {True: "KEPT", False: "BROKEN", None: "ERROR"}[result.kept]
    yield f"{f'{state:<7} {result.name}':<{_WIDTH}}  {show_place(result.file, result.line)}"
    new = tuple(finding for finding in result.findings if finding.baseline == "new")
    if new:
        yield render_findings(new, result.why)
    if len(new) < len(result.findings):
        yield f"  known    {len(result.findings) - len(new)} in the baseline"
    if result.ignored:
        yield f"  ignored  {len(result.ignored)} import{'s' * (len(result.ignored) > 1)}"
    for item in result.undecided:
        where = show_place(item.file, item.line)
        yield f"  undecided  {item.service} ({where}): left out, the settings its when= asks for cannot be read"
    if result.error:
        yield "  not checked, see the error"


def _rows(finding: Finding) -> Iterator[tuple[str, str]]:
    if not finding.chain:
        yield _place(finding), finding.message
        return
    # The ends of the chain do not say what is wrong; a wiring edge has two links, other findings about ports one.
    told = finding.kind in {"plan", "captive"} or (finding.kind == "wires" and len(finding.chain) == 1)
    if told:
        yield _place(finding), f"{finding.message}{_kind(finding)}"
    for depth, link in enumerate(finding.chain, start=int(told)):
        place = show_place(link.file, link.line)
        branch = "   " * (depth - 1) + "└─ " if depth else ""
        yield place, f"{branch}{link_text(link)}{_kind(finding) if not depth else ''}"


def _kind(finding: Finding) -> str:
    return "" if finding.kind == "runtime" else f"   ({finding.kind})"


def _place(finding: Finding) -> str:
    return show_place(finding.file, finding.line)


def _labelled(label: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.strip().splitlines()):
        yield f"  {'' if number else label:<7}  {line.strip()}"
