"""Say in a finding that moving the import is enough, where it is.

In: a graph and the kinds of imports that a contract counts. Out: one sentence, or nothing, for the first
imports that are asked about: a contract with hundreds of findings is not the place to read hundreds of files.
"""

from collections.abc import Collection

from kimera_di.architecture.advising.moves import defer_import, guard_import
from kimera_di.architecture.advising.sources import Sources
from kimera_di.architecture.advising.verdicts import judge
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.specs import ImportKind

_MOST_READ = 10


class CheapWays:
    """Advice for the findings of one contract.

    Args:
        graph: The imports.
        kinds: The kinds that the contract counts; where they include ``typing`` and ``deferred`` nothing is read.
    """

    def __init__(self, graph: ModuleGraph, kinds: Collection[ImportKind]) -> None:
        self._sources, self._kinds = Sources(graph), kinds
        self._left = _MOST_READ if not {"typing", "deferred"} <= set(kinds) else 0

    def about(self, pair: Pair) -> str:
        """Say how an import can be moved so that the contract no longer counts it.

        Args:
            pair: Importer and imported.

        Returns:
            A sentence; empty where moving is no way out, and for all but the first ten. Time O(size of the file).
        """
        self._left -= 1
        source = self._sources.of(pair[0]) if self._left >= 0 else None
        lines = self._sources.graph.imports.get(pair[0], {}).get(pair[1], ())
        if source is None or not any(kind in self._kinds for _, kind in lines):
            return ""
        verdict = judge(source, pair, self._kinds, self._sources)
        if verdict.movable and "typing" not in self._kinds and not verdict.readers:
            return guard_import(source, pair, verdict).text
        if verdict.deferrable and "deferred" not in self._kinds:
            return defer_import(source, pair, verdict, quotable="typing" not in self._kinds).text
        return ""
