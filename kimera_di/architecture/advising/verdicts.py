"""Decide what could be done with an import without changing what the code says: quote it, defer it, delete it.

In: where an importer uses what it imports. Out: a `Verdict`. Reads the importer and those who take names from it;
writes no text for people beside the reasons.
"""

from collections.abc import Collection
from dataclasses import dataclass

from kimera_di.architecture.advising.bindings import Binding, find_bindings
from kimera_di.architecture.advising.load_time import run_while_loading
from kimera_di.architecture.advising.sources import Source, Sources
from kimera_di.architecture.advising.uses import Use, find_uses
from kimera_di.architecture.model.module_graph import Pair
from kimera_di.architecture.model.specs import ImportKind

_MOST_USERS = 200
"""Importers of a module that are looked at for names that they take from it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an import is used for, and what that allows."""

    bindings: tuple[Binding, ...]
    """Those of the lines that count."""
    uses: tuple[Use, ...]
    handed_on: tuple[str, ...]
    """Names that other modules take from the importer, or that its ``__all__`` names; sorted."""
    takers: tuple[str, ...]
    """Modules that take them; sorted."""
    load_functions: tuple[str, ...]
    """Functions that use a name and run while the module loads; sorted."""

    @property
    def at_run_time(self) -> tuple[Use, ...]:
        """Uses that need the object itself."""
        return tuple(use for use in self.uses if use.place in {"function", "load"})

    @property
    def movable(self) -> bool:
        """All uses are annotations, so that only type checkers need the import."""
        return bool(self.uses) and not self.at_run_time and not self.handed_on and self._at_module_level

    @property
    def deferrable(self) -> bool:
        """All uses at run time are inside of functions that do not run while the module loads."""
        used = self.at_run_time
        inside = bool(used) and all(use.place == "function" for use in used)
        return inside and not self.handed_on and not self.load_functions and self._at_module_level

    @property
    def needs_future(self) -> bool:
        """An annotation is evaluated where it stands, so it has to be quoted or evaluated later."""
        return any(use.evaluated for use in self.uses)

    @property
    def readers(self) -> tuple[str, ...]:
        """What reads the annotations at run time, sorted."""
        return tuple(sorted({use.reader for use in self.uses if use.reader}))

    @property
    def functions(self) -> tuple[str, ...]:
        """Functions that use a name at run time, in the order of the file."""
        return tuple(dict.fromkeys(use.where for use in self.at_run_time if use.place == "function"))

    @property
    def _at_module_level(self) -> bool:
        return any(not binding.scope for binding in self.bindings)


def judge(
    source: Source, pair: Pair, kinds: Collection[ImportKind], sources: Sources, *, movable: bool = True
) -> Verdict:
    """Find out what an import is used for.

    Args:
        source: The importer.
        pair: Importer and imported.
        kinds: The kinds of imports that have to go.
        sources: The other modules.
        movable: Whether moving the import would help at all; if not, nobody looks for those who take names from
            the importer, unless it does not use them itself.

    Returns:
        The verdict. Time O(size of the file + sizes of at most 200 importers of it).
    """
    lines = {line for line, kind in sources.graph.imports.get(pair[0], {}).get(pair[1], ()) if kind in kinds}
    bindings = find_bindings(source, pair[1], lines, sources)
    uses = find_uses(source, bindings)
    if any(binding.star for binding in bindings):
        used = {use.binding.path for use in uses}
        bindings = tuple(binding for binding in bindings if not binding.star or binding.path in used)
    names = {binding.path[0] for binding in bindings if not binding.scope and len(binding.path) == 1}
    asked = (movable and not any(use.place == "load" for use in uses)) or not uses
    takers = _takers(source, names, sources) if asked else {}
    handed_on = {name for some in takers.values() for name in some} | (names & source.exported())
    if not uses and source.package == source.module:
        handed_on |= names  # what a package's own __init__ imports is there for its users
    called = movable and any(use.place == "function" for use in uses)
    loading = run_while_loading(source) if called else frozenset[str]()
    return Verdict(
        bindings=bindings,
        uses=uses,
        handed_on=tuple(sorted(handed_on)),
        takers=tuple(sorted(takers)),
        load_functions=tuple(sorted({use.where for use in uses if use.place == "function" and use.outer in loading})),
    )


def _takers(source: Source, names: set[str], sources: Sources) -> dict[str, set[str]]:
    """Find the modules that import one of some names from a module instead of from its home."""
    found: dict[str, set[str]] = {}
    users = [user for user, targets in sources.graph.imports.items() if source.module in targets] if names else []
    for user in users[:_MOST_USERS]:
        other = sources.of(user) if sources.mentions(user, names) else None
        if other is None:
            continue
        taken = {each.name for each in other.taken.values() if each.module == source.module} & names
        taken |= names if source.module in other.stars and not source.exported() else set()
        if taken:
            found[user] = taken
    return found
