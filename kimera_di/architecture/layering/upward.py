"""Find the imports that lead up the layers.

In: pairs of modules and the layers they are in. Out: for every import *out of a layered module that leads up*
the shortest way up. An import leads up when it names a module of a forbidden layer, or one of no layer from
which a forbidden layer is reached through modules of no layer. Removing the found imports makes the layers
hold; a way through a module of another layer is found where it leaves that layer.

Source:
    The verdict is that of import-linter's ``layers`` contract (grimp's find_illegal_dependencies_for_layers);
    which imports are named is our own choice: a set that depends on nothing but the graph.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from kimera_di.architecture.layering.layers import Layer, LayerOrder
from kimera_di.architecture.layering.placement import Placement
from kimera_di.architecture.model.module_graph import Pair

Chain = tuple[str, ...]
"""Modules, the importer first."""
Edges = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class WayUp:
    """One import that leads up."""

    chain: Chain
    user: Layer
    used: Layer
    """The layer at the end of the chain."""

    @property
    def pair(self) -> Pair:
        """The import itself."""
        return self.chain[0], self.chain[1]

    @property
    def direct(self) -> bool:
        """The import names a module of the layer itself."""
        return self.pair == self.chain


class UpwardSearch:
    """The imports of one contract, ready to be searched for each container.

    Args:
        pairs: The imports that count.
        transitive: Follow imports through modules of no layer.
    """

    def __init__(self, pairs: Iterable[Pair], *, transitive: bool) -> None:
        self.transitive = transitive
        self.imported: dict[str, list[str]] = {}
        self.importers: dict[str, list[str]] = {}
        for importer, imported in pairs:
            self.imported.setdefault(importer, []).append(imported)
            self.importers.setdefault(imported, []).append(importer)
        # Ways follow this order; of the importers only the distances are asked, which have none.
        for targets in self.imported.values():
            targets.sort()

    def ways_up(self, placement: Placement, order: LayerOrder) -> Iterator[WayUp]:
        """Give every import that leads up, sorted by importer and imported.

        Args:
            placement: Which module is in which layer.
            order: What each layer may use.

        Yields:
            One way for each import. Time O(layers x imports).
        """
        forbidden = _forbidden(placement.layers, order)
        layer_of = placement.layer_of
        distances = self._distances(placement, forbidden)
        for importer in sorted(layer_of.keys() & self.imported.keys()):
            user = layer_of[importer]
            for imported in self.imported[importer]:
                used = self._leads_to(imported, forbidden[user], layer_of, distances)
                if used is not None:
                    yield WayUp((importer, *self._walk(imported, used, layer_of, distances)), user, used)

    def _leads_to(
        self,
        imported: str,
        forbidden: Collection[Layer],
        layer_of: Mapping[str, Layer],
        distances: Mapping[Layer, Mapping[str, int]],
    ) -> Layer | None:
        direct = layer_of.get(imported)
        if direct is not None:
            return direct if direct in forbidden else None
        near = [used for used in forbidden if imported in distances[used]]
        return min(near, key=lambda used: (distances[used][imported], used.row, used.name), default=None)

    def _distances(
        self, placement: Placement, forbidden: Mapping[Layer, Collection[Layer]]
    ) -> Mapping[Layer, Mapping[str, int]]:
        """Measure how far each module of no layer is from each layer that somebody may not use."""
        targets = {used for layers in forbidden.values() for used in layers}
        if not self.transitive:
            return {target: {} for target in targets}
        members: dict[Layer, list[str]] = {target: [] for target in targets}
        for module, layer in placement.layer_of.items():
            if layer in targets:
                members[layer].append(module)
        return {target: self._distance_to(members[target], placement.layer_of) for target in targets}

    def _distance_to(self, members: Iterable[str], layer_of: Mapping[str, Layer]) -> Mapping[str, int]:
        distance: dict[str, int] = {}
        front, step = list(members), 0
        while front:
            step += 1
            reached: list[str] = []
            for module in front:
                for importer in self.importers.get(module, ()):
                    if importer not in layer_of and importer not in distance:
                        distance[importer] = step
                        reached.append(importer)
            front = reached
        return distance

    def _walk(
        self, start: str, used: Layer, layer_of: Mapping[str, Layer], distances: Mapping[Layer, Mapping[str, int]]
    ) -> Chain:
        """Follow the shortest way from ``start`` into ``used``; among equals the first name."""
        chain = [start]
        while layer_of.get(chain[-1]) != used:
            left = distances[used][chain[-1]] - 1
            chain.append(
                next(
                    module
                    for module in self.imported[chain[-1]]
                    if (layer_of.get(module) == used if left == 0 else distances[used].get(module) == left)
                )
            )
        return tuple(chain)


def _forbidden(layers: Collection[Layer], order: LayerOrder) -> Mapping[Layer, frozenset[Layer]]:
    return {user: frozenset(used for used in layers if not order.allows_layer(user, used)) for user in layers}
