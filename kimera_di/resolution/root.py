"""What a container shares with its scopes: singletons, tables, layers, the epoch, its state.

In: a plan. Out: builders for look-ups that miss the warm tables. The tables are emptied whenever what they
hold may be wrong (an override begins or ends, the container closes); each time the epoch rises, and a
builder that began before publishes nothing.
"""

import threading
import typing
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

from kimera_di.compilation import Builder, constant
from kimera_di.errors import MissingServiceError, RegistrationError, ScopeRequiredError
from kimera_di.planning import ServiceNode, WiringGraph
from kimera_di.planning.problems import missing_facts, step_of
from kimera_di.rendering import short_name
from kimera_di.resolution.claims import Claim, Values
from kimera_di.resolution.failures import parameter_to
from kimera_di.resolution.helpers import helpers
from kimera_di.resolution.layer import Layer, closed
from kimera_di.resolution.overrides import ACTIVE, OverrideLayer
from kimera_di.resolution.singletons import build_singleton, build_singleton_async
from kimera_di.vocabulary import Lifetime, ServiceId, Step

AsyncBuilder = Callable[[Any], Coroutine[Any, Any, Any]]


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
        self.lock = threading.RLock()
        self.warm: dict[Any, Any] = {}
        self.table: dict[Any, Builder] = {}
        self.scope_table: dict[Any, Builder] = {}
        self.async_table: dict[Any, AsyncBuilder] = {}
        self.scope_async_table: dict[Any, AsyncBuilder] = {}
        self.next_cell = len(graph.nodes) + 1
        self.base = Layer(self, graph, tuple(range(1, len(graph.nodes) + 1)), helpers())
        self.overrides: list[OverrideLayer] = []
        self._loops: dict[int, weakref.ref[Any]] = {}

    def build_singleton(self, layer: Layer, number: int) -> Any:
        """Give the object of a singleton node whose own singletons are finished."""
        return build_singleton(self, layer, number)

    def build_singleton_async(self, layer: Layer, number: int) -> Coroutine[Any, Any, Any]:
        """As ``build_singleton``, to be awaited."""
        return build_singleton_async(self, layer, number)

    def tables(self) -> tuple[dict[Any, Any], ...]:
        """Every table of the warm paths."""
        return self.warm, self.table, self.scope_table, self.async_table, self.scope_async_table

    def drop_tables(self) -> int:
        """Make every warm path miss from here on; give the new epoch."""
        with self.lock:
            self._epoch += 1
            for table in self.tables():
                table.clear()
            return self._epoch

    def layer(self) -> Layer:
        """Give the layer the current context sees: its innermost override of this container, else the base."""
        if self.overrides:
            active: OverrideLayer | None = ACTIVE.get()
            while active is not None:
                if active.root is self and not active.ended:
                    return active
                active = active.outer
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
        if number is None:
            return self._collection(layer, service, at_root=at_root)
        if at_root:
            self._refuse_scoped(layer, number)
        layer.prepare(number)
        build = layer.builder(number)
        self._publish(epoch, layer, service, number, table, build)
        return build

    def find_async(self, service: Any, table: dict[Any, AsyncBuilder], *, at_root: bool) -> AsyncBuilder:
        """As ``find``, for a builder that is awaited; singletons are built when it is."""
        epoch = self._epoch
        layer = self.layer()
        number = self.number(layer, service)
        if number is None:
            return self._collection_async(layer, service, at_root=at_root)
        if at_root:
            self._refuse_scoped(layer, number)
        needs_async = layer.graph.nodes[number].needs_async

        async def first(scope: Any) -> Any:
            await layer.prepare_async(number)
            is_async = needs_async and layer.graph.nodes[number].lifetime is not Lifetime.SINGLETON
            build = layer.builder(number, is_async=is_async)
            self._publish(epoch, layer, service, number, table, build if is_async else _awaitable(build))
            return await build(scope) if is_async else build(scope)

        return first

    def number(self, layer: Layer, service: Any) -> int | None:
        """Give the node that answers a look-up; ``None`` for a collection; refuse everything else."""
        if self._values is None:
            raise closed()
        identity = service if isinstance(service, ServiceId) else ServiceId(service)
        try:
            number = layer.graph.single.get(identity)
        except TypeError:
            raise _not_a_service(identity) from None
        if number is None and typing.get_origin(identity.interface) is not list:
            raise missing(identity, layer.graph)
        return number

    def every(self, service: ServiceId) -> tuple[Layer, tuple[int, ...]]:
        """Give the layer and all nodes of a service, for collections."""
        if self._values is None:
            raise closed()
        layer = self.layer()
        try:
            return layer, layer.graph.every.get(service, ())
        except TypeError:
            raise _not_a_service(service) from None

    def shut(self) -> None:
        """Refuse every look-up from now on."""
        self._values = None
        self.drop_tables()

    def reopen(self, values: Values) -> None:
        """Take ``shut`` back: nothing was closed."""
        self._values = values

    def note_loop(self, entry: Any, loop: Any) -> None:
        """Remember which loop built what ``entry`` closes."""
        self._loops[id(entry)] = weakref.ref(loop)

    def loop_of(self, entry: Any) -> Any:
        """Give the loop that built what ``entry`` closes, when it is known and still there."""
        reference = self._loops.get(id(entry))
        return None if reference is None else reference()

    def _publish(self, epoch: int, layer: Layer, service: Any, number: int, table: dict[Any, Any], build: Any) -> None:
        node = layer.graph.nodes[number]
        with self.lock:
            if epoch != self._epoch or self.overrides or self._values is None:
                return
            if (
                table is not self.async_table
                and table is not self.scope_async_table
                and node.lifetime is Lifetime.SINGLETON
            ):
                value = layer.singleton_value(number)
                build = constant(value)
                self.warm[service] = value
            table[service] = build

    def _collection(self, layer: Layer, service: Any, *, at_root: bool) -> Builder:
        numbers = self._collected(layer, service, at_root=at_root)
        for number in numbers:
            layer.prepare(number)
        builders = [layer.builder(number) for number in numbers]
        return lambda scope: [build(scope) for build in builders]

    def _collection_async(self, layer: Layer, service: Any, *, at_root: bool) -> AsyncBuilder:
        numbers = self._collected(layer, service, at_root=at_root)

        async def collect(scope: Any) -> list[Any]:
            found: list[Any] = []
            for number in numbers:
                await layer.prepare_async(number)
                node = layer.graph.nodes[number]
                is_async = node.needs_async and node.lifetime is not Lifetime.SINGLETON
                result = layer.builder(number, is_async=is_async)(scope)
                found.append(await result if is_async else result)
            return found

        return collect

    def _collected(self, layer: Layer, service: Any, *, at_root: bool) -> tuple[int, ...]:
        identity = service if isinstance(service, ServiceId) else ServiceId(service)
        item = typing.get_args(identity.interface)[0]
        numbers = layer.graph.every.get(ServiceId(item, identity.key), ())
        for number in numbers if at_root else ():
            self._refuse_scoped(layer, number)
        return numbers

    def _refuse_scoped(self, layer: Layer, number: int) -> None:
        path = _way_to_scope(layer.graph, number)
        if not path:
            return
        nodes = layer.describe(path)
        last = nodes[-1]
        what = "is scoped" if last.lifetime is Lifetime.SCOPED else "must be closed"
        raise ScopeRequiredError(
            f"{short_name(nodes[0].service)} needs a scope: {short_name(last.service)} {what}",
            service=nodes[0].service,
            path=steps_of(nodes),
            facts=(
                (
                    "do this",
                    f"with container.scope() as scope: scope.resolve({short_name(nodes[0].service.interface)})",
                ),
            ),
        )


def missing(service: ServiceId, graph: WiringGraph) -> MissingServiceError:
    """Make the error for a look-up of something nobody registered."""
    last = Step(service.interface if service.key is None else service, None, None, None, None)
    return MissingServiceError(
        f"nothing provides {short_name(service)}", service=service, path=(last,), end="not registered",
        facts=missing_facts(service, graph),
    )  # fmt: skip


def steps_of(nodes: list[ServiceNode]) -> tuple[Step, ...]:
    """Turn nodes into the steps of a path."""
    return tuple(
        step_of(node, parameter_to(node, following.number) if following else None)
        for node, following in zip(nodes, [*nodes[1:], None], strict=True)
    )


def _not_a_service(service: ServiceId) -> RegistrationError:
    return RegistrationError(
        f"{short_name(service)} cannot be a service or a key: it is not hashable",
        facts=(("do this", "ask for a type, with a hashable key"),),
    )


def _way_to_scope(graph: WiringGraph, start: int) -> tuple[int, ...]:
    """Nodes from ``start`` to the first one that only a scope can hold; ``()`` when there is none."""
    before = {start: -1}
    todo = [start]
    for number in todo:
        node = graph.nodes[number]
        if node.lifetime is Lifetime.SINGLETON:
            continue
        if node.lifetime is Lifetime.SCOPED or node.closes:
            path = [number]
            while before[path[-1]] >= 0:
                path.append(before[path[-1]])
            return tuple(reversed(path))
        for dependency in node.dependencies:
            for target in dependency.targets:
                if target not in before:
                    before[target] = number
                    todo.append(target)
    return ()


def _awaitable(build: Builder) -> AsyncBuilder:
    async def ready(scope: Any) -> Any:
        return build(scope)

    return ready
