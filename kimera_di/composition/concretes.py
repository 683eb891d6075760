"""Find classes of another layer that are injected as themselves although they implement an interface.

In: the wiring and the order of the layers. Out: findings with the interface to ask for. Judges legal edges only: what
goes up is `check_wiring`'s. Reads no source; builds nothing. Follows docs/decisions/0025.
"""

from collections.abc import Iterable, Mapping
from typing import Any, get_origin

from kimera_di.architecture.layering.layers import Layer, LayerOrder
from kimera_di.architecture.model.findings import Finding, Link
from kimera_di.composition.codes import CONCRETE
from kimera_di.composition.edges import Part, WiringEdge, is_abstract, parts_of, wiring_edges
from kimera_di.planning.graph import WiringGraph
from kimera_di.registration.call_targets import CallTarget
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import Place

_Interfaces = Mapping[type, tuple[Part, ...]]


def concrete_findings(
    graph: WiringGraph, order: LayerOrder, contract: str | None, targets: Iterable[CallTarget] = ()
) -> tuple[Finding, ...]:
    """Find the parameters that ask for a class of another layer and could ask for its interface.

    Args:
        graph: What the planner made.
        order: The layers and what each may use.
        contract: Id of the contract the findings belong to.
        targets: Functions that are called with services.

    Returns:
        One finding per consumer and class, for classes with an interface (a Protocol or abstract base class, or what
        they are bound to) that lies in a layer the consumer may use; sorted by file and line. O(edges).
    """
    bound = _bound_to(graph)
    found: dict[str, Finding] = {}
    for edge in wiring_edges(graph, targets):
        finding = _judged(edge, order, bound, contract)
        if finding is not None:
            found.setdefault(finding.fingerprint, finding)
    return tuple(sorted(found.values(), key=Finding.place_key))


def _judged(edge: WiringEdge, order: LayerOrder, bound: _Interfaces, contract: str | None) -> Finding | None:
    wanted = _class_of(edge.asked.interface)
    consumer = next((part for part in edge.consumer if order.layer_of(part.module) is not None), None)
    if wanted is None or consumer is None or is_abstract(wanted):
        return None
    (asked,) = parts_of(wanted)
    user, used = order.layer_of(consumer.module), order.layer_of(asked.module)
    if user is None or used is None or user == used or not order.allows_layer(user, used):
        return None
    usable = [part for part in _interfaces(wanted, bound) if _may_use(order, user, part)]
    return _finding(edge, consumer, asked, usable[0], order, contract) if usable else None


def _may_use(order: LayerOrder, user: Layer, part: Part) -> bool:
    layer = order.layer_of(part.module)
    return layer is not None and order.allows_layer(user, layer)


def _interfaces(wanted: type, bound: _Interfaces) -> tuple[Part, ...]:
    """What a class is bound to, then its abstract bases, nearest first."""
    bases = (part for base in wanted.__mro__[1:] if is_abstract(base) for part in parts_of(base))
    return tuple(dict.fromkeys((*bound.get(wanted, ()), *bases)))


def _bound_to(graph: WiringGraph) -> _Interfaces:
    """Give for every class the other types it is registered under, aliases included."""
    found: dict[type, dict[Part, None]] = {}
    named = [(service, graph.nodes[number]) for service, number in graph.single.items()]
    for service, node in (*((node.service, node) for node in graph.nodes), *named):
        built = _class_of(node.produces)
        if built is not None and _class_of(service.interface) is not built:
            found.setdefault(built, {}).update(dict.fromkeys(parts_of(service.interface)))
    return {built: tuple(parts) for built, parts in found.items()}


def _class_of(thing: Any) -> type | None:
    kind = get_origin(thing) or thing
    return kind if isinstance(kind, type) else None


def _finding(
    edge: WiringEdge, consumer: Part, asked: Part, interface: Part, order: LayerOrder, contract: str | None
) -> Finding:
    file, line = _shown(edge.built_by.defined)
    user, used = order.layer_of(consumer.module), order.layer_of(asked.module)
    port, name = short_name(interface.name), short_name(asked.name)
    return Finding(
        code=CONCRETE,
        contract=contract,
        kind="wires",
        importer=consumer.name,
        imported=asked.name,
        file=file,
        line=line,
        message=f"{consumer.name} ({user}) asks for the class {asked.name} ({used}) for its parameter "
        f"{edge.parameter!r}, which implements {interface.name} ({order.layer_of(interface.module)})",
        chain=(Link(consumer.name, asked.name, file, line),),
        advice=f"annotate the parameter {edge.parameter!r} of {short_name(consumer.name)} with {port}, and bind "
        f"{name} to {port} in the composition root",
    )


def _shown(place: Place | None) -> tuple[str | None, int | None]:
    return (None, None) if place is None else (show_place(place.file, None), place.line or None)
