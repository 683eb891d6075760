"""What a check found, as values: only the report writers make text or JSON from them.

In: nothing. Out: frozen findings, results of contracts, the report. The names are those of the JSON report.
"""

import datetime
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Kind = Literal[
    "runtime", "lazy", "deferred", "typing", "dynamic", "wires", "resolves",
    "captive", "syntax", "unseen", "coverage", "ignore", "metric", "plan",
]  # fmt: skip
"""How two modules or classes touch, or which other fact a finding is about (from ``captive`` on)."""


@dataclass(frozen=True, slots=True)
class Link:
    """One import or wiring edge of a chain."""

    importer: str
    imported: str
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that has to change, or has to be excused with a reason."""

    code: str
    contract: str | None
    kind: Kind
    importer: str | None
    imported: str | None
    file: str | None
    line: int | None
    message: str
    chain: tuple[Link, ...] = ()
    baseline: Literal["new", "known"] = "new"
    advice: str = ""
    """What to do, for people; not part of the identity."""

    @property
    def fingerprint(self) -> str:
        """Identity without line numbers: contract, kind, importer, imported."""
        return f"{self.contract or ''}|{self.kind}|{self.importer or ''}|{self.imported or ''}"

    def place_key(self) -> tuple[str, int, str, str]:
        """Order of findings in every output: file, line, then the rest of the identity."""
        return (self.file or "", self.line or 0, self.fingerprint, self.message)

    def for_contract(self, contract: str) -> "Finding":
        """Give the same finding under the id of a contract."""
        return replace(self, contract=contract)


@dataclass(frozen=True, slots=True)
class IgnoredImport:
    """One import, or wiring edge, that an ignore of a contract takes out."""

    importer: str
    imported: str
    file: str | None
    """Of the importer; ``None`` where the graph does not know it, as for classes."""
    line: int | None
    reason: str | None
    """``None`` for import-linter's own types, which ask for none."""
    until: datetime.date | None = None
    issue: str | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """A registration whose condition asks for settings that are not there: whether it counts is not known."""

    service: str
    file: str | None
    line: int | None


class Examined(NamedTuple):
    """What looking at the imports of one contract gave."""

    findings: tuple[Finding, ...]
    """Sorted."""
    ignored: tuple[IgnoredImport, ...]
    """Sorted."""


@dataclass(frozen=True, slots=True)
class ContractResult:
    """What became of one contract."""

    id: str
    name: str
    type: str
    file: str
    line: int
    kept: bool | None
    """``None`` when the contract could not be checked; ``error`` says why."""
    why: str | None = None
    error: str | None = None
    exit_code: int = 0
    """2 for bad configuration, 3 for an incomplete analysis, else 0 or 1."""
    findings: tuple[Finding, ...] = ()
    ignored: tuple[IgnoredImport, ...] = ()
    """What the ignores in use take out, sorted."""
    undecided: tuple[Undecided, ...] = ()
    """What the contract was checked without, in the order of registration; it fails nothing."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A file under a root that the graph does not hold."""

    file: str
    reason: str
