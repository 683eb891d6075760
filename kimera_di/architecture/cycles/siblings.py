"""Turn imports of modules into dependencies between siblings: the children of one package, as wholes.

In: pairs of modules and the packages of a contract. Out: edges between siblings, each with the imports behind it.
Judges nothing. See docs/decisions/0006.

Source:
    The edges are those that import-linter's ``acyclic_siblings`` looks at: children of one package, each taken
    together with everything below it.
"""

from collections.abc import Iterable, Mapping, Sequence

from kimera_di.architecture.model.module_graph import Pair
from kimera_di.architecture.model.patterns import covers


def outermost(packages: Iterable[str]) -> tuple[str, ...]:
    """Give the packages that lie in no other one of them, sorted."""
    kept: list[str] = []
    for package in sorted(set(packages)):
        if not any(covers(other, package) for other in kept):
            kept.append(package)
    return tuple(kept)


def home_of(module: str, packages: Sequence[str]) -> str | None:
    """Give the one of some outermost packages that a module is in."""
    return next((package for package in packages if covers(package, module)), None)


def sibling_edge(importer: str, imported: str, packages: Sequence[str]) -> Pair | None:
    """Say between which siblings an import is a dependency.

    Args:
        importer: A module.
        imported: A module that it imports.
        packages: From `outermost`; they are siblings of each other.

    Returns:
        The two children of the nearest package that both modules are in; every sibling has one such package.
        ``None`` for an import between a package's own ``__init__`` and what lies below it, in either direction,
        because re-exports are no dependency between siblings, and for one that leaves ``packages``.
    """
    homes = home_of(importer, packages), home_of(imported, packages)
    if homes[0] is None or homes[1] is None:
        return None
    if homes[0] != homes[1]:
        return homes[0], homes[1]
    ours, theirs = importer.split("."), imported.split(".")
    shorter = min(len(ours), len(theirs))
    common = next((number for number in range(shorter) if ours[number] != theirs[number]), shorter)
    if common == shorter:
        return None
    return ".".join(ours[: common + 1]), ".".join(theirs[: common + 1])


def parent_of(sibling: str, packages: Sequence[str]) -> str:
    """Give the package that a sibling is a child of; ``""`` for one of ``packages`` themselves."""
    return "" if sibling in packages else sibling.rpartition(".")[0]


def imports_by_edge(pairs: Iterable[Pair], edge_of: Mapping[Pair, Pair | None]) -> Mapping[Pair, tuple[Pair, ...]]:
    """Collect imports by the edge between siblings that they belong to.

    Args:
        pairs: Imports.
        edge_of: The edge of each, as `sibling_edge` gives it.

    Returns:
        Edges sorted, each with its imports, sorted.
    """
    found: dict[Pair, list[Pair]] = {}
    for pair in sorted(pairs):
        edge = edge_of[pair]
        if edge is not None:
            found.setdefault(edge, []).append(pair)
    return {edge: tuple(found[edge]) for edge in sorted(found)}
