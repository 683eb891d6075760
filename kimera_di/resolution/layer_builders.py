"""The compiled functions of a wiring graph: each made when it is asked for the first time, and kept.

In: the number of a node, whose singletons are finished. Out: the function that builds its object for a scope. Runs no
constructor and no factory.
"""

import threading
from types import FunctionType
from typing import Any

from kimera_di.compilation import Builder, Emission, Emitter, assemble, awaits_itself
from kimera_di.planning import Construction
from kimera_di.resolution.layer_state import LayerState
from kimera_di.resolution.listening import Report, clock
from kimera_di.resolution.refusals import async_required
from kimera_di.resolution.unclosed import is_shown
from kimera_di.vocabulary import Lifetime


class LayerBuilders(LayerState):
    """A layer that can compile the builders of its nodes."""

    def builder(self, number: int, *, is_async: bool = False) -> Builder:
        """Give the function that builds a node for a scope; singletons it needs must exist (see ``prepare``).

        Raises:
            AsyncRequiredError: A synchronous builder was asked for something that awaits.
        """
        if self._left_to_below(number) and self.below is not None:
            return self.below.builder(number, is_async=is_async)
        known = self._builders[is_async].get(number)
        return self._compile(number, is_async=is_async) if known is None else known

    def construction(self, number: int, *, is_async: bool) -> Builder:
        """Compile the construction of a singleton that has transients among its dependencies; used once."""
        function, emission = self._function(number, is_async=is_async, whole=True)
        for name, piece in emission.pieces.items():
            function.__globals__[name] = self.builder(piece, is_async=is_async)
        return function

    def renew(self) -> None:
        """Have a new lock and compile every builder again: the process was forked."""
        self._lock = threading.RLock()
        self._builders = ({}, {})

    def forget_builders(self) -> None:
        """Compile every builder again when it is asked for: whether they report to listeners has changed."""
        with self._lock:
            self._builders = ({}, {})

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
            given=self.root.scope_values.count,
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
