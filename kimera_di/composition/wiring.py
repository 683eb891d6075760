"""Check every wiring edge against the layers: who is given which object, through whose interface.

In: a wiring graph and the order of the layers. Out: findings. Never builds a service, reads no file, needs the
standard library only.

The rule, for a consumer C in layer c, the interface I it asks for and the implementation M it is given:

1. C in no layer (the composition root): exempt.
2. I lies in a layer that c may not use (higher, or an independent sibling): violation. This is also the
   concrete class of a higher layer that is injected as itself.
3. I lies in c or in a layer that c may use: legal wherever M lies. That is dependency inversion: the consumer's
   side owns the port, the implementation plugs in from above.
4. I lies in no layer (standard library, third party, a module outside all layers): nobody on C's side owns it, so
   it is no port, and M must lie in a layer that c may use, or in none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.findings import Finding, Link
from kimera_di.composition.codes import WIRING
from kimera_di.composition.edges import Part, WiringEdge, parts_of, wiring_edges
from kimera_di.planning.graph import WiringGraph
from kimera_di.registration.call_targets import CallTarget
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import Place

Pair = tuple[str, str]


def check_wiring(
    graph: WiringGraph, order: LayerOrder, contract: str | None = None, targets: Iterable[CallTarget] = ()
) -> tuple[Finding, ...]:
    """Find every wiring edge that goes up a layer without a port of the consumer's side.

    Args:
        graph: What the planner made.
        order: The layers and what each may use.
        contract: Id of the contract the findings belong to.
        targets: Functions that are called with services.

    Returns:
        One finding per pair of consumer and implementation (the first parameter that wires them), sorted by
        file and line. Time O(edges).
    """
    found: dict[str, Finding] = {}
    for judged in _judged(graph, order, targets):
        if judged.fault:
            finding = judged.finding(order, contract)
            found.setdefault(finding.fingerprint, finding)
    return tuple(sorted(found.values(), key=Finding.place_key))


def wired_pairs(graph: WiringGraph, order: LayerOrder, targets: Iterable[CallTarget] = ()) -> frozenset[Pair]:
    """Give consumer and implementation of every edge out of a layer, legal or not, as findings name them."""
    return frozenset((judged.consumer.name, judged.given.name) for judged in _judged(graph, order, targets))


def knows_a_layer(graph: WiringGraph, order: LayerOrder) -> bool:
    """Say whether any registered class lies in a layer; a contract without one would check nothing."""
    return any(
        _in_layer((*parts_of(node.service.interface), *parts_of(node.produces)), order) is not None
        for node in graph.nodes
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A wiring edge out of a layer, and what is wrong with it."""

    edge: WiringEdge
    consumer: Part
    asked: Part
    given: Part
    fault: str
    """Empty when the edge is legal."""

    def finding(self, order: LayerOrder, contract: str | None) -> Finding:
        file, line = _shown(self.edge.built_by.defined)
        parameter = f"for its parameter {self.edge.parameter!r}"
        through = "" if self.asked == self.given else f" through {_with_layer(self.asked, order)}"
        given = _with_layer(self.given, order)
        return Finding(
            code=WIRING,
            contract=contract,
            kind="wires",
            importer=self.consumer.name,
            imported=self.given.name,
            file=file,
            line=line,
            message=f"{_with_layer(self.consumer, order)} is given {given} {parameter}{through}: {self.fault}",
            chain=self._chain(),
            advice=self._advice(order),
        )

    def _chain(self) -> tuple[Link, ...]:
        # Two links even when a class is registered as itself: the second one says where it was registered.
        return (
            Link(self.consumer.name, self.asked.name, *_shown(self.edge.built_by.defined)),
            Link(self.asked.name, self.given.name, *_shown(self.edge.binding)),
        )

    def _advice(self, order: LayerOrder) -> str:
        layer = order.layer_of(self.consumer.module)
        return (
            f"declare a Protocol or abstract class in {layer.name if layer else 'its layer'} or a layer below it, "
            f"annotate the parameter {self.edge.parameter!r} of {short_name(self.consumer.name)} with it, and bind "
            f"{short_name(self.given.name)} to it in the composition root"
        )


def _judged(graph: WiringGraph, order: LayerOrder, targets: Iterable[CallTarget]) -> Iterator[_Judged]:
    for edge in wiring_edges(graph, targets):
        consumer = _in_layer(edge.consumer, order)
        if consumer is None:
            continue
        owned = [part for part in edge.interface if order.layer_of(part.module) is not None]
        forbidden = [part for part in owned if not order.allows(consumer.module, part.module)]
        given = _in_layer(edge.implementation, order) or next(iter((*edge.implementation, *edge.interface)), None)
        if given is None:
            continue  # neither side has a name, so neither can be in a layer
        asked = next(iter((*forbidden, *owned, *edge.interface)), given)
        yield _Judged(edge, consumer, asked, given, _fault(consumer, given, owned, forbidden, order))


def _fault(consumer: Part, given: Part, owned: list[Part], forbidden: list[Part], order: LayerOrder) -> str:
    if forbidden:
        return "it asks for a class of a layer it may not use"
    if not owned and not order.allows(consumer.module, given.module):
        return "no layer owns what it asks for, so the binding goes up without a port"
    return ""


def _in_layer(parts: tuple[Part, ...], order: LayerOrder) -> Part | None:
    return next((part for part in parts if order.layer_of(part.module) is not None), None)


def _with_layer(part: Part, order: LayerOrder) -> str:
    layer = order.layer_of(part.module)
    return part.name if layer is None else f"{part.name} ({layer.name})"


def _shown(place: Place | None) -> tuple[str | None, int | None]:
    return (None, None) if place is None else (show_place(place.file, None), place.line or None)
