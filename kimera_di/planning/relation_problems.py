"""What is wrong with relations: they hold what is shorter-lived, or cannot await what they give.

In: the wiring graph. Out: errors with their paths. Runs only for graphs that have relations. See docs/decisions/0013.
"""

import typing
from collections.abc import Callable, Container, Iterator, Sequence

from kimera_di.errors import AsyncDependencyError, CaptiveDependencyError, KimeraError
from kimera_di.planning.graph import Dependency, ServiceNode, WiringGraph
from kimera_di.planning.problems import Reporter
from kimera_di.planning.relations import held, relations_in, wants_scope
from kimera_di.planning.walks import consumers_of, reached, search
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import Lifetime, ServiceId, Step

_CANNOT_AWAIT = {"lazy", "provider", "factory"}
_MAKES_MANY = {"provider", "async_provider", "factory"}


def held_edges(graph: WiringGraph) -> list[tuple[int, ...]]:
    """Give for every node the nodes whose objects it may keep alive: as its argument, or by a relation."""
    return [tuple(number for d in node.dependencies for number in held(d)) for node in graph.nodes]


def relation_problems(graph: WiringGraph, reporter: Reporter, only: frozenset[int] | None) -> list[KimeraError]:
    """Find relations that cannot await what they give, and singletons that would keep what they must not.

    Args:
        graph: The wiring.
        reporter: Makes paths.
        only: An override changed these nodes; captives are looked for in them alone, awaiting everywhere.

    Returns:
        Errors by registration. O(n + e), and a walk for each singleton that has something to report.
    """
    problems = [error for node in graph.nodes for error in _awaiting(graph, reporter, node)]
    edges = held_edges(graph)
    problems.extend(_captive_scopes(graph, reporter, edges, only))
    problems.extend(_leaks(graph, reporter, edges, only))
    return problems


def _awaiting(graph: WiringGraph, reporter: Reporter, node: ServiceNode) -> Iterator[KimeraError]:
    for dependency in node.dependencies:
        for target in awaited(dependency, graph):
            path = reporter.path_to(node.number, dependency.parameter)
            yield cannot_await(graph, reporter, path, dependency, target)


def awaited(dependency: Dependency, graph: WiringGraph) -> Iterator[int]:
    """Give what a parameter would be given by a ``Lazy``, ``Provider`` or ``Factory``, though it must be awaited."""
    for relation, inner in relations_in(dependency):
        if relation.kind in _CANNOT_AWAIT:
            targets = inner.later if relation.kind == "factory" and inner.relation else inner.targets
            yield from (target for target in targets if graph.nodes[target].needs_async)


def cannot_await(
    graph: WiringGraph, reporter: Reporter, path: tuple[Step, ...], dependency: Dependency, target: int
) -> AsyncDependencyError:
    """Make the error for one of these; ``path`` leads to the parameter."""
    relation = dependency.relation
    asked = None if relation is None else relation.asked
    way = _way(target, graph.edges(), lambda n: _awaits_itself(graph.nodes[n]))
    made, last = graph.nodes[target].service, graph.nodes[way[-1]].service
    is_factory = relation is not None and relation.kind == "factory"
    advice = (
        "make it with synchronous code, or take what it awaits as a parameter of its own"
        if is_factory
        else f"ask for AsyncProvider[{short_name(made.interface)}], and await it"
    )
    return AsyncDependencyError(
        f"{short_name(asked)} cannot await, but {short_name(last)} is made by async code",
        service=made,
        path=(*path, *reporter.steps(way)),
        facts=(("do this", advice),),
    )


def _awaits_itself(node: ServiceNode) -> bool:
    return node.construction.value in {"coroutine", "async generator"} or node.enter == "async"


def _way(
    start: int, edges: Sequence[Sequence[int]], goal: Callable[[int], bool], through: Container[int] | None = None
) -> list[int]:
    """Nodes from ``start`` to the nearest goal, which may be ``start`` itself; ``through`` limits those between."""
    if goal(start):
        return [start]
    paths = search(start, edges, through=lambda n: through is None or n in through, goal=goal)
    return paths[0] if paths else [start]


def _captive_scopes(
    graph: WiringGraph, reporter: Reporter, edges: Sequence[Sequence[int]], only: frozenset[int] | None
) -> Iterator[KimeraError]:
    """Singletons that would keep a ``Scope``, themselves or through transients."""
    nodes = graph.nodes
    asking = {n.number for n in nodes if any(wants_scope(d) for d in n.dependencies)}
    for start, way in _held_by_singletons(graph, edges, asking, only):
        node = nodes[way[-1]]
        parameter = next(d for d in node.dependencies if wants_scope(d))
        steps = reporter.steps(way)
        scope = ServiceId(_scope_type(parameter))
        name = short_name(nodes[start].service)
        yield CaptiveDependencyError(
            f"the singleton {name} would keep the scope it is built in for ever",
            service=scope,
            path=(*steps[:-1], steps[-1]._replace(parameter=parameter.parameter), _last_step(scope)),
            end="the current scope",
            facts=(
                ("registered", show_place(*nodes[start].registered)),
                ("do this", "ask for ScopeFactory, and open a scope for each use"),
            ),
        )


def _last_step(scope: ServiceId) -> Step:
    return Step(scope.interface, None, Lifetime.SCOPED, None, None)


def _scope_type(dependency: Dependency) -> object:
    relation = dependency.relation
    while relation is not None and relation.inner:
        relation = next(inner for inner in relation.inner if wants_scope(inner)).relation
    return None if relation is None else relation.asked


def _leaks(
    graph: WiringGraph, reporter: Reporter, edges: Sequence[Sequence[int]], only: frozenset[int] | None
) -> Iterator[KimeraError]:
    """Singletons with a provider of something that must be closed: each call would keep one more object."""
    nodes = graph.nodes
    closing = {n.number for n in nodes if n.closes and n.lifetime is Lifetime.TRANSIENT}
    if not closing:
        return
    targets = graph.edges()
    leading = reached(
        sorted(closing),
        [
            [c for c in who if nodes[c].lifetime is Lifetime.TRANSIENT]
            if nodes[n].lifetime is Lifetime.TRANSIENT
            else []
            for n, who in enumerate(consumers_of(targets))
        ],
    )  # so that a way is only looked for where there is one
    makers = {n.number: found for n in nodes for found in [_many(n, targets, closing, leading)] if found is not None}
    for start, way in _held_by_singletons(graph, edges, set(makers), only):
        asked, further = makers[way[-1]]
        steps = reporter.steps([*way, *further])
        made, name = nodes[further[-1]].service, short_name(nodes[start].service)
        yield CaptiveDependencyError(
            f"the singleton {name} would keep every {short_name(made.interface)} it gets until the container closes",
            service=made,
            path=steps,
            facts=(
                ("registered", show_place(*nodes[start].registered)),
                ("do this", f"ask for {_with_owned(asked)}, and close each one after use"),
            ),
        )


def _many(
    node: ServiceNode, edges: Sequence[Sequence[int]], closing: set[int], leading: set[int]
) -> tuple[object, list[int]] | None:
    """What ``node`` asks for, and the nodes from what that makes to a transient that must be closed."""
    for dependency in node.dependencies:
        for relation, inner in relations_in(dependency):
            for target in held(inner) if relation.kind in _MAKES_MANY else ():
                if target in leading:
                    return relation.asked, _way(target, edges, lambda n: n in closing, leading)
    return None


def _with_owned(asked: object) -> str:
    """Write ``Provider[Owned[T]]`` for ``Provider[T]``."""
    made = short_name(typing.get_args(asked)[-1])
    return f"{short_name(asked).removesuffix(f'{made}]')}Owned[{made}]]"


def _held_by_singletons(
    graph: WiringGraph, edges: Sequence[Sequence[int]], goals: set[int], only: frozenset[int] | None
) -> Iterator[tuple[int, list[int]]]:
    """Give every singleton that is a goal or leads to one through transients, with the way."""
    nodes = graph.nodes
    goals = {number for number in goals if nodes[number].lifetime is not Lifetime.SCOPED}
    if not goals:
        return
    backwards = [
        [c for c in who if nodes[c].lifetime is not Lifetime.SCOPED] if nodes[n].lifetime is Lifetime.TRANSIENT else []
        for n, who in enumerate(consumers_of(edges))
    ]
    for number in sorted(reached(sorted(goals), backwards)):
        if nodes[number].lifetime is not Lifetime.SINGLETON or (only is not None and number not in only):
            continue
        if number in goals:
            yield number, [number]
            continue
        through: Callable[[int], bool] = lambda n: nodes[n].lifetime is Lifetime.TRANSIENT  # noqa: E731
        for way in search(number, edges, through=through, goal=lambda n: n in goals):
            if nodes[way[-1]].lifetime is Lifetime.TRANSIENT:
                yield number, way
