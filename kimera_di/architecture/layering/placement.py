"""Put the modules of a graph into the layers of a contract.

In: a `ModuleGraph` and a `LayerOrder`. Out: one `Placement` per container, or one for the whole graph. Reports
layers and containers that do not exist. Judges no import.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kimera_di.architecture.layering.layers import Layer, LayerOrder
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.patterns import compiled, covers, has_wildcard
from kimera_di.rendering import did_you_mean, listed


@dataclass(frozen=True, slots=True)
class Placement:
    """The layers of one container, with the modules in them."""

    container: str | None
    layers: tuple[Layer, ...]
    """Those that exist, high to low."""
    layer_of: Mapping[str, Layer]
    """Every module that is in a layer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a contract names that the code does not have."""

    key: str
    summary: str
    guess: tuple[str, ...] = ()


class ModuleNames:
    """The names of a graph's own modules, sorted, for questions about what lies below what."""

    def __init__(self, graph: ModuleGraph) -> None:
        self.names: list[str] = [name for name in graph.files if name not in graph.external]

    def __contains__(self, name: str) -> bool:
        at = bisect_left(self.names, name)
        return at < len(self.names) and self.names[at] == name

    def below(self, package: str) -> list[str]:
        """Give the descendants of ``package``, without itself."""
        # Every name that starts with "package." sorts before "package/", the next character.
        return self.names[bisect_left(self.names, f"{package}.") : bisect_left(self.names, f"{package}/")]

    def children(self, package: str) -> list[str]:
        """Give the direct children of ``package``."""
        depth = len(package) + 1
        return sorted({f"{package}.{name[depth:].partition('.')[0]}" for name in self.below(package)})


def place_modules(
    names: ModuleNames, order: LayerOrder, root_packages: Sequence[str]
) -> tuple[list[Placement], list[Fault]]:
    """Find the modules of every layer.

    Args:
        names: The modules of the graph.
        order: The layers.
        root_packages: Containers must lie in one of these.

    Returns:
        Placements, by container, and what does not exist. With faults the contract cannot be checked.
    """
    faults: list[Fault] = []
    containers: list[str | None] = [None]
    if order.containers:
        containers = [*_containers(names, order, root_packages, faults)]
    placements: list[Placement] = []
    for container in containers:
        placement, missing = _place(names, order, container)
        placements.append(placement)
        faults.extend(missing)
    return placements, faults or _nothing(placements, order)


def _containers(names: ModuleNames, order: LayerOrder, root_packages: Sequence[str], faults: list[Fault]) -> list[str]:
    found: set[str] = set()
    for expression in order.containers:
        pattern = compiled(expression)
        hits = {name for name in names.names if pattern.fullmatch(name)} if has_wildcard(expression) else {expression}
        if not any(covers(root, hit) for root in root_packages for hit in hits):
            summary = f"the container {expression!r} " + ("matches nothing" if not hits else "is in no root package")
            faults.append(Fault("containers", summary, did_you_mean(expression, names.names)))
        elif not hits <= set(names.names):
            faults.append(
                Fault("containers", f"there is no package {expression!r}", did_you_mean(expression, names.names))
            )
        else:
            found |= hits
    return sorted(found)


def _place(names: ModuleNames, order: LayerOrder, container: str | None) -> tuple[Placement, list[Fault]]:
    layers: list[Layer] = []
    layer_of: dict[str, Layer] = {}
    faults: list[Fault] = []
    for number, row in enumerate(order.rows):
        for name in row.names:
            layer = Layer(name=name, row=number, container=container)
            if layer.package in names:
                layers.append(layer)
                layer_of.update(dict.fromkeys((layer.package, *names.below(layer.package)), layer))
            elif name not in row.optional:
                near = names.children(container) if container else names.names
                tails = [item[len(container) + 1 :] for item in near] if container else near
                where = f" in {container}" if container else ""
                faults.append(Fault("layers", f"the layer {name!r} does not exist{where}", did_you_mean(name, tails)))
    return Placement(container, tuple(layers), layer_of), faults


def _nothing(placements: Sequence[Placement], order: LayerOrder) -> list[Fault]:
    if any(placement.layers for placement in placements):
        return []
    return [Fault("layers", f"none of the layers {listed(order.names)} exists, so nothing would be checked")]
