"""Measure the modules and packages of an import graph.

In: a `ModuleGraph`, the imports that count, names of packages. Out: `ModuleMeasures` and `PackageMeasures`, whose
numbers are exact, so that a value can be compared with a limit. Reads files only to count classes, when asked.

Source:
    Coupling, instability, abstractness, distance: Martin 1994, "OO Design Quality Metrics", and 2002, "Agile Software
    Development", chapter 20; here for modules instead of packages.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kimera_di.architecture.cycles.cycle_search import Component
from kimera_di.architecture.layering.placement import ModuleNames
from kimera_di.architecture.metrics.propagation import find_reach
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.specs import ImportKind
from kimera_di.architecture.reading.class_counts import ClassCounts, count_classes

COUNTED: tuple[ImportKind, ...] = ("runtime", "lazy", "deferred")
"""The kinds of imports that count: those for type checkers make no module depend on another one when it runs."""
UNPARSED = f"Python {sys.version_info.major}.{sys.version_info.minor} cannot parse it"
"""Why classes were not counted in a file that the import scanner did read."""


@dataclass(frozen=True, slots=True)
class ModuleMeasures:
    """The numbers of one module."""

    module: str
    importers: tuple[str, ...]
    """Modules of all root packages that import it, sorted."""
    imported: tuple[str, ...]
    """Modules of all root packages that it imports, sorted."""
    classes: ClassCounts | None = None
    """``None`` when they were not counted, or cannot be."""

    @property
    def afferent(self) -> int:
        """Number of importers (Ca)."""
        return len(self.importers)

    @property
    def efferent(self) -> int:
        """Number of imported modules (Ce)."""
        return len(self.imported)

    @property
    def instability(self) -> Fraction:
        """Ce / (Ca + Ce): 0 when others depend on it only, 1 when it depends on others only; 0 without either."""
        return Fraction(self.efferent, (self.afferent + self.efferent) or 1)

    @property
    def abstractness(self) -> Fraction | None:
        """Share of abstract classes; ``None`` for a module without classes."""
        if self.classes is None or not self.classes.classes:
            return None
        return Fraction(self.classes.abstract, self.classes.classes)

    @property
    def distance(self) -> Fraction | None:
        """Distance from the main sequence, |abstractness + instability - 1|; ``None`` without classes."""
        return None if self.abstractness is None else abs(self.abstractness + self.instability - 1)


@dataclass(frozen=True, slots=True)
class PackageMeasures:
    """The numbers of one package, from the imports between its own modules only."""

    package: str
    modules: int
    imports: int
    """Pairs of modules with an import that counts."""
    reached: int
    """See `Reach`."""
    components: tuple[Component, ...]
    """Cycles: modules that all reach each other, more than one; largest first."""

    @property
    def propagation_cost(self) -> Fraction:
        """Share of ordered pairs of modules, the first of which reaches the second; a module reaches itself."""
        return Fraction(self.reached, self.modules * self.modules)


def counted_pairs(graph: ModuleGraph) -> tuple[Pair, ...]:
    """Give the imports that count: of `COUNTED` kinds, between different modules of the root packages."""
    external = graph.external
    return tuple(pair for pair in graph.pairs(COUNTED) if pair[0] != pair[1] and external.isdisjoint(pair))


def measure_modules(
    graph: ModuleGraph, pairs: Iterable[Pair], modules: Iterable[str], *, classes: bool
) -> tuple[ModuleMeasures, ...]:
    """Measure some modules.

    Args:
        graph: Knows their files.
        pairs: From `counted_pairs`, without those that are ignored.
        modules: Which ones.
        classes: Whether to count classes, which parses their files.

    Returns:
        One value for each, sorted by name. Time O(pairs + modules).
    """
    importers: dict[str, list[str]] = {}
    imported: dict[str, list[str]] = {}
    for one, two in sorted(pairs):
        importers.setdefault(two, []).append(one)
        imported.setdefault(one, []).append(two)
    return tuple(
        ModuleMeasures(
            module,
            tuple(importers.get(module, ())),
            tuple(imported.get(module, ())),
            _classes(graph.file_of(module)) if classes else None,
        )
        for module in sorted(set(modules))
    )


def measure_packages(names: ModuleNames, pairs: Iterable[Pair], packages: Iterable[str]) -> tuple[PackageMeasures, ...]:
    """Measure some packages, each on its own.

    Args:
        names: Every module of the root packages.
        pairs: From `counted_pairs`, without those that are ignored.
        packages: Names of packages or modules among ``names``.

    Returns:
        One value for each, sorted by name. Time as in `find_reach`, for each package.
    """
    imported: dict[str, list[str]] = {}
    for one, two in pairs:
        imported.setdefault(one, []).append(two)
    return tuple(_package(package, names, imported) for package in sorted(set(packages)))


def unread_modules(measured: Iterable[ModuleMeasures], files: Mapping[str, str | None]) -> tuple[str, ...]:
    """Give the modules that have a file whose classes could not be counted; it was read if it imports something."""
    return tuple(each.module for each in measured if each.classes is None and files.get(each.module) is not None)


def _package(package: str, names: ModuleNames, imported: Mapping[str, Sequence[str]]) -> PackageMeasures:
    modules = [package, *names.below(package)]
    inside = frozenset(modules)
    own = [(one, two) for one in modules for two in imported.get(one, ()) if two in inside]
    reach = find_reach(modules, own)
    return PackageMeasures(package, len(modules), len(own), reach.reached, reach.components)


def _classes(file: str | None) -> ClassCounts | None:
    return None if file is None else count_classes(file)
