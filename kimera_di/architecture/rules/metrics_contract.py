"""Check one ``kimera_metrics`` contract: no number of a module or package is over its limit.

In: the contract and the import graph. Out: one finding for each module or package and limit; a `ContractError` when
the contract names what does not exist. The same function answers ``kimera check``, ``lint-imports`` and the start-up
check. See docs/decisions/0022.
"""

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from kimera_di.architecture.ignoring.ignored_imports import ignored_imports
from kimera_di.architecture.ignoring.ignores import apply_ignores
from kimera_di.architecture.layering.placement import ModuleNames
from kimera_di.architecture.metrics.measures import (
    COUNTED,
    UNPARSED,
    ModuleMeasures,
    PackageMeasures,
    counted_pairs,
    measure_modules,
    measure_packages,
    unread_modules,
)
from kimera_di.architecture.model.codes import METRIC, NOT_COUNTED
from kimera_di.architecture.model.findings import ContractResult, Examined, Finding
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.patterns import lies_in
from kimera_di.architecture.model.results import checked
from kimera_di.architecture.model.specs import ContractSpec, MetricsOptions
from kimera_di.architecture.rules.metric_texts import MetricText, module_text, package_text
from kimera_di.architecture.rules.named_modules import NamedModules
from kimera_di.architecture.rules.runners import CheckContext
from kimera_di.errors import InternalError


class Excess(NamedTuple):
    """One number over its limit."""

    option: str
    subject: str
    """Module or package."""
    text: MetricText

    @property
    def key(self) -> Pair:
        """What makes it the same with other imports and another value."""
        return self.option, self.subject


def run_metrics(spec: ContractSpec, context: CheckContext) -> ContractResult:
    """Check a ``kimera_metrics`` contract.

    Args:
        spec: The contract, without mistakes.
        context: The file and the import graph.

    Returns:
        Its result.

    Raises:
        ContractError: An entry of ``packages`` matches nothing.
    """
    if not isinstance(spec.options, MetricsOptions):
        raise InternalError(f"{spec.id} is no contract about metrics")
    return checked(spec, *examine_metrics(spec, spec.options, context.graph))


def examine_metrics(
    spec: ContractSpec, options: MetricsOptions, graph: ModuleGraph, *, today: datetime.date | None = None
) -> Examined:
    """Find every number that is over its limit, without the imports that the contract ignores.

    Args:
        spec: The contract.
        options: Its options.
        graph: The imports of the root packages.
        today: For tests; the current day otherwise.

    Returns:
        Findings sorted by file, none when the contract is kept; and the imports that are ignored. Time O(imports),
        with limits for packages as in `find_reach`, with one for the distance a parse of every file with classes.

    Raises:
        ContractError: An entry of ``packages`` matches nothing; all are named.
    """
    names = NamedModules(spec, graph)
    packages = {name for entry in options.packages for name in names.matching("packages", entry)}
    names.refuse_faults("correct packages, or add to root_packages")
    search = _Limits(options, graph, packages)
    pairs = counted_pairs(graph)
    ignores = apply_ignores(
        spec.ignores,
        pairs,
        lambda some: {excess.key for excess in search.excesses(some)},
        file=spec.file,
        contract=spec.id,
        known=graph.pairs(),
        today=today,
    )
    found = [_finding(spec, graph, excess) for excess in search.excesses(ignores.kept)]
    found += [_not_counted(spec, graph, module) for module in search.not_counted()]
    findings = tuple(sorted([*ignores.findings, *found], key=Finding.place_key))
    return Examined(findings, ignored_imports(ignores.taken, graph, COUNTED))


class _Limits:
    """Compares the numbers of one contract's modules and packages with its limits."""

    def __init__(self, options: MetricsOptions, graph: ModuleGraph, packages: Collection[str]) -> None:
        self._graph, self._names, self._packages = graph, ModuleNames(graph), packages
        self._modules = [name for name in self._names.names if lies_in(name, packages)]
        self._of_modules = _given(options, _MODULE_LIMITS)
        self._of_packages = _given(options, _PACKAGE_LIMITS)

    def excesses(self, pairs: Collection[Pair]) -> Iterator[Excess]:
        """Give what is over its limit when only these imports count, modules first."""
        if self._of_modules:
            for module in self._measured(pairs):
                for option, limit in self._of_modules.items():
                    if _is_over(_of_module(option, module), limit):
                        yield Excess(option, module.module, module_text(option, module, limit))
        if self._of_packages:
            for package in measure_packages(self._names, pairs, self._packages):
                for option, limit in self._of_packages.items():
                    if _is_over(_of_package(option, package), limit):
                        yield Excess(option, package.package, package_text(option, package, limit))

    def not_counted(self) -> Iterator[str]:
        """Give the modules that were read but whose classes could not be counted, where the distance matters."""
        if "max_distance" in self._of_modules:
            unread = unread_modules(self._measured(()), self._graph.files)
            # The import graph reports files that nobody can parse; those it did read have imports.
            yield from (module for module in unread if module in self._graph.imports)

    def _measured(self, pairs: Collection[Pair]) -> tuple[ModuleMeasures, ...]:
        return measure_modules(self._graph, pairs, self._modules, classes="max_distance" in self._of_modules)


_MODULE_LIMITS = ("max_afferent_coupling", "max_efferent_coupling", "max_instability", "max_distance")
_PACKAGE_LIMITS = ("max_propagation_cost", "max_cycles")


def _given(options: MetricsOptions, names: Sequence[str]) -> Mapping[str, float]:
    limits = {name: getattr(options, name) for name in names}
    return {name: limit for name, limit in limits.items() if limit is not None}


def _of_module(option: str, measured: ModuleMeasures) -> Fraction | int | None:
    values: Mapping[str, Fraction | int | None] = {
        "max_afferent_coupling": measured.afferent,
        "max_efferent_coupling": measured.efferent,
        "max_instability": measured.instability,
        "max_distance": measured.distance,
    }
    return values[option]


def _of_package(option: str, measured: PackageMeasures) -> Fraction | int:
    return len(measured.components) if option == "max_cycles" else measured.propagation_cost


def _is_over(value: Fraction | int | None, limit: float) -> bool:
    # As written: 0.7 is seven tenths, not the nearest number that a computer has.
    return value is not None and value > Fraction(str(limit))


def _finding(spec: ContractSpec, graph: ModuleGraph, excess: Excess) -> Finding:
    return Finding(
        code=METRIC,
        contract=spec.id,
        kind="metric",
        importer=excess.subject,
        imported=None,
        file=graph.shown_file(excess.subject),
        line=None,
        message=excess.text.message,
        advice=excess.text.advice,
    )


def _not_counted(spec: ContractSpec, graph: ModuleGraph, module: str) -> Finding:
    return Finding(
        code=NOT_COUNTED,
        contract=spec.id,
        kind="unseen",
        importer=module,
        imported=None,
        file=graph.shown_file(module),
        line=None,
        message=f"the classes of {module} were not counted: {UNPARSED}",
        advice="run kimera with the Python version that the code is written for",
    )
