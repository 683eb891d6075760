"""A wiring graph and where its objects are: cells, nodes, finished singletons, the layer below.

In: a graph and the root that holds the objects. Out: what a node is called, whether it is built, its object.
Builds nothing and compiles nothing.
"""

import threading
from typing import TYPE_CHECKING, Any

from kimera_di.compilation import Builder
from kimera_di.planning import Construction, ServiceNode, WiringGraph
from kimera_di.planning.problems import step_of
from kimera_di.rendering import short_name
from kimera_di.resolution.claims import Values, is_claim
from kimera_di.resolution.refusals import closed, withdrawn
from kimera_di.resolution.started import started_for
from kimera_di.resolution.unclosed import closers_in
from kimera_di.vocabulary import ServiceId, Step

if TYPE_CHECKING:
    from kimera_di.resolution.layer import Layer

_CALL, _INSTANCE = Construction.CALL, Construction.INSTANCE  # members of enumerations are slow to get from their class
NOTHING: list[Any] = []
"""Stands for what is not there: a list, as claims are, so that one look tells most objects from both."""


class LayerState:
    """What a layer knows of its graph.

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
        self._counted: int = len(cells) if below is None else 0
        """Cells of the base layer are numbered from 1, as its nodes from 0, as far as it was built with them."""
        self._node_of = {} if below is None else {cell: number for number, cell in enumerate(cells)}
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

    def home(self) -> Values:
        """Give the dictionary that the singletons of this layer live in."""
        values: Values | None = self.root._values
        if values is None:
            raise closed()
        return values

    def own_values(self) -> Values:
        """Give the dictionary of the base layer for a quick look; nothing where several layers must be asked."""
        values: Values | None = self.root._values if self.below is None else None
        return {} if values is None else values

    def arguments(self, node: ServiceNode) -> dict[str, Any] | None:
        """Give what an ordinary class or function is called with, when it takes finished singletons only, by name.

        Args:
            node: A singleton.

        Returns:
            ``None`` for everything that has to be looked at closely: what it needs is not there, or is a list and may
            be a claim; it is entered, closed, awaited; an override is in force. O(parameters).
        """
        values: Values | None = self.root._values
        if self.below is not None or node.construction is not _CALL or node.closes or values is None:
            return None
        cells, given = self.cells, dict[str, Any]()
        for dependency in node.dependencies:
            targets = dependency.targets
            if len(targets) != 1 or dependency.positional_only or dependency.form != "single":
                return None
            value = values.get(cells[targets[0]], NOTHING)
            if type(value) is list:
                return None
            given[dependency.parameter] = value
        return given

    def check_open(self, values: Values) -> None:
        """Refuse to build for an owner that began to close; it waits for claims that came before."""
        if self.root._values is not values:
            raise closed()

    def describe_cell(self, cell: int) -> tuple[ServiceId, Step]:
        """Give the service of a cell, and a step with the place of its class or factory."""
        number = self._number_of(cell)
        if number is None:
            return ServiceId("a service"), Step("a service", None, None, None, None)
        return self.graph.nodes[number].service, step_of(self.graph.nodes[number], None)

    def name_of(self, cell: int) -> str:
        """Name the service of a cell."""
        number = self._number_of(cell)
        return "a service" if number is None else short_name(self.graph.nodes[number].service)

    def node_of(self, cell: int) -> int:
        """Give the node a cell of this layer belongs to."""
        number = self._number_of(cell)
        if number is None:
            raise KeyError(cell)
        return number

    def _number_of(self, cell: Any) -> int | None:
        """Give the node of a cell; a call of ``start()`` has one with a name, and no node."""
        return cell - 1 if isinstance(cell, int) and 0 < cell <= self._counted else self._node_of.get(cell)

    def describe(self, numbers: tuple[int, ...]) -> list[ServiceNode]:
        """Give the nodes of a path."""
        return [self.graph.nodes[number] for number in numbers]

    def singleton_value(self, number: int) -> Any:
        """Give the finished object of a singleton or instance node; ``KeyError`` when it is not there."""
        node = self.graph.nodes[number]
        if node.construction is _INSTANCE:
            return node.maker
        value = self.home()[self.cells[number]]
        if type(value) is list and is_claim(value):
            raise KeyError(number)
        return value  # pyright: ignore[reportUnknownVariableType] - a list of the user's

    def finished_singleton(self, number: int) -> Any:
        """As ``singleton_value``, for who has seen it finished: a start that fails may have taken it back."""
        try:
            return self.singleton_value(number)
        except KeyError:
            raise withdrawn() from None

    def has_singleton(self, number: int) -> bool:
        """Tell whether a singleton is finished."""
        if self.below is None and self.graph.nodes[number].construction is not _INSTANCE:
            value = self.home().get(self.cells[number], NOTHING)
            return type(value) is not list or (value is not NOTHING and not is_claim(value))
        try:
            self.singleton_value(number)
        except KeyError:
            return False
        return True

    def has_built(self, number: int) -> bool:
        """Tell whether a singleton is finished, in a container that may be closed."""
        return self.root._values is not None and self.has_singleton(number)

    def kept(self, scope: Any, values: Values, number: int, otherwise: Any) -> Any:
        """Give what a scope opened before an override has built already; there is none in the base layer."""
        del self, scope, values, number
        return otherwise

    def closers_for(self, scope: Any, values: Values) -> Any:
        """Give what a builder appends a closer to: the scope's list, made at first use."""
        closers = closers_in(scope, values)
        started = started_for(self.root) if scope is self.root else None
        return closers if started is None else started.noting(closers)

    def _left_to_below(self, number: int) -> bool:
        return self.affected is not None and number not in self.affected
