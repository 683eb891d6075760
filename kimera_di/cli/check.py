"""``kimera check``: find the contract files, check them, write the reports.

In: a `CheckRequest`. Out: reports where the user wants them, and the exit code of the joined report.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.configuration.contract_files import contract_files
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.baseline import apply_baseline
from kimera_di.architecture.reports.baseline_file import load_baseline
from kimera_di.architecture.reports.report import Report, join_reports
from kimera_di.architecture.reports.text_report import render_trouble
from kimera_di.cli.outputs import Output, write_trouble
from kimera_di.cli.progress import progress
from kimera_di.cli.report_formats import write_reports
from kimera_di.composition import register_composition_runners
from kimera_di.errors import ContractError, KimeraError
from kimera_di.rendering import did_you_mean


class CheckRequest(NamedTuple):
    """The options of one run."""

    configs: Sequence[Path]
    contracts: Sequence[str]
    """Ids; empty for all."""
    outputs: Sequence[Output]
    cache_folder: Path | None
    roots: Sequence[Path]
    baseline: Path | None = None
    """Known violations; read only when it is named."""


def run_check(request: CheckRequest) -> int:
    """Check every contract file and write every report.

    Args:
        request: What the user asked for.

    Returns:
        The exit code.

    Raises:
        KimeraError: No contract file, an unknown contract id, a damaged baseline, or a missing extra. A report that
            cannot be written is told on stderr, keeps no other one from being written, and makes the exit code 2.
    """
    entries = load_baseline(request.baseline) if request.baseline else None
    with progress("reading contract files") as advance:
        report = check_files(request, advance)
    if entries is not None:
        asked = request.contracts or None
        report = apply_baseline(report, entries, str(request.baseline), checked=asked)
    unwritten = write_reports(report, request.outputs)
    write_trouble(render_trouble(report))
    write_trouble("".join(f"{error}\n" for error in unwritten))
    return 2 if unwritten else report.exit_code


def check_files(request: CheckRequest, advance: Callable[[str], None] | None = None) -> Report:
    """Check every contract file; one that cannot be read does not hide the others.

    Args:
        request: What the user asked for.
        advance: Told what is done next.

    Returns:
        One report, without regard to a baseline.

    Raises:
        KimeraError: No contract file, an unknown contract id, or a missing extra.
    """
    loaded: list[Architecture] = []
    broken: list[Report] = []
    for config in request.configs or contract_files(Path.cwd()):
        try:
            loaded.append(Architecture.load(config, root=request.roots))
        except ContractError as error:
            broken.append(Report(errors=(str(error),)))
    register_composition_runners()
    wanted = _wanted(request.contracts, loaded)
    reader = TreeReader(request.cache_folder, advance=advance)
    reports = [
        architecture.check(contracts=wanted, reader=reader)
        for architecture in loaded
        if wanted is None or any(spec.id in wanted for spec in architecture.file.contracts)
    ]
    return join_reports([*broken, *reports])


def _wanted(ids: Sequence[str], loaded: Sequence[Architecture]) -> frozenset[str] | None:
    known = [spec.id for architecture in loaded for spec in architecture.file.contracts]
    for wanted in ids:
        if wanted not in known:
            guess = ", ".join(did_you_mean(wanted, known))
            facts = (("did you mean", guess), ("known", ", ".join(known)))
            raise KimeraError(f"there is no contract with the id {wanted!r}", facts=facts)
    return frozenset(ids) or None
