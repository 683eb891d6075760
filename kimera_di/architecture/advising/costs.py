"""What removing an import costs, in steps of effort: quoting it is cheap, deferring is dearer, an interface the most.

In: a graph and the kinds of imports that count. Out: weights for the search of a cut. Parses importers, so it is asked
about small knots only; see docs/decisions/0027.
"""

from collections.abc import Collection, Mapping

from kimera_di.architecture.advising.sources import Sources
from kimera_di.architecture.advising.verdicts import judge
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.specs import ImportKind

QUOTED, DEFERRED, REPLACED = 2, 3, 4
"""An interface costs twice a move under ``TYPE_CHECKING``: a cheapest cut has at most twice the fewest imports."""
_EACH = 256
"""Steps of effort in weights; the one added to each import lets the fewest of equally cheap ones win."""


class RemovalCosts:
    """Weighs the imports of one graph, each once.

    Args:
        graph: The imports.
        kinds: The kinds that count.
    """

    def __init__(self, graph: ModuleGraph, kinds: Collection[ImportKind]) -> None:
        self._sources, self._kinds = Sources(graph), kinds
        self._known: dict[Pair, int] = {}

    def weights(self, pairs: Collection[Pair]) -> Mapping[Pair, int]:
        """Weigh some imports.

        Args:
            pairs: Imports of the graph.

        Returns:
            The weight of each. Time O(size of the importers).
        """
        return {pair: self.effort(pair) * _EACH + 1 for pair in pairs}

    def effort(self, pair: Pair) -> int:
        """Give the cost of removing one import, from `QUOTED` to `REPLACED`."""
        if pair not in self._known:
            self._known[pair] = self._effort(pair)
        return self._known[pair]

    def _effort(self, pair: Pair) -> int:
        lines = self._sources.graph.imports.get(pair[0], {}).get(pair[1], ())
        counted = {kind for _, kind in lines if kind in self._kinds}
        if counted == {"typing"}:
            return QUOTED
        source = self._sources.of(pair[0]) if counted else None
        if source is None:
            return REPLACED
        verdict = judge(source, pair, self._kinds, self._sources)
        if not verdict.uses and not verdict.handed_on:
            return QUOTED
        if verdict.movable and "typing" not in self._kinds:
            return REPLACED if verdict.readers else QUOTED
        return DEFERRED if verdict.deferrable and "deferred" not in self._kinds else REPLACED
