"""``kimera graph``: draw packages or a composition root.

In: a `GraphRequest`. Out: a picture on stdout or in a file, and an exit code. What could not be drawn is said on
stderr. Judges nothing: violations are those that ``kimera check`` finds.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.drawing.import_picture import Faults, draw_imports, faults_of
from kimera_di.architecture.drawing.lanes import Lanes, LayerTable, layer_tables
from kimera_di.architecture.drawing.picture import Picture
from kimera_di.architecture.layering.placement import ModuleNames
from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.model.module_graph import ModuleGraph, ScannedTree
from kimera_di.architecture.model.specs import ContractFile
from kimera_di.architecture.reading.packages import find_packages, root_package_of, search_folders
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.globs import glob_matches
from kimera_di.architecture.reports.report import Report, join_reports
from kimera_di.architecture.reports.text_report import render_trouble
from kimera_di.architecture.routes import unknown_module
from kimera_di.cli.outputs import write, write_trouble
from kimera_di.cli.progress import Advance, progress
from kimera_di.composition import register_composition_runners
from kimera_di.composition.loading import Wiring, load_wiring
from kimera_di.errors import RootPackageError
from kimera_di.rendering import listed, show_place


class GraphRequest(NamedTuple):
    """The options of one run."""

    names: Sequence[str]
    """Packages, modules, and ``MODULE:SERVICES``, in any order."""
    configs: Sequence[Path]
    output: str
    """``mermaid``, ``dot``, ``json`` or ``html``."""
    path: Path | None
    """``None`` for stdout."""
    depth: int | None
    roots: Sequence[Path]


class Drawn(NamedTuple):
    """A picture with what is needed to write it, and what is to be said about it."""

    picture: Picture
    lanes: Lanes
    packages: tuple[str, ...]
    trouble: tuple[str, ...]
    exit_code: int


def run_graph(request: GraphRequest) -> int:
    """Draw what is asked for and write it.

    Args:
        request: What the user asked for.

    Returns:
        0 when all of it is drawn; 1 when a collection has problems, so that edges are missing; 3 when files could not
        be read; 2 when a contract could not be checked. The picture is written all the same.

    Raises:
        KimeraError: A package, module, collection or contract file does not exist or has mistakes, or the picture
            cannot be written.
    """
    with progress(f"reading {', '.join(request.names)}") as advance:
        drawn = draw(request, advance)
        advance(f"writing {request.output}")
        text = _text(drawn, request)
    write(text, request.path, option="--output FILE")
    write_trouble("".join(f"{each}\n" for each in drawn.trouble))
    return drawn.exit_code


def draw(request: GraphRequest, advance: Advance) -> Drawn:
    """Make the picture.

    Args:
        request: What the user asked for.
        advance: Told what is done next.

    Returns:
        The picture with every module.

    Raises:
        KimeraError: As for `run_graph`.
    """
    folders = search_folders(request.roots)
    targets = [name for name in request.names if ":" in name]
    named = [name for name in request.names if ":" not in name]
    files = _contract_files(request.configs)
    reader = TreeReader(advance=advance)
    wirings = [(target, load_wiring(target, [str(folder) for folder in folders])) for target in targets]
    tree, packages = _read(named, targets, folders, reader)
    report = _checked(files, request.roots, reader)
    faults, tables = faults_of(report.findings), layer_tables(files)
    unseen = _unseen(tree, files)
    picture, lanes = draw_imports(tree.graph, packages, tables, faults, unseen)
    picture = _wired(picture, lanes, packages, wirings, tree.graph, faults)
    problems = tuple(f"{each.code} {each.summary}" for _, wiring in wirings for each in wiring.problems)
    trouble = (*_said_unseen(unseen), *_outside(tables, picture, request.configs), *problems, *_errors(report))
    return Drawn(picture, lanes, packages, trouble, _exit_code(report, unseen, problems))


def _exit_code(report: Report, unseen: Sequence[Unseen], problems: Sequence[str]) -> int:
    """What was not drawn decides, in the order of `kimera check`; what a contract found is in the picture."""
    codes = {result.exit_code for result in report.contracts if result.error}
    codes |= {2} if report.errors else set()
    codes |= {3} if unseen else set()
    codes |= {1} if problems else set()
    return next((code for code in (2, 3, 1) if code in codes), 0)


def _text(drawn: Drawn, request: GraphRequest) -> str:
    from kimera_di.architecture.drawing.collapsing import collapse

    picture, depth = drawn.picture, request.depth
    if request.output == "mermaid":
        from kimera_di.architecture.drawing.mermaid import shrink, to_mermaid

        return to_mermaid(shrink(picture, drawn.lanes, drawn.packages, depth))
    if depth is not None:
        picture = collapse(picture, drawn.lanes, drawn.packages, depth)
    return _writer(request.output)(picture)


def _writer(output: str) -> Callable[[Picture], str]:
    """Load the writer of one format only."""
    if output == "dot":
        from kimera_di.architecture.drawing.dot import to_dot

        return to_dot
    if output == "json":
        from kimera_di.architecture.drawing.json_picture import to_json

        return to_json
    from kimera_di.architecture.drawing.page import to_html

    return to_html


def _contract_files(configs: Sequence[Path]) -> list[ContractFile]:
    files = [read_contract_file(config) for config in configs]
    for file in files:
        if file.mistakes:
            raise file.mistakes[0]
    return files


def _checked(files: Sequence[ContractFile], roots: Sequence[Path], reader: TreeReader) -> Report:
    register_composition_runners()
    return join_reports([Architecture(file, tuple(roots)).check(reader=reader) for file in files])


def _read(
    named: Sequence[str], targets: Sequence[str], folders: Sequence[Path], reader: TreeReader
) -> tuple[ScannedTree, tuple[str, ...]]:
    """Read what is named, and beside a collection the package it is in, if it is in one."""
    roots = {name: root_package_of(name, folders) for name in named}
    found = dict(find_packages(sorted(set(roots.values())), folders, named_by="the name"))
    packages = list(named)
    for target in targets:
        package = root_package_of(target.partition(":")[0], folders)
        try:
            found.update(find_packages([package], folders))
        except RootPackageError:
            continue  # a single file: it was imported, so it exists, and its wiring is all there is to draw
        packages.append(package)
    tree = reader.read(dict(sorted(found.items()))) if found else ScannedTree(ModuleGraph({}, {}))
    names = ModuleNames(tree.graph)
    for name in named:
        if name not in names:
            raise unknown_module(names, name)
    return tree, tuple(dict.fromkeys(packages))


def _wired(
    picture: Picture,
    lanes: Lanes,
    packages: Sequence[str],
    wirings: Sequence[tuple[str, Wiring]],
    graph: ModuleGraph,
    faults: Faults,
) -> Picture:
    if not wirings:
        return picture
    from kimera_di.composition.locators import resolves_edges
    from kimera_di.composition.wiring_picture import draw_wiring

    own = {name.partition(".")[0] for name in (*(target.partition(":")[0] for target, _ in wirings), *packages)}
    return draw_wiring(picture, lanes, [wiring for _, wiring in wirings], resolves_edges(graph), faults, own=own)


def _unseen(tree: ScannedTree, files: Sequence[ContractFile]) -> tuple[Unseen, ...]:
    globs = [allow.glob for file in files for allow in file.allow_unseen]
    every = [Unseen(show_place(item.file, None), item.reason) for item in tree.unseen]
    return tuple(item for item in every if not any(glob_matches(glob, item.file) for glob in globs))


def _said_unseen(unseen: Sequence[Unseen]) -> list[str]:
    if not unseen:
        return []
    return [f"not read, so imports in it are missing here: {listed(item.file for item in unseen)}"]


def _outside(tables: Sequence[LayerTable], picture: Picture, configs: Sequence[Path]) -> list[str]:
    if not configs or any(node.layer is not None for node in picture.nodes):
        return []
    what = "no contract about layers" if not tables else "no layer that any of this is in"
    return [f"{listed(config.as_posix() for config in configs)}: {what}, so the picture shows none"]


def _errors(report: Report) -> list[str]:
    text = render_trouble(report).rstrip("\n")
    return [text] if text else []
