"""Contract files and contracts as nodes of pytest.

In: a `ContractRun`. Out: one item per contract, and one per file for what belongs to no contract: files that do not
parse, files that were not seen, a contract file that cannot be read. A broken contract fails, one that could not be
checked is an error; both show the text that ``kimera check`` prints and no traceback.
"""

# pyright: reportUnknownMemberType=false
# pytest leaves the options of nodes (**kw of `from_parent` and `__init__`) without types.

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from kimera_di.architecture.reports.report import Report
from kimera_di.architecture.reports.text_report import render_contract, render_trouble, render_unread
from kimera_di.errors import ContractError, KimeraError

if TYPE_CHECKING:
    from kimera_di.architecture.checking import Architecture

SOURCES = "sources"
"""Name of the item for what belongs to no contract; with a hyphen at its end where a contract has that id."""


class Checks(Protocol):
    """What nodes need of a `ContractRun`."""

    def check(self, architecture: "Architecture", contract: str) -> Report:
        """Check one contract."""
        ...

    def check_sources(self, architecture: "Architecture") -> Report:
        """Find what belongs to no contract."""
        ...


class ContractFileNode(pytest.File):
    """A contract file.

    Args:
        run: Checks it.
        loaded: What it says, or why it cannot be read.
        options: What pytest wants.
    """

    def __init__(self, *, run: Checks, loaded: "Architecture | ContractError", **options: Any) -> None:
        super().__init__(**options)
        self.run = run
        self.loaded = loaded
        self.add_marker("kimera")

    def collect(self) -> Iterator[pytest.Item]:
        """Give one item per contract, in the order of the file, and one for the file as a whole."""
        if isinstance(self.loaded, ContractError):
            yield UnreadableFileItem.from_parent(self, name=SOURCES, error=self.loaded)
            return
        lines: dict[str, int] = {}
        for spec in self.loaded.file.contracts:
            lines.setdefault(spec.id, spec.line)
        for identity, line in lines.items():
            yield ContractItem.from_parent(self, name=identity, run=self.run, architecture=self.loaded, line=line)
        name = SOURCES
        while name in lines:
            name += "-"
        yield SourcesItem.from_parent(self, name=name, run=self.run, architecture=self.loaded)


class KimeraItem(pytest.Item):
    """An item with a line; not collected itself."""

    line: int = 0

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Give the line of the contract, counted from zero, and the headline of a failure."""
        # With the bare node id pytest would take its dots for those of a Python name: contracts/shop::toml::layers.
        return self.path, max(self.line - 1, 0), f"kimera {self.nodeid}"


class CheckedItem(KimeraItem):
    """An item with a report; not collected itself.

    Args:
        run: Checks.
        architecture: The contract file.
        line: Where the contract begins.
        options: What pytest wants.
    """

    def __init__(self, *, run: Checks, architecture: "Architecture", line: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.run = run
        self.architecture = architecture
        self.line = line
        self.report: Report = Report()


class ContractItem(CheckedItem):
    """One contract; its name is the id."""

    def setup(self) -> None:
        """Check the contract.

        Raises:
            Failed: It could not be checked; pytest reports an error, not a failure.
        """
        self.report: Report = self.run.check(self.architecture, self.name)
        if any(result.kept is None for result in self.report.contracts):
            pytest.fail(render_trouble(Report(contracts=self.report.contracts)).strip(), pytrace=False)

    def runtest(self) -> None:
        """Fail when the contract is broken, or a baseline excuses what is no more.

        Raises:
            Failed: It is.
        """
        broken = [render_contract(result) for result in self.report.contracts if result.kept is False]
        stale = render_unread(Report(findings=self.report.stale))
        if broken or stale:
            pytest.fail("\n".join(text for text in (*broken, stale) if text), pytrace=False)


class SourcesItem(CheckedItem):
    """What is true of a file's code whichever contract is looked at: files that do not parse or were not seen."""

    def setup(self) -> None:
        """Read the code.

        Raises:
            Failed: Something is wrong with the contract file outside of its contracts.
        """
        self.report: Report = self.run.check_sources(self.architecture)
        if self.report.errors:
            pytest.fail("\n\n".join(self.report.errors), pytrace=False)

    def runtest(self) -> None:
        """Fail when there is something.

        Raises:
            Failed: There is.
        """
        unread = render_unread(self.report)
        if unread:
            pytest.fail(unread, pytrace=False)


class UnreadableFileItem(KimeraItem):
    """A contract file that cannot be read.

    Args:
        error: Why.
        options: What pytest wants.
    """

    def __init__(self, *, error: KimeraError, **options: Any) -> None:
        super().__init__(**options)
        self.error = error

    def setup(self) -> None:
        """Report the error.

        Raises:
            Failed: Always; a file of which no contract is known must not look kept.
        """
        pytest.fail(str(self.error), pytrace=False)

    def runtest(self) -> None:
        """Do nothing: pytest does not come here after `setup` has raised."""
