"""Which interfaces of the wiring are ports: owned by a layer, and not the class itself.

In: the wiring graph and the order of the layers. Out: dotted names. Reads no source, so that start-up can ask.
"""

from collections.abc import Iterator
from typing import Any, get_origin

from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.composition.edges import is_abstract, parts_of
from kimera_di.planning.graph import WiringGraph


def ports_of(graph: WiringGraph, order: LayerOrder) -> tuple[str, ...]:
    """Name the interfaces of the wiring that lie in a layer.

    Args:
        graph: What the planner made.
        order: The layers.

    Returns:
        Dotted names of what is asked for or registered and is abstract, a Protocol, or bound to another class; sorted.
        A class that stands only for itself is none. O(nodes + parameters).
    """
    found = {
        part.name
        for interface, built in _bindings(graph)
        for part in parts_of(interface)
        if order.layer_of(part.module) is not None and (is_abstract(interface) or part not in built)
    }
    return tuple(sorted(found))


def _bindings(graph: WiringGraph) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Give every interface, with the parts of the class that is built for it."""
    for service in graph.single:
        yield service.interface, parts_of(graph.nodes[graph.single[service]].produces)
    for node in graph.nodes:
        yield node.service.interface, parts_of(node.produces)
        for dependency in node.dependencies:
            interface = dependency.wanted.interface
            yield interface, parts_of(get_origin(interface) or interface)
