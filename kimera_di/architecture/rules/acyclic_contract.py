"""Check one ``kimera_acyclic`` contract: no cycles of modules, none of sibling packages.

In: the contract and the import graph. Out: one finding for each import of the cheapest cut, whose chain is a cycle
that begins with it; a `ContractError` when the contract names what does not exist. The same function answers
``kimera check``, ``lint-imports`` and the start-up check. See docs/decisions/0006.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kimera_di.architecture.advising.cheap_ways import CheapWays
from kimera_di.architecture.advising.costs import RemovalCosts
from kimera_di.architecture.cycles.cycle_search import Chain, closing_pairs, cycles_through, find_components
from kimera_di.architecture.cycles.feedback import Weigh, cheapest_cut, cut_of_pairs
from kimera_di.architecture.cycles.siblings import home_of, imports_by_edge, outermost, parent_of, sibling_edge
from kimera_di.architecture.ignoring.ignored_imports import ignored_imports
from kimera_di.architecture.ignoring.ignores import apply_ignores
from kimera_di.architecture.model.codes import MODULE_CYCLE, PACKAGE_CYCLE
from kimera_di.architecture.model.findings import ContractResult, Examined, Finding, Link
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.results import checked
from kimera_di.architecture.model.specs import AcyclicOptions, ContractSpec, Level
from kimera_di.architecture.rules.named_modules import NamedModules
from kimera_di.architecture.rules.runners import CheckContext
from kimera_di.errors import InternalError

_MOST_WEIGHED = 50
"""Imports between siblings of one knot up to which their sources are read to weigh them."""


@dataclass(frozen=True, slots=True)
class CutImport:
    """One import that has to go."""

    code: str
    chain: tuple[Pair, ...]
    """Imports around the cycle, this one first; between packages one may stand for each dependency."""
    names: Chain
    """What the cycle goes through: modules, or packages that are siblings."""
    parent: str
    """The package whose children they are; ``""`` for modules, and for the packages of the contract."""


def run_acyclic(spec: ContractSpec, context: CheckContext) -> ContractResult:
    """Check a ``kimera_acyclic`` contract.

    Args:
        spec: The contract, without mistakes.
        context: The file and the import graph.

    Returns:
        Its result.

    Raises:
        ContractError: An entry of ``packages`` matches nothing.
    """
    if not isinstance(spec.options, AcyclicOptions):
        raise InternalError(f"{spec.id} is no contract about cycles")
    return checked(spec, *examine_acyclic(spec, spec.options, context.graph))


def examine_acyclic(
    spec: ContractSpec, options: AcyclicOptions, graph: ModuleGraph, *, today: datetime.date | None = None
) -> Examined:
    """Find the imports to remove so that no cycle is left, and what the ignores of the contract take out.

    Args:
        spec: The contract.
        options: Its options.
        graph: The imports of the root packages.
        today: For tests; the current day otherwise.

    Returns:
        Findings sorted by file and line, none when there is no cycle; and the imports that are ignored.

    Raises:
        ContractError: An entry of ``packages`` matches nothing; all are named.
    """
    packages = _packages(spec, options, graph)
    pairs = [pair for pair in graph.pairs(options.kinds) if all(home_of(module, packages) for module in pair)]
    search = CycleSearch(pairs, packages, options.level, RemovalCosts(graph, options.kinds).weights)
    ignores = apply_ignores(
        spec.ignores,
        pairs,
        search.cyclic,
        file=spec.file,
        contract=spec.id,
        known=graph.pairs(),
        alone=search.closing,
        today=today,
    )
    ways = CheapWays(graph, options.kinds)
    found = [_finding(spec, options, graph, item, ways) for item in search.imports_to_cut(ignores.kept)]
    findings = tuple(sorted([*ignores.findings, *found], key=Finding.place_key))
    return Examined(findings, ignored_imports(ignores.taken, graph, options.kinds))


class CycleSearch:
    """The questions about cycles of one contract.

    Args:
        pairs: The imports that count, all inside of ``packages``.
        packages: From `outermost`.
        level: Which cycles count.
        weigh: What removing imports costs, for small knots; the same for all when left out.
    """

    def __init__(
        self, pairs: Collection[Pair], packages: Sequence[str], level: Level, weigh: Weigh | None = None
    ) -> None:
        self._weigh = weigh
        self._packages = packages
        self._modules, self._siblings = level != "packages", level != "modules"
        # Worked out once: every ignore asks again about almost the same imports.
        self._edge_of = {pair: sibling_edge(*pair, packages) for pair in pairs} if self._siblings else {}

    def cyclic(self, pairs: Collection[Pair]) -> set[Pair]:
        """Give every import that is in a cycle; an ignore matters when there are more of them without it."""
        found: set[Pair] = set()
        if self._modules:
            found.update(pair for component in find_components(pairs) for pair in component.pairs)
        if self._siblings:
            # A sibling has one parent, so that the components of all packages at once are those of each package.
            imports = imports_by_edge(pairs, self._edge_of)
            edges = [edge for component in find_components(imports) for edge in component.pairs]
            found.update(pair for edge in edges for pair in imports[edge])
        return found

    def closing(self, kept: Collection[Pair], some: Collection[Pair]) -> set[Pair]:
        """Give those of some imports that are in a cycle when one of them is put back."""
        found: set[Pair] = set()
        if self._modules:
            found.update(closing_pairs(kept, some))
        if self._siblings:
            edges = imports_by_edge(some, self._edge_of)
            closed = closing_pairs(imports_by_edge(kept, self._edge_of), edges)
            found.update(pair for edge in closed for pair in edges[edge])
        return found

    def imports_to_cut(self, pairs: Collection[Pair]) -> Iterator[CutImport]:
        """Choose the imports to remove: cycles of packages first, then what is left of cycles of modules.

        Args:
            pairs: Imports that were given to the constructor.

        Yields:
            One for each import of the cut. Without all of them there is no cycle; without all but one there is.
        """
        left = set(pairs)
        if self._siblings:
            for item in self._between_siblings(pairs):
                left.discard(item.chain[0])
                yield item
        if self._modules:
            for chain in cycles_through(left, cut_of_pairs(left, self._weigh).pairs).values():
                yield CutImport(MODULE_CYCLE, tuple(pairwise(chain)), chain, "")

    def _between_siblings(self, pairs: Collection[Pair]) -> Iterator[CutImport]:
        imports = imports_by_edge(pairs, self._edge_of)
        cut = cheapest_cut({edge: len(some) for edge, some in imports.items()}, self._weigh_edges(imports)).pairs
        # Where cycles of modules count too, one of them says more than imports that only begin in the same packages.
        around: Mapping[Pair, Chain] = {}
        if self._modules:
            around = cycles_through(pairs, (pair for edge in cut for pair in imports[edge]))
        for edge, names in cycles_through(imports.keys(), cut).items():
            for first in imports[edge]:
                real = around.get(first, ())
                chain = tuple(pairwise(real)) or tuple(_imports_around(first, names, imports))
                # Siblings without anything below them are modules like any other.
                code = MODULE_CYCLE if chain == tuple(pairwise(names)) else PACKAGE_CYCLE
                yield CutImport(code, chain, names, parent_of(names[0], self._packages))

    def _weigh_edges(self, imports: Mapping[Pair, Sequence[Pair]]) -> Weigh | None:
        weigh = self._weigh
        if weigh is None:
            return None

        def weighed(edges: Collection[Pair]) -> Mapping[Pair, int]:
            if sum(len(imports[edge]) for edge in edges) > _MOST_WEIGHED:
                return {edge: len(imports[edge]) for edge in edges}
            return {edge: sum(weigh(imports[edge]).values()) for edge in edges}

        return weighed


def _imports_around(first: Pair, names: Chain, imports: Mapping[Pair, Sequence[Pair]]) -> Iterator[Pair]:
    """Give one import for every step of a cycle, where possible one that begins where the one before ended."""
    before = first
    yield first
    for edge in pairwise(names[1:]):
        before = min(imports[edge], key=lambda pair: (pair[0] != before[1], pair[1] != first[0], pair))
        yield before


def _packages(spec: ContractSpec, options: AcyclicOptions, graph: ModuleGraph) -> tuple[str, ...]:
    names = NamedModules(spec, graph)
    found = {name for expression in options.packages for name in names.matching("packages", expression)}
    names.refuse_faults("correct packages, or add to root_packages")
    return outermost(found)


def _finding(
    spec: ContractSpec, options: AcyclicOptions, graph: ModuleGraph, item: CutImport, ways: CheapWays
) -> Finding:
    importer, imported = item.chain[0]
    kind, _ = graph.strongest(importer, imported, options.kinds)
    links = tuple(_links(item.chain, graph, options))
    return Finding(
        code=item.code,
        contract=spec.id,
        kind=kind,
        importer=importer,
        imported=imported,
        file=links[0].file,
        line=links[0].line,
        message=_message(item),
        chain=links,
        advice=ways.about(item.chain[0]) or _advice(item),
    )


def _links(pairs: Iterable[Pair], graph: ModuleGraph, options: AcyclicOptions) -> Iterator[Link]:
    for importer, imported in pairs:
        yield Link(
            importer, imported, graph.shown_file(importer), graph.strongest(importer, imported, options.kinds)[1]
        )


def _message(item: CutImport) -> str:
    importer, imported = item.chain[0]
    if item.code == MODULE_CYCLE:
        return f"{importer} imports {imported}, which closes the import cycle {' -> '.join(item.names)}"
    where = f" in {item.parent}" if item.parent else ""
    return f"{importer} imports {imported}, which closes the package cycle {_tails(item)}{where}"


def _advice(item: CutImport) -> str:
    if item.code == MODULE_CYCLE:
        return (
            "remove the first import of each chain: move what both need into a third module, or invert it with an"
            " interface"
        )
    where = f"in {item.parent}" if item.parent else "between the packages"
    return f"remove the first import of each chain to break the cycle {_tails(item)} {where}"


def _tails(item: CutImport) -> str:
    depth = len(item.parent) + 1 if item.parent else 0
    return " -> ".join(name[depth:] for name in item.names)
