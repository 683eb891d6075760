"""Find the modules that import an implementation although they are no composition root.

In: the import graph, the options of the contract, the classes bound in the wiring. Out: one finding per pair of
importer and implementation module. Typing-only imports are free: they bind nothing at run time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kimera_di.architecture.model.findings import Finding, Link
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.patterns import covers
from kimera_di.architecture.model.specs import CompositionRootOptions, ImportKind
from kimera_di.composition.codes import IMPLEMENTATION_IMPORT
from kimera_di.composition.edges import parts_of
from kimera_di.planning.graph import WiringGraph
from kimera_di.rendering import short_name

_BINDING_KINDS: tuple[ImportKind, ...] = ("runtime", "lazy", "deferred")


@dataclass(frozen=True, slots=True)
class Implementations:
    """Which modules hold implementations, and why."""

    listed: tuple[str, ...]
    """Modules and packages named in the contract."""
    bound: dict[str, tuple[str, str]]
    """Module -> a class of it that is bound, and the dotted name of what it is bound to."""

    def holds(self, module: str) -> bool:
        """Say whether a module counts as an implementation."""
        return module in self.bound or any(covers(package, module) for package in self.listed)

    def own_packages(self, module: str) -> Iterator[str]:
        """Name the packages whose modules may import an implementation module.

        A listed package is one unit. A module that only the wiring knows belongs to the package around it,
        unless that is the top-level package: that one is the whole application and no unit.
        """
        yield from (package for package in self.listed if covers(package, module))
        parent = module.rpartition(".")[0]
        yield parent if "." in parent else module


def bound_modules(graph: WiringGraph) -> dict[str, tuple[str, str]]:
    """Find the modules of all classes that are bound to another type.

    Args:
        graph: What the planner made of the services.

    Returns:
        Module -> (class, interface), the first binding of each module. A class registered as itself and what a
        factory annotated with the interface hides do not count.
    """
    found: dict[str, tuple[str, str]] = {}
    for node in graph.nodes:
        for built in parts_of(node.produces):
            for interface in parts_of(node.service.interface):
                if built != interface:
                    found.setdefault(built.module, (built.name, interface.name))
    return found


def implementation_findings(
    graph: ModuleGraph, options: CompositionRootOptions, implementations: Implementations, contract: str | None
) -> tuple[Finding, ...]:
    """Find every import of an implementation from outside of the roots and the implementation's own package.

    Args:
        graph: Modules and imports.
        options: Names the composition roots.
        implementations: Which modules count.
        contract: Id of the contract the findings belong to.

    Returns:
        One finding per pair, sorted by file and line. Time O(imports).
    """
    found = [
        _finding(graph, importer, imported, implementations, contract)
        for importer, imported in graph.pairs(_BINDING_KINDS)
        if implementations.holds(imported)
        and not any(covers(root, importer) for root in options.roots)
        and not _inside(importer, imported, implementations)
    ]
    return tuple(sorted(found, key=Finding.place_key))


def unknown_modules(graph: ModuleGraph, names: Iterable[str]) -> list[str]:
    """Give the names that no module of the graph has."""
    return [name for name in names if name not in graph.files]


def _inside(importer: str, imported: str, implementations: Implementations) -> bool:
    if any(covers(package, importer) for package in implementations.own_packages(imported)):
        return True
    # Implementations side by side in the top-level package are one unit too.
    same = importer.rpartition(".")[0] == imported.rpartition(".")[0]
    return same and implementations.holds(importer)


def _finding(
    graph: ModuleGraph, importer: str, imported: str, implementations: Implementations, contract: str | None
) -> Finding:
    kind, line = graph.strongest(importer, imported, _BINDING_KINDS)
    place = graph.shown_file(importer)
    return Finding(
        code=IMPLEMENTATION_IMPORT,
        contract=contract,
        kind=kind,
        importer=importer,
        imported=imported,
        file=place,
        line=line,
        message=f"{importer} imports the implementation {imported}, and is no composition root",
        chain=(Link(importer, imported, place, line),),
        advice=_advice(imported, implementations),
    )


def _advice(imported: str, implementations: Implementations) -> str:
    built, interface = implementations.bound.get(imported, ("", ""))
    if not interface:
        return "depend on an interface and bind the implementation to it in a composition root"
    if interface.startswith(f"{imported}."):
        port, hidden = short_name(interface), short_name(built)
        return f"move the interface {port} to a module of its own; {imported} also holds {hidden}"
    return f"depend on {interface}; {short_name(built)} is bound to it in the composition root"
