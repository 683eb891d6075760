"""The order in which ``start()`` builds: along the graph, everything at once that rests on finished things.

In: a layer and the services to start. Out: singletons that may be built now. Builds nothing.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from kimera_di.planning.walks import reached
from kimera_di.vocabulary import Lifetime


class Schedule:
    """Hands out singletons whose own singletons are finished.

    Transients are steps of their own that take no time, so that the order is found in O(n + e).

    Args:
        layer: The wiring, and what is built already.
        numbers: The services to start.

    Source:
        Topological sort: Kahn 1962, Communications of the ACM 5(11), pp. 558-562.
    """

    def __init__(self, layer: Any, numbers: Sequence[int]) -> None:
        self._layer = layer
        built = {n for n in range(len(layer.graph.nodes)) if self._is_built(n)}
        edges = [tuple({t for t in targets if t not in built}) for targets in layer.graph.edges()]
        found = sorted(reached((n for n in numbers if n not in built), edges))
        needed = {n: edges[n] for n in found}
        self._missing: dict[int, int] = {n: len(targets) for n, targets in needed.items()}
        self._consumers: dict[int, list[int]] = {n: [] for n in found}
        for number, targets in needed.items():
            for target in targets:
                self._consumers[target].append(number)
        self.singletons: tuple[int, ...] = tuple(n for n in found if self._is_singleton(n))
        """Everything that will be built."""
        self.ready: deque[int] = deque()
        """What may be built now; whoever builds it takes it out."""
        for number, missing in list(self._missing.items()):
            if not missing:
                self._unlock(number)

    def done(self, number: int) -> None:
        """Note that a singleton is finished; ``ready`` gets what only waited for it."""
        for consumer in self._consumers[number]:
            self._missing[consumer] -= 1
            if not self._missing[consumer]:
                self._unlock(consumer)

    def _unlock(self, number: int) -> None:
        todo = [number]
        while todo:
            each = todo.pop()
            if self._is_singleton(each):
                self.ready.append(each)
                continue
            for consumer in self._consumers[each]:  # a transient: as good as finished
                self._missing[consumer] -= 1
                if not self._missing[consumer]:
                    todo.append(consumer)

    def _is_singleton(self, number: int) -> bool:
        return self._layer.graph.nodes[number].lifetime is Lifetime.SINGLETON

    def _is_built(self, number: int) -> bool:
        return self._is_singleton(number) and self._layer.has_singleton(number)
