"""What a container shares with its scopes: singletons, tables, layers, the epoch, its state.

In: a plan. Out: builders for look-ups that miss the warm tables. The tables are emptied whenever what they
hold may be wrong (an override begins or ends, the container closes); each time the epoch rises, and a
builder that began before publishes nothing.
"""

import contextlib
import threading
import weakref
from collections.abc import Callable, Coroutine, MutableMapping
from contextlib import AbstractContextManager
from typing import Any

from kimera_di.compilation import Builder, constant, gathered
from kimera_di.planning import WiringGraph
from kimera_di.planning.graph import Form
from kimera_di.planning.services import Services
from kimera_di.registration.annotations import identity_of
from kimera_di.resolution.accounts import ACTIVE, Account
from kimera_di.resolution.asking import gathering, number_of
from kimera_di.resolution.claims import CLOSERS, Claim, Values
from kimera_di.resolution.deadlocks import InFlight, in_flight
from kimera_di.resolution.derived import Growth
from kimera_di.resolution.helpers import helpers
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.listening import Listener
from kimera_di.resolution.overrides import latest
from kimera_di.resolution.refusals import OverrideEndedError, closed, not_a_service, refuse_scoped
from kimera_di.resolution.related_lookups import is_related, related_builder
from kimera_di.resolution.scope_values import ScopeValues
from kimera_di.resolution.singletons import build_singleton, build_singleton_async
from kimera_di.resolution.standing import Standing
from kimera_di.vocabulary import Lifetime

AsyncBuilder = Callable[[Any], Coroutine[Any, Any, Any]]
ARESOLVE = "aresolve"
"""What the coroutines of look-ups are called, so that Python's warning about a forgotten ``await`` names the call."""


class Root:
    """The inside of a container; also the owner of its singletons.

    Args:
        graph: A wiring graph without problems.
        close_timeout_s: Time each async closer gets.
        stall_report_s: Time after which a wait is reported with both stacks.
    """

    kind = "container"

    def __init__(self, graph: WiringGraph, *, close_timeout_s: float, stall_report_s: float) -> None:
        self._values: Values | None = {}
        self._epoch = 0
        self._closing: Claim
        self.close_timeout_s = close_timeout_s
        self.stall_report_s = stall_report_s
        self.lock: AbstractContextManager[bool] = threading.RLock()
        self.warm: dict[Any, Any] = {}
        self.table: dict[Any, Builder] = {}
        self.scope_table: dict[Any, Builder] = {}
        self.async_table: dict[Any, AsyncBuilder] = {}
        self.scope_async_table: dict[Any, AsyncBuilder] = {}
        self.base: Layer = Layer(self, graph, tuple(range(1, len(graph.nodes) + 1)), helpers())
        # by function; kinds: plain or bound method, every parameter or marked ones only
        self.recipes: tuple[MutableMapping[Any, Any], ...] = tuple(weakref.WeakKeyDictionary() for _ in range(4))
        self._services: Services | None = None
        self.entered: list[Any] = []
        """What ``with container:`` made current, innermost last."""
        self.scope_values: ScopeValues = ScopeValues(graph)
        self._next_cell = len(graph.nodes) + 1
        self.overrides: list[Account] = []
        """Overrides in force, in whatever context; while there are any but one for all, no table is filled."""
        self.everywhere: Account | None = None
        """The override in force for every context; then there is no other one."""
        self.leftovers: list[Account] = []
        """Overrides that ended without ``await`` and left something that only ``aclose`` can close."""
        self._loops: dict[int, weakref.ref[Any]] = {}
        self.container: Callable[[], Any] = _nobody
        """Gives the container itself; it is not held, so that a container nobody uses is not kept by its services."""
        self.children: Any = None
        """Makes us usable in a forked child."""
        self.standings: dict[frozenset[int], Standing] = {}
        """For named levels: the tables of scopes by the levels that are open."""
        self.scope_factory: Any = None
        """The ``ScopeFactory`` that services were given; it lets go of us while we are shut."""
        self.listeners: tuple[Listener, ...] = ()
        """Called with what is built; builders report to them only if there were any when they were compiled."""

    def build_singleton(self, layer: Layer, number: int) -> Any:
        """Give the object of a singleton node whose own singletons are finished."""
        return build_singleton(self, layer, number)

    def build_singleton_async(self, layer: Layer, number: int) -> Coroutine[Any, Any, Any]:
        """As ``build_singleton``, to be awaited."""
        building: Coroutine[Any, Any, Any] = build_singleton_async(self, layer, number)
        return building

    @property
    def services(self) -> Services:
        """What is registered, for matching the parameters of functions that are not."""
        if self._services is None:
            growth = Growth(self)
            self._services = Services.of(self.base.graph, growth.number_for, growth.number_for_factory)
        return self._services

    def tables(self) -> tuple[dict[Any, Any], ...]:
        """Every table of the warm paths."""
        mine = (self.warm, self.table, self.scope_table, self.async_table, self.scope_async_table)
        return (*mine, *(t for each in self.standings.values() for t in (each.table, each.async_table)))

    def standing(self, opened: frozenset[int]) -> Standing:
        """Give what scopes with these levels open share; there is one for each set."""
        with self.lock:
            return self.standings.setdefault(opened, Standing(self.base.graph.levels, opened))

    def drop_tables(self) -> int:
        """Make every warm path miss from here on; give the new epoch."""
        with self.lock:
            self._epoch += 1
            for table in self.tables():
                table.clear()
            return self._epoch

    def set_listeners(self, listeners: tuple[Listener, ...]) -> None:
        """Replace the listeners, and have every builder compiled again, with reports or without."""
        with self.lock:
            self.listeners = listeners
            self.forget_builders()

    def forget_builders(self) -> None:
        """Have every builder compiled again: what the old ones name may not be right any more."""
        with self.lock:
            self.base.forget_builders()
            for account in self.overrides:
                if account.layer is not None:
                    account.layer.forget_builders()
            self.drop_tables()

    def new_cells(self, count: int) -> range:
        """Give numbers of cells that nothing uses."""
        with self.lock:
            first = self._next_cell
            self._next_cell += count
            return range(first, self._next_cell)

    def layer(self) -> Layer:
        """Give the layer the current context sees: its innermost override of this container, else the base."""
        if self.overrides:
            everywhere = self.everywhere
            if everywhere is not None:
                above: Layer | None = everywhere.layer
                return self.base if above is None or everywhere.ended else latest(above)
            handle = ACTIVE.get()
            while handle is not None:
                account = handle.account
                layer: Layer | None = None if account is None or account.root is not self else account.layer
                if layer is not None and account is not None and not account.ended:
                    return latest(layer)
                handle = handle.outer
        return self.base

    def find(self, service: Any, table: dict[Any, Builder], *, at_root: bool) -> Builder:
        """Give the builder of a service that is not in ``table`` yet, and put it there if that is still right.

        Raises:
            ContainerClosedError: The container is closed.
            MissingServiceError: Nothing provides the service.
            ScopeRequiredError: It can only live in a scope.
            AsyncRequiredError: Building it awaits.
        """
        epoch = self._epoch
        layer = self.layer()
        number = self.number(layer, service)
        if number is None and is_related(service):
            return self._related(epoch, layer, service, table, at_root=at_root)
        if number is None:
            return self._collection(layer, service, at_root=at_root)
        if at_root:
            refuse_scoped(layer, number)
        try:
            layer.prepare(number)
            build = layer.builder(number)
        except OverrideEndedError:
            return self.find(service, table, at_root=at_root)
        self._publish(epoch, layer, service, number, table, build)
        return build

    def find_async(self, service: Any, table: dict[Any, AsyncBuilder], *, at_root: bool) -> AsyncBuilder:
        """As ``find``, for a builder that is awaited; singletons are built when it is."""
        epoch = self._epoch
        layer = self.layer()
        number = self.number(layer, service)
        if number is None and is_related(service):
            return _awaitable(related_builder(layer, self.services, service, at_root=at_root))
        if number is None:
            return self._collection_async(layer, service, at_root=at_root)
        if at_root:
            refuse_scoped(layer, number)
        single = layer.graph.nodes[number].lifetime is Lifetime.SINGLETON

        async def first(scope: Any) -> Any:
            try:
                await layer.prepare_async(number)
                build = layer.builder(number, is_async=not single)
            except OverrideEndedError:
                return await self.find_async(service, table, at_root=at_root)(scope)
            if single:
                self._publish(epoch, layer, service, number, table, _awaitable(build), is_async=True)
                return build(scope)
            self._publish(epoch, layer, service, number, table, build, is_async=True)
            return await build(scope)

        first.__qualname__ = ARESOLVE
        return first

    def number(self, layer: Layer, service: Any) -> int | None:
        """Give the node that answers a look-up; ``None`` for several or a relation; refuse everything else."""
        if self._values is None:
            raise closed()
        identity = identity_of(service)
        try:
            number = layer.graph.single.get(identity)
        except TypeError:
            raise not_a_service(identity) from None
        return number_of(layer, identity) if number is None else number

    def shut(self) -> None:
        """Refuse every look-up from now on."""
        self._values = None
        if self.scope_factory is not None:
            self.scope_factory.point_at(None)
        self.drop_tables()

    def reopen(self, values: Values) -> None:
        """Take ``shut`` back: nothing was closed."""
        self._values = values
        if self.scope_factory is not None:
            self.scope_factory.point_at(self)

    def in_flight(self, values: Values) -> InFlight:
        """Give the claims of builders that have not finished, those of overrides included."""
        theirs = [each for account in self._accounts() for each in account.in_flight(account.home())]
        return in_flight(self.base, values) + theirs

    def entries(self, values: Values) -> list[Any]:
        """Give what there is to close: ours first, then what overrides built in the container."""
        theirs = [entry for account in self._accounts() for entry in account.home().get(CLOSERS, ())]
        return [*values.get(CLOSERS, ()), *theirs]

    def collect(self, values: Values) -> list[Any]:
        """Take over what overrides built: it rests on ours, never the other way, so it is closed before."""
        own: list[Any] = values.setdefault(CLOSERS, [])
        for account in self._accounts():
            theirs: list[Any] = account.home().get(CLOSERS, [])
            while theirs[:1]:
                with contextlib.suppress(IndexError):  # the override ends at the same time and closes it itself
                    own.append(theirs.pop(0))
        return own

    def _accounts(self) -> list[Account]:
        with self.lock:
            return [*self.leftovers, *self.overrides]

    def note_loop(self, entry: Any, loop: Any) -> None:
        """Remember which loop built what ``entry`` closes."""
        self._loops[id(entry)] = weakref.ref(loop)

    def loop_of(self, entry: Any) -> Any:
        """Give the loop that built what ``entry`` closes, when it is known and still there."""
        reference = self._loops.get(id(entry))
        return None if reference is None else reference()

    def _publish(
        self, epoch: int, layer: Layer, service: Any, number: int, table: dict[Any, Any], build: Any, *,
        is_async: bool = False,
    ) -> None:  # fmt: skip
        node = layer.graph.nodes[number]
        with self.lock:
            if not self._may_publish(epoch):
                return
            if not is_async and node.lifetime is Lifetime.SINGLETON:
                value = layer.singleton_value(number)
                build = constant(value)
                self.warm[service] = value
            table[service] = build

    def _related(self, epoch: int, layer: Layer, service: Any, table: dict[Any, Builder], *, at_root: bool) -> Builder:
        build = related_builder(layer, self.services, service, at_root=at_root)
        with self.lock:
            if self._may_publish(epoch):
                table[service] = build
        return build

    def _may_publish(self, epoch: int) -> bool:
        """Tell whether what a look-up of this epoch found is right for every context; the lock is held."""
        shared = not self.overrides or (self.everywhere is not None and not self.everywhere.ended)
        return epoch == self._epoch and shared and self._values is not None

    def _collection(self, layer: Layer, service: Any, *, at_root: bool) -> Builder:
        form, keys, numbers = self._gathered(layer, service, at_root=at_root)
        try:
            for number in numbers:
                layer.prepare(number)
            builders = [layer.builder(number) for number in numbers]
        except OverrideEndedError:
            return self._collection(self.layer(), service, at_root=at_root)
        if form == "single":
            return constant(None)
        return lambda scope: gathered(form, keys, [build(scope) for build in builders])

    def _collection_async(self, layer: Layer, service: Any, *, at_root: bool) -> AsyncBuilder:
        form, keys, numbers = self._gathered(layer, service, at_root=at_root)

        async def collect(scope: Any) -> Any:
            try:
                for number in numbers:
                    await layer.prepare_async(number)
                builders = [layer.builder(number, is_async=True) for number in numbers]
            except OverrideEndedError:
                return await self._collection_async(self.layer(), service, at_root=at_root)(scope)
            if form == "single":
                return None
            return gathered(form, keys, [await build(scope) for build in builders])

        collect.__qualname__ = ARESOLVE
        return collect

    def _gathered(self, layer: Layer, service: Any, *, at_root: bool) -> tuple[Form, tuple[Any, ...], tuple[int, ...]]:
        found = gathering(layer, service)
        for number in found.numbers if at_root else ():
            refuse_scoped(layer, number)
        return found.form, found.keys, found.numbers


def collected(layer: Layer, service: Any) -> tuple[int, ...]:
    """Give the nodes that a collection such as ``list[T]`` holds, in registration order."""
    return gathering(layer, service).numbers


def _nobody() -> None:
    """Stands for the container until there is one, and for one that is gone."""


def _awaitable(build: Builder) -> AsyncBuilder:
    async def ready(scope: Any) -> Any:
        return build(scope)

    ready.__qualname__ = ARESOLVE
    return ready
