"""Find every shortest chain of imports between two modules or packages.

In: an import graph and two names. Out: the chains, held as the small graph they form, because there can be
exponentially many of them. Follows every static import, whatever its kind. Judges nothing.

Source:
    Breadth-first search backwards from the target; the edges that come one step nearer are the shortest-path
    graph (Even 2011, Graph Algorithms, 2nd ed., section 1.5).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from kimera_di.architecture.layering.placement import ModuleNames
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.patterns import covers
from kimera_di.errors import KimeraError
from kimera_di.rendering import did_you_mean

Chain = tuple[str, ...]
"""Modules, the importer first."""


@dataclass(frozen=True, slots=True)
class Routes:
    """All shortest chains from one set of modules to another one."""

    starts: tuple[str, ...]
    """Where a shortest chain begins, sorted; empty when there is none."""
    imported: Mapping[str, tuple[str, ...]]
    """Importer -> imported, sorted: exactly the imports that are on a shortest chain."""
    length: int
    """Imports per chain; 0 when there is none."""

    def chains(self) -> Iterator[Chain]:
        """Give the chains one by one, sorted; take as many as are wanted."""
        waiting: list[Chain] = [(start,) for start in reversed(self.starts)]
        while waiting:
            chain = waiting.pop()
            if len(chain) > self.length:
                yield chain
            else:
                waiting.extend((*chain, module) for module in reversed(self.imported[chain[-1]]))

    def count(self) -> int:
        """Count the chains without making them, in time O(imports on them)."""
        # One step after the other: how many chains lead to each module that is reached with this step.
        front = dict.fromkeys(self.starts, 1)
        for _ in range(self.length):
            reached: dict[str, int] = {}
            for importer, ways in front.items():
                for module in self.imported[importer]:
                    reached[module] = reached.get(module, 0) + ways
            front = reached
        return sum(front.values())

    def imports(self) -> tuple[Pair, ...]:
        """Give every import that is on one of the chains, sorted; the chains are the ways through these."""
        return tuple((importer, module) for importer in sorted(self.imported) for module in self.imported[importer])


def shortest_routes(graph: ModuleGraph, importer: str, imported: str) -> Routes:
    """Find all shortest chains from one module or package to another one.

    Args:
        graph: The imports of the packages that both names are in.
        importer: A module, or a package, which means everything in it. When the other name lies inside, what
            is in there does not count as the importer.
        imported: The same for the other end.

    Returns:
        The chains; all have the same length. Time O(modules + imports).

    Raises:
        KimeraError: A name is no module of the graph (with a guess), or both are the same.
    """
    if importer == imported:
        todo = f"name two modules or packages; imports that lead back are shown by: kimera cycles {importer}"
        raise KimeraError(f"{importer!r} is named twice", facts=(("do this", todo),))
    names = ModuleNames(graph)
    sources, targets = (set(_members(names, name)) for name in (importer, imported))
    if covers(importer, imported):
        sources -= targets
    else:
        targets -= sources
    return _between(graph, sources, targets)


def _members(names: ModuleNames, name: str) -> list[str]:
    if name not in names:
        raise unknown_module(names, name)
    return [name, *names.below(name)]


def unknown_module(names: ModuleNames, name: str) -> KimeraError:
    """Make the error about a name that no module has, with a guess and the nearest package that exists."""
    parents = [name.rsplit(".", count)[0] for count in range(1, name.count(".") + 1)]
    inside = next((parent for parent in parents if parent in names), None)
    facts = (
        ("did you mean", ", ".join(did_you_mean(name, names.names))),
        ("exists", f"{inside}, with {len(names.children(inside))} modules directly below it" if inside else ""),
        ("do this", "name a module or a package; functions and classes are not in the import graph"),
    )
    return KimeraError(f"there is no module {name!r}", facts=facts)


def _between(graph: ModuleGraph, sources: Collection[str], targets: Collection[str]) -> Routes:
    importers: dict[str, list[str]] = {}
    for importer, module in graph.pairs():
        importers.setdefault(module, []).append(importer)
    distance = dict.fromkeys(targets, 0)
    front = sorted(targets)
    steps = 0
    while front and not any(module in sources for module in front):
        steps += 1
        front = [importer for module in front for importer in importers.get(module, ())]
        front = [importer for importer in dict.fromkeys(front) if importer not in distance]
        distance.update(dict.fromkeys(front, steps))
    starts = tuple(sorted(module for module in front if module in sources))
    imported: dict[str, tuple[str, ...]] = {}
    waiting = list(starts)
    while waiting:
        module = waiting.pop()
        if module not in imported and distance[module]:
            nearer = distance[module] - 1
            imported[module] = tuple(name for name in graph.imports[module] if distance.get(name) == nearer)
            waiting.extend(imported[module])
    return Routes(starts, imported, steps if starts else 0)
