"""The result of checking contract files, as a value.

In: results of contracts, findings that belong to no contract, files that were not seen. Out: a `Report` that
knows its exit code and its JSON form. Prints nothing.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kimera_di.architecture.model.codes import BASELINE_STALE
from kimera_di.architecture.model.findings import ContractResult, Finding, IgnoredImport, Link, Undecided, Unseen
from kimera_di.architecture.model.module_graph import Pair, UnresolvedImport

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found; equal code and contracts give equal reports for every hash seed."""

    contracts: tuple[ContractResult, ...] = ()
    """In the order of the files and of the contracts in them."""
    findings: tuple[Finding, ...] = ()
    """Sorted by file and line; those of all contracts, and syntax errors."""
    unseen: tuple[Unseen, ...] = ()
    """Files that the import graph does not hold and nobody allowed to be unseen."""
    errors: tuple[str, ...] = ()
    """What is wrong with contract files outside of their contracts."""
    modules: frozenset[str] = frozenset()
    """Every module that was read."""
    imports: frozenset[Pair] = frozenset()
    """Every pair of modules with an import."""
    unresolved: tuple[UnresolvedImport, ...] = ()
    """Calls that import what only the run knows, where a contract asks for ``dynamic``; they fail nothing."""

    @property
    def kept(self) -> bool:
        """Every contract was checked and is kept, and nothing was left unseen."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """2 for bad configuration, before 3 for an incomplete analysis, before 1 for new findings, before 0."""
        codes = {result.exit_code for result in self.contracts}
        codes |= {2} if self.errors else set()
        codes |= {3} if self.unseen else set()
        codes |= {1} if any(finding.baseline == "new" for finding in self.findings) else set()
        return next((code for code in (2, 3, 1) if code in codes), 0)

    @property
    def new(self) -> tuple[Finding, ...]:
        """Findings that no baseline knows; without a baseline all of them."""
        return tuple(item for item in self.findings if item.baseline == "new" and item.code != BASELINE_STALE)

    @property
    def known(self) -> tuple[Finding, ...]:
        """Findings that the baseline excuses."""
        return tuple(item for item in self.findings if item.baseline == "known")

    @property
    def stale(self) -> tuple[Finding, ...]:
        """Findings about entries of the baseline that excuse nothing any more."""
        return tuple(item for item in self.findings if item.code == BASELINE_STALE)

    @property
    def undecided(self) -> tuple[Undecided, ...]:
        """Registrations that were left out because settings their conditions ask for cannot be read, each once."""
        return tuple(dict.fromkeys(item for result in self.contracts for item in result.undecided))

    def to_json(self) -> str:
        """Write the report as JSON, schema version 1; the same text that ``kimera check`` writes."""
        return json.dumps(report_data(self), indent=2, ensure_ascii=False)


def join_reports(reports: Iterable[Report]) -> Report:
    """Make one report of several; findings and files that several have in common are named once."""
    every = list(reports)
    return Report(
        contracts=tuple(result for report in every for result in report.contracts),
        findings=sorted_findings(finding for report in every for finding in report.findings),
        unseen=tuple(sorted({item for report in every for item in report.unseen}, key=lambda item: item.file)),
        errors=tuple(dict.fromkeys(error for report in every for error in report.errors)),
        modules=frozenset[str]().union(*(report.modules for report in every)),
        imports=frozenset[Pair]().union(*(report.imports for report in every)),
        unresolved=tuple(dict.fromkeys(item for report in every for item in report.unresolved)),
    )


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by file and line, each once."""
    return tuple(sorted(dict.fromkeys(findings), key=Finding.place_key))


def report_data(report: Report) -> dict[str, object]:
    """Give a report as plain data in the published form.

    Args:
        report: The report.

    Returns:
        Data for `json.dumps`; keys in the order of the documentation.
    """
    kept = [result.kept for result in report.contracts]
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "kimera", "version": tool_version()},
        "summary": {
            "modules": len(report.modules),
            "imports": len(report.imports),
            "kept": kept.count(True),
            "broken": kept.count(False),
            "findings": len(report.findings),
            "new": len(report.new),
            "known": len(report.known),
            "stale": len(report.stale),
        },
        "contracts": [_contract(result) for result in report.contracts],
        "findings": [_finding(finding) for finding in report.findings],
        "unseen": [{"file": item.file, "reason": item.reason} for item in report.unseen],
        "errors": list(report.errors),
        "unresolved": [
            {"importer": item.importer, "file": item.file, "line": item.line, "reason": item.reason}
            for item in report.unresolved
        ],
    }


def tool_version() -> str:
    """Give the version of this distribution; "unknown" when it runs from a bare source tree."""
    from importlib.metadata import PackageNotFoundError, version  # 20 ms, for JSON and --version only

    try:
        return version("kimera-di")
    except PackageNotFoundError:
        return "unknown"


def _contract(result: ContractResult) -> dict[str, object]:
    fingerprints: Sequence[str] = list(dict.fromkeys(finding.fingerprint for finding in result.findings))
    return {
        "id": result.id,
        "name": result.name,
        "type": result.type,
        "file": result.file,
        "line": result.line,
        "kept": result.kept,
        "why": result.why,
        "error": result.error,
        "findings": fingerprints,
        "ignored": [_ignored(item) for item in result.ignored],
        "undecided": [{"service": item.service, "file": item.file, "line": item.line} for item in result.undecided],
    }


def _ignored(item: IgnoredImport) -> dict[str, object]:
    return {
        "importer": item.importer,
        "imported": item.imported,
        "file": item.file,
        "line": item.line,
        "reason": item.reason,
        "until": None if item.until is None else item.until.isoformat(),
        "issue": item.issue,
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "fingerprint": finding.fingerprint,
        "code": finding.code,
        "contract": finding.contract,
        "kind": finding.kind,
        "importer": finding.importer,
        "imported": finding.imported,
        "file": finding.file,
        "line": finding.line,
        "message": finding.message,
        "chain": [_link(link) for link in finding.chain],
        "baseline": finding.baseline,
        "advice": finding.advice,
    }


def _link(link: Link) -> dict[str, object]:
    return {"importer": link.importer, "imported": link.imported, "file": link.file, "line": link.line}
