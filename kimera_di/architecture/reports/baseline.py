"""Known violations: they may shrink, never grow.

In: a report and the entries of a baseline file. Out: the report with every finding marked as new or known, and a
finding for every entry that excuses nothing any more. An entry says contract, kind, importer and imported, and no
line, so that it survives edits; it excuses one finding. Reads and writes the text of the file, never the file.
See docs/decisions/0008.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

from kimera_di.architecture.model.codes import BASELINE_STALE
from kimera_di.architecture.model.findings import ContractResult, Finding
from kimera_di.architecture.reports.report import Report, sorted_findings
from kimera_di.errors import BaselineError
from kimera_di.rendering import show_place

VERSION = 1
"""Of the file; a file of another version is refused."""
_FIELDS = ("contract", "kind", "importer", "imported")


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """One known finding."""

    contract: str
    kind: str
    importer: str | None
    imported: str | None
    line: int = 0
    """Where it stands in the file; no part of its identity."""

    @property
    def fingerprint(self) -> str:
        """The same as that of the finding it excuses."""
        return f"{self.contract}|{self.kind}|{self.importer or ''}|{self.imported or ''}"

    def order(self) -> tuple[str, str, str, str]:
        """Order of the entries in a file: contract, kind, importer, imported."""
        return self.contract, self.kind, self.importer or "", self.imported or ""


def baseline_entries(report: Report) -> tuple[BaselineEntry, ...]:
    """Give what a baseline of this report has to know.

    Args:
        report: The result of a check without a baseline.

    Returns:
        One entry per finding of a contract, sorted. Files that do not parse have none: a finding in code that nobody
        read cannot be known.
    """
    entries = (
        BaselineEntry(finding.contract, finding.kind, finding.importer, finding.imported)
        for finding in report.findings
        if finding.contract is not None
    )
    return tuple(sorted(entries, key=BaselineEntry.order))


def render_baseline(entries: Iterable[BaselineEntry]) -> str:
    """Write a baseline file: one entry per line, sorted, so that edits of two people merge.

    Args:
        entries: From `baseline_entries`.

    Returns:
        JSON that ends with a line break; equal entries give equal bytes.
    """
    ordered = sorted(entries, key=BaselineEntry.order)
    rows = (json.dumps({name: getattr(entry, name) for name in _FIELDS}, ensure_ascii=False) for entry in ordered)
    body = ",".join(f"\n    {row}" for row in rows)
    end = "\n  ]" if body else "]"
    return f'{{\n  "version": {VERSION},\n  "findings": [{body}{end}\n}}\n'


def read_baseline(content: bytes, file: str) -> tuple[BaselineEntry, ...]:
    """Read a baseline file.

    Args:
        content: Its bytes.
        file: Its name, for errors.

    Returns:
        The entries in the order of the file, with their lines.

    Raises:
        BaselineError: It is no UTF-8, no JSON, of another version, or has an entry that is none; with the line.
    """
    text = _decoded(content, file)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        todo = "undo the edit, or write it anew with kimera baseline; after a merge, keep the lines of both sides"
        raise BaselineError(f"the baseline is no valid JSON: {error.msg}", file, error.lineno, todo) from error
    except RecursionError as error:
        raise BaselineError("the baseline is nested too deeply to be one", file, 1, _REWRITE) from error
    except ValueError as error:  # valid JSON, but a number with more digits than Python takes
        raise BaselineError("the baseline has a number with too many digits to be one", file, 1, _REWRITE) from error
    fields = cast("dict[str, object]", data) if isinstance(data, dict) else {}
    known = fields.get("version")
    if known != VERSION or not isinstance(fields.get("findings"), list):
        found = f'"version" is {known!r}' if known != VERSION else '"findings" is no list'
        raise BaselineError(f"this is no baseline of version {VERSION}: {found}", file, 1, _REWRITE)
    return tuple(_entry(item, line, file) for item, line in _with_lines(text))


def apply_baseline(
    report: Report, entries: Sequence[BaselineEntry], file: str, *, checked: Collection[str] | None = None
) -> Report:
    """Mark the findings that a baseline knows, and report the entries that excuse nothing.

    Args:
        report: The result of a check.
        entries: From `read_baseline`.
        file: The baseline file, where the findings about entries are.
        checked: Ids of the contracts that were asked for; entries of others are not judged. All when left out.

    Returns:
        A report whose contracts are kept when all their findings are known. An entry excuses one finding; of several
        with the same fingerprint the first ones are known. Entries of a contract that could not be checked are not
        judged either. Time O(findings + entries).
    """
    left = Counter(entry.fingerprint for entry in entries)
    marked: dict[Finding, Finding] = {}
    for finding in report.findings:
        if finding.contract is not None and left[finding.fingerprint] > 0:
            left[finding.fingerprint] -= 1
            marked[finding] = replace(finding, baseline="known")
    contracts = {result.id for result in report.contracts}
    unjudged = {result.id for result in report.contracts if result.kept is None}
    stale = [
        _stale(entry, reason, file)
        for entry, reason in _unused(entries, left, contracts)
        if entry.contract not in unjudged
        and (checked is None or entry.contract in checked)
        and (entry.contract in contracts or not report.errors)  # the file with the contract may be the broken one
    ]
    return replace(
        report,
        contracts=tuple(_marked(result, marked.get) for result in report.contracts),
        findings=sorted_findings([*(marked.get(finding, finding) for finding in report.findings), *stale]),
    )


_REWRITE = "name another file, or write it anew with kimera baseline"


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BaselineError("the baseline is not UTF-8", file, line, _REWRITE) from error


def _with_lines(text: str) -> Iterator[tuple[object, int]]:
    """Give the items of ``findings`` with the lines they begin on; the text is known to be valid JSON."""
    decoder, start = json.JSONDecoder(), re.search(r'(?<!\\)"findings"\s*:\s*\[', text)
    at, line, counted = (start.end() if start else len(text)), 1, 0
    while match := re.compile(r"[\s,]*(?=[^\s,\]])").match(text, at):
        line += text.count("\n", counted, match.end())
        counted = match.end()
        item, at = decoder.raw_decode(text, match.end())
        yield item, line


def _entry(item: object, line: int, file: str) -> BaselineEntry:
    todo = f"an entry has {', '.join(_FIELDS)}; write the file anew with kimera baseline"
    if not isinstance(item, dict):
        raise BaselineError(f"an entry of the baseline is no object: {item!r}", file, line, todo)
    fields = cast("dict[str, object]", item)
    unknown, missing = sorted(fields.keys() - set(_FIELDS)), [name for name in _FIELDS if name not in fields]
    if unknown or missing:
        fault = f"the unknown key {unknown[0]!r}" if unknown else f"no {missing[0]!r}"
        raise BaselineError(f"an entry of the baseline has {fault}", file, line, todo)
    contract, kind, importer, imported = (fields[name] for name in _FIELDS)
    named = isinstance(contract, str) and isinstance(kind, str)
    if not (named and isinstance(importer, str | None) and isinstance(imported, str | None)):
        raise BaselineError("an entry of the baseline has a value that is no text", file, line, todo)
    return BaselineEntry(cast("str", contract), cast("str", kind), importer, imported, line)


def _unused(
    entries: Sequence[BaselineEntry], left: Counter[str], contracts: Collection[str]
) -> Iterator[tuple[BaselineEntry, str]]:
    total = Counter(entry.fingerprint for entry in entries)
    for entry in reversed(entries):  # of repeated entries the later ones are too many
        if left[entry.fingerprint] <= 0:
            continue
        left[entry.fingerprint] -= 1
        if entry.contract not in contracts:
            yield entry, f"there is no contract {entry.contract!r}"
        elif total[entry.fingerprint] > 1:
            yield entry, f"it is listed {total[entry.fingerprint]} times, which is more often than it is found"
        else:
            yield entry, "the violation is gone"


def _stale(entry: BaselineEntry, reason: str, file: str) -> Finding:
    arrow = " -> ".join(name for name in (entry.importer, entry.imported) if name)
    return Finding(
        code=BASELINE_STALE,
        contract=entry.contract,
        kind="ignore",
        importer=entry.importer,
        imported=entry.imported,
        file=show_place(file, None),
        line=entry.line,
        message=f"the baseline knows {arrow or 'a finding'} ({entry.kind}) of {entry.contract!r}, but {reason}",
        advice="delete the line, or write the baseline anew with kimera baseline",
    )


def _marked(result: ContractResult, known: Callable[[Finding], Finding | None]) -> ContractResult:
    if result.kept is not False:
        return result
    findings = tuple(known(finding) or finding for finding in result.findings)
    kept = all(finding.baseline == "known" for finding in findings)
    return replace(result, findings=findings, kept=kept, exit_code=0 if kept else result.exit_code)
