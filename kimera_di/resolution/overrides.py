"""Override a service for the current context: a layer above the container that shares what it does not touch.

In: a service and what stands for it. Out: a layer whose graph has that node replaced; every node that
reaches it gets a new cell and is rebuilt there, everything else comes from the layer below. Ends without a
trace: what it built is closed, wherever its context was copied to it is transparent.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from kimera_di.errors import BuildErrors, RegistrationError
from kimera_di.planning import Construction, WiringGraph
from kimera_di.planning.growing import extended
from kimera_di.planning.planner import find_problems, make_node, spread_async
from kimera_di.planning.relations import has_relations, mark_cycles
from kimera_di.planning.services import Services
from kimera_di.planning.walks import consumers_of, reached
from kimera_di.records import replace
from kimera_di.registration import ServiceDescriptor
from kimera_di.rendering import short_name, show_place
from kimera_di.resolution.accounts import ACTIVE, Account, Handle, live
from kimera_di.resolution.claims import Values, is_claim
from kimera_di.resolution.closing import aclose_owner, close_owner
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.refusals import closed, exclusive, override_ended
from kimera_di.vocabulary import Lifetime

P = ParamSpec("P")
R = TypeVar("R")


class OverrideLayer(Layer):
    """A layer with one service replaced. Never changes: when a layer below ends, a new one takes its place.

    Args:
        account: The owner of what it builds.
        below: The layer it is put on.
        number: The node that is replaced.
        descriptor: What stands for it.
    """

    cells: tuple[int, ...]
    graph: WiringGraph
    affected: frozenset[int] | None

    def __init__(self, account: Account, below: Layer, number: int, descriptor: ServiceDescriptor) -> None:
        graph, affected = _replaced(below, number, descriptor)
        cells = list(below.cells)
        for each, cell in zip(sorted(affected), account.root.new_cells(len(affected)), strict=True):
            cells[each] = cell
            account.cells.append(cell)
        super().__init__(account.root, graph, tuple(cells), below.helpers, below=below, affected=affected)
        self.account: Account = account
        self.number: int = number
        self.descriptor: ServiceDescriptor = descriptor

    def on(self, below: Layer) -> "OverrideLayer":
        """Give the same override on another layer."""
        return OverrideLayer(self.account, below, self.number, self.descriptor)

    def catch_up(self) -> None:
        """Learn of the nodes that a layer below has gained; those that reach what is overridden are rebuilt here."""
        below = self.below
        if below is None:
            return
        with self.root.lock:
            below.catch_up()
            if len(below.graph.nodes) == len(self.graph.nodes) or self.affected is None:
                return
            graph, touched = extended(self.graph, below.graph, self.affected)
            first, cells = len(self.cells), list(below.cells[len(self.cells) :])
            for each, cell in zip(sorted(touched), self.root.new_cells(len(touched)), strict=True):
                cells[each - first] = cell
                self.account.cells.append(cell)
            self._node_of.update({cell: number for number, cell in enumerate(cells, first)})
            self.cells = (*self.cells, *cells)
            self.graph = graph
            self.affected |= touched

    def home(self) -> Values:
        """Give the dictionary of the override's singletons."""
        return self.account.home()

    def check_open(self, values: Values) -> None:
        """Refuse to build once the override or the container began to close."""
        del values
        if self.account.ended:
            raise override_ended()
        if self.root._values is None:
            raise closed()

    def singleton_value(self, number: int) -> Any:
        """Give the finished object of a singleton or instance node, wherever it was built."""
        if self._left_to_below(number) and self.below is not None:
            return self.below.singleton_value(number)
        return super().singleton_value(number)

    def closers_for(self, scope: Any, values: Values) -> Any:
        """Give an account that notes a closer both for the scope and for this override."""
        return self.account.closers_for(scope, values)

    def kept(self, scope: Any, values: Values, number: int, otherwise: Any) -> Any:
        """Give what a scope opened before this override has already, built or as an instance, else ``otherwise``."""
        self.account.note_scope(scope)
        layer: Layer = self
        while isinstance(layer, OverrideLayer) and layer.below is not None and scope._epoch < layer.account.epoch:
            layer = layer.below
            value = values.get(layer.cells[number], otherwise)
            if value is not otherwise and not is_claim(value):
                return value
        node = layer.graph.nodes[number]  # in the layer that the scope was opened in
        return node.maker if layer is not self and node.construction is Construction.INSTANCE else otherwise

    def release(self) -> None:
        """Let go of what refers back to this layer; who is still building in it compiles its own."""
        self._builders = ({}, {})
        self.account.layer = None


def latest(layer: Layer) -> Layer:
    """Give a layer as it is now: without overrides that have ended, above or below it."""
    while isinstance(layer, OverrideLayer) and layer.account.ended and layer.below is not None:
        layer = layer.below
    if not isinstance(layer, OverrideLayer) or layer.below is None:
        return layer
    with layer.root.lock:
        current: OverrideLayer = layer.account.layer or layer
        if current.below is None:
            return current
        below = latest(current.below)
        if below is not current.below:
            current = layer.account.layer = current.on(below)
        return current


class Override:
    """An override that is in force until its ``with`` block (or ``async with``) ends; also a decorator."""

    def __init__(
        self, root: Any, below: Layer, number: int, descriptor: ServiceDescriptor, *, everywhere: bool = False
    ) -> None:
        self._root = root
        self._number = number
        self._descriptor = descriptor
        self._everywhere = everywhere
        self._account: Account | None = Account(root, everywhere=everywhere)
        self._account.layer = OverrideLayer(self._account, below, number, descriptor)
        self._handle: Handle | None = None

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a function or async function: every call runs inside an override of its own.

        Args:
            function: Called while the override is in force; an async one is awaited in it.

        Returns:
            A function of the same kind and signature.

        Raises:
            RegistrationError: ``function`` is a class or a generator, which may outlive any call.
        """
        from kimera_di.resolution.overridden import overridden

        return overridden(function, self._again)

    def __enter__(self) -> Self:
        """Put the override in force for the current context.

        Raises:
            RegistrationError: It was entered before; or one of it and another override in force is for the whole
                process, which excludes every other.
            ContainerClosedError: The container is closed.
        """
        root, account = self._root, self._account
        if account is None or self._handle is not None:
            raise RegistrationError(
                "an override can be entered once",
                facts=(("at", show_place(*self._descriptor.place)), ("do this", "call container.override(...) again")),
            )
        if root._values is None:
            raise closed()
        below = root.layer()
        with root.lock:
            if root.overrides and (self._everywhere or root.everywhere is not None):
                raise exclusive(self._descriptor, root.overrides[-1].layer.descriptor, everywhere=self._everywhere)
            if account.layer.below is not below:  # made in another context than it is entered in
                account.layer = account.layer.on(below)
            self._handle = Handle(account, live(ACTIVE.get()))
            account.epoch = root._epoch + 1  # the one that begins now, set before any thread can see the layer
            root.overrides.append(account)
            root.everywhere = account if self._everywhere else None
            root.drop_tables()
        if not self._everywhere:
            ACTIVE.set(self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it: close what it built and let everything be as before.

        Raises:
            AsyncRequiredError: It built something whose closing awaits; use ``async with``. The override has
                ended all the same; ``container.aclose()`` closes what is left.
        """
        account = self._account
        if account is None or self._handle is None:
            return
        try:
            close_owner(account, error, account.home())
        finally:
            self._leave(account, self._handle)

    async def __aenter__(self) -> Self:
        """Put the override in force for the current context."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """As ``__exit__``, awaiting what must be awaited."""
        account = self._account
        if account is None or self._handle is None:
            return
        try:
            await aclose_owner(account, error, account.home())
        finally:
            self._leave(account, self._handle)

    def _again(self) -> "Override":
        return Override(self._root, self._root.layer(), self._number, self._descriptor, everywhere=self._everywhere)

    def _leave(self, account: Account, handle: Handle) -> None:
        """Be transparent in every context that copied ours, and be held by none."""
        account.shut()
        root = self._root
        with root.lock:
            if account in root.overrides:
                root.overrides.remove(account)
            if root.everywhere is account:
                root.everywhere = None
            if root._values is not None:
                root.drop_tables()
            left = bool(account.in_flight(account.home()) or account.entries(account.home()))
            if account in root.leftovers:
                root.leftovers.remove(account)
            if left:  # refused: closing must await; `async with` may still do it, else the container does
                root.leftovers.append(account)
            elif account.layer is not None:  # else an interrupt came here before, and it is left once more
                account.layer.release()
                account.home().clear()  # a Lazy in one of our objects leads back here; look-ups under way start again
        account.leave_scopes()
        handle.account = None
        self._account = account if left else None
        if ACTIVE.get() is handle:  # else it was left in another context, or out of order: it is transparent there
            ACTIVE.set(live(handle.outer))


def _replaced(below: Layer, number: int, descriptor: ServiceDescriptor) -> tuple[WiringGraph, frozenset[int]]:
    """Give the graph with one node replaced, and every node that reaches it; refuse what does not fit."""
    services: Services = below.root.services
    node, unmet = make_node(number, descriptor, services)
    below.catch_up()  # it may need what nobody has asked for so far
    graph = below.graph
    replaced = graph.nodes[number]
    if node.construction is Construction.INSTANCE:
        node = replace(node, lifetime=replaced.lifetime if replaced.lifetime is Lifetime.SCOPED else Lifetime.SINGLETON)
    node = replace(node, eager=replaced.eager, fork_safe=replaced.fork_safe, level=replaced.level)
    nodes = list(graph.nodes)
    nodes[number] = node
    edges = [tuple(t for d in each.dependencies for t in (*d.targets, *d.later)) for each in nodes]
    affected = frozenset(reached((number,), consumers_of(edges)))
    for each in affected - {number}:
        nodes[each] = replace(nodes[each], needs_async=_awaits(nodes[each].construction, nodes[each].enter))
    settled = spread_async(nodes)
    if has_relations(settled):
        settled = mark_cycles(settled)
    new = replace(graph, nodes=settled)
    asked = [(number, each) for each in unmet]
    problems = find_problems(new, asked, services.known, only=frozenset((number,)), holders=affected)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise BuildErrors(f"the override of {short_name(descriptor.service)} has {len(problems)} problems", problems)
    return new, affected


def _awaits(construction: Construction, enter: str) -> bool:
    return enter == "async" or construction in {Construction.COROUTINE, Construction.ASYNC_GENERATOR}
