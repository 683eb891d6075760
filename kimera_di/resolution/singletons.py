"""Build one singleton: interpreted, because it runs once; claimed like any other cell.

In: a layer and a node whose own singletons are finished. Out: the object, in its cell. A claim is held only
while this one constructor or factory runs, so unrelated services build side by side.
"""

from typing import Any

from kimera_di.compilation import awaits_itself
from kimera_di.planning import Construction, ServiceNode
from kimera_di.resolution.claims import (
    ASYNC,
    BUILDING,
    SYNC,
    TOKEN,
    Values,
    abandon,
    leave,
    take,
    wake,
)
from kimera_di.resolution.closers import Closer
from kimera_di.resolution.deadlocks import holds_claims
from kimera_di.resolution.failures import no_yield
from kimera_di.resolution.layer import Layer, closed
from kimera_di.resolution.waiting import settle, settle_async
from kimera_di.vocabulary import Lifetime

_END: Any = object()
_ASYNC_HEAD = 2
"""Entries of a settled async claim before its waiters."""


@holds_claims
def build_singleton(root: Any, layer: Layer, number: int) -> Any:
    """Give the object of a singleton node, building it unless somebody else does.

    Args:
        root: The container's root.
        layer: The layer that asks.
        number: The node; the singletons it needs are finished.

    Returns:
        The one object.

    Raises:
        AsyncRequiredError: Building it awaits.
        ContainerClosedError: The container is closed.
    """
    if layer.below is not None and layer.affected is not None and number not in layer.affected:
        return build_singleton(root, layer.below, number)
    values: Values | None = root._values
    cell, node = layer.cells[number], layer.graph.nodes[number]
    if values is None:
        raise closed()
    if awaits_itself(node) and cell not in values:
        raise layer.async_required((number,))
    mine = [SYNC]
    found = values.setdefault(cell, mine)
    if found is not mine:
        return settle(root, values, cell, found, layer) if type(found) is list else found
    try:
        _check(root, values)
        if awaits_itself(node):  # somebody gave up between the look and the claim
            raise layer.async_required((number,))  # noqa: TRY301 - the claim must be given up
        value, entry = _construct(root, layer, node)
        if entry is not None:
            layer.closers_for(root, values).append(entry)
        values[cell] = value
    except BaseException as error:
        abandon(values, cell, mine, error)
        raise
    if len(mine) > 1:
        wake(mine)
    return value


async def build_singleton_async(root: Any, layer: Layer, number: int) -> Any:
    """As ``build_singleton``, awaiting what must be awaited and waiting without blocking the loop."""
    if layer.below is not None and layer.affected is not None and number not in layer.affected:
        return await build_singleton_async(root, layer.below, number)
    values: Values | None = root._values
    cell, node = layer.cells[number], layer.graph.nodes[number]
    if values is None:
        raise closed()
    if not awaits_itself(node) and cell not in values:
        own_claim = not any(d.targets and _has_async_transients(layer, d.targets) for d in node.dependencies)
        if own_claim:
            return build_singleton(root, layer, number)
    import asyncio

    mine = [ASYNC, asyncio.get_running_loop(), TOKEN]
    found = values.setdefault(cell, mine)
    if found is not mine:
        return await settle_async(root, values, cell, found, layer) if type(found) is list else found
    token = BUILDING.set((mine, layer, cell, BUILDING.get()))
    try:
        _check(root, values)
        value, entry = await _construct_async(root, layer, node)
        if not take(mine):
            return await _displaced(root, layer, number, entry)
        if entry is not None:
            layer.closers_for(root, values).append(entry)
            root.note_loop(entry, mine[1])
        values[cell] = value
    except BaseException as error:
        if take(mine):
            abandon(values, cell, mine, error)
        raise
    finally:
        leave(token)
    if len(mine) > _ASYNC_HEAD:
        wake(mine)
    return value


async def _displaced(root: Any, layer: Layer, number: int, entry: Any) -> Any:
    """Our loop was stopped and somebody took over: close what we made, use what is there."""
    from kimera_di.resolution.async_closers import begin_close, end_close
    from kimera_di.resolution.shield import Shield

    if entry is not None:
        raised = begin_close(entry, None, root.close_timeout_s)
        raised = await end_close(entry, raised, None) if isinstance(raised, Shield) else raised
        if raised is not None:
            raise raised
    return await build_singleton_async(root, layer, number)


def _check(root: Any, values: Values) -> None:
    """Refuse to build for a container that began to close; it waits for claims that came before."""
    if root._values is not values:
        raise closed()


def _construct(root: Any, layer: Layer, node: ServiceNode) -> tuple[Any, Any]:
    """Call the maker; give the object and what closes it."""
    if _has_transients(layer, node):
        return layer.construction(node.number, is_async=False)(root), None
    return _entered(node, _call(layer, node))


async def _construct_async(root: Any, layer: Layer, node: ServiceNode) -> tuple[Any, Any]:
    if _has_transients(layer, node):
        return await layer.construction(node.number, is_async=True)(root), None
    made = _call(layer, node)
    if node.construction is Construction.COROUTINE:
        made = await made
    if node.construction is Construction.ASYNC_GENERATOR:
        value = await anext(made, _END)
        if value is _END:
            raise no_yield(node.maker)
        return value, made
    if node.enter == "async":
        return await made.__aenter__(), Closer(node, made)
    return _entered(node, made)


def _call(layer: Layer, node: ServiceNode) -> Any:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for dependency in node.dependencies:
        if dependency.default:
            continue
        values = [layer.singleton_value(target) for target in dependency.targets]
        value = values if dependency.collection else values[0] if values else None
        if dependency.positional_only:
            positional.append(value)
        else:
            named[dependency.parameter] = value
    return node.maker(*positional, **named)


def _entered(node: ServiceNode, made: Any) -> tuple[Any, Any]:
    if node.construction is Construction.GENERATOR:
        value = next(made, _END)
        if value is _END:
            raise no_yield(node.maker)
        return value, made
    if node.enter == "sync":
        return made.__enter__(), Closer(node, made)
    return made, Closer(node, made) if node.closes else None


def _has_transients(layer: Layer, node: ServiceNode) -> bool:
    nodes = layer.graph.nodes
    return any(nodes[t].lifetime is Lifetime.TRANSIENT for d in node.dependencies for t in d.targets)


def _has_async_transients(layer: Layer, targets: tuple[int, ...]) -> bool:
    nodes = layer.graph.nodes
    return any(nodes[t].lifetime is Lifetime.TRANSIENT and nodes[t].needs_async for t in targets)
