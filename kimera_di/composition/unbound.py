"""Find interfaces that have an implementation and that nothing binds.

In: the wiring, the order of the layers, the sources. Out: one finding per interface and implementation. Exact on
purpose: an abstract base class of values is no port. An interface counts when a registered class asks for it (and is
left with its default), or when it is implemented in a layer that its own may not use, which is what an inverted
dependency looks like. Runs no code. Follows docs/decisions/0025.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import Any, get_origin

from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.findings import Finding, Link
from kimera_di.composition.class_shapes import bases_of, is_interface
from kimera_di.composition.codes import UNBOUND
from kimera_di.composition.edges import parts_of
from kimera_di.composition.receivers import Project
from kimera_di.planning.call_targets import called_with
from kimera_di.planning.graph import Dependency, WiringGraph
from kimera_di.registration.call_targets import CallTarget
from kimera_di.rendering import short_name, show_place


def unbound_findings(
    project: Project, graph: WiringGraph, order: LayerOrder, contract: str | None, targets: Iterable[CallTarget] = ()
) -> tuple[Finding, ...]:
    """Find the interfaces of the layers that nobody binds.

    Args:
        project: The sources.
        graph: What the planner made.
        order: The layers and what each may use.
        contract: Id of the contract the findings belong to.
        targets: Functions that are called with services.

    Returns:
        One finding per interface and class that implements it by inheritance, at the class; sorted by file and line.
        An interface that is registered, also under a condition, or that a registered class derives from, is bound.
        Parses every module of the project, once.
    """
    dependencies = [dependency for node in graph.nodes for dependency in node.dependencies]
    dependencies += [dependency for _, dependency, _ in called_with(targets, graph)]
    asked, bound = _asked(dependencies), frozenset(_bound(graph))
    found = [
        _finding(project, port, implementation, order, contract)
        for port, implementation in _implementations(project, order)
        if port not in bound and (port in asked or not order.allows(port, implementation))
    ]
    return tuple(sorted(found, key=Finding.place_key))


def _asked(dependencies: Iterable[Dependency]) -> frozenset[str]:
    return frozenset(part.name for each in dependencies for part in parts_of(each.wanted.interface))


def _bound(graph: WiringGraph) -> Iterator[str]:
    """Name what is registered, in any way, and all its base classes."""
    interfaces = [*graph.single, *(lost.service for lost in graph.lost)]
    things: list[Any] = [service.interface for service in interfaces]
    things += [thing for node in graph.nodes for thing in (node.service.interface, node.produces)]
    things += [lost.maker for lost in graph.lost]
    for thing in things:
        yield from (part.name for part in parts_of(thing))
        kind = get_origin(thing) or thing
        for base in kind.__mro__ if isinstance(kind, type) else ():
            yield from (part.name for part in parts_of(base))


def _implementations(project: Project, order: LayerOrder) -> Iterator[tuple[str, str]]:
    """Give every interface of a layer with each class that implements it."""
    known: dict[str, tuple[str, ...]] = {}
    for name in _class_names(project):
        if is_interface(project, name):
            continue
        for base in bases_of(project, name, known)[1:]:
            if order.layer_of(base) is not None and is_interface(project, base):
                yield base, name


def _class_names(project: Project) -> Iterator[str]:
    for source in project.sources:
        module = project.module(source.name)
        names = module.names if module is not None else {}
        yield from (f"{source.name}.{name}" for name, each in names.items() if isinstance(each.node, ast.ClassDef))


def _finding(project: Project, port: str, implementation: str, order: LayerOrder, contract: str | None) -> Finding:
    source = project.class_source(implementation)
    file = show_place(source[0].source.file, None) if source else None
    line = source[1].lineno if source else None
    layer = order.layer_of(implementation)
    shown = f"{implementation} ({layer})" if layer else implementation
    name, built = short_name(port), short_name(implementation)
    return Finding(
        code=UNBOUND,
        contract=contract,
        kind="wires",
        importer=port,
        imported=implementation,
        file=file,
        line=line,
        message=f"{port} ({order.layer_of(port)}) is never bound, though {shown} implements it",
        chain=(Link(port, implementation, file, line),),
        advice=f"bind it in the composition root, for example services.singleton({name}, {built}), or delete {built}",
    )
