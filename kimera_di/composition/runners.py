"""Check one ``kimera_wiring`` or ``kimera_composition_root`` contract.

In: a contract without mistakes, the import graph, the folders packages are found in. Out: a `ContractResult`.
The composition root is loaded, unless the caller already holds its wiring (the start-up check does).
"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from kimera_di.architecture.ignoring.ignores import apply_ignores
from kimera_di.architecture.layering.coverage import empty_layers
from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.layering.placement import ModuleNames, place_modules
from kimera_di.architecture.model.findings import ContractResult, Examined, Finding, IgnoredImport, Undecided
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.patterns import covers
from kimera_di.architecture.model.results import INCOMPLETE, checked, not_checked
from kimera_di.architecture.model.specs import CompositionRootOptions, ContractSpec, WiringOptions
from kimera_di.architecture.rules.runners import CheckContext
from kimera_di.composition.loading import Wiring, load_wiring
from kimera_di.composition.plan_findings import plan_findings
from kimera_di.composition.roots import Implementations, bound_modules, implementation_findings
from kimera_di.composition.wiring import knows_a_layer, wired_pairs
from kimera_di.composition.wiring_rules import NOTHING_SHOWN, Shown, edge_findings, judged_rules, source_rules
from kimera_di.errors import CompositionRootError, ContractError, InternalError, ServicesNotFoundError
from kimera_di.planning.graph import WiringGraph
from kimera_di.rendering import did_you_mean, short_name, show_place

Pair = tuple[str, str]
_given: ContextVar[Wiring | None] = ContextVar("kimera_di_given_wiring", default=None)


@contextmanager
def using_wiring(wiring: Wiring) -> Generator[None]:
    """Let every contract use ``wiring`` instead of loading its composition root.

    Args:
        wiring: Of the collection that is being built; the application is running, so loading the module named in
            the contract could run it a second time.
    """
    token = _given.set(wiring)
    try:
        yield
    finally:
        _given.reset(token)


def run_wiring(spec: ContractSpec, context: CheckContext) -> ContractResult:
    """Check a ``kimera_wiring`` contract.

    Args:
        spec: The contract, without mistakes.
        context: The file, the import graph, the folders.

    Returns:
        Its result; exit code 3 when the composition root raises while it is loaded.

    Raises:
        ContractError: ``services`` or a layer names what does not exist, or no registered class is in a layer.
    """
    options = spec.options
    if not isinstance(options, WiringOptions):
        raise InternalError(f"{spec.id} is no wiring contract")
    order = LayerOrder.from_options(options.as_layers())
    names = ModuleNames(context.graph)
    placements, faults = place_modules(names, order, context.file.root_packages)
    if faults:
        guesses = {guess for fault in faults for guess in fault.guess}
        raise _mistake(spec, faults[0].key, "; ".join(fault.summary for fault in faults), guesses)
    try:
        wiring = _wiring_of(spec, options.services, context)
    except CompositionRootError as error:
        return not_checked(spec, str(error), exit_code=INCOMPLETE)
    if not knows_a_layer(wiring.graph, order):
        raise _mistake(spec, "services", f"no class that {options.services} registers lies in a layer", ())
    empty: Iterable[Finding] = ()
    if options.layers_from is None:  # else the contract that has the layers reports them
        empty = empty_layers(names, placements, order, contract=spec.id, files=context.graph.files)
    edges = edge_findings(spec.id, options, order, wiring)
    shown = source_rules(spec.id, options, order, wiring, context.graph)
    findings, ignored = _wiring(spec, edges, shown, order, wiring)
    result = checked(spec, (*findings, *plan_findings(wiring.problems, spec.id, order), *empty), ignored)
    return replace(result, undecided=_undecided(wiring.graph))


def wiring_findings(spec: ContractSpec, order: LayerOrder, wiring: Wiring) -> tuple[Finding, ...]:
    """Find what the wiring alone shows, for the start-up check: rules that read sources are left out.

    Args:
        spec: The contract.
        order: Its layers.
        wiring: What is wired.

    Returns:
        Edges that break the layers and are not ignored, and the ignores that should go; one that may excuse what
        only sources show is not judged. Needs the standard library only.
    """
    found = edge_findings(spec.id, spec.options, order, wiring)
    rules = judged_rules(spec, found, order, wiring)
    return _wiring(replace(spec, ignores=rules), found, NOTHING_SHOWN, order, wiring).findings


def _wiring(spec: ContractSpec, edges: Sequence[Finding], shown: Shown, order: LayerOrder, wiring: Wiring) -> Examined:
    taken = {(finding.importer, finding.imported) for finding in edges}
    more = (finding for finding in shown.findings if (finding.importer, finding.imported) not in taken)
    findings = sorted((*edges, *more), key=Finding.place_key)
    # Only ignores are compared with what is legal.
    pairs = {*wired_pairs(wiring.graph, order, wiring.targets), *shown.pairs} if spec.ignores else ()
    return _not_ignored(spec, findings, pairs)


def run_composition_root(spec: ContractSpec, context: CheckContext) -> ContractResult:
    """Check a ``kimera_composition_root`` contract.

    Args:
        spec: The contract, without mistakes.
        context: The file, the import graph, the folders.

    Returns:
        Its result; exit code 3 when the composition root raises while it is loaded.

    Raises:
        ContractError: A module or ``services`` names what does not exist.
    """
    options = spec.options
    if not isinstance(options, CompositionRootOptions):
        raise InternalError(f"{spec.id} is no composition root contract")
    from kimera_di.composition.locators import locator_findings  # 10 ms, which a start-up without such a contract saves

    _check_names(spec, options, context.graph)
    bound: dict[str, Pair] = {}
    undecided: tuple[Undecided, ...] = ()
    if options.services is not None:
        try:
            graph = _wiring_of(spec, options.services, context).graph
            bound, undecided = bound_modules(graph), _undecided(graph)
        except CompositionRootError as error:
            return not_checked(spec, str(error), exit_code=INCOMPLETE)
    implementations = Implementations(options.implementations, _outside(options.roots, bound, context.graph))
    imports = implementation_findings(context.graph, options, implementations, spec.id)
    calls = locator_findings(context.graph, (*options.roots, *options.may_resolve), spec.id)
    result = checked(spec, *_not_ignored(spec, (*imports, *calls), context.graph.pairs()))
    return replace(result, undecided=undecided)


def _undecided(graph: WiringGraph) -> tuple[Undecided, ...]:
    return tuple(
        Undecided(short_name(each.service), show_place(each.place.file, None), each.place.line or None)
        for each in graph.lost
        if each.undecided
    )


def _not_ignored(spec: ContractSpec, findings: Sequence[Finding], pairs: Iterable[Pair]) -> Examined:
    broken = {(finding.importer or "", finding.imported or ""): finding for finding in reversed(findings)}
    ignores = apply_ignores(
        spec.ignores,
        broken.keys(),
        lambda some: broken.keys() & set(some),
        file=spec.file,
        contract=spec.id,
        known=pairs,
        alone=lambda _, some: some,
    )
    kept = [finding for finding in findings if (finding.importer or "", finding.imported or "") in ignores.kept]
    taken = sorted(ignores.taken.items())
    ignored = (
        IgnoredImport(*pair, broken[pair].file, broken[pair].line, rule.reason, rule.until, rule.issue)
        for pair, rule in taken
    )
    return Examined((*kept, *ignores.findings), tuple(ignored))


def _wiring_of(spec: ContractSpec, services: str, context: CheckContext) -> Wiring:
    given = _given.get()
    if given is not None:
        return given
    packages = {name.partition(".")[0] for name in context.file.root_packages}
    try:
        return load_wiring(services, [str(folder) for folder in context.folders], packages)
    except ServicesNotFoundError as error:
        facts = error.facts
        raise ContractError(error.summary, file=spec.file, key="services", line=spec.line, facts=facts) from error


def _outside(roots: Sequence[str], bound: dict[str, Pair], graph: ModuleGraph) -> dict[str, Pair]:
    """Leave out classes of other distributions, and those written in a composition root itself."""
    return {
        module: pair
        for module, pair in bound.items()
        if graph.file_of(module) is not None and not any(covers(root, module) for root in roots)
    }


def _check_names(spec: ContractSpec, options: CompositionRootOptions, graph: ModuleGraph) -> None:
    named = {"roots": options.roots, "implementations": options.implementations, "may_resolve": options.may_resolve}
    for key, names in named.items():
        for name in names:
            if name not in graph.files or name in graph.external:
                raise _mistake(spec, key, f"there is no module {name!r}", did_you_mean(name, graph.files))


def _mistake(spec: ContractSpec, key: str, summary: str, guesses: Iterable[str]) -> ContractError:
    facts = (("did you mean", ", ".join(sorted(guesses)[:3])), ("do this", f"correct {key}"))
    return ContractError(summary, file=spec.file, key=key, line=spec.line, facts=facts)
