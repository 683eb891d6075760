"""Keep the report of a check, and give it back only when a check now would give the same.

In: a contract file, the ids of contracts that depend on files only, the folders of the packages. Out: their report of
an earlier run, or nothing. What it depends on: the text of the contracts, the source files (see ``snapshots``), where
everything lies and is shown from, the versions of the tools, and the day when an ignore ends on one. A report with
errors is not kept: what was missing then may lie anywhere. Anything odd is a miss, never an error.
"""

import datetime
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kimera_di.architecture.caching.report_data import report_from_data, report_to_data
from kimera_di.architecture.model.specs import ContractFile, ContractSpec
from kimera_di.architecture.reading.cache_files import CacheFile
from kimera_di.architecture.reading.snapshots import Snapshot, stored_snapshot, unchanged
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reading.tools import tool_state
from kimera_di.architecture.reports.report import Report

_FORMAT = 1
"""Raised whenever the layout of the file changes."""


@dataclass(frozen=True, slots=True)
class ResultCache:
    """The kept report of some contracts of one file.

    Args:
        file: Where it is kept.
        state: Hash of everything it depends on besides the source files.
        snapshot: The source files now.
        reader: Reads the code when there is no report.
    """

    file: CacheFile
    state: str
    snapshot: Snapshot
    reader: TreeReader

    @classmethod
    def of(
        cls,
        contracts: ContractFile,
        specs: Sequence[ContractSpec],
        packages: Mapping[str, Sequence[Path]],
        reader: TreeReader,
        *,
        today: datetime.date | None = None,
    ) -> "ResultCache | None":
        """Find the place of a report.

        Args:
            contracts: The contract file.
            specs: Those of its contracts that are asked for; none may load a composition root.
            packages: Its root packages with their folders.
            reader: Has the folder of the cache and lists the source files.
            today: For tests; the current day otherwise.

        Returns:
            Where the report is or would be kept; ``None`` without a folder, or when a tool is not installed.
        """
        tools = None if reader.cache_folder is None else tool_state()
        if reader.cache_folder is None or tools is None:
            return None
        folders = (f"{name}={folder}" for name, places in packages.items() for folder in places)
        here = os.getcwd()
        options = (str(_FORMAT), here, os.path.join(here, contracts.path), *(spec.id for spec in specs), "", *folders)
        state = repr((contracts, tools, _day(contracts, today))).encode("utf-8", "surrogateescape")
        file = CacheFile(reader.cache_folder, options, "report.json")
        return cls(file, hashlib.blake2b(state, digest_size=16).hexdigest(), reader.snapshot(packages), reader)

    def load(self) -> Report | None:
        """Give the report of an earlier run when nothing has changed.

        Returns:
            The report, or ``None``. Time O(source files + findings), plus reading the files whose stamp changed.
        """
        try:
            stored = self.file.read()
            if stored is None or stored["state"] != self.state:
                return None
            same = unchanged(stored["snapshot"], self.snapshot.sources)
            report = None if same is None else report_from_data(stored["report"])
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None  # no report yet, or one that somebody damaged: checking again is always right
        if same is not None and report is not None and not same.settled:
            self._write(same.digests, report)
        return report

    def save(self, report: Report) -> None:
        """Keep a report, unless it has errors or a file changed meanwhile.

        Args:
            report: Of exactly the contracts that the cache was made for, from the tree that its reader has read; the
                reader hashed the files before, so that a change in between shows.
        """
        digests = self.reader.digests(self.snapshot)
        whole = not report.errors and all(result.error is None for result in report.contracts)
        if digests is not None and whole and self.snapshot.still_holds():
            self._write(digests, report)

    def _write(self, digests: Mapping[str, str], report: Report) -> None:
        snapshot = stored_snapshot(self.snapshot.taken_ns, self.snapshot.sources, digests)
        content = {"state": self.state, "snapshot": snapshot, "report": report_to_data(report)}
        self.reader.keep(lambda: self.file.write(content))


def _day(contracts: ContractFile, today: datetime.date | None) -> str:
    """Give the day when an ignore ends on some day; else the answer does not depend on it."""
    dated = any(rule.until is not None for spec in contracts.contracts for rule in spec.ignores)
    return (today or datetime.date.today()).isoformat() if dated else ""
