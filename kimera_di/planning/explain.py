"""Draw how one service is built: a tree with lifetimes, implementations and places. Builds nothing."""

from kimera_di.planning.graph import Construction, Dependency, ServiceNode, WiringGraph
from kimera_di.planning.relations import relation_name
from kimera_di.rendering import Row, render_rows, safe_repr, short_name, show_place

_CONSTANT = -2
"""Stands for a value that is known without building anything."""


def explain(graph: WiringGraph, number: int) -> str:
    """Draw the tree below a node; a service drawn before is named, not drawn again.

    Args:
        graph: The wiring.
        number: The node at the top.

    Returns:
        One line per parameter: how it is built, its lifetime, where it is defined. O(nodes), iterative.
    """
    rows: list[Row] = []
    drawn: set[int] = set()
    todo: list[tuple[int, int, str, bool]] = [(number, 0, "", True)]
    while todo:
        current, depth, parameter, last = todo.pop()
        label = f"{parameter}: " if parameter else ""
        if current == _CONSTANT:
            rows.append(Row(depth, parameter, (), last))
            continue
        if current < 0:
            rows.append(Row(depth, f"{label}{parameter and '(default)'}", (), last))
            continue
        node = graph.nodes[current]
        again = current in drawn and bool(node.dependencies)
        rows.append(Row(depth, f"{label}{_built_from(node)}{' (see above)' if again else ''}", _columns(node), last))
        if again:
            continue
        drawn.add(current)
        children = [child for d in node.dependencies for child in _children(d)]
        todo.extend(
            (target, depth + 1, name, index == len(children) - 1)
            for index, (target, name) in reversed(list(enumerate(children)))
        )
    return render_rows(rows, indent="")


def _children(dependency: Dependency) -> list[tuple[int, str]]:
    if dependency.constant:
        (value,) = dependency.constant
        shown = short_name(value) if isinstance(value, type) else safe_repr(value)
        return [(_CONSTANT, f"{dependency.parameter}: {shown}")]
    relation = dependency.relation
    if relation is None:
        return [(target, dependency.parameter) for target in dependency.targets or (-1,)]
    if relation.kind == "argument":
        return [(_CONSTANT, f"{dependency.parameter}: {short_name(relation.asked)}, given by the caller")]
    if not dependency.later:
        return [(_CONSTANT, f"{dependency.parameter}: {short_name(relation.asked)}")]
    return [(target, f"{dependency.parameter} ({relation_name(relation)})") for target in dependency.later]


def _built_from(node: ServiceNode) -> str:
    service, maker = short_name(node.service), short_name(node.maker)
    if node.construction is Construction.INSTANCE:
        return f"{service} = instance of {short_name(type(node.maker))}"
    if node.construction is Construction.SUPPLIED:
        return f"{service} = value given to the scope"
    return service if node.maker is node.service.interface else f"{service} <- {maker}"


def _columns(node: ServiceNode) -> tuple[str, ...]:
    place = node.defined
    defined = show_place(*place) if place else "(built in)"
    return (node.lifetime.value, defined, f"registered {show_place(*node.registered)}")
