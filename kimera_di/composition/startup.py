"""Check an architecture while a collection is built: the wiring at hand, and the imports where possible.

In: the wiring graph of the collection and a contract file. Out: errors for ``BuildErrors``, with the same
fingerprints as the findings of ``kimera check``. Wiring needs the standard library only; imports need the
``[check]`` extra and sources. Loads no composition root: the running application is one. An import cycle is a
`LayerViolationError` like every broken contract; the planner's `CircularDependencyError` has a path of services, which
imports have not (docs/decisions/0006).
"""

import os
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.findings import Finding
from kimera_di.architecture.model.specs import ContractFile, ContractSpec, LayersOptions, WiringOptions
from kimera_di.architecture.reading.cache_files import CACHE_FOLDER
from kimera_di.architecture.reading.packages import find_packages, search_folders
from kimera_di.architecture.reading.source_files import SourceFile
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.composition.importing import is_loading
from kimera_di.composition.loading import Wiring
from kimera_di.composition.roots import bound_modules
from kimera_di.composition.runners import using_wiring, wiring_findings
from kimera_di.errors import (
    ContractError,
    InternalError,
    LayerViolationError,
    MissingExtraError,
    RootPackageError,
)
from kimera_di.planning.graph import WiringGraph
from kimera_di.registration.call_targets import CallTarget
from kimera_di.rendering import show_place
from kimera_di.vocabulary import Place

_REMEMBERED = 8
"""Checked trees kept per process; an application has one."""
_checked: OrderedDict[object, tuple[Finding, ...]] = OrderedDict()
_lock = Lock()


def architecture_problems(
    graph: WiringGraph,
    architecture: "str | os.PathLike[str] | Architecture",
    imports: bool | None = None,
    targets: Sequence[CallTarget] = (),
) -> tuple[LayerViolationError, ...]:
    """Find everything that breaks the contracts of a file in the collection that is being built.

    The wiring is checked against every ``kimera_wiring`` contract, or against the layers of every
    ``kimera_layers`` contract when the file has none of the former. While ``kimera check`` loads the module of a
    composition root, nothing is checked a second time.

    Args:
        graph: What the planner made of the collection.
        architecture: A contract file or what was loaded from it.
        imports: Whether imports are checked too: ``None`` where the extra is installed and the sources exist,
            ``True`` always, ``False`` never.
        targets: Functions that are called with services.

    Returns:
        One error per finding, sorted by file and line; ``()`` when every contract is kept. An unchanged tree is
        listed but not read again: in the same process never, in another one when the current folder has the cache of
        ``kimera check``.

    Raises:
        ContractError: The contract file has mistakes, or a contract of it cannot be checked.
        MissingExtraError: ``imports=True`` without the ``[check]`` extra.
        RootPackageError: ``imports=True`` and the sources are not found.
    """
    if is_loading():
        return ()
    loaded = architecture if isinstance(architecture, Architecture) else Architecture.load(os.fspath(architecture))
    _refuse_mistakes(loaded.file)
    wiring = Wiring(graph, (), tuple(targets))
    findings = list(_wiring_findings(loaded.file, wiring))
    seen = None if imports is False else _seen(loaded, required=imports is True)
    if seen is not None:
        findings.extend(_import_findings(loaded, wiring, *seen))
    specs = {spec.id: spec for spec in loaded.file.contracts}
    ordered = sorted(dict.fromkeys(findings), key=Finding.place_key)
    return tuple(_error(finding, specs.get(finding.contract or "")) for finding in ordered)


def _refuse_mistakes(file: ContractFile) -> None:
    mistakes = [*file.mistakes, *(mistake for spec in file.contracts for mistake in spec.mistakes)]
    if not mistakes:
        return
    first, rest = mistakes[0], "\n".join(f"{mistake.summary} ({mistake.facts[0][1]})" for mistake in mistakes[1:])
    facts = (*first.facts[1:], ("and also", rest))
    raise ContractError(first.summary, file=first.file, key=first.key, line=first.line, facts=facts) from first


def _wiring_findings(file: ContractFile, wiring: Wiring) -> Iterator[Finding]:
    wired = [spec for spec in file.contracts if isinstance(spec.options, WiringOptions)]
    for spec in wired or [spec for spec in file.contracts if isinstance(spec.options, LayersOptions)]:
        order = LayerOrder.from_options(_layers(spec))
        # Ignores of a layers contract name modules. Of several wiring contracts each belongs to one collection, and
        # which is not known here, so that an ignore without a use says nothing.
        judged = spec if wired else replace(spec, ignores=())
        for finding in wiring_findings(judged, order, wiring):
            if finding.kind != "ignore" or len(wired) == 1:
                yield finding


def _layers(spec: ContractSpec) -> LayersOptions:
    if isinstance(spec.options, WiringOptions):
        return spec.options.as_layers()
    if isinstance(spec.options, LayersOptions):
        return spec.options
    raise InternalError(f"the contract {spec.id!r} has no layers")


def _seen(architecture: Architecture, *, required: bool) -> tuple[TreeReader, tuple[SourceFile, ...]] | None:
    """List the source files, once for everything that follows; ``None`` when imports cannot be checked here."""
    if any(find_spec(name) is None for name in ("grimp", "importlinter", "networkx")):
        if not required:
            return None
        todo = 'install the extra: pip install "kimera-di[check]", or pass imports=None'
        raise MissingExtraError("imports=True needs grimp, import-linter and networkx", facts=(("do this", todo),))
    reader = _reader()
    try:
        packages = find_packages(architecture.file.root_packages, search_folders(architecture.roots))
    except RootPackageError:
        if required:
            raise
        return None
    sources = reader.snapshot(packages).sources
    return (reader, sources) if sources or required else None


def _reader() -> TreeReader:
    """Use the cache that ``kimera check`` left in the current folder; an application makes no folder of its own."""
    folder = Path(CACHE_FOLDER)
    if not folder.is_dir():
        return TreeReader()
    return TreeReader(folder, read_only=not os.access(folder, os.W_OK))


def _import_findings(
    architecture: Architecture, wiring: Wiring, reader: TreeReader, sources: tuple[SourceFile, ...]
) -> tuple[Finding, ...]:
    ids = [spec.id for spec in architecture.file.contracts if not isinstance(spec.options, WiringOptions)]
    # Everything the findings about imports depend on.
    key = (repr(architecture.file), sources, tuple(sorted(bound_modules(wiring.graph).items())), os.getcwd())
    with _lock:
        if key in _checked:
            _checked.move_to_end(key)
            return _checked[key]
    with using_wiring(wiring):
        report = architecture.check(contracts=ids, reader=reader)
    for result in report.contracts:
        if result.error is not None:
            raise ContractError(
                f"the contract {result.id!r} cannot be checked",
                file=result.file, line=result.line, facts=(("reason", result.error),),
            )  # fmt: skip
    with _lock:
        _checked[key] = report.findings
        while len(_checked) > _REMEMBERED:
            _checked.popitem(last=False)
    return report.findings


def _error(finding: Finding, spec: ContractSpec | None) -> LayerViolationError:
    return LayerViolationError(
        finding.message,
        fingerprint=finding.fingerprint,
        finding_code=finding.code,
        contract=finding.contract,
        kind=finding.kind,
        importer=finding.importer,
        imported=finding.imported,
        place=None if finding.file is None else Place(finding.file, finding.line or 0),
        facts=tuple(_facts(finding, spec)),
    )


def _facts(finding: Finding, spec: ContractSpec | None) -> Iterable[tuple[str, str]]:
    links: Sequence[str] = [
        f"{_at(link.file, link.line)}  {link.importer} -> {link.imported}" for link in finding.chain
    ]
    yield "at", "\n".join(links) or _at(finding.file, finding.line)
    if spec is not None:
        yield "contract", f"{spec.name} ({_at(spec.file, spec.line)})"
        yield "why", spec.why or ""
    yield "do this", finding.advice


def _at(file: str | None, line: int | None) -> str:
    return show_place(file, line)
