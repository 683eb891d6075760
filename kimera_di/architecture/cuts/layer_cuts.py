"""Find the fewest imports whose removal makes the layers of several contracts hold together.

In: layer rules. Out: a `LayerCut`: the smallest one where that can be proved with a fixed amount of work, else
a good one of which no import can be spared. Depends on nothing but the rules: same cut for every hash seed and
on every machine. Follows docs/decisions/0007. Loads networkx when ways lead through modules of no layer.

Source:
    The exact part solves the multicut as a hitting set whose sets, illegal ways, are made when a candidate leaves
    them open (implicit hitting sets, Moreno-Centeno and Karp 2013, Operations Research 61(2), pp. 453-468).
    The other part takes one minimum cut per layer (Ford and Fulkerson 1956), then takes back what is superfluous.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kimera_di.architecture.cuts.hitting_sets import HittingSets, OutOfWorkError, packing_size
from kimera_di.architecture.cuts.layer_rules import LayerRule
from kimera_di.architecture.cuts.layer_ways import WayFinder, direct_violations, is_direct_violation
from kimera_di.architecture.model.module_graph import Pair

WORK = 2_000_000
"""Comparisons of sets that the exact search may make: about a second."""


@dataclass(frozen=True, slots=True)
class CutImport:
    """One import to remove."""

    importer: str
    imported: str
    contracts: tuple[str, ...]
    """Ids of the contracts that would be broken if only this import stayed."""


@dataclass(frozen=True, slots=True)
class LayerCut:
    """Imports whose removal makes all layers hold."""

    imports: tuple[CutImport, ...]
    """Sorted; none of them can stay while the others go."""
    at_least: int
    """No cut is smaller than this."""

    @property
    def minimum(self) -> bool:
        """It is proved that there is no smaller cut."""
        return len(self.imports) == self.at_least


def cut_layers(rules: Sequence[LayerRule], *, work: int = WORK) -> LayerCut:
    """Find the fewest imports to remove.

    Args:
        rules: From `layer_rules`, of any number of contracts.
        work: Limit of the exact search; what it finds does not depend on the speed of the machine.

    Returns:
        The cut, and how small a cut could be at best.
    """
    # An import that names a forbidden layer outright is in every cut, whatever else is.
    direct = frozenset[Pair]().union(*(direct_violations(rule) for rule in rules))
    finders = [finder for finder in (WayFinder(rule, direct) for rule in rules) if finder.pairs]
    chosen, at_least = _cut_ways(finders, work) if finders else (frozenset[Pair](), 0)
    gone = direct | chosen
    found = tuple(CutImport(*pair, _served(pair, gone, rules, finders)) for pair in sorted(gone))
    return LayerCut(found, len(direct) + at_least)


def _served(
    pair: Pair, gone: Collection[Pair], rules: Sequence[LayerRule], finders: Sequence[WayFinder]
) -> tuple[str, ...]:
    served = [rule.contract for rule in rules if is_direct_violation(rule, pair)]
    served += [finder.rule.contract for finder in finders if finder.needed(pair, gone)]
    order = dict.fromkeys(rule.contract for rule in rules)
    return tuple(contract for contract in order if contract in served)


def _cut_ways(finders: Sequence[WayFinder], work: int) -> tuple[frozenset[Pair], int]:
    """Cut the ways through modules of no layer; gives the cut and a lower bound."""
    best = min((_spared(cut, finders) for cut in _flow_cuts(finders)), key=lambda cut: (len(cut), sorted(cut)))
    every = sorted({pair for finder in finders for pair in finder.pairs})
    number = {pair: position for position, pair in enumerate(every)}
    ways: dict[frozenset[int], None] = {}
    search, at_least = HittingSets(work), 0
    candidate = frozenset[Pair]()
    try:
        while True:
            opened = [frozenset(number[pair] for pair in way) for way in _open_ways(finders, candidate)]
            if not opened:
                return candidate, len(candidate)
            ways.update(dict.fromkeys(opened))
            at_least = max(at_least, packing_size(sorted(ways, key=lambda way: (len(way), sorted(way)))))
            hit = None if at_least == len(best) else search.smallest(ways, len(best))
            if hit is None:  # every cut of the ways seen so far has as many imports as the best cut known
                return best, len(best)
            at_least = max(at_least, len(hit))
            candidate = frozenset(every[position] for position in hit)
    except OutOfWorkError:
        return best, at_least


def _open_ways(finders: Sequence[WayFinder], candidate: Collection[Pair]) -> Iterator[tuple[Pair, ...]]:
    """Give illegal ways that a candidate leaves open, no two with an import in common, until it leaves none."""
    gone = set(candidate)
    for finder in finders:
        before = -1
        while len(gone) != before:
            before = len(gone)
            for way in finder.ways(gone):
                if not gone.intersection(way):
                    gone.update(way)
                    yield way


def _flow_cuts(finders: Sequence[WayFinder]) -> Iterator[frozenset[Pair]]:
    """Give cuts made of one minimum cut per layer, each made after the imports of the earlier ones are gone."""
    for by_user in (True, False):
        for backwards in (True, False):
            gone: set[Pair] = set()
            for finder in finders:
                layers = finder.users() if by_user else finder.used()
                for layer in reversed(layers) if backwards else layers:
                    gone |= _flow_cut(finder, layer, gone, by_user=by_user)
            yield frozenset(gone)


def _flow_cut(finder: WayFinder, layer: int, gone: Collection[Pair], *, by_user: bool) -> set[Pair]:
    """Separate one layer from all that it may not reach, or that may not reach it, with the fewest imports."""
    import networkx as nx  # 70 ms to load; most contracts have direct violations only

    forbidden, layer_of = finder.rule.forbidden, finder.rule.layer_of
    graph: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
    start, end = ("start", ""), ("end", "")
    graph.add_nodes_from((start, end))
    ends: list[tuple[Pair, tuple[str, str], tuple[str, str]]] = []
    for pair in finder.pairs:
        user, used = layer_of.get(pair[0]), layer_of.get(pair[1])
        if by_user:
            wanted = user in {None, layer} and (used is None or used in forbidden[layer])
        else:
            wanted = used in {None, layer} and (user is None or layer in forbidden[user])
        if wanted and pair not in gone:
            tail = start if user is not None else ("module", pair[0])
            head = end if used is not None else ("module", pair[1])
            ends.append((pair, tail, head))
            before = graph.edges[tail, head]["capacity"] if graph.has_edge(tail, head) else 0
            graph.add_edge(tail, head, capacity=before + 1)
    _, (near, _) = nx.minimum_cut(graph, start, end)  # pyright: ignore[reportUnknownMemberType] - **kwargs of the stubs
    return {pair for pair, tail, head in ends if tail in near and head not in near}


def _spared(cut: Iterable[Pair], finders: Sequence[WayFinder]) -> frozenset[Pair]:
    """Take back every import that is not needed once the others are gone."""
    gone = set(cut)
    for pair in sorted(gone):
        if not any(finder.needed(pair, gone - {pair}) for finder in finders):
            gone.remove(pair)
    return frozenset(gone)
