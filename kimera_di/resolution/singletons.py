"""Build one singleton: interpreted, because it runs once; claimed like any other cell.

In: a layer and a node whose own singletons are finished. Out: the object, in its cell. A claim is held only
while this one constructor or factory runs, so unrelated services build side by side.
"""

from typing import Any

from kimera_di.compilation import argument_value, awaits_itself, default_of, must_pass_default
from kimera_di.planning import Construction, ServiceNode
from kimera_di.planning.relations import ties_of
from kimera_di.resolution.claims import ASYNC, BUILDING, FIRST_WAITER, SYNC, TOKEN, give_up, leave, take, wake
from kimera_di.resolution.closers import Closer
from kimera_di.resolution.deadlocks import holds_claims
from kimera_di.resolution.failures import no_yield
from kimera_di.resolution.helpers import close_unwanted
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.listening import clock, report_built, report_failed
from kimera_di.resolution.refusals import async_required
from kimera_di.resolution.started import STARTING, note_started
from kimera_di.resolution.supplying import relate
from kimera_di.resolution.waiting import settle, settle_async
from kimera_di.vocabulary import Lifetime

_END: Any = object()


def build_singleton(root: Any, layer: Layer, number: int, given: dict[str, Any] | None = None) -> Any:
    """Give the object of a singleton node, building it unless somebody else does.

    Args:
        root: The container's root.
        layer: The layer that asks.
        number: The node; the singletons it needs are finished.
        given: What it is called with, from ``layer.arguments``, where somebody has asked for that.

    Returns:
        The one object.

    Raises:
        AsyncRequiredError: Building it awaits.
        ContainerClosedError: The container is closed.
    """
    if layer.below is not None:
        layer = layer.owner_of(number)
    found = _build_or_find(root, layer, number, given)
    return settle(root, layer.home(), layer.cells[number], found, layer) if type(found) is list else found


@holds_claims
def _build_or_find(root: Any, layer: Layer, number: int, given: dict[str, Any] | None = None) -> Any:
    """Build the object, or give what is in its cell: the object, or the claim of whoever builds it."""
    values, cell, node = layer.home(), layer.cells[number], layer.graph.nodes[number]
    awaits = node.needs_async and awaits_itself(node)
    if awaits and cell not in values:
        raise async_required(layer, (number,))
    mine: list[Any] = [SYNC, None]
    try:
        found = values.setdefault(cell, mine)
        if found is not mine:
            return found
        if root._values is not values:  # with an override below, always: its objects live elsewhere
            layer.check_open(values)
        if awaits:  # somebody gave up between the look and the claim
            raise async_required(layer, (number,))  # noqa: TRY301 - the claim must be given up
        given = layer.arguments(node) if given is None else given
        if given is not None and not root.listeners:
            value = node.maker(**given)
        else:
            closers = layer.closers_for(root, values) if node.closes else None
            value, entry = _construct(root, layer, node)
            if closers is not None and entry is not None:
                closers.append(entry)
        values[cell] = value
        if STARTING.get() is not None:
            note_started(root, values, cell)
    except BaseException as error:
        if cell in values and values[cell] is mine:  # nothing is called before the cell is free
            if mine[FIRST_WAITER:]:
                mine[1] = error
            del values[cell]
            wake(mine)
        raise
    if len(mine) > FIRST_WAITER:
        wake(mine)
    return value


@holds_claims
async def build_singleton_async(root: Any, layer: Layer, number: int) -> Any:
    """As ``build_singleton``, awaiting what must be awaited and waiting without blocking the loop."""
    layer = layer.owner_of(number)
    values, cell, node = layer.home(), layer.cells[number], layer.graph.nodes[number]
    if not awaits_itself(node) and not has_async_transients(layer, node):
        found = _build_or_find(root, layer, number)
        return await settle_async(root, values, cell, found, layer) if type(found) is list else found
    import asyncio

    mine: list[Any] = [ASYNC, asyncio.get_running_loop(), TOKEN]
    found = values.setdefault(cell, mine)
    if found is not mine:
        return await settle_async(root, values, cell, found, layer) if type(found) is list else found
    token = BUILDING.set((mine, layer, cell, BUILDING.get()))
    try:
        layer.check_open(values)
        closers = layer.closers_for(root, values) if node.closes else None
        value, entry = await _construct_async(root, layer, node)
        if take(mine):
            if closers is not None and entry is not None:
                closers.append(entry)
            values[cell] = value
            note_started(root, values, cell)
            wake(mine)
            root.note_loop(entry, mine[1])
            return value
        await close_unwanted(entry, layer)  # our loop was stopped, and somebody took over
    except BaseException as error:
        try:
            give_up(values, cell, mine, error)
        except RecursionError:
            mine[1] = None  # no room for the call: whoever waits takes over
            raise
        raise
    finally:
        leave(token)
    return await build_singleton_async(root, layer, number)


def _construct(root: Any, layer: Layer, node: ServiceNode) -> tuple[Any, Any]:
    """Call the maker; give the object and what closes it."""
    if _has_transients(layer, node):
        return layer.construction(node.number, is_async=False)(root), None
    if not root.listeners:
        return _entered(node, _call(layer, node))
    started = clock()
    try:
        made = _entered(node, _call(layer, node))
    except BaseException as error:
        report_failed(root.listeners, node, error)
        raise
    report_built(root.listeners, node, started)
    return made


async def _construct_async(root: Any, layer: Layer, node: ServiceNode) -> tuple[Any, Any]:
    if _has_transients(layer, node):
        return await layer.construction(node.number, is_async=True)(root), None
    if not root.listeners:
        return await _awaited(layer, node)
    started = clock()
    try:
        made = await _awaited(layer, node)
    except BaseException as error:
        report_failed(root.listeners, node, error)
        raise
    report_built(root.listeners, node, started)
    return made


async def _awaited(layer: Layer, node: ServiceNode) -> tuple[Any, Any]:
    made = _call(layer, node)
    if node.construction is Construction.COROUTINE:
        made = await made
    if node.construction is Construction.ASYNC_GENERATOR:
        value = await anext(made, _END)
        if value is _END:
            raise no_yield(node)
        return value, made
    if node.enter == "async":
        return await made.__aenter__(), Closer(node, made)
    return _entered(node, made)


def _call(layer: Layer, node: ServiceNode) -> Any:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for index, dependency in enumerate(node.dependencies):
        if dependency.default:
            if must_pass_default(node, index):
                positional.append(default_of(node, dependency))
            continue
        values = [layer.finished_singleton(target) for target in dependency.targets]
        if dependency.relation is not None:
            values = [relate(layer.root, layer, tie) for tie in ties_of(node.number, dependency)]
        value = argument_value(dependency, values)
        if dependency.positional_only:
            positional.append(value)
        else:
            named[dependency.parameter] = value
    return node.maker(*positional, **named)


def _entered(node: ServiceNode, made: Any) -> tuple[Any, Any]:
    if node.construction is Construction.GENERATOR:
        value = next(made, _END)
        if value is _END:
            raise no_yield(node)
        return value, made
    if node.enter == "sync":
        return made.__enter__(), Closer(node, made)
    return made, Closer(node, made) if node.closes else None


def _has_transients(layer: Layer, node: ServiceNode) -> bool:
    nodes = layer.graph.nodes
    return any(nodes[t].lifetime is Lifetime.TRANSIENT for d in node.dependencies for t in d.targets)


def has_async_transients(layer: Layer, node: ServiceNode) -> bool:
    """Tell whether building a singleton builds a transient that awaits."""
    nodes = layer.graph.nodes
    targets = [t for d in node.dependencies for t in d.targets]
    return any(nodes[t].lifetime is Lifetime.TRANSIENT and nodes[t].needs_async for t in targets)
