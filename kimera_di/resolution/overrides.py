"""Override a service for the current context: a layer above the container that shares what it does not touch.

In: a service and what stands for it. Out: a layer whose graph has that node replaced; every node that
reaches it gets a new cell and is rebuilt there, everything else comes from the layer below. Ends without a
trace: what it built is closed, wherever its context was copied to it is transparent.
"""

import contextlib
from contextvars import ContextVar, Token
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from kimera_di.errors import BuildErrors, RegistrationError
from kimera_di.planning import Construction, WiringGraph
from kimera_di.planning.dependencies import Services
from kimera_di.planning.planner import find_problems, make_node, spread_async
from kimera_di.planning.walks import consumers_of, reached
from kimera_di.registration import ServiceDescriptor
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name
from kimera_di.resolution.claims import CLOSERS, Claim, Values
from kimera_di.resolution.closing import aclose_owner, close_owner
from kimera_di.resolution.layer import Layer
from kimera_di.vocabulary import Lifetime

ACTIVE: ContextVar["OverrideLayer | None"] = ContextVar("kimera_override", default=None)
"""The innermost override of the current context, of whatever container."""


class OverrideLayer(Layer):
    """A layer with one service replaced; owner of what it builds."""

    kind = "override"
    _closing: Claim

    def __init__(self, root: Any, below: Layer, number: int, descriptor: ServiceDescriptor) -> None:
        graph, affected = _replaced(below.graph, number, descriptor)
        cells = list(below.cells)
        for each in affected:
            cells[each] = root.next_cell
            root.next_cell += 1
        epoch = root.drop_tables()
        super().__init__(root, graph, tuple(cells), below.helpers, below=below, affected=affected, epoch=epoch)
        self.outer: OverrideLayer | None = ACTIVE.get()
        self.ended = False
        self._values: Values | None = {}
        self._opened: list[tuple[list[Any], Any]] = []

    def closers_for(self, scope: Any, values: Values) -> Any:
        """Give an account that notes a closer both for the scope and for this layer."""
        own = self._values
        if own is None:
            return values.setdefault(CLOSERS, [])
        if scope is self.root:
            return own.setdefault(CLOSERS, [])
        return _Account(values.setdefault(CLOSERS, []), self._opened)

    def collect(self) -> Values | None:
        """Take what scopes have not closed yet into this layer's own closers, in order of construction."""
        values = self._values
        if values is None:
            return None
        own: list[Any] = values.setdefault(CLOSERS, [])
        for scope_closers, entry in self._opened:
            try:
                scope_closers.remove(entry)
            except ValueError:  # its scope has closed it
                continue
            own.append(entry)
        self._opened.clear()
        return values

    def shut(self) -> None:
        """Be transparent from now on."""
        self._values = None
        self.ended = True

    def reopen(self, values: Values) -> None:
        """Take ``shut`` back: closing must await."""
        self._values = values
        self.ended = False

    def loop_of(self, entry: Any) -> Any:
        """Give the loop that built what ``entry`` closes."""
        return self.root.loop_of(entry)

    @property
    def close_timeout_s(self) -> float:
        """Time each async closer gets."""
        return float(self.root.close_timeout_s)

    def finish(self) -> None:
        """Drop everything once it is closed."""
        if self.ended:
            with self.root.lock:
                if self in self.root.overrides:
                    self.root.overrides.remove(self)
                if self.root._values is not None:
                    self.root.drop_tables()
                    for cell in [self.cells[number] for number in self.affected or ()]:
                        self.root._values.pop(cell, None)
            self.forget()


class _Account:
    """Appends to two lists."""

    __slots__ = ("_first", "_second")

    def __init__(self, first: list[Any], second: list[tuple[list[Any], Any]]) -> None:
        self._first, self._second = first, second

    def append(self, entry: Any) -> None:
        self._second.append((self._first, entry))
        self._first.append(entry)


class Override:
    """An override that is in force until its ``with`` block (or ``async with``) ends."""

    def __init__(self, layer: OverrideLayer) -> None:
        self._layer = layer
        self._token: Token[OverrideLayer | None] | None = None

    def __enter__(self) -> Self:
        """Put the override in force for the current context."""
        if self._token is not None or self._layer.ended:
            raise RegistrationError(
                "an override can be entered once", facts=(("do this", "call container.override(...) again"),)
            )
        with self._layer.root.lock:
            self._layer.root.overrides.append(self._layer)
            self._layer.root.drop_tables()
        self._layer.outer = ACTIVE.get()
        self._token = ACTIVE.set(self._layer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it: close what it built and let everything be as before.

        Raises:
            AsyncRequiredError: It built something whose closing awaits; use ``async with``.
        """
        try:
            close_owner(self._layer, error, self._layer.collect())
        finally:
            self._leave()

    async def __aenter__(self) -> Self:
        """Put the override in force for the current context."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """As ``__exit__``, awaiting what must be awaited."""
        try:
            await aclose_owner(self._layer, error, self._layer.collect())
        finally:
            self._leave()

    def _leave(self) -> None:
        if not self._layer.ended:
            return  # closing must await: the override stays in force
        self._layer.finish()
        if self._token is not None:
            with contextlib.suppress(ValueError):  # left in another context (a fixture): it is transparent there
                ACTIVE.reset(self._token)


def _replaced(graph: WiringGraph, number: int, descriptor: ServiceDescriptor) -> tuple[WiringGraph, frozenset[int]]:
    """Give the graph with one node replaced, and every node that reaches it; refuse what does not fit."""
    replaced = graph.nodes[number]
    known = KnownTypes([node.service.interface for node in graph.nodes] + [node.produces for node in graph.nodes])
    node, unmet = make_node(number, descriptor, Services(graph.single, graph.every, known))
    if node.construction is Construction.INSTANCE:
        node = replace(node, lifetime=replaced.lifetime if replaced.lifetime is Lifetime.SCOPED else Lifetime.SINGLETON)
    nodes = list(graph.nodes)
    nodes[number] = node
    edges = [tuple(t for d in each.dependencies for t in d.targets) for each in nodes]
    affected = frozenset(reached((number,), consumers_of(edges)))
    for each in affected - {number}:
        nodes[each] = replace(nodes[each], needs_async=_awaits(nodes[each].construction, nodes[each].enter))
    new = WiringGraph(spread_async(nodes, sorted(affected)), graph.single, graph.every)
    problems = find_problems(new, [(number, each) for each in unmet], known, only=frozenset((number,)))
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise BuildErrors(f"the override of {short_name(descriptor.service)} has {len(problems)} problems", problems)
    return new, affected


def _awaits(construction: Construction, enter: str) -> bool:
    return enter == "async" or construction in {Construction.COROUTINE, Construction.ASYNC_GENERATOR}
