"""The wiring as data for other programs: nodes, edges, and the usual text formats.

In: the wiring graph. Out: names and places, no classes and no objects. Exports are sorted by registration.
"""

from typing import TYPE_CHECKING, Any

from kimera_di.planning.graph import Construction, WiringGraph
from kimera_di.planning.relations import relation_name
from kimera_di.records import dataclass
from kimera_di.rendering import dotted_name, safe_repr, short_name

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True, slots=True)
class GraphNode:
    """One registration."""

    id: int
    service: str
    """Dotted name of the interface, with the key when there is one."""
    label: str
    """Short name of the interface."""
    implementation: str
    """Dotted name of the class or factory; of the instance's class for instances."""
    lifetime: str
    construction: str
    file: str | None
    line: int | None
    registered_file: str
    registered_line: int


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """One parameter: ``source`` is built with ``target``."""

    source: int
    target: int
    parameter: str
    relation: str = ""
    """How it is given, when not as it is: ``lazy``, ``provider``, ``async provider``, ``owned``, ``factory``."""


@dataclass(frozen=True, slots=True)
class ServiceGraph:
    """Who is built from whom: what ``container.graph()`` gives, names and places only."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]

    def to_mermaid(self) -> str:
        """Give a Mermaid flowchart."""
        lines = ["flowchart TD"]
        lines += [f'    s{n.id}["{_escaped(n.label)}<br/>{n.lifetime}"]' for n in self.nodes]
        lines += [
            f'    s{e.source} -.->|"{e.parameter} ({e.relation})"| s{e.target}'
            if e.relation
            else f'    s{e.source} -->|"{e.parameter}"| s{e.target}'
            for e in self.edges
        ]
        return "\n".join(lines) + "\n"

    def to_dot(self) -> str:
        """Give a Graphviz digraph."""
        lines = ["digraph services {"]
        lines += [f'    s{n.id} [label="{_quoted(n.label)}\\n{n.lifetime}"];' for n in self.nodes]
        lines += [
            f'    s{e.source} -> s{e.target} [label="{e.parameter} ({e.relation})", style=dashed];'
            if e.relation
            else f'    s{e.source} -> s{e.target} [label="{e.parameter}"];'
            for e in self.edges
        ]
        return "\n".join([*lines, "}"]) + "\n"

    def to_json(self) -> str:
        """Give ``{"nodes": [...], "edges": [...]}`` with the attributes of both classes."""
        import json  # only who draws pays for it

        data = {
            "nodes": [{name: getattr(n, name) for name in GraphNode.__slots__} for n in self.nodes],
            "edges": [{name: getattr(e, name) for name in GraphEdge.__slots__} for e in self.edges],
        }
        return json.dumps(data, indent=2) + "\n"

    def to_networkx(self) -> "networkx.MultiDiGraph[Any]":
        """Give a networkx multigraph; needs networkx, which the ``[check]`` extra installs."""
        import networkx

        graph: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph()
        for n in self.nodes:
            graph.add_node(n.id, **{name: getattr(n, name) for name in GraphNode.__slots__})
        for e in self.edges:
            graph.add_edge(e.source, e.target, parameter=e.parameter, relation=e.relation)
        return graph


def exported(graph: WiringGraph) -> ServiceGraph:
    """Take the names and places out of a wiring graph. O(nodes and edges)."""
    nodes: list[GraphNode] = []
    for node in graph.nodes:
        place, key = node.defined, node.service.key
        service = dotted_name(node.service.interface) + ("" if key is None else f"[{safe_repr(key)}]")
        made = node.construction not in {Construction.INSTANCE, Construction.SUPPLIED}
        maker: Any = node.maker if made else node.produces
        nodes.append(
            GraphNode(
                node.number,
                service,
                short_name(node.service),
                dotted_name(maker),
                node.lifetime.value,
                node.construction.value,
                place.file if place else None,
                place.line if place else None,
                *node.registered,
            )
        )
    edges = tuple(
        GraphEdge(node.number, target, each.parameter, "" if each.relation is None else relation_name(each.relation))
        for node in graph.nodes
        for each in node.dependencies
        for target in (*each.targets, *each.later)
    )
    return ServiceGraph(tuple(nodes), edges)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
