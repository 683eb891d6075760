"""Read the imports of packages with grimp, file by file, so that one broken file stops nothing.

In: package folders. Out: a `ScannedTree`. The only module that touches grimp's scanner; it uses the parts
below `grimp.build_graph`, which can neither be told where a package lies nor go on after a syntax error
(docs/decisions/0003). Runs no code under check. Needs the ``[check]`` extra.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grimp.application.ports.modulefinder import FoundPackage, ModuleFile
from grimp.application.scanning import scan_imports
from grimp.domain.valueobjects import DirectImport, Module
from grimp.exceptions import SourceSyntaxError

from kimera_di.architecture.model.codes import SYNTAX
from kimera_di.architecture.model.findings import Finding, Unseen
from kimera_di.architecture.model.module_graph import Lines, ModuleGraph, Pair, ScannedTree
from kimera_di.architecture.model.specs import ImportKind
from kimera_di.architecture.reading.deferred import deferred_lines
from kimera_di.architecture.reading.source_files import SourceFile
from kimera_di.architecture.reading.typing_guards import guarded_lines, has_odd_guard
from kimera_di.architecture.reading.unparsable import Fault, escaping_import, too_deep, undecodable, unreadable
from kimera_di.architecture.reading.unseen import FoundModules, find_modules

_BATCH = 64
"""Files scanned together once a file is known to be broken: few calls, little work repeated."""
_EXCERPT = 80
"""Characters of a line that does not parse that are shown; a minified or generated one has thousands."""

Scanned = dict[ModuleFile, set[DirectImport]]
Broken = dict[ModuleFile, Fault]


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
    found, missing = find_modules(packages, sources)
    files = {ModuleFile(Module(name), 0.0): file for modules in found for name, file in modules.files.items()}
    scanner = _Scanner(frozenset(_as_grimp(modules) for modules in found), external, files)
    scanned, broken = scanner.scan()
    kinds = _line_kinds(scanner, scanned, broken)
    places = {file: source.path for file, source in files.items()}
    unseen = [*missing, *(Unseen(places[file], _reason(fault)) for file, fault in broken.items())]
    faulty = sorted((file.module.name, fault) for file, fault in broken.items() if fault.is_read)
    names = {file.module.name: place for file, place in places.items()}
    return ScannedTree(
        graph=_assembled(found, places, scanned, kinds),
        unseen=tuple(sorted(unseen, key=lambda item: item.file)),
        syntax=tuple(_syntax_finding(name, names[name], fault) for name, fault in faulty),
    )


@dataclass(frozen=True, slots=True)
class _Scanner:
    """grimp's scanner for one set of packages."""

    packages: frozenset[FoundPackage]
    external: bool
    files: Mapping[ModuleFile, SourceFile]

    def scan(self) -> tuple[Scanned, Broken]:
        """Scan all files at once; only when that fails, look for the broken ones."""
        scanned: Scanned = {}
        broken: Broken = {}
        for file, source in self.files.items():
            # grimp panics over a file that is gone, and dies of one that is too deep: neither may reach it.
            fault = too_deep(source.path, source.stamp.size)
            if fault is None and not os.path.isfile(source.path):
                fault = unreadable(source.path)
            if fault is not None:
                scanned[file], broken[file] = set(), fault
        self._scan_parts(sorted(self.files.keys() - broken.keys()), scanned, broken, exclude_typing=False)
        return scanned, broken

    def without_typing(self, files: Sequence[ModuleFile], broken: Broken) -> Scanned:
        """Scan files that did parse, without the imports under ``TYPE_CHECKING``."""
        scanned: Scanned = {}
        self._scan_parts(files, scanned, broken, exclude_typing=True)
        return scanned

    def _scan_parts(
        self, files: Sequence[ModuleFile], scanned: Scanned, broken: Broken, *, exclude_typing: bool
    ) -> None:
        """Scan all, else batches, else single files, so that a broken file costs little and hides nothing."""
        if not files:
            return
        try:
            found = self._raw(files, exclude_typing=exclude_typing)
        except BaseException as error:  # a panic of Rust code is no `Exception`
            if not _is_about_a_file(error):
                raise
            if len(files) == 1:
                scanned[files[0]], broken[files[0]] = set(), self._fault(error, files[0])
                return
        else:
            scanned.update(found)
            return
        size = _BATCH if len(files) > _BATCH else 1
        for start in range(0, len(files), size):
            self._scan_parts(files[start : start + size], scanned, broken, exclude_typing=exclude_typing)

    def _raw(self, files: Collection[ModuleFile], *, exclude_typing: bool) -> Scanned:
        return scan_imports(
            files,
            found_packages=set(self.packages),
            include_external_packages=self.external,
            exclude_type_checking_imports=exclude_typing,
        )

    def _fault(self, error: BaseException, file: ModuleFile) -> Fault:
        path = self.files[file].path
        if isinstance(error, SourceSyntaxError):
            return Fault(_excerpt((error.text or "").strip()) or "invalid syntax", error.lineno)
        if isinstance(error, UnicodeError):
            return undecodable(path)
        packages = len(file.module.name.split(".")) - (Path(path).name != "__init__.py")
        return (None if isinstance(error, OSError) else escaping_import(path, packages)) or unreadable(path)


def _excerpt(line: str) -> str:
    """Cut the line of a generated file, which may be as long as the file."""
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 3]}..."


def _as_grimp(found: FoundModules) -> FoundPackage:
    return FoundPackage(
        name=found.package,
        directory=found.folder,
        module_files=frozenset(ModuleFile(Module(name), 0.0) for name in found.files),
        namespace_packages=found.namespaces,
    )


def _is_about_a_file(error: BaseException) -> bool:
    # pyo3 makes the class of its panics when the first one happens; it cannot be imported.
    return isinstance(error, SourceSyntaxError | OSError | ValueError) or type(error).__name__ == "PanicException"


def _line_kinds(
    scanner: _Scanner, scanned: Scanned, broken: Broken
) -> Mapping[ModuleFile, Mapping[tuple[str, int], ImportKind]]:
    """Find the kind of every import that is no plain runtime one, by imported module and line."""
    kinds: dict[ModuleFile, dict[tuple[str, int], ImportKind]] = {}
    guarded: list[ModuleFile] = []
    for file, imports in scanned.items():
        if not imports:
            continue
        path = scanner.files[file].path
        try:
            with open(path, "rb", buffering=0) as opened:
                source = opened.read()
        except OSError:  # deleted since it was scanned
            scanned[file], broken[file] = set(), unreadable(path)
            continue
        hidden: frozenset[int] = frozenset()
        if b"TYPE_CHECKING" in source:
            guarded.append(file)
            hidden = guarded_lines(source) if has_odd_guard(source) else hidden
        late = deferred_lines(source, {found.line_number for found in imports})
        special: dict[tuple[str, int], ImportKind] = {}
        for found in imports:
            if found.line_number in hidden:
                special[found.imported.name, found.line_number] = "typing"
            elif found.is_lazy or found.line_number in late:
                special[found.imported.name, found.line_number] = "lazy" if found.is_lazy else "deferred"
        if special:
            kinds[file] = special
    for file, imports in scanner.without_typing(guarded, broken).items():
        if file in broken:
            scanned[file] = set()
            continue
        kept = {(found.imported.name, found.line_number) for found in imports}
        every = {(found.imported.name, found.line_number) for found in scanned[file]}
        kinds.setdefault(file, {}).update(dict.fromkeys(every - kept, "typing"))
    return kinds


def _assembled(
    packages: Iterable[FoundModules],
    places: Mapping[ModuleFile, str],
    scanned: Scanned,
    kinds: Mapping[ModuleFile, Mapping[tuple[str, int], ImportKind]],
) -> ModuleGraph:
    files: dict[str, str | None] = {name: None for package in packages for name in package.namespaces}
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


def _reason(fault: Fault) -> str:
    return f"does not parse: {fault.reason}" if fault.is_read else fault.reason


def _syntax_finding(module: str, place: str, fault: Fault) -> Finding:
    return Finding(
        code=SYNTAX,
        contract=None,
        kind="syntax",
        importer=module,
        imported=None,
        file=place,
        line=fault.line,
        message=f"{module} does not parse: {fault.reason}",
        advice="correct the file; its imports were not checked",
    )
