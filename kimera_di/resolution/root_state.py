"""What a container shares with its scopes: its objects, tables, layers, the epoch, its overrides and listeners.

In: a wiring graph. Out: which layer a context sees, and tables that are right: they are emptied whenever what they
hold may be wrong (an override begins or ends, the container closes); each time the epoch rises, and a builder that
began before publishes nothing. Builds nothing.
"""

import sys
import threading
import weakref
from collections.abc import Callable, Coroutine, MutableMapping
from contextlib import AbstractContextManager
from typing import Any

from kimera_di.compilation import Builder
from kimera_di.planning import WiringGraph
from kimera_di.planning.services import Services
from kimera_di.resolution.accounts import ACTIVE, Account
from kimera_di.resolution.claims import Claim, Values
from kimera_di.resolution.helpers import helpers
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.listening import Listener
from kimera_di.resolution.overrides import latest
from kimera_di.resolution.scope_values import ScopeValues
from kimera_di.resolution.standing import Standing

AsyncBuilder = Callable[[Any], Coroutine[Any, Any, Any]]


class RootState:
    """The state of a container.

    Args:
        graph: A wiring graph without problems.
        close_timeout_s: Time each async closer gets.
        stall_report_s: Time after which a wait is reported with both stacks.
    """

    def __init__(self, graph: WiringGraph, *, close_timeout_s: float, stall_report_s: float) -> None:
        self._values: Values | None = {}
        self._epoch = 0
        self._closing: Claim
        self._closers: list[Any] | None = None
        self.opens_plainly: bool = opens_plainly(graph)
        """Scopes are opened the short way: the container is open, and they know neither levels nor places."""
        self.close_timeout_s = close_timeout_s
        self.stall_report_s = stall_report_s
        self.lock: AbstractContextManager[bool] = threading.RLock()
        self.warm: dict[Any, Any] = {}
        self.table: dict[Any, Builder] = {}
        self.scope_table: dict[Any, Builder] = {}
        self.async_table: dict[Any, AsyncBuilder] = {}
        self.scope_async_table: dict[Any, AsyncBuilder] = {}
        # numbered from 1, as the nodes from 0, of whose numbers the same objects are kept
        cells = (*(node.number for node in graph.nodes[1:]), len(graph.nodes)) if graph.nodes else ()
        self.base: Layer = Layer(self, graph, cells, helpers())
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
        self.token: object = object()
        """Stands for the container in injected functions, which must not keep it alive."""
        self.ambient: bool = False
        """A scope of the container has been the current one: from then on injected calls look for one that closes."""
        self.steady: weakref.WeakSet[Any] = weakref.WeakSet()
        """Injected functions that hold singletons of the container; see ``injected_call``."""
        self.listeners: tuple[Listener, ...] = ()
        """Called with what is built; builders report to them only if there were any when they were compiled."""

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
            self.drop_steady()
            return self._epoch

    def drop_steady(self) -> None:
        """Let injected functions ask again for the singletons they hold. O(functions that hold any)."""
        with self.lock:
            for call in list(self.steady):
                call.let_go()
            self.steady.clear()

    def note_ambient(self) -> None:
        """Note that a scope becomes the current one, before it is."""
        with self.lock:
            self.ambient = True
            self.drop_steady()

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

    def _accounts(self) -> list[Account]:
        with self.lock:
            return [*self.leftovers, *self.overrides]


def opens_plainly(graph: WiringGraph) -> bool:
    """Tell whether scopes of an open container know neither levels nor, as in development mode, places."""
    return not graph.levels and not sys.flags.dev_mode


def _nobody() -> None:
    """Stands for the container until there is one, and for one that is gone."""
