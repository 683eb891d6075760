"""What ``pytest --kimera`` checks, and how: the files, the folders, the reader that all contracts share.

In: the options of a pytest run. Out: a plugin object that collects contract files. Reads no code before the first
contract runs. Every worker of pytest-xdist has a run of its own; a worker checks the contracts it is given and reads
the code once.
"""

# pyright: reportUnknownMemberType=false
# pytest leaves the options of nodes (**kw of `from_parent`) without types.

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.configuration.contract_files import contract_files
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.baseline import BaselineEntry, apply_baseline
from kimera_di.architecture.reports.baseline_file import load_baseline
from kimera_di.architecture.reports.report import Report, join_reports
from kimera_di.composition import register_composition_runners
from kimera_di.errors import ContractError, KimeraError
from kimera_di.testing.contract_items import ContractFileNode

_NEEDED = ("grimp", "importlinter")


@dataclass(frozen=True, slots=True)
class Baseline:
    """Known violations, and the file they come from."""

    entries: tuple[BaselineEntry, ...]
    file: str


@dataclass(frozen=True, slots=True)
class ContractRun:
    """The contracts of one pytest process; a plugin object.

    Args:
        files: What each contract file says, or why it cannot be read; the paths are absolute.
        reader: Reads each source tree once.
        baseline: Known violations, if any were named.
    """

    files: Mapping[Path, Architecture | ContractError]
    reader: TreeReader
    baseline: Baseline | None = None

    def check(self, architecture: Architecture, contract: str) -> Report:
        """Check one contract.

        Args:
            architecture: The file it is in.
            contract: Its id.

        Returns:
            Its report. The first call reads the code of the file's root packages.
        """
        report = architecture.check(contracts=(contract,), reader=self.reader)
        if self.baseline is None:
            return report
        return apply_baseline(report, self.baseline.entries, self.baseline.file, checked=(contract,))

    def check_sources(self, architecture: Architecture) -> Report:
        """Find what belongs to no contract of a file.

        Args:
            architecture: The file.

        Returns:
            A report without contracts. That of the first file also has the entries of the baseline that name a
            contract nobody knows, unless a file that may hold it cannot be read.
        """
        report = architecture.check(contracts=(), reader=self.reader)
        loaded = [file for file in self.files.values() if isinstance(file, Architecture)]
        if self.baseline is None or architecture is not loaded[0] or len(loaded) < len(self.files):
            return report
        known = {spec.id for file in loaded for spec in file.file.contracts}
        orphans = [entry for entry in self.baseline.entries if entry.contract not in known]
        return join_reports([report, apply_baseline(Report(), orphans, self.baseline.file)])

    def pytest_report_header(self, config: pytest.Config) -> str:
        """Name the contract files below the line with the root folder."""
        return "kimera: " + ", ".join(_below(config.rootpath, file) for file in self.files)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Add the contract files to what is collected, unless an argument names single tests by ``::``."""
        arguments = session.config.args
        if not any("::" in argument for argument in arguments):
            arguments.extend(str(file) for file in self.files if str(file) not in arguments)

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect a contract file of this run."""
        if file_path not in self.files:
            return None
        loaded = self.files[file_path]
        node: pytest.Collector = ContractFileNode.from_parent(parent, path=file_path, run=self, loaded=loaded)
        return node


def start_contract_run(config: pytest.Config) -> ContractRun:
    """Find what is to be checked.

    Args:
        config: Of a run with ``--kimera``.

    Returns:
        The plugin object for `pytest_configure` to register.

    Raises:
        UsageError: There is no contract file, or the ``[check]`` extra is not installed.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        todo = 'pip install "kimera-di[check]"'
        raise pytest.UsageError(
            f"--kimera needs packages that are not installed: {', '.join(missing)}\n  do this  {todo}"
        )
    register_composition_runners()
    start = config.invocation_params.dir
    home = (config.rootpath, config.rootpath / "src")
    roots = (*_given(config, "kimera_root"), *(folder for folder in home if folder.is_dir()))
    try:
        files = _given(config, "kimera_config") or contract_files(config.rootpath, start)
        baseline = _baseline(config)
    except KimeraError as error:
        raise pytest.UsageError(str(error)) from None
    return ContractRun({file: _loaded(file, roots) for file in files}, TreeReader(_cache_folder(config)), baseline)


def _loaded(file: Path, roots: Sequence[Path]) -> Architecture | ContractError:
    try:
        return Architecture.load(file, root=roots)
    except ContractError as error:
        return error  # becomes an item of its own, so that the other files are still checked


def _baseline(config: pytest.Config) -> Baseline | None:
    files = _given(config, "kimera_baseline")
    return Baseline(load_baseline(files[0]), str(files[0])) if files else None


def _given(config: pytest.Config, option: str) -> tuple[Path, ...]:
    """Give the paths of the command line, else those of the configuration file, which are relative to it."""
    given: str | Sequence[str] = config.getoption(option) or ()
    written = (given,) if isinstance(given, str) else given
    paths = [config.invocation_params.dir / path for path in written] or list(config.getini(option))
    return tuple(dict.fromkeys(Path(path).resolve() for path in paths))


def _cache_folder(config: pytest.Config) -> Path | None:
    """Keep what was read where pytest keeps its own; nowhere with ``-p no:cacheprovider``."""
    cache = getattr(config, "cache", None)
    return None if cache is None else cache.mkdir("kimera")


def _below(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
