"""Draft the contract file of a package, and make sure that it holds before anybody sees it.

In: a package and its import graph. Out: a `Draft` and its text, checked by the code that ``kimera check`` runs.
Writes nothing that stays.
"""

import os
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kimera_di import contracts
from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.layering.coverage import empty_layers
from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.layering.placement import ModuleNames, place_modules
from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.model.module_graph import ModuleGraph, ScannedTree
from kimera_di.architecture.model.specs import ImportKind, LayersOptions
from kimera_di.architecture.proposing.proposal_text import Draft, write_draft
from kimera_di.architecture.proposing.proposals import Proposal, propose_layers
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.report import Report
from kimera_di.errors import InternalError
from kimera_di.rendering import listed, show_place

_FILES_LISTED = 5
"""Unseen files of one folder that are listed one by one; more become one glob."""
_RUNTIME: tuple[ImportKind, ...] = ("runtime", "lazy", "deferred")


def draft_contracts(package: str, root: str, place: Path, tree: ScannedTree, target: Path) -> Draft:
    """Collect what the contract file of a package says.

    Args:
        package: The package whose children get layers.
        root: The root package it is in.
        place: Folder of the root package.
        tree: What was read of it.
        target: The file that will be written, for the commands in its comments.

    Returns:
        The draft.
    """
    proposal = propose_layers(tree.graph, package)
    calmer = propose_layers(tree.graph, package, kinds=_RUNTIME) if proposal.tangles else proposal
    broken = {finding.file for finding in tree.syntax}
    return Draft(
        path=target.as_posix(),
        root_package=root,
        proposal=proposal,
        empty=_empty(tree.graph, root, proposal),
        contract_types=_contract_types(),
        without_typing=calmer if _tangled(calmer) < _tangled(proposal) else None,
        unseen=tuple(_allowed([item for item in tree.unseen if item.file not in broken], place)),
        broken=tuple(show_place(file, None) for file in sorted(file for file in broken if file)),
    )


def _tangled(proposal: Proposal) -> int:
    return sum(len(row.names) for row in proposal.rows if row.tangled)


def _empty(graph: ModuleGraph, root: str, proposal: Proposal) -> frozenset[str]:
    """Find the layers that a check would call empty."""
    rows = tuple(str(row) for row in proposal.rows) or (proposal.package,)
    order = LayerOrder.from_options(LayersOptions(rows, (proposal.package,) if proposal.rows else ()))
    names = ModuleNames(graph)
    placements, _ = place_modules(names, order, (root,))
    found = empty_layers(names, placements, order, contract="", files=graph.files)
    below = len(proposal.package) + 1 if proposal.rows else 0
    return frozenset(finding.importer[below:] for finding in found if finding.importer)


def _contract_types() -> Mapping[str, str]:
    """Give every contract type of this version, so that more contracts can be added without a look at this list."""
    kinds = [kind for kind in vars(contracts).values() if isinstance(kind, type)]
    ours = [kind for kind in kinds if issubclass(kind, contracts.KimeraContract) and "type_name" in vars(kind)]
    return {kind.type_name: f"{kind.__module__}.{kind.__qualname__}" for kind in ours}


def _allowed(unseen: Sequence[Unseen], place: Path) -> Iterator[tuple[str, str]]:
    """Give globs for unseen files: one per file, or one for a folder with many."""
    folders: dict[Path, list[Unseen]] = {}
    for item in unseen:
        folders.setdefault(_outermost(Path(item.file), place), []).append(item)
    for folder, items in sorted(folders.items()):
        reasons = sorted({item.reason for item in items})
        if folder == place or len(items) <= _FILES_LISTED:
            yield from ((_glob(Path(item.file), place), item.reason) for item in items)
        else:
            yield f"{_glob(folder, place)}/**", f"{len(items)} files: {listed(reasons)}"


def _outermost(file: Path, place: Path) -> Path:
    """Give the outermost folder below the package that is no part of it; the package when all of them are."""
    folder = place
    for name in file.relative_to(place).parts[:-1]:
        folder = folder / name
        if not name.isidentifier() or not (folder / "__init__.py").is_file():
            return folder
    return place


def _glob(path: Path, place: Path) -> str:
    shown = show_place(str(path), None)
    # A path of this machine would match nowhere else.
    return f"**/{path.relative_to(place.parent).as_posix()}" if os.path.isabs(shown) else shown


def kept_text(draft: Draft, roots: Sequence[Path], reader: TreeReader) -> str:
    """Write a draft and check it; the contract about cycles becomes a comment when it is not kept.

    Args:
        draft: From `draft_contracts`.
        roots: Folders that hold packages.
        reader: Has read the tree already.

    Returns:
        The text of the contract file.

    Raises:
        InternalError: The code does not keep what was found in it.
    """
    report = _checked(write_draft(draft), roots, reader)
    cycles = sum(finding.contract == report.contracts[1].id for finding in report.findings)
    if cycles:
        draft = replace(draft, cycle_cut=cycles)
        report = _checked(write_draft(draft), roots, reader)
    hidden = [item.file for item in report.unseen if item.file not in draft.broken]
    faults = [*report.errors, *hidden, *(result.error or result.id for result in report.contracts if not result.kept)]
    if faults:
        raise InternalError(f"the layers found in {draft.proposal.package} do not hold: {'; '.join(faults)}")
    return write_draft(draft)


def _checked(text: str, roots: Sequence[Path], reader: TreeReader) -> Report:
    tomllib.loads(text)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "draft.toml")
        file.write_text(text, encoding="utf-8")
        return Architecture.load(file, root=roots).check(reader=reader)
