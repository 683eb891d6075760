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
from pathlib import Path

from kimera_di.architecture.model.findings import Finding, Link
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.patterns import covers
from kimera_di.composition.bindings import Source, read_source
from kimera_di.composition.calls import container_uses, self_assignments
from kimera_di.composition.codes import LOCATOR, NOT_SEARCHED
from kimera_di.composition.receivers import PACKAGE, SCOPE, Project, Value
from kimera_di.rendering import show_place

_DEPTH = 40_000
"""Frames for the deepest expression CPython's own parser builds (6,000 levels), with room."""


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
    sources = [
        Source(name, file, Path(file).name == "__init__.py") for name, file in graph.files.items() if file is not None
    ]
    project = Project(sources, self_assignments)
    near = _near_the_container(graph, sources)
    searched = [
        source
        for source in sources
        if source.name in near and not any(covers(package, source.name) for package in allowed)
    ]
    with _deep_recursion():
        found = [
            _finding(source, node, value, contract)
            for source in searched
            for node, value in _uses(project, source.name)
        ]
    # The import graph reports files that nobody can parse; those it did read have imports, if they hold a container.
    found += [
        _not_searched(source, contract)
        for source in searched
        if source.name in graph.imports and project.module(source.name) is None
    ]
    return tuple(sorted(found, key=Finding.place_key))


@contextmanager
def _deep_recursion() -> Generator[None]:
    """Walk whatever the parser accepts: a sum of a thousand strings is a tree of that depth."""
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


def _finding(source: Source, node: ast.expr, value: Value, contract: str | None) -> Finding:
    what = "scope" if value == SCOPE else "container"
    call = f".{node.attr}" if isinstance(node, ast.Attribute) else "[...]"
    place = show_place(source.file, None)
    return Finding(
        code=LOCATOR,
        contract=contract,
        kind="resolves",
        importer=source.name,
        imported=value.name,
        file=place,
        line=node.lineno,
        message=f"{source.name} asks the {what} for services ({call}), and is no composition root",
        chain=(Link(source.name, value.name, place, node.lineno),),
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
