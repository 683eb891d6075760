"""What a ``Lazy``, ``Provider`` and so on knows, and how it gets the object when it is used.

In: the scope and the layer that built the owner of the parameter, and what the parameter gives. Out: the object, from
that scope and through that layer. An override that has ended is transparent. Using a relation while its owner is
being built, when what it gives needs that owner again, can never end: it is refused.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Optional

from kimera_di.compilation import Builder, argument_value
from kimera_di.errors import CircularDependencyError, InternalError
from kimera_di.planning.graph import Dependency, RelationKind
from kimera_di.planning.problems import Reporter
from kimera_di.planning.relations import Tie, ties_of
from kimera_di.planning.walks import search
from kimera_di.rendering import short_name
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.overrides import latest
from kimera_di.resolution.refusals import OverrideEndedError, closed, override_ended
from kimera_di.vocabulary import Lifetime


class Link:
    """One relation at work.

    Args:
        scope: The scope that built the owner, or the root of the container.
        layer: The layer that built the owner.
        tie: Whose parameter it is, and what it gives.
    """

    __slots__ = ("layer", "scope", "tie")

    def __init__(self, scope: Any, layer: Layer, tie: Tie) -> None:
        self.scope: Any = scope
        self.layer: Layer = layer
        self.tie: Tie = tie


MAKERS: dict[RelationKind, Callable[[Link], Any]] = {}
"""What makes the object a parameter is given, by kind: ``relations.RELATIONS``, which needs this module."""


def relate(scope: Any, layer: Layer, tie: Tie) -> Any:
    """Make what a parameter is given; generated builders call this.

    Args:
        scope: The scope that is building the owner; the root or the container outside of scopes.
        layer: The layer that is building it.
        tie: Whose parameter it is, and what it gives.

    Returns:
        A ``Lazy``, ``Provider`` and so on. Builds nothing but this one object.
    """
    owner = scope if hasattr(scope, "kind") else scope._root  # a container is asked for transients of the root
    return MAKERS[tie.relation.kind](Link(owner, layer, tie))


def cell_of(link: Link) -> int:
    """Give the number under which a relation keeps its object: the cell of what it gives, so that errors name it."""
    gives = link.tie.gives
    return link.layer.cells[gives.targets[0]] if gives is not None and gives.targets else 0


Steady = tuple[int, Builder]
"""A builder, and the epoch of the container in which it is the right one."""


def steady_builder(link: Link) -> Steady | None:
    """Give the builder of what a relation gives, to be called again without looking at anything else.

    Args:
        link: The relation.

    Returns:
        ``None`` when each use must be looked at: in a cycle, for a collection, for a relation in a relation, and
        when the singletons it needs could not be built.
    """
    wanted, tie, root = wanted_by(link.tie), link.tie, link.layer.root
    if tie.relation.in_cycle or wanted.relation is not None or wanted.form != "single" or not wanted.targets:
        return None
    epoch: int = root._epoch
    _check_open(link.scope, link.layer)
    number = wanted.targets[0]
    layer = _in_force(link.layer, number)
    if layer.graph.nodes[number].lifetime is Lifetime.SINGLETON or not layer.is_compiled(number):
        return None
    return epoch, layer.builder(number)


def supply(link: Link, scope: Any = None) -> Any:
    """Give what a relation gives.

    Args:
        link: The relation.
        scope: Another scope to build it in; by default the one that built the owner.

    Returns:
        The object; a transient is built anew.

    Raises:
        ContainerClosedError: The scope or the container is closed.
        CircularDependencyError: Used by a constructor of its own cycle.
        AsyncRequiredError: Something must be awaited.
    """
    scope = link.scope if scope is None else scope
    if not link.tie.relation.in_cycle:
        return _give(scope, link.layer, link.tie)
    use = _begin(link)
    try:
        return _give(scope, link.layer, link.tie)
    except CircularDependencyError as error:
        raise _explained(error, link) from error.__cause__
    finally:
        _end(use)


async def supply_async(link: Link, scope: Any = None) -> Any:
    """As ``supply``, awaiting what must be awaited."""
    scope = link.scope if scope is None else scope
    if not link.tie.relation.in_cycle:
        return await _give_async(scope, link.layer, link.tie)
    use = _begin(link)
    try:
        return await _give_async(scope, link.layer, link.tie)
    except CircularDependencyError as error:
        raise _explained(error, link) from error.__cause__
    finally:
        _end(use)


def _give(scope: Any, layer: Layer, tie: Tie) -> Any:
    wanted = wanted_by(tie)
    _check_open(scope, layer)
    if wanted.relation is not None:
        return argument_value(wanted, [relate(scope, layer, each) for each in ties_of(tie.owner, wanted)])
    if wanted.form == "single" and wanted.targets:
        return _one(scope, layer, wanted.targets[0])
    return argument_value(wanted, [_one(scope, layer, number) for number in wanted.targets])


async def _give_async(scope: Any, layer: Layer, tie: Tie) -> Any:
    wanted = wanted_by(tie)
    _check_open(scope, layer)
    if wanted.relation is not None:
        made = [relate(scope, layer, each) for each in ties_of(tie.owner, wanted)]
        for each in made if wanted.relation.kind == "owned" else ():
            await each.__aenter__()
        return argument_value(wanted, made)
    return argument_value(wanted, [await _one_async(scope, layer, number) for number in wanted.targets])


def wanted_by(tie: Tie) -> Dependency:
    """Give what a relation gives; only the container and the scope themselves give nothing else."""
    if tie.gives is None:
        raise InternalError(f"the {tie.relation.kind} of {tie.parameter} gives nothing")
    return tie.gives


def _one(scope: Any, layer: Layer, number: int) -> Any:
    while True:
        layer = _in_force(layer, number)
        try:
            build = layer.ready(number)
        except OverrideEndedError:  # or the start that built what it needs has failed: look again, as a look-up does
            continue
        return build(scope)


async def _one_async(scope: Any, layer: Layer, number: int) -> Any:
    while True:
        layer = _in_force(layer, number)
        try:
            await layer.prepare_async(number)
            build = layer.builder(number, is_async=True)
        except OverrideEndedError:  # as above
            continue
        return await build(scope)


def _in_force(layer: Layer, number: int) -> Layer:
    """Give the layer that builds now: an override that has ended is transparent."""
    current = latest(layer)
    if number >= len(current.graph.nodes):  # planned for the override alone
        raise override_ended()
    return current


def _check_open(scope: Any, layer: Layer) -> None:
    if scope._values is None:
        raise closed(scope.kind)
    if layer.root._values is None:
        raise closed()


class _Use:
    """A relation that is being used; child tasks copy it with their context."""

    __slots__ = ("key", "outer", "over")

    def __init__(self, key: tuple[int, int, str], outer: Optional["_Use"]) -> None:
        self.key: tuple[int, int, str] = key
        self.outer: _Use | None = outer
        self.over: bool = False


_USING: ContextVar[_Use | None] = ContextVar("kimera_using", default=None)


def _begin(link: Link) -> _Use:
    """Note that a relation of a cycle is used, or refuse it because the same one is being used further out."""
    key = (id(link.layer.root), link.tie.owner, link.tie.parameter)
    outer = _USING.get()
    entry = outer
    while entry is not None:
        if entry.key == key and not entry.over:
            raise _too_early(link)
        entry = entry.outer
    use = _Use(key, outer)
    _USING.set(use)
    return use


def _end(use: _Use) -> None:
    use.over = True
    if _USING.get() is use:
        _USING.set(use.outer)


def _explained(error: CircularDependencyError, link: Link) -> CircularDependencyError:
    """Say which parameter was used too early; what says so already stays as it is."""
    owner = link.layer.graph.nodes[link.tie.owner].service
    shown = owner.interface if owner.key is None else owner
    said = any(step.parameter is not None for step in error.path)
    return error if said or all(step.service != shown for step in error.path) else _too_early(link)


def _too_early(link: Link) -> CircularDependencyError:
    graph, tie = link.layer.graph, link.tie
    owner = graph.nodes[tie.owner]
    ways = search(tie.owner, _through(graph.all_edges(), link), through=lambda _: True, goal=lambda n: n == _AGAIN)
    numbers = [*ways[0][:-1], tie.owner] if ways else [tie.owner, tie.owner]
    name = short_name(owner.service)
    return CircularDependencyError(
        f"{name} used its parameter {tie.parameter} while it was being built, which needs {name} again",
        service=owner.service,
        path=Reporter(graph).steps(numbers),
        facts=(("do this", f"use it after construction: keep {tie.parameter} in __init__, use it in a method"),),
    )


_AGAIN = -1
"""Stands for the owner as the node that a way comes back to."""


def _through(edges: list[tuple[int, ...]], link: Link) -> list[tuple[int, ...]]:
    """Edges that leave the owner by the relation only, and come back to it as another node."""
    owner = link.tie.owner
    found = [tuple(_AGAIN if child == owner else child for child in children) for children in edges]
    first = [d for d in link.layer.graph.nodes[owner].dependencies if d.parameter == link.tie.parameter]
    found[owner] = tuple(_AGAIN if child == owner else child for d in first for child in d.later)
    return [*found, ()]
