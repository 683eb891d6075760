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
from kimera_di.resolution.refusals import async_required
from kimera_di.vocabulary import Lifetime


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
        order: list[int] = []
        seen: set[int] = set()
        for start in starts:
            stack = [(start, iter(self._needs(start)))] if start not in seen else []
            seen.add(start)
            while stack:
                number, rest = stack[-1]
                child = next(rest, None)
                if child is None:
                    stack.pop()
                    if self.graph.nodes[number].lifetime is Lifetime.SINGLETON and not self.has_singleton(number):
                        order.append(number)
                elif child not in seen:
                    seen.add(child)
                    stack.append((child, iter(self._needs(child))))
        return order

    def prepare(self, number: int) -> None:
        """Build every singleton that node ``number`` needs (itself included), in this thread."""
        for each in self.unbuilt_singletons((number,)):
            try:
                self.root.build_singleton(self, each)
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
        number = self._node_of[cell]
        if scope is self.root:
            return self.root.build_singleton(self, number)
        self.prepare(number)
        return self.builder(number)(scope)

    async def rebuild_async(self, scope: Any, cell: int) -> Any:
        """As ``rebuild``, for a task."""
        number = self._node_of[cell]
        if scope is self.root:
            return await self.root.build_singleton_async(self, number)
        await self.prepare_async(number)
        return await self.builder(number, is_async=True)(scope)

    def _needs(self, number: int) -> list[int]:
        node = self.graph.nodes[number]
        if node.lifetime is Lifetime.SINGLETON and self.has_singleton(number):
            return []
        return [target for dependency in node.dependencies for target in dependency.targets]

    def _way(self, start: int, goal: int) -> tuple[int, ...]:
        """Nodes from one that was asked for to one it needs, for messages."""
        if start == goal:
            return (start,)
        paths = search(start, self.graph.edges(), through=lambda _: True, goal=lambda n: n == goal)
        return tuple(paths[0]) if paths else (goal,)
