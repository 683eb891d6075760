"""Find the modules that ask the container for services although they are no composition root.

In: the import graph with its files, who may call the container. Out: one finding per call. Only receivers that
are known to be a ``ServiceContainer`` or ``Scope`` count (annotations, ``services.build()``, ``with
container.scope() as scope``, names imported from a module where they hold a container); ``settings.get(...)``
is never one. Parses files, runs none; files that cannot reach kimera_di by imports are not parsed.
"""

import ast
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kimera_di.architecture.model.findings import Finding, Link
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.patterns import covers
from kimera_di.composition.bindings import Source, read_source
from kimera_di.composition.calls import container_uses, returned_values, self_assignments
from kimera_di.composition.codes import LOCATOR, NOT_SEARCHED
from kimera_di.composition.known_values import PACKAGE, Value
from kimera_di.composition.receivers import Project
from kimera_di.rendering import show_place

_DEPTH = 40_000
"""Frames for the deepest expression CPython's own parser builds (6,000 levels), with room."""


@dataclass(frozen=True, slots=True)
class ResolvesEdge:
    """One place where a module asks a container or scope for services."""

    importer: str
    """The module."""
    imported: str
    """Dotted name of the class of the receiver: ``kimera_di.ServiceContainer``, ``Scope`` or ``ScopeFactory``."""
    file: str
    """As shown: relative to the current folder when below it."""
    line: int
    call: str
    """How it asks: ``.resolve``, ``[...]``, ``(...)``."""


def resolves_edges(graph: ModuleGraph, allowed: Sequence[str] = ()) -> tuple[ResolvesEdge, ...]:
    """Find every use of a container or scope, as edges to draw or to judge.

    Args:
        graph: Modules with their files and imports.
        allowed: Modules and packages to leave out.

    Returns:
        One edge per line and receiver, sorted by module and line. Costs one parse per module that imports kimera_di,
        directly or through other modules.
    """
    project = project_of(graph)
    return tuple(_edges(project, _searched(graph, project, allowed)))


def locator_findings(graph: ModuleGraph, allowed: Sequence[str], contract: str | None) -> tuple[Finding, ...]:
    """Find every use of a container or scope outside of ``allowed``.

    Args:
        graph: Modules with their files and imports.
        allowed: Modules and packages that may call the container.
        contract: Id of the contract the findings belong to.

    Returns:
        One finding per call (several calls of one module share a fingerprint), and one per module whose syntax is
        newer than this interpreter's, so that nobody takes it for searched; sorted by file and line. Costs
        one parse per module that imports kimera_di, directly or through other modules.
    """
    project = project_of(graph)
    searched = _searched(graph, project, allowed)
    found = [_finding(edge, contract) for edge in _edges(project, searched)]
    # The import graph reports files that nobody can parse; those it did read have imports, if they hold a container.
    found += [
        _not_searched(source, contract)
        for source in searched
        if source.name in graph.imports and project.module(source.name) is None
    ]
    return tuple(sorted(found, key=Finding.place_key))


def project_of(graph: ModuleGraph) -> Project:
    """Give the sources of a graph, none of them parsed yet."""
    files = graph.files.items()
    return Project(
        [Source(name, file, Path(file).name == "__init__.py") for name, file in files if file is not None],
        self_assignments,
        returned_values,
    )


def _searched(graph: ModuleGraph, project: Project, allowed: Sequence[str]) -> list[Source]:
    near = _near_the_container(graph, project.sources)
    return [
        source
        for source in project.sources
        if source.name in near and not any(covers(package, source.name) for package in allowed)
    ]


def _edges(project: Project, searched: Sequence[Source]) -> list[ResolvesEdge]:
    with deep_recursion():
        return [_edge(source, node, value) for source in searched for node, value in _uses(project, source.name)]


@contextmanager
def deep_recursion() -> Generator[None]:
    """Let walks go as deep as the parser does: a sum of a thousand strings is a tree of that depth."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _uses(project: Project, name: str) -> Iterator[tuple[ast.expr, Value]]:
    module = project.module(name)
    seen: set[tuple[int, Value]] = set()
    for node, value in container_uses(project, module) if module is not None else ():
        if (node.lineno, value) not in seen:
            seen.add((node.lineno, value))
            yield node, value


def _near_the_container(graph: ModuleGraph, sources: Sequence[Source]) -> set[str]:
    """Find the modules that name kimera_di or import one that does, at any distance: no other can hold a container."""
    importers: dict[str, list[str]] = {}
    for importer, imported in graph.pairs():
        importers.setdefault(imported, []).append(importer)
    word = PACKAGE.encode()
    near = {source.name for source in sources if word in read_source(source)}
    waiting = list(near)
    while waiting:
        new = [name for name in importers.get(waiting.pop(), ()) if name not in near]
        near.update(new)
        waiting.extend(new)
    return near


def _edge(source: Source, node: ast.expr, value: Value) -> ResolvesEdge:
    call = "(...)" if isinstance(node, ast.Call) else "[...]"
    call = f".{node.attr}" if isinstance(node, ast.Attribute) else call
    return ResolvesEdge(source.name, value.name, show_place(source.file, None), node.lineno, call)


def _finding(edge: ResolvesEdge, contract: str | None) -> Finding:
    receiver = edge.imported.rpartition(".")[2]
    what = {"ServiceContainer": "container", "ScopeFactory": "scope factory"}.get(receiver, "scope")
    asks = "opens a scope" if what == "scope factory" else f"asks the {what} for services ({edge.call})"
    return Finding(
        code=LOCATOR,
        contract=contract,
        kind="resolves",
        importer=edge.importer,
        imported=edge.imported,
        file=edge.file,
        line=edge.line,
        message=f"{edge.importer} {asks}, and is no composition root",
        chain=(Link(edge.importer, edge.imported, edge.file, edge.line),),
        advice="take what is needed as constructor parameters, or name the module in roots or may_resolve",
    )


def _not_searched(source: Source, contract: str | None) -> Finding:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Finding(
        code=NOT_SEARCHED,
        contract=contract,
        kind="unseen",
        importer=source.name,
        imported=None,
        file=show_place(source.file, None),
        line=None,
        message=f"{source.name} was not searched for calls of the container: Python {version} cannot parse it",
        advice="run kimera with the Python version that the code is written for",
    )
