"""Find import cycles: which modules are in one, the shortest of each knot, and the way back from an import.

In: pairs of names (modules, or packages as a whole). Out: components, and cycles as chains of names. Reads no file
and knows no contract; loads networkx when it is asked for components. See docs/decisions/0006.

Source:
    Components: Tarjan 1972, SIAM J. Comput. 1(2), pp. 146-160, as networkx has it. Shortest ways: breadth-first
    search, neighbours in order of their names.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from kimera_di.architecture.model.module_graph import Pair

Chain = tuple[str, ...]
"""Names along a cycle; the first one stands at the end again."""
Edges = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Component:
    """Modules that all reach each other, so that each of them is in a cycle."""

    modules: tuple[str, ...]
    """At least two, sorted."""
    pairs: tuple[Pair, ...]
    """The imports between them, sorted; each one is in a cycle."""


def find_components(pairs: Iterable[Pair]) -> tuple[Component, ...]:
    """Find the strongly connected components of more than one module.

    Args:
        pairs: Imports; a module that imports itself is in no cycle.

    Returns:
        Components by their first module. Time O(pairs x log pairs).
    """
    import networkx  # 70 ms that only contracts and commands about cycles pay

    every = sorted({pair for pair in pairs if pair[0] != pair[1]})
    graph: networkx.DiGraph[str] = networkx.DiGraph(every)
    knots = sorted(sorted(knot) for knot in networkx.strongly_connected_components(graph) if len(knot) > 1)
    home = {module: number for number, knot in enumerate(knots) for module in knot}
    inside: list[list[Pair]] = [[] for _ in knots]
    for importer, imported in every:
        number = home.get(importer)
        if number is not None and number == home.get(imported):
            inside[number].append((importer, imported))
    return tuple(Component(tuple(knot), tuple(some)) for knot, some in zip(knots, inside, strict=True))


def closing_pairs(pairs: Iterable[Pair], wanted: Iterable[Pair]) -> set[Pair]:
    """Find out which imports would be in a cycle if they alone were added.

    Args:
        pairs: The imports that are there.
        wanted: Imports to add, one at a time.

    Returns:
        Some of ``wanted``. Time O(pairs x components / word size), for a closure of bit sets.
    """
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph(sorted({pair for pair in pairs if pair[0] != pair[1]}))
    condensed = networkx.condensation(graph)
    home = {module: number for number in condensed.nodes for module in condensed.nodes[number]["members"]}
    reached: dict[int, int] = {}
    for number in reversed([*networkx.topological_sort(condensed)]):
        reached[number] = 1 << number
        for following in condensed.successors(number):
            reached[number] |= reached[following]
    return {
        (importer, imported)
        for importer, imported in wanted
        if importer in home
        and imported in home
        and importer != imported
        and reached[home[imported]] >> home[importer] & 1
    }


def shortest_cycle(component: Component) -> Chain:
    """Find a shortest cycle of a component.

    Args:
        component: From `find_components`.

    Returns:
        Of all shortest cycles one with the first name, which it starts and ends with. Time O(modules x imports)
        at most; two modules that import each other end the search.
    """
    edges, pairs = outgoing(component.pairs), set(component.pairs)
    for importer, imported in component.pairs:
        if (imported, importer) in pairs:
            return importer, imported, importer
    best: Chain = ()
    for module in component.modules:
        back = _way_back(edges, module, len(best) - 1 if best else len(component.modules) + 1)
        best = back or best
    return best


def cycles_through(pairs: Collection[Pair], wanted: Iterable[Pair]) -> Mapping[Pair, Chain]:
    """Find for each import a shortest cycle that begins with it.

    Args:
        pairs: Every import that counts.
        wanted: Some of them.

    Returns:
        A chain for each one that is in a cycle. Time O(imported modules in ``wanted`` x imports).
    """
    edges = outgoing(pairs)
    by_imported: dict[str, list[str]] = {}
    for importer, imported in sorted(wanted):
        by_imported.setdefault(imported, []).append(importer)
    found: dict[Pair, Chain] = {}
    for imported, importers in by_imported.items():
        before = _search(edges, imported, set(importers))
        for importer in importers:
            if importer in before:
                found[importer, imported] = (importer, *_walk(before, importer))
    return found


def outgoing(pairs: Iterable[Pair]) -> Edges:
    """Give what each module imports, sorted."""
    edges: dict[str, list[str]] = {}
    for importer, imported in sorted(pairs):
        edges.setdefault(importer, []).append(imported)
    return edges


def _way_back(edges: Edges, module: str, limit: int) -> Chain:
    """Find a shortest cycle through ``module`` with less than ``limit`` imports; ``()`` when there is none."""
    before: dict[str, str] = {}
    front, length = [module], 1
    while front and length < limit:
        reached: list[str] = []
        for current in front:
            for following in edges.get(current, ()):
                if following == module:
                    return (*_walk({**before, module: module}, current), module)
                if following not in before:
                    before[following] = current
                    reached.append(following)
        front, length = reached, length + 1
    return ()


def _search(edges: Edges, start: str, wanted: set[str]) -> Mapping[str, str]:
    """Go from ``start`` until every one of ``wanted`` is found; give where each module was reached from."""
    before, front, missing = {start: start}, [start], wanted - {start}
    while front and missing:
        reached: list[str] = []
        for current in front:
            for following in edges.get(current, ()):
                if following not in before:
                    before[following] = current
                    reached.append(following)
        missing -= set(reached)
        front = reached
    return before


def _walk(before: Mapping[str, str], end: str) -> Chain:
    chain = [end]
    while before[chain[-1]] != chain[-1]:
        chain.append(before[chain[-1]])
    return tuple(reversed(chain))
