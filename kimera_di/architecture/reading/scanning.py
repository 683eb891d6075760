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
from kimera_di.architecture.model.module_graph import Lines, ModuleGraph, ScannedTree
from kimera_di.architecture.model.specs import ImportKind
from kimera_di.architecture.reading.deferred import deferred_lines
from kimera_di.architecture.reading.source_files import SourceFile, read_source
from kimera_di.architecture.reading.typing_guards import guarded_lines, has_odd_guard
from kimera_di.architecture.reading.unparsable import Fault, escaping_import, too_deep, undecodable, unreadable
from kimera_di.architecture.reading.unseen import FoundModules, find_modules

_BATCH = 64
"""Files scanned together once a file is known to be broken: few calls, little work repeated."""
_EXCERPT = 80
"""Characters of a line that does not parse that are shown; a minified or generated one has thousands."""

_NO_TEXTS: Mapping[str, bytes] = {}
_NO_KINDS: Mapping[tuple[str, int], ImportKind] = {}

Scanned = dict[str, set[DirectImport]]
"""By module name."""
Broken = dict[str, Fault]


def scan_tree(
    packages: Mapping[str, Sequence[Path]],
    sources: Iterable[SourceFile],
    *,
    external: bool = False,
    only: Collection[str] | None = None,
    texts: Mapping[str, bytes] = _NO_TEXTS,
) -> ScannedTree:
    """Read every import of some packages.

    Args:
        packages: Root packages with their folders, from `find_packages`.
        sources: Every Python file below them, from `list_sources`.
        external: Also take modules of other distributions into the graph, as top-level names.
        only: Paths of the files to read; of the others just the module names are taken.
        texts: Contents by path, for files that were read already; all others are read here.

    Returns:
        The graph, the files it lacks, and one finding per file that does not parse; a broken file's module
        stays in the graph without imports. Equal sources give equal trees, sorted.
    """
    found, missing = find_modules(packages, sources)
    files = {name: file for modules in found for name, file in modules.files.items()}
    wanted = files if only is None else {name: file for name, file in files.items() if file.path in only}
    scanner = _Scanner(frozenset(_as_grimp(modules) for modules in found), external, wanted)
    scanned, broken = scanner.scan()
    kinds = _line_kinds(scanner, scanned, broken, texts)
    unseen = [*missing, *(Unseen(files[name].path, _reason(fault)) for name, fault in broken.items())]
    faulty = sorted((name, fault) for name, fault in broken.items() if fault.is_read)
    return ScannedTree(
        graph=_assembled(found, files, scanned, kinds),
        unseen=tuple(sorted(unseen, key=lambda item: item.file)),
        syntax=tuple(_syntax_finding(name, files[name].path, fault) for name, fault in faulty),
    )


@dataclass(frozen=True, slots=True)
class _Scanner:
    """grimp's scanner for one set of packages."""

    packages: frozenset[FoundPackage]
    external: bool
    files: Mapping[str, SourceFile]
    """What is to be read, by module name."""

    def scan(self) -> tuple[Scanned, Broken]:
        """Scan all files at once; only when that fails, look for the broken ones."""
        scanned: Scanned = {}
        broken: Broken = {}
        for name, source in self.files.items():
            # grimp panics over a file that is gone, and dies of one that is too deep: neither may reach it.
            fault = too_deep(source.path, source.stamp.size)
            if fault is None and not os.path.isfile(source.path):
                fault = unreadable(source.path)
            if fault is not None:
                scanned[name], broken[name] = set(), fault
        self._scan_parts(sorted(self.files.keys() - broken.keys()), scanned, broken, exclude_typing=False)
        return scanned, broken

    def without_typing(self, names: Sequence[str], broken: Broken) -> Scanned:
        """Scan files that did parse, without the imports under ``TYPE_CHECKING``."""
        scanned: Scanned = {}
        self._scan_parts(names, scanned, broken, exclude_typing=True)
        return scanned

    def _scan_parts(self, names: Sequence[str], scanned: Scanned, broken: Broken, *, exclude_typing: bool) -> None:
        """Scan all, else batches, else single files, so that a broken file costs little and hides nothing."""
        if not names:
            return
        try:
            found = self._raw(names, exclude_typing=exclude_typing)
        except BaseException as error:  # a panic of Rust code is no `Exception`
            if not _is_about_a_file(error):
                raise
            if len(names) == 1:
                scanned[names[0]], broken[names[0]] = set(), self._fault(error, names[0])
                return
        else:
            scanned.update(found)
            return
        size = _BATCH if len(names) > _BATCH else 1
        for start in range(0, len(names), size):
            self._scan_parts(names[start : start + size], scanned, broken, exclude_typing=exclude_typing)

    def _raw(self, names: Collection[str], *, exclude_typing: bool) -> Scanned:
        found = scan_imports(
            [_as_file(name) for name in names],
            found_packages=set(self.packages),
            include_external_packages=self.external,
            exclude_type_checking_imports=exclude_typing,
        )
        return {file.module.name: imports for file, imports in found.items()}

    def _fault(self, error: BaseException, name: str) -> Fault:
        path = self.files[name].path
        if isinstance(error, SourceSyntaxError):
            return Fault(_excerpt((error.text or "").strip()) or "invalid syntax", error.lineno)
        if isinstance(error, UnicodeError):
            return undecodable(path)
        packages = len(name.split(".")) - (Path(path).name != "__init__.py")
        return (None if isinstance(error, OSError) else escaping_import(path, packages)) or unreadable(path)


def _excerpt(line: str) -> str:
    """Cut the line of a generated file, which may be as long as the file."""
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 3]}..."


def _as_grimp(found: FoundModules) -> FoundPackage:
    return FoundPackage(
        name=found.package,
        directory=found.folder,
        module_files=frozenset(map(_as_file, found.files)),
        namespace_packages=found.namespaces,
    )


def _as_file(name: str) -> ModuleFile:
    return ModuleFile(Module(name), 0.0)


def _is_about_a_file(error: BaseException) -> bool:
    # pyo3 makes the class of its panics when the first one happens; it cannot be imported.
    return isinstance(error, SourceSyntaxError | OSError | ValueError) or type(error).__name__ == "PanicException"


def _line_kinds(
    scanner: _Scanner, scanned: Scanned, broken: Broken, texts: Mapping[str, bytes]
) -> Mapping[str, Mapping[tuple[str, int], ImportKind]]:
    """Find the kind of every import that is no plain runtime one, by imported module and line."""
    kinds: dict[str, dict[tuple[str, int], ImportKind]] = {}
    guarded: list[str] = []
    for name, imports in scanned.items():
        if not imports:
            continue
        path = scanner.files[name].path
        try:
            source = texts.get(path) or read_source(path)
        except OSError:  # deleted since it was scanned
            scanned[name], broken[name] = set(), unreadable(path)
            continue
        hidden: frozenset[int] = frozenset()
        if b"TYPE_CHECKING" in source:
            guarded.append(name)
            hidden = guarded_lines(source) if has_odd_guard(source) else hidden
        late = deferred_lines(source, {found.line_number for found in imports})
        special: dict[tuple[str, int], ImportKind] = {}
        for found in imports:
            if found.line_number in hidden:
                special[found.imported.name, found.line_number] = "typing"
            elif found.is_lazy or found.line_number in late:
                special[found.imported.name, found.line_number] = "lazy" if found.is_lazy else "deferred"
        if special:
            kinds[name] = special
    for name, imports in scanner.without_typing(guarded, broken).items():
        if name in broken:
            scanned[name] = set()
            continue
        kept = {(found.imported.name, found.line_number) for found in imports}
        every = {(found.imported.name, found.line_number) for found in scanned[name]}
        kinds.setdefault(name, {}).update(dict.fromkeys(every - kept, "typing"))
    return kinds


def _assembled(
    packages: Iterable[FoundModules],
    sources: Mapping[str, SourceFile],
    scanned: Scanned,
    kinds: Mapping[str, Mapping[tuple[str, int], ImportKind]],
) -> ModuleGraph:
    files: dict[str, str | None] = {name: None for package in packages for name in package.namespaces}
    files.update({name: source.path for name, source in sources.items()})
    ordered: dict[str, dict[str, Lines]] = {}
    for importer in sorted(scanned):
        lines = _lines(scanned[importer], kinds.get(importer, _NO_KINDS))
        if lines:
            ordered[importer] = {imported: lines[imported] for imported in sorted(lines)}
    external = frozenset(imported for targets in ordered.values() for imported in targets if imported not in files)
    every = {**files, **dict.fromkeys(external)}
    return ModuleGraph(files={name: every[name] for name in sorted(every)}, imports=ordered, external=external)


def _lines(imports: Iterable[DirectImport], special: Mapping[tuple[str, int], ImportKind]) -> dict[str, Lines]:
    """Give the lines of one module's imports; nearly every module is imported on one line, with one kind."""
    lines: dict[str, Lines] = {}
    for found in imports:
        imported, line = found.imported.name, found.line_number
        own: tuple[int, ImportKind] = (line, special.get((imported, line), "runtime") if special else "runtime")
        known = lines.get(imported)
        lines[imported] = (own,) if known is None else tuple(sorted({*known, own}))
    return lines


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
