"""Divide packages into what everybody may import and what is internal, as a ``kimera_interfaces`` contract says.

In: the options of a contract and the names of the graph. Out: one `Interface` per package; a `ContractError` for
everything that the contract names and the code does not have. Judges no import.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from kimera_di.architecture.layering.placement import ModuleNames
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.patterns import lies_in
from kimera_di.architecture.model.specs import ContractSpec, InterfacesOptions
from kimera_di.architecture.rules.named_modules import NamedModules
from kimera_di.rendering import did_you_mean


@dataclass(frozen=True, slots=True)
class Interface:
    """One package with its two halves."""

    package: str
    exposed: tuple[str, ...]
    """Modules that everybody may import, sorted; at least one."""
    internal: frozenset[str]
    """The other modules of the package; at least one."""


@dataclass(frozen=True, slots=True)
class Friend:
    """An entry of ``friends`` with what it stands for."""

    expression: str
    modules: frozenset[str]
    """What it matches; everything below is a friend too."""

    def covers(self, module: str) -> bool:
        """Say whether a module is a friend by this entry."""
        return lies_in(module, self.modules)


def find_interfaces(
    spec: ContractSpec, options: InterfacesOptions, graph: ModuleGraph
) -> tuple[tuple[Interface, ...], tuple[Friend, ...]]:
    """Resolve every name of a contract.

    Args:
        spec: The contract, for places.
        options: Its options.
        graph: The modules of the root packages.

    Returns:
        The packages sorted by name, and the friends in the order of the contract.

    Raises:
        ContractError: An expression matches nothing, an entry of ``packages`` has nothing internal, or an entry of
            ``exposes`` lies outside of the packages; all are named.
    """
    names = NamedModules(spec, graph)
    groups = {entry: names.matching("packages", entry) for entry in options.packages}
    packages = frozenset(package for group in groups.values() for package in group)
    exposed = _exposed(options, packages, names)
    friends = tuple(Friend(entry, frozenset(names.matching("friends", entry))) for entry in options.friends)
    found = {each.package: each for each in _interfaces(sorted(packages), exposed, ModuleNames(graph))}
    for entry, group in groups.items():
        if group and found.keys().isdisjoint(group):
            names.fault("packages", f"packages: {entry!r} has no internal modules, so nothing would be checked")
    names.refuse_faults("correct the names; exposes takes modules of the packages, friends modules or packages")
    return tuple(found.values()), friends


def _exposed(options: InterfacesOptions, packages: Collection[str], names: NamedModules) -> frozenset[str]:
    found: set[str] = set()
    for entry in options.exposes:
        matched = names.matching("exposes", entry)
        inside = [name for name in matched if lies_in(name, packages)]
        found.update(inside)
        if matched and packages and not inside:
            below = (name for name in names.own if lies_in(name, packages))
            names.fault("exposes", f"exposes: {entry!r} is in none of the packages", did_you_mean(entry, below))
    return frozenset(found)


def _interfaces(packages: Iterable[str], exposed: Collection[str], names: ModuleNames) -> Iterator[Interface]:
    for package in packages:
        inside = [package, *names.below(package)]
        # A package of which nothing is exposed by name exposes itself: its own `__init__`.
        public = tuple(name for name in inside if name in exposed) or (package,)
        internal = frozenset(inside).difference(public)
        if internal:
            yield Interface(package, public, internal)
