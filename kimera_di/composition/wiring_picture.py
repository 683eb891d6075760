"""Draw the wiring beside the imports: consumer -> interface -> implementation, and who asks the container.

In: planned collections and a picture of modules. Out: the picture with classes and edges of the kinds ``wires`` and
``resolves``, named as the findings of wiring contracts name them. Builds no service and judges no edge.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from kimera_di.architecture.drawing.import_picture import Faults
from kimera_di.architecture.drawing.lanes import Lanes
from kimera_di.architecture.drawing.picture import RESOLVES, WIRES, Edge, Lane, Line, Node, Picture
from kimera_di.architecture.model.module_graph import Pair
from kimera_di.composition.edges import Part, WiringEdge, parts_of, wiring_edges
from kimera_di.composition.loading import Wiring
from kimera_di.composition.locators import ResolvesEdge
from kimera_di.rendering import show_place
from kimera_di.settings.makers import part_of
from kimera_di.vocabulary import Place

ELSEWHERE = Lane("other packages", None)
"""Below all others: classes of the standard library and of other distributions."""

Step = tuple[Part, Part, Place | None]
"""Who is given what, and the line that says so; the same part twice for a class that is only registered."""


def draw_wiring(
    picture: Picture,
    lanes: Lanes,
    wirings: Iterable[Wiring],
    asking: Iterable[ResolvesEdge] = (),
    faults: Faults | None = None,
    *,
    own: Set[str] = frozenset(),
) -> Picture:
    """Add the wiring to a picture of modules.

    Args:
        picture: Modules and imports; may be empty.
        lanes: Of the picture.
        wirings: What the planner made of each collection, and the functions that are called with services.
        asking: Who asks a container or scope, from `resolves_edges`.
        faults: From `faults_of`.
        own: Top-level packages of the project; classes of others stand in a lane of their own.

    Returns:
        The picture with one node per class or factory that is registered, asked for or given, and one edge per step,
        and one per module and kind of container that it asks. Time O(wiring edges x layers).
    """
    known = {node.id for node in picture.nodes}
    nodes: dict[str, Node] = {}
    lines: dict[tuple[str, str], dict[Line, None]] = {}
    for user, used, place in (step for wiring in wirings for step in _steps(wiring, lanes)):
        for part in (user, used):
            if part.name not in known:
                nodes.setdefault(part.name, _node(part, lanes, own))
        if user != used:
            lines.setdefault((user.name, used.name), {})[_line(place)] = None
    steps = [
        Edge(*pair, WIRES, tuple(sorted(some, key=_place_key)), (faults or {}).get(pair, ()))
        for pair, some in lines.items()
    ]
    asks = _asks([each for each in asking if each.importer in known], faults or {})
    for name in {each.imported for each in asks}:
        nodes.setdefault(name, Node(name, "class", len(lanes.rows)))
    return replace(
        picture,
        lanes=(*picture.lanes, ELSEWHERE),
        nodes=tuple(sorted((*picture.nodes, *nodes.values()), key=lambda node: node.id)),
        edges=tuple(sorted((*picture.edges, *steps, *asks), key=Edge.order)),
    )


def _asks(asking: Iterable[ResolvesEdge], faults: Faults) -> list[Edge]:
    lines: dict[Pair, list[Line]] = {}
    for each in asking:
        lines.setdefault((each.importer, each.imported), []).append(Line(each.file, each.line, RESOLVES))
    return [Edge(*pair, RESOLVES, tuple(dict.fromkeys(some)), faults.get(pair, ())) for pair, some in lines.items()]


def _steps(wiring: Wiring, lanes: Lanes) -> Iterator[Step]:
    graph = wiring.graph
    given: set[int] = set()
    for edge in wiring_edges(graph, wiring.targets):
        yield from _steps_of(edge, lanes)
    for node in graph.nodes:
        given.update(target for each in node.dependencies for target in (*each.targets, *each.later))
    for node in graph.nodes:
        # What something asks for was drawn as it is given; the rest is only looked up.
        if node.number in given or part_of(node.maker) is not None:
            continue
        asked = _placed(parts_of(node.service.interface), lanes)
        built = _placed(parts_of(node.produces), lanes) or asked
        if asked is not None and built is not None:
            yield asked, built, node.registered


def _steps_of(edge: WiringEdge, lanes: Lanes) -> Iterator[Step]:
    consumer, given = _placed(edge.consumer, lanes), _placed(edge.implementation, lanes)
    asked = _placed(edge.interface, lanes) or given
    if consumer is None or asked is None:
        return  # a form without a name of its own, such as a list of numbers
    if asked != consumer:
        yield consumer, asked, edge.built_by.defined
    if given is not None and given != asked:
        yield asked, given, edge.binding


def _placed(parts: Sequence[Part], lanes: Lanes) -> Part | None:
    """The part that lies in a layer, as for findings; else the first one."""
    in_a_layer = (part for part in parts if lanes.place(part.module)[1] is not None)
    return next(in_a_layer, None) or next(iter(parts), None)


def _node(part: Part, lanes: Lanes, own: Set[str]) -> Node:
    lane, layer = lanes.place(part.name)
    if layer is None and part.name.partition(".")[0] not in own:
        lane = len(lanes.rows)
    return Node(part.name, "class", lane, None if layer is None else layer.name)


def _line(place: Place | None) -> Line:
    return Line(None, None, WIRES) if place is None else Line(show_place(place.file, None), place.line or None, WIRES)


def _place_key(line: Line) -> tuple[str, int]:
    return (line.file or "", line.line or 0)
