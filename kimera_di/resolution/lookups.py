"""Look-ups that miss the warm tables: which builder answers, and whether every context may have it from now on.

In: a service. Out: its builder, with everything it needs built before, put into a table if no override or close came in
between. What a builder makes is not seen here.
"""

from collections.abc import Mapping
from typing import Any

from kimera_di.compilation import Builder, constant, gathered
from kimera_di.planning.graph import Form
from kimera_di.planning.services import Services
from kimera_di.registration.annotations import identity_of
from kimera_di.resolution.asking import gathering, number_of
from kimera_di.resolution.derived import Growth
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.refusals import OverrideEndedError, closed, not_a_service, refuse_scoped
from kimera_di.resolution.related_lookups import is_related, related_builder
from kimera_di.resolution.root_state import AsyncBuilder, RootState
from kimera_di.vocabulary import Lifetime

_SINGLETON = Lifetime.SINGLETON  # members of enumerations are slow to get from their class
ARESOLVE = "aresolve"
"""What the coroutines of look-ups are called, so that Python's warning about a forgotten ``await`` names the call."""


class Lookups(RootState):
    """A container's state that can be asked."""

    @property
    def services(self) -> Services:
        """What is registered, for matching the parameters of functions that are not."""
        if self._services is None:
            growth = Growth(self)
            self._services = Services.of(self.base.graph, growth.number_for, growth.number_for_factory)
        return self._services

    def find(self, service: Any, table: dict[Any, Builder], *, at_root: bool) -> Builder:
        """Give the builder of a service that is not in ``table`` yet, and put it there if that is still right.

        Raises:
            ContainerClosedError: The container is closed.
            MissingServiceError: Nothing provides the service.
            ScopeRequiredError: It can only live in a scope.
            AsyncRequiredError: Building it awaits.
        """
        epoch = self._epoch
        layer = self.layer() if self.overrides else self.base
        number = self.number(layer, service)
        if number is None and is_related(service):
            return self._related(epoch, layer, service, table, at_root=at_root)
        if number is None:
            return self._collection(layer, service, at_root=at_root)
        single = layer.graph.nodes[number].lifetime is _SINGLETON
        if at_root and not single:
            refuse_scoped(layer, number)
        try:
            layer.prepare(number)
            value = layer.finished_singleton(number) if single else None
            build = constant(value) if single else layer.builder(number)
        except OverrideEndedError:
            return self.find(service, table, at_root=at_root)
        with self.lock:
            if self._may_publish(epoch):  # so no start that failed has taken the object back either
                try:
                    if single:
                        self.warm[service] = value
                    table[service] = build
                except TypeError:  # Annotated[T, []] means T and has no place in a table: it is found anew each time
                    return build
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
        single = layer.graph.nodes[number].lifetime is _SINGLETON

        async def first(scope: Any) -> Any:
            try:
                await layer.prepare_async(number)
                build = layer.builder(number, is_async=not single)
            except OverrideEndedError:
                return await self.find_async(service, table, at_root=at_root)(scope)
            if single:
                self._publish(epoch, service, table, _awaitable(build))
                return build(scope)
            self._publish(epoch, service, table, build)
            return await build(scope)

        first.__qualname__ = ARESOLVE
        return first

    def number(self, layer: Layer, service: Any) -> int | None:
        """Give the node that answers a look-up; ``None`` for several or a relation; refuse everything else."""
        if self._values is None:
            raise closed()
        single: Mapping[Any, int] = layer.graph.single  # a plain pair finds what a ServiceId finds
        if isinstance(service, type) and (service, None) in single:
            return single[service, None]
        identity = identity_of(service)
        try:
            number = single.get(identity)
        except TypeError:
            raise not_a_service(identity) from None
        return number_of(layer, identity) if number is None else number

    def _publish(self, epoch: int, service: Any, table: dict[Any, Any], build: Any) -> None:
        with self.lock:
            if self._may_publish(epoch):
                try:
                    table[service] = build
                except TypeError:  # as in `find`
                    return

    def _related(self, epoch: int, layer: Layer, service: Any, table: dict[Any, Builder], *, at_root: bool) -> Builder:
        build = related_builder(layer, self.services, service, at_root=at_root)
        self._publish(epoch, service, table, build)
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


def _awaitable(build: Builder) -> AsyncBuilder:
    async def ready(scope: Any) -> Any:
        return build(scope)

    ready.__qualname__ = ARESOLVE
    return ready
