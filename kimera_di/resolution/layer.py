"""A wiring graph at work: its builders, its cells, what it built.

In: a graph (the one that was built, or one with a service overridden) and the root. Out: builders by node,
compiled at first use, singletons built before the code that names them. The base layer lives as long as the
container; an override adds one above it and shares every node it does not affect.
"""

import threading
from collections.abc import Iterable
from types import FunctionType
from typing import Any

from kimera_di.compilation import Builder, Emission, Emitter, assemble, awaits_itself
from kimera_di.errors import AsyncRequiredError
from kimera_di.planning import Construction, ServiceNode, WiringGraph
from kimera_di.planning.problems import step_of
from kimera_di.planning.walks import search
from kimera_di.rendering import short_name
from kimera_di.resolution.claims import Values, is_claim
from kimera_di.resolution.failures import add_note
from kimera_di.resolution.listening import Report, clock
from kimera_di.resolution.refusals import async_required, closed, withdrawn
from kimera_di.resolution.started import started_for
from kimera_di.resolution.unclosed import closers_in, is_shown
from kimera_di.vocabulary import Lifetime, ServiceId, Step


class Layer:
    """One wiring graph at work.

    Args:
        root: What all layers of a container share.
        graph: The wiring.
        cells: For every node the number of its cell; nodes that an override affects have new ones.
        helpers: What every builder may call.
        below: The layer this one was put on.
        affected: The nodes this layer rebuilds; ``None`` for the base layer.
    """

    def __init__(
        self, root: Any, graph: WiringGraph, cells: tuple[int, ...], helpers: dict[str, Any], *,
        below: "Layer | None" = None, affected: frozenset[int] | None = None,
    ) -> None:  # fmt: skip
        self.root: Any = root
        self.graph: WiringGraph = graph
        self.cells: tuple[int, ...] = cells
        self.helpers: dict[str, Any] = helpers
        self.below: Layer | None = below
        self.affected: frozenset[int] | None = affected
        self._node_of = {cell: number for number, cell in enumerate(cells)}
        self._builders: tuple[dict[int, Builder], dict[int, Builder]] = ({}, {})
        self._lock = threading.RLock()

    def grow(self, graph: WiringGraph) -> None:
        """Take a longer graph over: its first nodes are ours. The base layer only, with the root's lock held."""
        cells = self.root.new_cells(len(graph.nodes) - len(self.cells))
        self._node_of.update({cell: number for number, cell in enumerate(cells, len(self.cells))})
        self.cells = (*self.cells, *cells)
        self.graph = graph

    def catch_up(self) -> None:
        """Learn of the nodes that a layer below has gained; there is none below the base layer."""

    def owner_of(self, number: int) -> "Layer":
        """Give the layer that builds a node: this one, or one below that it leaves the node to."""
        layer = self
        while layer.below is not None and layer._left_to_below(number):
            layer = layer.below
        return layer

    def home(self) -> Values:
        """Give the dictionary that the singletons of this layer live in."""
        values: Values | None = self.root._values
        if values is None:
            raise closed()
        return values

    def check_open(self, values: Values) -> None:
        """Refuse to build for an owner that began to close; it waits for claims that came before."""
        if self.root._values is not values:
            raise closed()

    def describe_cell(self, cell: int) -> tuple[ServiceId, Step]:
        """Give the service of a cell, and a step with the place of its class or factory."""
        number = self._node_of.get(cell)
        if number is None:
            return ServiceId("a service"), Step("a service", None, None, None, None)
        return self.graph.nodes[number].service, step_of(self.graph.nodes[number], None)

    def name_of(self, cell: int) -> str:
        """Name the service of a cell."""
        number = self._node_of.get(cell)
        return "a service" if number is None else short_name(self.graph.nodes[number].service)

    def describe(self, numbers: tuple[int, ...]) -> list[ServiceNode]:
        """Give the nodes of a path."""
        return [self.graph.nodes[number] for number in numbers]

    def builder(self, number: int, *, is_async: bool = False) -> Builder:
        """Give the function that builds a node for a scope; singletons it needs must exist (see ``prepare``).

        Raises:
            AsyncRequiredError: A synchronous builder was asked for something that awaits.
        """
        if self._left_to_below(number) and self.below is not None:
            return self.below.builder(number, is_async=is_async)
        known = self._builders[is_async].get(number)
        return self._compile(number, is_async=is_async) if known is None else known

    def singleton_value(self, number: int) -> Any:
        """Give the finished object of a singleton or instance node; ``KeyError`` when it is not there."""
        node = self.graph.nodes[number]
        if node.construction is Construction.INSTANCE:
            return node.maker
        value = self.home()[self.cells[number]]
        if is_claim(value):
            raise KeyError(number)
        return value

    def finished_singleton(self, number: int) -> Any:
        """As ``singleton_value``, for who has seen it finished: a start that fails may have taken it back."""
        try:
            return self.singleton_value(number)
        except KeyError:
            raise withdrawn() from None

    def has_singleton(self, number: int) -> bool:
        """Tell whether a singleton is finished."""
        try:
            self.singleton_value(number)
        except KeyError:
            return False
        return True

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

    def _needs(self, number: int) -> list[int]:
        node = self.graph.nodes[number]
        if node.lifetime is Lifetime.SINGLETON and self.has_singleton(number):
            return []
        return [target for dependency in node.dependencies for target in dependency.targets]

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

    async def prepare_async(self, number: int) -> None:
        """As ``prepare``, awaiting what must be awaited."""
        for each in self.unbuilt_singletons((number,)):
            try:
                await self.root.build_singleton_async(self, each)
            except BaseException as error:
                add_note(error, self.describe(self._way(number, each)))
                raise

    def _way(self, start: int, goal: int) -> tuple[int, ...]:
        """Nodes from one that was asked for to one it needs, for messages."""
        if start == goal:
            return (start,)
        paths = search(start, self.graph.edges(), through=lambda _: True, goal=lambda n: n == goal)
        return tuple(paths[0]) if paths else (goal,)

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

    def construction(self, number: int, *, is_async: bool) -> Builder:
        """Compile the construction of a singleton that has transients among its dependencies; used once."""
        function, emission = self._function(number, is_async=is_async, whole=True)
        for name, piece in emission.pieces.items():
            function.__globals__[name] = self.builder(piece, is_async=is_async)
        return function

    def kept(self, scope: Any, values: Values, number: int, otherwise: Any) -> Any:
        """Give what a scope opened before an override has built already; there is none in the base layer."""
        del self, scope, values, number
        return otherwise

    def node_of(self, cell: int) -> int:
        """Give the node a cell of this layer belongs to."""
        return self._node_of[cell]

    def closers_for(self, scope: Any, values: Values) -> Any:
        """Give what a builder appends a closer to: the scope's list, made at first use."""
        closers = closers_in(scope, values)
        started = started_for(self.root) if scope is self.root else None
        return closers if started is None else started.noting(closers)

    def renew(self) -> None:
        """Have a new lock and compile every builder again: the process was forked."""
        self._lock = threading.RLock()
        self._builders = ({}, {})

    def has_built(self, number: int) -> bool:
        """Tell whether a singleton is finished, in a container that may be closed."""
        return self.root._values is not None and self.has_singleton(number)

    def forget_builders(self) -> None:
        """Compile every builder again when it is asked for: whether they report to listeners has changed."""
        with self._lock:
            self._builders = ({}, {})

    def _left_to_below(self, number: int) -> bool:
        return self.affected is not None and number not in self.affected

    def _compile(self, start: int, *, is_async: bool) -> Builder:
        """Compile a builder and every other builder it calls; a work list instead of recursion.

        All are published at once: a builder whose names are not bound yet must not be found by another thread.
        """
        with self._lock:
            done = self._builders[is_async]
            made: dict[int, Builder] = {}
            todo = [start]
            patches: list[tuple[dict[str, Any], str, int]] = []
            while todo:
                number = todo.pop()
                if number in done or number in made:
                    continue
                function, emission = self._function(number, is_async=is_async)
                made[number] = function
                for name, piece in emission.pieces.items():
                    if self._left_to_below(piece):
                        function.__globals__[name] = self.builder(piece, is_async=is_async)
                        continue
                    patches.append((function.__globals__, name, piece))
                    todo.append(piece)
            for names, name, piece in patches:
                names[name] = made.get(piece) or done[piece]
            done.update(made)
            return done[start]

    def _function(self, number: int, *, is_async: bool, whole: bool = False) -> tuple[FunctionType, Emission]:
        constants = self._constants(number, whole=whole)
        if not is_async:
            self._refuse_awaiting(number, whole=whole)
        if is_async and "running_loop" not in self.helpers:
            from asyncio import get_running_loop

            self.helpers["running_loop"] = get_running_loop
        heard = bool(self.root.listeners)
        emitter = Emitter(
            self.graph, self.cells, constants,
            is_async=is_async, affected=self.affected, heard=heard, watched=is_shown(),
        )  # fmt: skip
        emission = emitter.emit(number, whole=whole)
        helpers = {**self.helpers, "LAYER": self}
        if heard:
            helpers |= {"HEARD": Report(self.root, self.graph), "clock": clock}
        return assemble(emission, helpers, is_async=is_async, describe=self.describe), emission

    def _constants(self, number: int, *, whole: bool) -> dict[int, Any]:
        """Finished singletons and instances that can be reached without passing one."""
        found: dict[int, Any] = {}
        seen = {number}
        todo = [number]
        while todo:
            current = todo.pop()
            node = self.graph.nodes[current]
            if node.lifetime is Lifetime.SINGLETON and not (whole and current == number):
                found[current] = self.finished_singleton(current)
                continue
            if node.construction is Construction.INSTANCE:  # an override by an instance keeps the lifetime it replaces
                found[current] = node.maker
                continue
            for dependency in node.dependencies:
                for target in dependency.targets:
                    if target not in seen:
                        seen.add(target)
                        todo.append(target)
        return found

    def _refuse_awaiting(self, number: int, *, whole: bool) -> None:
        """Raise when a transient on the way awaits; scoped ones may have been built by ``aresolve`` already."""
        todo: list[tuple[int, ...]] = [(number,)]
        seen = {number}
        while todo:
            path = todo.pop()
            node = self.graph.nodes[path[-1]]
            if not node.needs_async:
                continue
            own = whole and len(path) == 1
            if node.lifetime is not Lifetime.TRANSIENT and not own:
                continue
            if awaits_itself(node):
                raise async_required(self, path)
            for dependency in node.dependencies:
                for target in dependency.targets:
                    if target not in seen:
                        seen.add(target)
                        todo.append((*path, target))
