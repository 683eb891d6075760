"""Write a report as SARIF 2.1.0, for code scanning.

In: a `Report`, and a text for each code. Out: JSON with one run: a rule for each code that was found, a result for each
finding, and a notification for each contract and file that could not be checked. Paths are relative; no path of the
machine is written. Reads no files.

Source:
    OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01, 2023.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kimera_di.architecture.model.findings import ContractResult, Finding, Kind, Link
from kimera_di.architecture.model.results import INCOMPLETE
from kimera_di.architecture.reports.report import Report, report_data, tool_version
from kimera_di.architecture.reports.report_parts import explanation, link_text, place_of, printable, results_of
from kimera_di.architecture.reports.sarif_places import OUTSIDE, SOURCE, SarifPlaces

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "kimeraFingerprint/v1"
"""Name of our fingerprint, with the version of how it is made (SARIF 3.27.17)."""
_TIDINESS: frozenset[Kind] = frozenset({"coverage", "ignore", "metric"})
"""Kinds that are no forbidden edge: warnings, although they fail the check too."""
_LOGICAL: Mapping[Kind, str] = {"wires": "type", "captive": "type", "plan": "type"}
"""What the importer of a finding is called in SARIF (3.33.7), where it is no module."""
_NOTIFICATIONS: Mapping[str, str] = {
    "contract-not-checked": "A contract could not be checked.",
    "contract-file-not-read": "A contract file has a mistake outside of its contracts.",
    "file-not-seen": "A file is not in the import graph, so nothing is known about its imports.",
    "import-not-resolved": "A call imports a module whose name only the run knows.",
}


class RuleText(NamedTuple):
    """What a rule is about."""

    summary: str
    """One sentence."""
    help: str
    """The whole text, Markdown or plain."""


def render_sarif(report: Report, rules: Mapping[str, RuleText]) -> str:
    """Write a report as SARIF.

    Args:
        report: The result of a check.
        rules: Code -> its text; a code that is missing has a rule without one.

    Returns:
        JSON that ends with a line break; equal reports give equal bytes. Time O(size of the report).
    """
    homes = results_of(report)
    places = SarifPlaces.of(_files(report, homes))
    codes = sorted({finding.code for finding in report.findings})
    written = [_rule(code, rules.get(code), report) for code in codes]
    frame = json.dumps(_log(report, written, places), ensure_ascii=False, indent=2)
    # One result a line: Python's encoder takes ten times as long when it indents, and there may be thousands.
    results = (_result(finding, homes.get(finding), codes, places) for finding in report.findings)
    rows = ",\n        ".join(json.dumps(result, ensure_ascii=False) for result in results)
    before, _, after = frame.rpartition("[]")  # the results, because they come last
    return f"{before}[\n        {rows}\n      ]{after}\n"


def _log(report: Report, rules: Sequence[object], places: SarifPlaces) -> dict[str, object]:
    run = {
        "tool": {
            "driver": {
                "name": "kimera",
                "version": tool_version(),
                "rules": rules,
                "notifications": [
                    {"id": name, "shortDescription": {"text": text}} for name, text in _NOTIFICATIONS.items()
                ],
            }
        },
        "originalUriBaseIds": {
            SOURCE: {"description": {"text": "The folder in which kimera was run."}},
            **({OUTSIDE: {"description": {"text": "A folder outside of it."}}} if places.outside is not None else {}),
        },
        "columnKind": "unicodeCodePoints",
        "language": "en",
        "invocations": [_invocation(report, places)],
        "properties": _properties(report),
        "results": [],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _files(report: Report, homes: Mapping[Finding, ContractResult]) -> list[str | None]:
    files: list[str | None] = [result.file for result in report.contracts]
    files += [item.file for item in report.unseen]
    files += [call.file for call in report.unresolved]
    found = [place_of(finding, homes.get(finding))[0] for finding in report.findings]
    return [*files, *found, *(link.file for finding in report.findings for link in finding.chain)]


def _rule(code: str, text: RuleText | None, report: Report) -> dict[str, object]:
    kinds = {finding.kind for finding in report.findings if finding.code == code}
    level = "warning" if kinds <= _TIDINESS else "error"
    rule: dict[str, object] = {"id": code, "defaultConfiguration": {"level": level}}
    if text is not None:
        rule["shortDescription"] = {"text": printable(text.summary)}
        rule["help"] = {"text": printable(text.help), "markdown": printable(text.help)}
    return rule


def _result(
    finding: Finding, home: ContractResult | None, codes: Sequence[str], places: SarifPlaces
) -> dict[str, object]:
    location = places.location(*place_of(finding, home)) | _logical(finding)
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _level(finding),
        "message": {"text": places.without_folder(printable("\n".join(explanation(finding, home))))},
        "locations": [location] if location else [],
        **({"codeFlows": [_flow(finding.chain, places)]} if len(finding.chain) > 1 else {}),
        "partialFingerprints": {FINGERPRINT: printable(finding.fingerprint)},
        "baselineState": "new" if finding.baseline == "new" else "unchanged",
        "properties": {
            "contract": finding.contract,
            "kind": finding.kind,
            "importer": finding.importer,
            "imported": finding.imported,
        },
    }


def _level(finding: Finding) -> str:
    if finding.baseline == "known":
        return "note"
    return "warning" if finding.kind in _TIDINESS else "error"


def _logical(finding: Finding) -> dict[str, object]:
    if finding.importer is None:
        return {}
    name = {"fullyQualifiedName": printable(finding.importer), "kind": _LOGICAL.get(finding.kind, "module")}
    return {"logicalLocations": [name]}


def _flow(chain: Sequence[Link], places: SarifPlaces) -> dict[str, object]:
    steps = [
        {"location": {**places.location(link.file, link.line), "message": {"text": printable(link_text(link))}}}
        for link in chain
    ]
    return {"threadFlows": [{"locations": steps}]}


def _invocation(report: Report, places: SarifPlaces) -> dict[str, object]:
    wrong = [_notification("contract-file-not-read", places.without_folder(error)) for error in report.errors]
    incomplete: list[dict[str, object]] = []
    for result in report.contracts:
        if result.error is not None:
            text = f"{result.name} was not checked: {result.error}"
            location = places.location(result.file, result.line)
            found = _notification("contract-not-checked", places.without_folder(text), location)
            (incomplete if result.exit_code == INCOMPLETE else wrong).append(found)
    for item in report.unseen:
        text = f"{item.file} was not seen: {item.reason}"
        location = places.location(item.file, None)
        incomplete.append(_notification("file-not-seen", places.without_folder(text), location))
    for call in report.unresolved:
        text, location = f"{call.importer}: {call.reason}", places.location(call.file, call.line)
        incomplete.append({**_notification("import-not-resolved", text, location), "level": "note"})
    return {
        "executionSuccessful": report.exit_code in {0, 1},
        "exitCode": report.exit_code,
        "toolConfigurationNotifications": wrong,
        "toolExecutionNotifications": incomplete,
    }


def _notification(name: str, text: str, location: Mapping[str, object] | None = None) -> dict[str, object]:
    index = list(_NOTIFICATIONS).index(name)
    found: dict[str, object] = {"descriptor": {"id": name, "index": index}, "level": "error"}
    return {**found, "message": {"text": printable(text)}, **({"locations": [location]} if location else {})}


def _properties(report: Report) -> dict[str, object]:
    """Give what SARIF has no place for: every contract with its verdict and its reason, and the counts."""
    contracts = [
        {"id": result.id, "name": result.name, "type": result.type, "kept": result.kept, "why": result.why}
        for result in report.contracts
    ]
    return {"summary": report_data(report)["summary"], "contracts": contracts}
