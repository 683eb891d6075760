"""``kimera check``: find the contract files, check them, write the reports.

In: a `CheckRequest`. Out: reports where the user wants them, and the exit code of the joined report.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.report import Report, join_reports
from kimera_di.architecture.source_tree import TreeReader
from kimera_di.architecture.text_report import render_text, render_trouble
from kimera_di.cli.outputs import Output, write, write_trouble
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


def run_check(request: CheckRequest) -> int:
    """Check every contract file and write every report.

    Args:
        request: What the user asked for.

    Returns:
        The exit code.

    Raises:
        KimeraError: No contract file, an unknown contract id, a report that cannot be written, or a missing extra.
    """
    report = check_files(request)
    for output in request.outputs:
        write(render_text(report) if output.format == "text" else f"{report.to_json()}\n", output.path)
    write_trouble(render_trouble(report))
    return report.exit_code


def check_files(request: CheckRequest) -> Report:
    """Check every contract file; one that cannot be read does not hide the others."""
    loaded: list[Architecture] = []
    broken: list[Report] = []
    for config in request.configs or contract_files(Path.cwd()):
        try:
            loaded.append(Architecture.load(config, root=request.roots))
        except ContractError as error:
            broken.append(Report(errors=(str(error),)))
    register_composition_runners()
    wanted = _wanted(request.contracts, loaded)
    reader = TreeReader(request.cache_folder)
    reports = [
        architecture.check(contracts=wanted, reader=reader)
        for architecture in loaded
        if wanted is None or any(spec.id in wanted for spec in architecture.file.contracts)
    ]
    return join_reports([*broken, *reports])


def contract_files(folder: Path) -> tuple[Path, ...]:
    """Find the contract files of a project.

    Args:
        folder: The project.

    Returns:
        ``contracts/*.toml`` sorted by name, else ``pyproject.toml``.

    Raises:
        KimeraError: There is neither.
    """
    found = sorted((folder / "contracts").glob("*.toml")) or [folder / "pyproject.toml"]
    if not found[0].is_file():
        facts = (("do this", "write contracts/NAME.toml, or name a file with --config"),)
        raise KimeraError("there are no contract files: neither contracts/*.toml nor pyproject.toml", facts=facts)
    return tuple(found)


def _wanted(ids: Sequence[str], loaded: Sequence[Architecture]) -> frozenset[str] | None:
    known = [spec.id for architecture in loaded for spec in architecture.file.contracts]
    for wanted in ids:
        if wanted not in known:
            guess = ", ".join(did_you_mean(wanted, known))
            facts = (("did you mean", guess), ("known", ", ".join(known)))
            raise KimeraError(f"there is no contract with the id {wanted!r}", facts=facts)
    return frozenset(ids) or None
