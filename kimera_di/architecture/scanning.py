"""Read the imports of packages with grimp, file by file, so that one broken file stops nothing.

In: package folders. Out: a `ScannedTree`. The only module that touches grimp's scanner; it uses the parts
below `grimp.build_graph`, which can neither be told where a package lies nor go on after a syntax error
(docs/decisions/0003). Runs no code under check. Needs the ``[check]`` extra.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grimp.application.config import settings
from grimp.application.ports.modulefinder import FoundPackage, ModuleFile
from grimp.application.scanning import scan_imports
from grimp.domain.valueobjects import DirectImport
from grimp.exceptions import SourceSyntaxError

from kimera_di.architecture.codes import SYNTAX
from kimera_di.architecture.deferred import deferred_lines
from kimera_di.architecture.findings import Finding, Unseen
from kimera_di.architecture.module_graph import Lines, ModuleGraph, Pair, ScannedTree
from kimera_di.architecture.source_files import SourceFile
from kimera_di.architecture.specs import ImportKind
from kimera_di.architecture.unseen import why_unseen

_BATCH = 64
"""Files scanned together once a file is known to be broken: few calls, little work repeated."""

Scanned = dict[ModuleFile, set[DirectImport]]


@dataclass(frozen=True, slots=True)
class _Broken:
    """A file that grimp cannot read as Python."""

    line: int | None
    reason: str


def scan_tree(
    packages: Mapping[str, Sequence[Path]], sources: Iterable[SourceFile], *, external: bool = False
) -> ScannedTree:
    """Read every import of some packages.

    Args:
        packages: Root packages with their folders, from `find_packages`.
        sources: Every Python file below them, from `list_sources`.
        external: Also take modules of other distributions into the graph, as top-level names.

    Returns:
        The graph, the files it lacks, and one finding per file that does not parse; a broken file's module
        stays in the graph without imports. Equal sources give equal trees, sorted.
    """
    found = {
        (name, folder): settings.MODULE_FINDER.find_package(
            package_name=name, package_directory=str(folder), file_system=settings.FILE_SYSTEM
        )
        for name, folders in packages.items()
        for folder in folders
    }
    places = {
        module_file: _file_of(module_file, name, folder)
        for (name, folder), package in found.items()
        for module_file in package.module_files
    }
    scanner = _Scanner(frozenset(found.values()), external)
    scanned, broken = scanner.scan(places)
    kinds = _line_kinds(scanner, scanned, places)
    graph = _assembled(found.values(), places, scanned, kinds)
    in_graph = {place for module_file, place in places.items() if module_file not in broken}
    return ScannedTree(
        graph=graph,
        unseen=_unseen(packages, sources, in_graph, {places[file]: fault for file, fault in broken.items()}),
        syntax=tuple(_syntax_finding(file, places[file], fault) for file, fault in sorted(broken.items(), key=_name)),
    )


@dataclass(frozen=True, slots=True)
class _Scanner:
    """grimp's scanner for one set of packages."""

    packages: frozenset[FoundPackage]
    external: bool

    def scan(self, files: Collection[ModuleFile]) -> tuple[Scanned, dict[ModuleFile, _Broken]]:
        """Scan all files at once; only when that fails, look for the broken ones."""
        scanned: Scanned = {}
        if self._attempt(files, scanned) is None:
            return scanned, {}
        ordered = sorted(files)
        broken: dict[ModuleFile, _Broken] = {}
        for start in range(0, len(ordered), _BATCH):
            batch = ordered[start : start + _BATCH]
            if self._attempt(batch, scanned) is not None:
                self._one_by_one(batch, scanned, broken)
        return scanned, broken

    def without_typing(self, files: Collection[ModuleFile]) -> Scanned:
        """Scan files that are known to parse, without the imports under ``TYPE_CHECKING``."""
        return self._raw(files, exclude_typing=True) if files else {}

    def _one_by_one(self, files: Iterable[ModuleFile], scanned: Scanned, broken: dict[ModuleFile, _Broken]) -> None:
        for file in files:
            fault = self._attempt([file], scanned)
            if fault is not None:
                scanned[file], broken[file] = set(), fault

    def _attempt(self, files: Collection[ModuleFile], scanned: Scanned) -> _Broken | None:
        try:
            scanned.update(self._raw(files, exclude_typing=False))
        except SourceSyntaxError as error:
            return _Broken(error.lineno, (error.text or "").strip() or "invalid syntax")
        except (UnicodeError, OSError, SyntaxError) as error:
            return _Broken(None, str(error))
        return None

    def _raw(self, files: Collection[ModuleFile], *, exclude_typing: bool) -> Scanned:
        return scan_imports(
            files,
            found_packages=set(self.packages),
            include_external_packages=self.external,
            exclude_type_checking_imports=exclude_typing,
        )


def _line_kinds(
    scanner: _Scanner, scanned: Scanned, places: Mapping[ModuleFile, str]
) -> Mapping[ModuleFile, Mapping[tuple[str, int], ImportKind]]:
    """Find the kind of every import that is no plain runtime one, by imported module and line."""
    kinds: dict[ModuleFile, dict[tuple[str, int], ImportKind]] = {}
    guarded: list[ModuleFile] = []
    for file, imports in scanned.items():
        if not imports:
            continue
        source = Path(places[file]).read_bytes()
        if b"TYPE_CHECKING" in source:
            guarded.append(file)
        late = deferred_lines(source, {found.line_number for found in imports})
        special: dict[tuple[str, int], ImportKind] = {}
        for found in imports:
            if found.is_lazy or found.line_number in late:
                special[found.imported.name, found.line_number] = "lazy" if found.is_lazy else "deferred"
        if special:
            kinds[file] = special
    for file, imports in scanner.without_typing(guarded).items():
        kept = {(found.imported.name, found.line_number) for found in imports}
        every = {(found.imported.name, found.line_number) for found in scanned[file]}
        kinds.setdefault(file, {}).update(dict.fromkeys(every - kept, "typing"))
    return kinds


def _assembled(
    packages: Iterable[FoundPackage],
    places: Mapping[ModuleFile, str],
    scanned: Scanned,
    kinds: Mapping[ModuleFile, Mapping[tuple[str, int], ImportKind]],
) -> ModuleGraph:
    files: dict[str, str | None] = {name: None for package in packages for name in package.namespace_packages}
    files.update({file.module.name: place for file, place in places.items()})
    lines: dict[Pair, list[tuple[int, ImportKind]]] = {}
    for file, imports in scanned.items():
        special = kinds.get(file, {})
        for found in imports:
            imported, line = found.imported.name, found.line_number
            lines.setdefault((file.module.name, imported), []).append((line, special.get((imported, line), "runtime")))
    external = frozenset(imported for _, imported in lines if imported not in files)
    ordered: dict[str, dict[str, Lines]] = {}
    for importer, imported in sorted(lines):
        ordered.setdefault(importer, {})[imported] = tuple(sorted(set(lines[importer, imported])))
    every = {**files, **dict.fromkeys(external)}
    return ModuleGraph(files={name: every[name] for name in sorted(every)}, imports=ordered, external=external)


def _file_of(file: ModuleFile, package: str, folder: Path) -> str:
    tail = file.module.name[len(package) + 1 :]
    place = folder.joinpath(*tail.split(".")) if tail else folder
    # grimp prefers the module when both a module and a package have the name, and so must the report.
    module = place.with_name(f"{place.name}.py")
    return str(module if tail and module.is_file() else place / "__init__.py")


def _unseen(
    packages: Mapping[str, Sequence[Path]],
    sources: Iterable[SourceFile],
    in_graph: Collection[str],
    broken: Mapping[str, _Broken],
) -> tuple[Unseen, ...]:
    folders = sorted({str(folder) for places in packages.values() for folder in places}, key=len, reverse=True)
    missing: list[Unseen] = []
    for source in sources:
        if source.path in in_graph:
            continue
        fault = broken.get(source.path)
        home = next(folder for folder in folders if source.path.startswith(folder))
        reason = f"does not parse: {fault.reason}" if fault else why_unseen(source.path, Path(home))
        missing.append(Unseen(source.path, reason))
    return tuple(missing)


def _syntax_finding(file: ModuleFile, place: str, fault: _Broken) -> Finding:
    return Finding(
        code=SYNTAX,
        contract=None,
        kind="syntax",
        importer=file.module.name,
        imported=None,
        file=place,
        line=fault.line,
        message=f"{file.module.name} does not parse: {fault.reason}",
        advice="correct the file; its imports were not checked",
    )


def _name(item: tuple[ModuleFile, _Broken]) -> str:
    return item[0].module.name
