"""A wiring graph at work: singletons are built before the code that names them.

In: a graph (the one that was built, or one with a service overridden) and the root. Out: builders by node, ready to
run. The base layer lives as long as the container; an override adds one above it and shares every node it does not
affect.
"""

from collections.abc import Iterable
from typing import Any

from kimera_di.compilation import Builder
from kimera_di.errors import AsyncRequiredError
from kimera_di.planning.walks import search
from kimera_di.resolution.failures import add_note
from kimera_di.resolution.layer_builders import LayerBuilders
from kimera_di.resolution.layer_state import NOTHING
from kimera_di.resolution.refusals import async_required
from kimera_di.vocabulary import Lifetime

_SINGLETON = Lifetime.SINGLETON  # members of enumerations are slow to get from their class


class Layer(LayerBuilders):
    """One wiring graph at work; made of what ``LayerState`` is."""

    def owner_of(self, number: int) -> "Layer":
        """Give the layer that builds a node: this one, or one below that it leaves the node to."""
        layer = self
        while layer.below is not None and layer._left_to_below(number):
            layer = layer.below
        return layer

    def is_compiled(self, number: int) -> bool:
        """Tell whether a builder exists, and with it the singletons it names."""
        return self.owner_of(number)._builders[False].get(number) is not None

    def ready(self, number: int) -> Builder:
        """Give the builder of a node; the singletons it needs are built first, unless it was compiled with them."""
        known = None if self._left_to_below(number) else self._builders[False].get(number)
        if known is None:
            self.prepare(number)
            known = self.builder(number)
        return known

    def unbuilt_singletons(self, starts: Iterable[int]) -> list[int]:
        """Give the singletons that must be built first, dependencies before dependants.

        Args:
            starts: Nodes whose objects are wanted.

        Returns:
            Numbers; what is finished already is not walked again. Iterative, O(nodes not yet built).
        """
        nodes, order, seen = self.graph.nodes, list[int](), set[int]()
        for start in starts:
            if start in seen or (nodes[start].lifetime is _SINGLETON and self.has_singleton(start)):
                continue
            seen.add(start)
            needs = self._needs(start)
            if not needs:  # so it is for who asks for the services in their order
                order += (start,) if nodes[start].lifetime is _SINGLETON else ()
                continue
            stack = [(start, iter(needs))]
            while stack:
                number, rest = stack[-1]
                for child in rest:
                    if child not in seen:
                        seen.add(child)
                        stack.append((child, iter(self._needs(child))))
                        break
                else:
                    stack.pop()
                    if nodes[number].lifetime is _SINGLETON:
                        order.append(number)
        return order

    def prepare(self, number: int) -> None:
        """Build every singleton that node ``number`` needs (itself included), in this thread."""
        node = self.graph.nodes[number]
        given = self.arguments(node) if node.lifetime is _SINGLETON else None
        for each in self.unbuilt_singletons((number,)) if given is None else (number,):
            try:
                self.root.build_singleton(self, each, given)
            except AsyncRequiredError as error:
                if number == each or error.path != async_required(self, (each,)).path:
                    raise
                raise async_required(self, self._way(number, each)) from None
            except BaseException as error:
                add_note(error, self.describe(self._way(number, each)))
                raise

    async def prepare_async(self, number: int) -> None:
        """As ``prepare``, awaiting what must be awaited."""
        for each in self.unbuilt_singletons((number,)):
            try:
                await self.root.build_singleton_async(self, each)
            except BaseException as error:
                add_note(error, self.describe(self._way(number, each)))
                raise

    def rebuild(self, scope: Any, cell: int) -> Any:
        """Build the object of a cell whose builder gave up, for a waiter whose turn it is."""
        number = self.node_of(cell)
        if scope is self.root:
            return self.root.build_singleton(self, number)
        self.prepare(number)
        return self.builder(number)(scope)

    async def rebuild_async(self, scope: Any, cell: int) -> Any:
        """As ``rebuild``, for a task."""
        number = self.node_of(cell)
        if scope is self.root:
            return await self.root.build_singleton_async(self, number)
        await self.prepare_async(number)
        return await self.builder(number, is_async=True)(scope)

    def _needs(self, number: int) -> list[int]:
        """Give what a node is built from, without the singletons that are finished."""
        nodes, cells, values, found = self.graph.nodes, self.cells, self.own_values(), list[int]()
        for dependency in nodes[number].dependencies:
            for target in dependency.targets:
                if type(values.get(cells[target], NOTHING)) is list and not (
                    nodes[target].lifetime is _SINGLETON and self.has_singleton(target)
                ):
                    found.append(target)
        return found

    def _way(self, start: int, goal: int) -> tuple[int, ...]:
        """Nodes from one that was asked for to one it needs, for messages."""
        if start == goal:
            return (start,)
        paths = search(start, self.graph.edges(), through=lambda _: True, goal=lambda n: n == goal)
        return tuple(paths[0]) if paths else (goal,)
