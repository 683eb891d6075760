"""Choose which dependencies to remove so that no cycle is left: as few as possible.

In: the dependencies of one component with their weights. Out: a `Cut`, and whether it is proven to be the
cheapest. The same on every machine and for every hash seed: effort is limited by counted steps, never by time.
See docs/decisions/0006.

Source:
    The problem is the minimum feedback arc set (Karp 1972), which is NP-hard; hence an exact answer where the
    effort is bounded, and a good one, minimal under inclusion, above.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from kimera_di.architecture.cycles.arcs import Arc, Arcs, number_arcs
from kimera_di.architecture.cycles.cycle_search import Component, find_components
from kimera_di.architecture.cycles.feedback_orders import best_order, good_order
from kimera_di.architecture.cycles.feedback_search import CutSearch
from kimera_di.architecture.model.module_graph import Pair

SMALL = 13
"""Nodes up to which every order is considered: 2^13 sets of nodes, about 0.05 s whatever the graph looks like."""
WORK = 2_000_000
"""Arcs of a component looked at before a proof is given up, about 0.3 s."""


Weigh = Callable[[Collection[Pair]], Mapping[Pair, int]]
"""Gives the weights of some dependencies; asked about small components only, as it may have to read sources."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Dependencies without which no cycle is left."""

    pairs: tuple[Pair, ...]
    """Sorted; each one is needed: put back alone it closes a cycle again."""
    weight: int
    """What it costs to remove them; their number when all cost the same."""
    at_least: int
    """What every cut costs at least, as far as it could be proven within the limit of effort."""

    @property
    def minimum(self) -> bool:
        """No lighter cut exists."""
        return self.weight == self.at_least


def cheapest_cut(weights: Mapping[Pair, int], weigh: Weigh | None = None) -> Cut:
    """Choose the cut of any graph; its components are cut one by one.

    Args:
        weights: Dependencies, with what it costs to remove each; positive.
        weigh: Knows better weights, also positive, for components of up to `SMALL` names.

    Returns:
        A cut. Of several cheapest ones the choice depends on the names only.
    """
    cuts = [
        _component_cut(number_arcs(_weights_of(component, weights, weigh))) for component in find_components(weights)
    ]
    return Cut(
        pairs=tuple(sorted(pair for cut in cuts for pair in cut.pairs)),
        weight=sum(cut.weight for cut in cuts),
        at_least=sum(cut.at_least for cut in cuts),
    )


def _weights_of(component: Component, weights: Mapping[Pair, int], weigh: Weigh | None) -> Mapping[Pair, int]:
    if weigh is None or len(component.modules) > SMALL:
        return {pair: weights[pair] for pair in component.pairs}
    return weigh(component.pairs)


def cut_of_pairs(pairs: Iterable[Pair], weigh: Weigh | None = None) -> Cut:
    """Choose a cut in which every import costs the same, or what ``weigh`` says for small components."""
    return cheapest_cut(dict.fromkeys(pairs, 1), weigh)


def _component_cut(arcs: Arcs) -> Cut:
    if len(arcs.names) <= SMALL:
        best = arcs.against(best_order(arcs))
        return _named(arcs, best, arcs.weight(best))
    search = CutSearch(arcs, arcs.needed_of(arcs.against(good_order(arcs))), work=WORK)
    at_least = search.run()
    return _named(arcs, arcs.needed_of(search.best), at_least)


def _named(arcs: Arcs, cut: Collection[Arc], at_least: int) -> Cut:
    return Cut(tuple((arcs.names[tail], arcs.names[head]) for tail, head in cut), arcs.weight(cut), at_least)
