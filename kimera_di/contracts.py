"""The contract types as import-linter classes, so that ``lint-imports`` runs our contract files unchanged.

In: the options import-linter has read. Out: the verdict of the same runners that ``kimera check`` uses, and text
on import-linter's console. No error leaves a contract: import-linter would not run those after it.
Needs the ``[check]`` extra.

    [tool.importlinter]
    contract_types = ["kimera_layers: kimera_di.contracts.LayersContract"]
"""

from pathlib import Path
from typing import cast

import click
from grimp import ImportGraph
from importlinter.application.output import console
from importlinter.domain.contract import Contract, ContractCheck
from importlinter.domain.fields import Field

from kimera_di.architecture.checking import run_contract
from kimera_di.architecture.configuration.contract_file import read_contract_file, read_contract_options
from kimera_di.architecture.model.findings import ContractResult
from kimera_di.architecture.model.results import not_checked
from kimera_di.architecture.model.specs import ContractFile, ContractSpec, counts_dynamic, kinds_of
from kimera_di.architecture.reading.packages import find_packages, search_folders
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.text_report import render_findings, render_notes
from kimera_di.architecture.rules.runners import CheckContext
from kimera_di.composition import register_composition_runners
from kimera_di.errors import ContractError, KimeraError

register_composition_runners()

_LOOKED_FOR = ("setup.cfg", ".importlinter", "pyproject.toml")
"""Where ``lint-imports`` looks when it is given no file; the first one that has its table is taken."""
_READER = "kimera_di.reader"
"""Where the reader of a run is kept: the session options are the one thing its contracts share."""


class OptionField(Field[object]):
    """An option that our own reader checks; import-linter's fields accept neither tables nor booleans in arrays."""

    def __init__(self) -> None:
        super().__init__(required=False)

    def parse(self, raw_data: object) -> object:
        """Give the value as it is."""
        return raw_data


class KimeraContract(Contract):
    """What our contract types have in common; a subclass adds its options and its ``type_name``."""

    type_name: str

    why: OptionField = OptionField()
    ignore: OptionField = OptionField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - import-linter calls it so
        """Check the contract.

        Args:
            graph: Not used: it knows no kinds of imports, so the code is read again, once per run.
            verbose: Not used.

        Returns:
            Kept or not; ``metadata["result"]`` is the `ContractResult`. A contract that cannot be checked is
            not kept.
        """
        spec, file = self._spec()
        notes: list[str] = []
        try:
            context = self._context(file)
            result = run_contract(spec, context)
            notes = render_notes(context.graph.shown_unresolved()) if "dynamic" in kinds_of(spec) else notes
        except KimeraError as error:
            result = not_checked(spec, str(error))
        return ContractCheck(kept=result.kept is True, metadata={"result": result}, warnings=notes)

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print findings with file and line, brackets and long lines as they are."""
        result = cast("ContractResult", check.metadata["result"])
        text = f"could not be checked\n{result.error}" if result.error else render_findings(result.findings, result.why)
        console.print(f"{text}\n", markup=False, highlight=False, soft_wrap=True)

    def _spec(self) -> tuple[ContractSpec, ContractFile]:
        """Find this contract in its file, for lines and for the contracts it refers to."""
        options = cast("dict[str, object]", self.contract_options)
        spec = read_contract_options(options, type_name=self.type_name)
        file = _config_file()
        for known in file.contracts if file else ():
            if known.id == spec.id and known.type == self.type_name:
                return known, cast("ContractFile", file)
        return spec, file or self._file_without_path(spec)

    def _file_without_path(self, spec: ContractSpec) -> ContractFile:
        session = cast("dict[str, object]", self.session_options)
        return ContractFile(
            path="",
            root_packages=tuple(cast("list[str]", session["root_packages"])),
            contracts=(spec,),
            include_external_packages=session.get("include_external_packages") == "True",
            exclude_type_checking_imports=session.get("exclude_type_checking_imports") == "True",
            session_options=session,
        )

    def _context(self, file: ContractFile) -> CheckContext:
        folders = search_folders()
        packages = find_packages(file.root_packages, folders)
        reader = cast("TreeReader", self.session_options.setdefault(_READER, TreeReader()))
        external, dynamic = file.include_external_packages, counts_dynamic(file)
        return CheckContext(file, reader.read(packages, external=external, dynamic=dynamic).graph, folders)


class LayersContract(KimeraContract):
    """``kimera_layers``: imports go down the layers only."""

    type_name = "kimera_layers"

    layers: OptionField = OptionField()
    containers: OptionField = OptionField()
    closed: OptionField = OptionField()
    exhaustive: OptionField = OptionField()
    exhaustive_ignores: OptionField = OptionField()
    kinds: OptionField = OptionField()
    reach: OptionField = OptionField()


class AcyclicContract(KimeraContract):
    """``kimera_acyclic``: no import cycles, neither of modules nor of packages."""

    type_name = "kimera_acyclic"

    packages: OptionField = OptionField()
    level: OptionField = OptionField()
    kinds: OptionField = OptionField()


class WiringContract(KimeraContract):
    """``kimera_wiring``: what objects are given goes down the layers too, or through a port."""

    type_name = "kimera_wiring"

    services: OptionField = OptionField()
    layers_from: OptionField = OptionField()
    layers: OptionField = OptionField()
    containers: OptionField = OptionField()
    leaks: OptionField = OptionField()
    unbound: OptionField = OptionField()
    concrete: OptionField = OptionField()


class CompositionRootContract(KimeraContract):
    """``kimera_composition_root``: who may import implementations, and who may call the container."""

    type_name = "kimera_composition_root"

    roots: OptionField = OptionField()
    implementations: OptionField = OptionField()
    services: OptionField = OptionField()
    may_resolve: OptionField = OptionField()


class InterfacesContract(KimeraContract):
    """``kimera_interfaces``: who may import the internals of a package."""

    type_name = "kimera_interfaces"

    packages: OptionField = OptionField()
    exposes: OptionField = OptionField()
    friends: OptionField = OptionField()
    kinds: OptionField = OptionField()


class MetricsContract(KimeraContract):
    """``kimera_metrics``: limits for coupling, instability, distance, propagation cost and cycles."""

    type_name = "kimera_metrics"

    packages: OptionField = OptionField()
    max_afferent_coupling: OptionField = OptionField()
    max_efferent_coupling: OptionField = OptionField()
    max_instability: OptionField = OptionField()
    max_distance: OptionField = OptionField()
    max_propagation_cost: OptionField = OptionField()
    max_cycles: OptionField = OptionField()


def _config_file() -> ContractFile | None:
    """Read the file given to ``lint-imports``, which hands contracts their options but not their file."""
    command = click.get_current_context(silent=True)
    given = command.params.get("config") if command else None
    for name in (str(given),) if given else _LOOKED_FOR:
        try:
            return read_contract_file(Path(name))
        except ContractError:
            continue  # not the one that import-linter found, or it was called as a library: the options are enough
    return None
