"""Check a contract file: read it, read the code, run every contract, report.

In: the path of a contract file and the folders of the code. Out: a `Report`. A contract that cannot be checked
never hides another one. Reading a contract file needs the standard library only; checking imports needs the
``[check]`` extra.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.model.findings import ContractResult, Finding, Unseen
from kimera_di.architecture.model.module_graph import ScannedTree
from kimera_di.architecture.model.results import checked, not_checked
from kimera_di.architecture.model.specs import (
    BUILT_IN_TYPES,
    CompositionRootOptions,
    ContractFile,
    ContractSpec,
    LayersOptions,
    WiringOptions,
    counts_dynamic,
    kept_kinds,
)
from kimera_di.architecture.reading.packages import find_packages, search_folders
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.globs import glob_matches
from kimera_di.architecture.reports.report import Report, sorted_findings
from kimera_di.architecture.rules.runners import CheckContext, register_runner, runner_for
from kimera_di.errors import ContractError, InternalError, KimeraError, RootPackageError
from kimera_di.rendering import show_place

if TYPE_CHECKING:
    from kimera_di.architecture.caching.results import ResultCache

Root = str | Path


def _check_acyclic(spec: ContractSpec, context: CheckContext, /) -> ContractResult:
    from kimera_di.architecture.rules.acyclic_contract import (
        run_acyclic,  # a start-up check without one loads none of it
    )

    return run_acyclic(spec, context)


def _check_interfaces(spec: ContractSpec, context: CheckContext, /) -> ContractResult:
    from kimera_di.architecture.rules.interfaces_contract import run_interfaces

    return run_interfaces(spec, context)


def _check_metrics(spec: ContractSpec, context: CheckContext, /) -> ContractResult:
    from kimera_di.architecture.rules.metrics_contract import run_metrics  # loads networkx

    return run_metrics(spec, context)


register_runner("kimera_acyclic", _check_acyclic)
register_runner("kimera_interfaces", _check_interfaces)
register_runner("kimera_metrics", _check_metrics)


class Architecture:
    """The contracts of one file, ready to be checked.

    Example:
        >>> architecture = Architecture.load("contracts/kimera_di.toml")
        >>> architecture.check().kept
        True

    Args:
        file: What the contract file says.
        roots: Folders to look for packages in, before the current folder, ``src`` and ``sys.path``.
    """

    def __init__(self, file: ContractFile, roots: Sequence[Root] = ()) -> None:
        self.file: ContractFile = file
        self.roots: tuple[Root, ...] = tuple(roots)

    @classmethod
    def load(cls, path: Root, *, root: Root | Sequence[Root] = ()) -> "Architecture":
        """Read a contract file.

        Args:
            path: A TOML file with a ``[tool.importlinter]`` table, or an INI file as for ``lint-imports``.
            root: One or more folders that hold the packages.

        Returns:
            Its contracts; mistakes in them are reported by `check`.

        Raises:
            ContractError: The file as a whole cannot be read.
        """
        return cls(read_contract_file(path), (root,) if isinstance(root, str | Path) else root)

    def check(self, *, contracts: Collection[str] | None = None, reader: TreeReader | None = None) -> Report:
        """Check the contracts.

        Args:
            contracts: Ids of those to check; all when left out.
            reader: Reads the code; give one to share what was read between files, or to use a cache.

        Returns:
            The report. Violations and mistakes in contracts are in it, not raised.

        Raises:
            MissingExtraError: The ``[check]`` extra is not installed.
        """
        specs = [spec for spec in self.file.contracts if contracts is None or spec.id in contracts]
        if self.file.mistakes:
            return self._unusable(specs, [str(mistake) for mistake in self.file.mistakes])
        try:
            folders = search_folders(self.roots)
            packages = find_packages(self.file.root_packages, folders)
        except RootPackageError as error:
            return self._unusable(specs, [str(error)])
        used = reader or TreeReader()
        alone = [spec for spec in specs if not loads_root(spec)]
        cache = _result_cache(self.file, alone, packages, used) if alone or not specs else None
        known = None if cache is None else cache.load()
        if known is not None and len(known.contracts) == len(specs):
            return known
        dynamic = counts_dynamic(self.file)
        tree = used.read(packages, external=self.file.include_external_packages, dynamic=dynamic)
        context = CheckContext(self.file, tree.graph, folders)
        answers = {} if known is None else {result.id: result for result in known.contracts}
        results: list[ContractResult] = []
        for spec in specs:
            used.advance(_said(spec))
            results.append(answers.get(spec.id) or run_contract(spec, context))
        report = self._report(tree, tuple(results))
        if cache is not None and known is None:
            kept = tuple(result for spec, result in zip(specs, results, strict=True) if not loads_root(spec))
            cache.save(report if len(kept) == len(specs) else self._report(tree, kept))
        return report

    def _unusable(self, specs: Sequence[ContractSpec], errors: Sequence[str]) -> Report:
        return Report(contracts=tuple(not_checked(spec, "\n\n".join(errors)) for spec in specs), errors=tuple(errors))

    def _report(self, tree: ScannedTree, results: tuple[ContractResult, ...]) -> Report:
        unseen, errors = left_unseen(self.file, tree)
        findings = [finding for result in results for finding in result.findings]
        return Report(
            contracts=results,
            findings=sorted_findings([*findings, *(_shown(finding) for finding in tree.syntax)]),
            unseen=unseen,
            errors=errors,
            modules=frozenset(tree.graph.files),
            imports=frozenset(tree.graph.pairs(kept_kinds(self.file))),
            unresolved=tree.graph.shown_unresolved(),
        )


def _result_cache(
    file: ContractFile, specs: Sequence[ContractSpec], packages: Mapping[str, Sequence[Path]], reader: TreeReader
) -> "ResultCache | None":
    if reader.cache_folder is None:
        return None
    from kimera_di.architecture.caching.results import ResultCache  # loads json

    return ResultCache.of(file, specs, packages, reader)


def left_unseen(file: ContractFile, tree: ScannedTree) -> tuple[tuple[Unseen, ...], tuple[str, ...]]:
    """Take out the files that a contract file allows to be unseen.

    Args:
        file: The contract file.
        tree: What was read of its root packages.

    Returns:
        The files that nobody allowed, and an error for each glob that allows nothing.
    """
    every = [Unseen(show_place(item.file, None), item.reason) for item in tree.unseen]
    globs = file.allow_unseen
    left = tuple(item for item in every if not any(glob_matches(allow.glob, item.file) for allow in globs))
    todo = "delete the glob, or correct it; it is compared with the paths that the report shows"
    errors = tuple(
        str(
            ContractError(
                f"allow_unseen: {allow.glob!r} matches no unseen file",
                file=file.path,
                key="kimera.allow_unseen",
                line=allow.line,
                facts=(("do this", todo),),
            )
        )
        for allow in globs
        if not any(glob_matches(allow.glob, item.file) for item in every)
    )
    return left, errors


def run_contract(spec: ContractSpec, context: CheckContext) -> ContractResult:
    """Check one contract of any type.

    Args:
        spec: The contract, with or without mistakes.
        context: The file, the import graph, the folders.

    Returns:
        Its result; a contract with mistakes, or one that names what does not exist, has an error.
    """
    if spec.mistakes:
        return not_checked(spec, "\n\n".join(str(mistake) for mistake in spec.mistakes))
    try:
        if isinstance(spec.options, LayersOptions):
            from kimera_di.architecture.rules.layers_contract import examine_layers  # not for an unchanged tree

            kinds = kept_kinds(context.file)
            roots = context.file.root_packages
            return checked(
                spec, *examine_layers(spec, spec.options, context.graph, root_packages=roots, default_kinds=kinds)
            )
        if spec.type in BUILT_IN_TYPES:
            from kimera_di.architecture.rules.built_in import run_built_in  # loads import-linter and rich

            return run_built_in(spec, context)
        runner = runner_for(spec.type)
        if runner is None:
            raise InternalError(f"nobody registered a runner for contracts of type {spec.type!r}")
        return runner(spec, context)
    except KimeraError as error:
        return not_checked(spec, str(error))


def loads_root(spec: ContractSpec) -> bool:
    """Say whether checking a contract imports a composition root: then its result may depend on anything."""
    return _services(spec) is not None


def _services(spec: ContractSpec) -> str | None:
    return spec.options.services if isinstance(spec.options, WiringOptions | CompositionRootOptions) else None


def _said(spec: ContractSpec) -> str:
    """Name a contract for a line of progress; importing a composition root is what takes time there."""
    services = _services(spec)
    return f"checking {spec.name}" + (f", importing {services}" if services else "")


def _shown(finding: Finding) -> Finding:
    return replace(finding, file=None if finding.file is None else show_place(finding.file, None))
