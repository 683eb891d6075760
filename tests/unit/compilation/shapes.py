"""Small wirings and the text of their builders, for the tests of this folder."""

from textwrap import dedent
from typing import Any

from kimera_di import ServiceCollection
from kimera_di.compilation import Emission, Emitter
from kimera_di.planning import WiringGraph, make_plan
from kimera_di.vocabulary import Lifetime, ServiceId


def graph_of(services: ServiceCollection) -> WiringGraph:
    """The wiring of registrations without problems."""
    plan = make_plan(services.descriptors())
    assert plan.problems == ()
    return plan.graph


def emit(services: ServiceCollection, asked: Any, *, is_async: bool = False, **options: Any) -> Emission:
    """Write the builder of a service, with finished singletons and cells 10, 11, 12, ..."""
    graph = graph_of(services)
    number = graph.single[ServiceId(asked)]
    built = {node.number: object() for node in graph.nodes if node.lifetime is Lifetime.SINGLETON}
    if options.get("whole"):
        built.pop(number)
    cells = range(10, 10 + len(graph.nodes))
    emitter = Emitter(graph, cells, built, is_async=is_async, affected=options.get("affected"))
    return emitter.emit(number, whole=options.get("whole", False))


def text(emission: Emission) -> str:
    """The lines, without the indentation all of them have."""
    return dedent("\n".join(emission.lines))


def lines(expected: str) -> str:
    """An expected text as it is written in a test."""
    return dedent(expected).strip("\n")
