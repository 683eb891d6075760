"""Work out how far a change spreads: which modules each module reaches by imports.

In: modules and pairs of them. Out: a `Reach`. Reads no file.

Source:
    MacCormack, Rusnak, Baldwin 2006, "Exploring the Structure of Complex Software Designs", Management Science 52(7):
    the propagation cost is the density of the visibility matrix, whose diagonal is full.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from kimera_di.architecture.cycles.cycle_search import Component, find_components
from kimera_di.architecture.model.module_graph import Pair


@dataclass(frozen=True, slots=True)
class Reach:
    """Who reaches whom in one package."""

    reached: int
    """Ordered pairs of modules, the first of which reaches the second; each module reaches itself."""
    components: tuple[Component, ...]
    """Modules that all reach each other, more than one; largest first."""


def find_reach(modules: Collection[str], pairs: Iterable[Pair]) -> Reach:
    """Count the pairs of modules that are connected by imports, at any distance.

    Args:
        modules: All modules that count.
        pairs: Imports between them.

    Returns:
        The count, and the components found on the way. Time O(pairs x modules / word size) for a closure of bit sets
        over the condensed graph; 7,000 modules with 30,000 imports take a fraction of a second.
    """
    inside = [pair for pair in pairs if pair[0] != pair[1]]
    components = find_components(inside)
    home = {module: component.modules[0] for component in components for module in component.modules}
    bits: dict[str, int] = {}
    for number, module in enumerate(modules):
        root = home.get(module, module)
        bits[root] = bits.get(root, 0) | 1 << number
    following: dict[str, set[str]] = {root: set() for root in bits}
    for importer, imported in inside:
        one, two = home.get(importer, importer), home.get(imported, imported)
        if one != two:
            following[one].add(two)
    sizes = {component.modules[0]: len(component.modules) for component in components}
    closed = _closed(bits, following)
    reached = sum(mask.bit_count() * sizes.get(root, 1) for root, mask in closed.items())
    return Reach(reached, tuple(sorted(components, key=lambda each: (-len(each.modules), each.modules))))


def _closed(bits: Mapping[str, int], following: Mapping[str, Collection[str]]) -> Mapping[str, int]:
    """Give for each node of a graph without cycles the bits of everything it reaches, without recursion."""
    found: dict[str, int] = {}
    for start in bits:
        waiting = [start]
        while waiting:
            node = waiting[-1]
            missing = [] if node in found else [each for each in following[node] if each not in found]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            if node not in found:
                mask = bits[node]
                for each in following[node]:
                    mask |= found[each]
                found[node] = mask
    return found
