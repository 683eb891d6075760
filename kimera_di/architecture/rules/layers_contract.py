"""Check one ``kimera_layers`` contract: imports against layers.

In: the contract and the import graph. Out: findings, sorted; a `ContractError` when the contract names what
does not exist. The same function answers ``kimera check`` and ``lint-imports``.
"""

import datetime
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from kimera_di.architecture.advising.cheap_ways import CheapWays
from kimera_di.architecture.ignoring.ignored_imports import ignored_imports
from kimera_di.architecture.ignoring.ignores import apply_ignores
from kimera_di.architecture.layering.coverage import empty_layers, exhaustive_findings
from kimera_di.architecture.layering.layers import Layer, LayerOrder
from kimera_di.architecture.layering.placement import Fault, ModuleNames, Placement, place_modules
from kimera_di.architecture.layering.upward import UpwardSearch, WayUp
from kimera_di.architecture.model.codes import LAYER_IMPORT
from kimera_di.architecture.model.findings import Examined, Finding, Link
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.specs import IMPORT_KINDS, ContractSpec, ImportKind, LayersOptions
from kimera_di.errors import ContractError


def examine_layers(
    spec: ContractSpec,
    options: LayersOptions,
    graph: ModuleGraph,
    *,
    root_packages: Sequence[str],
    default_kinds: Collection[ImportKind] = IMPORT_KINDS,
    today: datetime.date | None = None,
) -> Examined:
    """Find everything that breaks a layers contract, and what its ignores take out.

    Args:
        spec: The contract.
        options: Its options.
        graph: The imports of the root packages.
        root_packages: As in the contract file.
        default_kinds: The kinds that count when the contract does not say.
        today: For tests; the current day otherwise.

    Returns:
        Findings sorted by file and line: one per import out of a layered module that leads up, and those about
        ignores and coverage, none when the contract is kept; and the imports that are ignored.

    Raises:
        ContractError: A layer or container does not exist; all are named.
    """
    order, names = LayerOrder.from_options(options), ModuleNames(graph)
    placements, faults = place_modules(names, order, root_packages)
    if faults:
        raise missing_layers_error(spec, faults)
    check = _ImportCheck(
        spec, graph, order, tuple(placements), tuple(options.kinds or default_kinds), options.reach == "transitive"
    )
    pairs = frozenset(graph.pairs(check.kinds))
    ignores = apply_ignores(
        spec.ignores,
        pairs,
        lambda some: {way.pair for way in check.ways(some)},
        file=spec.file,
        contract=spec.id,
        known=graph.pairs(),
        alone=check.alone,
        today=today,
    )
    found = {way.pair: way for way in sorted(check.ways(ignores.kept), key=lambda way: -len(way.chain))}
    every = [*ignores.findings, *(check.finding(way) for way in found.values())]
    every += empty_layers(names, placements, order, contract=spec.id, files=graph.files)
    if options.exhaustive:
        every += exhaustive_findings(
            names,
            placements,
            root_packages,
            options.exhaustive_ignores,
            contract=spec.id,
            place=(spec.file, spec.line_of("exhaustive_ignores")),
            files=graph.files,
        )
    ignored = ignored_imports(ignores.taken, graph, check.kinds)
    return Examined(tuple(sorted(every, key=Finding.place_key)), ignored)


class _ImportCheck:
    """The questions about imports of one contract."""

    def __init__(
        self,
        spec: ContractSpec,
        graph: ModuleGraph,
        order: LayerOrder,
        placements: tuple[Placement, ...],
        kinds: tuple[ImportKind, ...],
        transitive: bool,
    ) -> None:
        self.spec, self.graph, self.order, self.placements = spec, graph, order, placements
        self.kinds, self.transitive = kinds, transitive
        self._cheap = CheapWays(graph, kinds)

    def ways(self, pairs: Collection[Pair]) -> Iterator[WayUp]:
        search = UpwardSearch(pairs, transitive=self.transitive)
        for placement in self.placements:
            yield from search.ways_up(placement, self.order)

    def alone(self, kept: Collection[Pair], some: Collection[Pair]) -> Iterator[Pair]:
        """Give those of some imports that lead up when one of them is put back."""
        for placement in self.placements:
            # A way ends where it enters a layer, so that imports out of layers are on no way but their own.
            out = {pair for pair in some if pair[0] in placement.layer_of}
            search = UpwardSearch({*kept, *out}, transitive=self.transitive)
            yield from (way.pair for way in search.ways_up(placement, self.order) if way.pair in out)

    def finding(self, way: WayUp) -> Finding:
        importer, imported = way.pair
        kind, line = self.graph.strongest(importer, imported, self.kinds)
        return Finding(
            code=LAYER_IMPORT,
            contract=self.spec.id,
            kind=kind,
            importer=importer,
            imported=imported,
            file=self.graph.shown_file(importer),
            line=line,
            message=_message(way, self.order),
            chain=tuple(self._link(*pair) for pair in pairwise(way.chain)),
            advice=self._cheap.about(way.pair) or _advice(way.user, way.used),
        )

    def _link(self, importer: str, imported: str) -> Link:
        line = self.graph.strongest(importer, imported, self.kinds)[1]
        return Link(importer, imported, self.graph.shown_file(importer), line)


def _message(way: WayUp, order: LayerOrder) -> str:
    user, used = way.user, way.used
    reaches = "imports" if way.direct else f"reaches, through {way.chain[1]},"
    if user.row == used.row:
        fault = f"an independent sibling of {user.name}"
    elif user.row < used.row:
        skipped = [name for row in sorted(order.closed) if user.row < row < used.row for name in order.rows[row].names]
        fault = f"past the closed layer {', '.join(skipped)}"
    else:
        fault = f"a layer above {user.name}"
    return f"{way.chain[0]} ({user}) {reaches} {way.chain[-1]} ({used}), {fault}"


def _advice(user: Layer, used: Layer) -> str:
    if user.row < used.row:
        return f"go through the layer in between, or move what both need below {user.name}"
    return f"let {user.name} own an interface, and bind its implementation from {used.name} in the composition root"


def missing_layers_error(spec: ContractSpec, faults: Sequence[Fault]) -> ContractError:
    """Name every layer and container that a contract has and the code has not."""
    guesses = sorted({guess for fault in faults for guess in fault.guess})[:3]
    facts = (
        ("did you mean", ", ".join(guesses)),
        ("do this", "correct the names; a layer that may be missing is written in parentheses: (name)"),
    )
    summary = "; ".join(fault.summary for fault in faults)
    return ContractError(summary, file=spec.file, key=faults[0].key, line=spec.line_of(faults[0].key), facts=facts)
