"""The import graph as plain data: modules with their files, imports with their lines and kinds.

In: nothing (``scanning`` makes it). Out: frozen data that contracts read. Reads no file.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from kimera_di.architecture.model.findings import Finding, Unseen
from kimera_di.architecture.model.specs import IMPORT_KINDS, ImportKind
from kimera_di.rendering import show_place

Lines = tuple[tuple[int, ImportKind], ...]
"""Every line on which one module imports another one, with its kind, sorted by line."""
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class UnresolvedImport:
    """A call that imports a module whose name only the run knows."""

    importer: str
    file: str
    """Absolute path."""
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ModuleGraph:
    """Modules and direct imports of some root packages."""

    files: Mapping[str, str | None]
    """Absolute path of each module; ``None`` for namespace packages and modules of other distributions."""
    imports: Mapping[str, Mapping[str, Lines]]
    """Importer -> imported -> lines; both levels sorted by name."""
    external: frozenset[str] = frozenset()
    """Top-level modules outside of the root packages; only with ``include_external_packages``."""
    dynamic: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict[str, dict[str, tuple[int, ...]]])
    """Importer -> imported -> lines of calls that import by a known name; empty unless they were asked for."""
    unresolved: tuple[UnresolvedImport, ...] = ()
    """Calls whose name is not known, sorted by file and line; empty unless they were asked for."""

    def pairs(self, kinds: Collection[ImportKind] = IMPORT_KINDS) -> Iterator[Pair]:
        """Give every pair that has an import of one of ``kinds``, sorted."""
        if "dynamic" not in kinds or not self.dynamic:
            yield from self._static_pairs(kinds)
            return
        calls = ((importer, imported) for importer, targets in self.dynamic.items() for imported in targets)
        yield from sorted({*self._static_pairs(kinds), *calls})

    def _static_pairs(self, kinds: Collection[ImportKind]) -> Iterator[Pair]:
        every = set(kinds).issuperset(IMPORT_KINDS)
        for importer, targets in self.imports.items():
            for imported, lines in targets.items():
                if every or any(kind in kinds for _, kind in lines):
                    yield importer, imported

    def strongest(
        self, importer: str, imported: str, kinds: Collection[ImportKind] = IMPORT_KINDS
    ) -> tuple[ImportKind, int]:
        """Give the strongest kind in which a pair is imported, and its first line.

        Args:
            importer: A module of the graph.
            imported: A module that it imports.
            kinds: The kinds that count.

        Returns:
            Kind and line.

        Raises:
            KeyError: The pair has no such import.
        """
        lines = self.imports.get(importer, {}).get(imported, ())
        for wanted in IMPORT_KINDS:
            for line, kind in lines:
                if kind == wanted and kind in kinds:
                    return kind, line
        calls = self.dynamic.get(importer, {}).get(imported, ())
        if calls and "dynamic" in kinds:
            return "dynamic", calls[0]
        raise KeyError((importer, imported))

    def has_import(self, importer: str, imported: str) -> bool:
        """Say whether one module imports the other one, in any way that is known."""
        return imported in self.imports.get(importer, ()) or imported in self.dynamic.get(importer, ())

    def shown_unresolved(self) -> "tuple[UnresolvedImport, ...]":
        """Give the calls that could not be followed, with paths as reports show them."""
        return tuple(replace(item, file=show_place(item.file, None)) for item in self.unresolved)

    def file_of(self, module: str) -> str | None:
        """Give the absolute path of a module's file."""
        return self.files.get(module)

    def shown_file(self, module: str) -> str | None:
        """Give the path of a module's file as reports show it; ``None`` for what has no file of its own."""
        file = self.files.get(module)
        return None if file is None else show_place(file, None)


@dataclass(frozen=True, slots=True)
class ScannedTree:
    """What reading the root packages gave."""

    graph: ModuleGraph
    unseen: tuple[Unseen, ...] = ()
    """Python files that the graph does not hold, with absolute paths."""
    syntax: tuple[Finding, ...] = field(default=())
    """One finding per file that does not parse, with absolute paths."""
