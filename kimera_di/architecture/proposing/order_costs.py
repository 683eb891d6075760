"""Cost an order of children as ``kimera cut`` does: also the imports of ways through modules of no child.

In: the names of a tangle, the import graph. Out: how many imports have to go beyond those that name a higher child
outright. An import of the package itself (``from shop import x``) reaches every child that its ``__init__`` imports;
one import of that ``__init__`` may be all that has to go. See docs/decisions/0018.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from kimera_di.architecture.cuts.layer_cuts import cut_layers
from kimera_di.architecture.cuts.layer_rules import LayerRule
from kimera_di.architecture.cuts.layer_ways import WayFinder
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.specs import ImportKind
from kimera_di.architecture.proposing.proposed_rows import node_of

_MOST_WORK = 20_000
"""Names times imports on ways above which one answer takes so long (tenths of a second) that none is given."""
_STEPS = 8
"""What one of those is counted as, in steps of `OrderSearch`."""


class WayCosts:
    """Tells what orders of the same names cost beyond the imports between them; call it with an order.

    Args:
        names: Children of the package, in no particular order.
        children: All its children.
        code: The import graph, the package, the kinds of imports that count.
    """

    def __init__(
        self, names: Sequence[str], children: Collection[str], code: tuple[ModuleGraph, str, Collection[ImportKind]]
    ) -> None:
        self._number = {name: number for number, name in enumerate(sorted(names))}
        rule = _through(self._number, children, code)
        pairs = WayFinder(rule).pairs
        on_ways = {module for pair in pairs for module in pair}
        layers = {module: layer for module, layer in rule.layer_of.items() if module in on_ways}
        self._rule = replace(rule, layer_of=layers, pairs=frozenset(pairs))
        self._touched = frozenset(layers.values())
        self._work = len(pairs) * len(names)
        self._known: dict[tuple[str, ...], int] = {}

    @property
    def affordable(self) -> bool:
        """One answer is so cheap that many may be asked for."""
        return self._work <= _MOST_WORK

    def __call__(self, order: Sequence[str]) -> tuple[int, int]:
        """Give the number of imports to cut on ways that lead up, and the steps it took to find out.

        Args:
            order: All names, high to low.

        Returns:
            A number that is the smallest for most orders and never too small; 0 where it is not `affordable`.
        """
        key = tuple(name for name in order if self._number[name] in self._touched)
        if not key or not self.affordable:
            return 0, 1
        if key in self._known:
            return self._known[key], len(key)
        forbidden, above = [frozenset[int]()] * len(self._number), set[int]()
        for name in order:
            forbidden[self._number[name]] = frozenset(above)
            above.add(self._number[name])
        cut = cut_layers([replace(self._rule, forbidden=tuple(forbidden))], work=0)
        self._known[key] = len(cut.imports)
        return self._known[key], _STEPS * self._work


def _through(
    number: dict[str, int], children: Collection[str], code: tuple[ModuleGraph, str, Collection[ImportKind]]
) -> LayerRule:
    """Keep the imports that begin or end in a module of no child, and forbid every way from name to name."""
    graph, package, kinds = code
    home = {module: node_of(module, package, children) for module in graph.files}
    layer_of = {module: number[name] for module, (is_child, name) in home.items() if is_child and name in number}
    elsewhere = {module for module, (is_child, name) in home.items() if is_child and name not in number}
    every = frozenset(number.values())
    return LayerRule(
        contract=package,
        layer_of=layer_of,
        forbidden=tuple(every - {layer} for layer in sorted(every)),
        pairs=frozenset(
            pair
            for pair in graph.pairs(kinds)
            if not (pair[0] in layer_of and pair[1] in layer_of) and elsewhere.isdisjoint(pair)
        ),
        kinds=tuple(kinds),
        transitive=True,
    )
