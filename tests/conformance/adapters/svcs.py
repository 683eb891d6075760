"""svcs: a ``Registry`` of factories; a container is the scope.

Singletons are objects of the application's container; a request's container gets them by a local factory.
"""

import contextlib
from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from kimera_di import Lifetime
from kimera_di.testing.conformance import Adapter, Feature, Keyed, Marker, Opened, Registration
from tests.conformance.adapters.support import is_generator

_REPLACES = "registering a type again replaces it"
_BY_HAND = "what is not registered is called by hand"


class SvcsOpened(Opened):
    """A container; ``shared`` are the types that scopes take from the application's container."""

    def __init__(self, registry: Any, inner: Any, shared: Sequence[Any] = ()) -> None:
        self.registry, self.inner, self.shared = registry, inner, shared

    def resolve(self, service: Any, key: Hashable = None) -> Any:
        return self.inner.get(_spelt(service, key))

    async def aresolve(self, service: Any, key: Hashable = None) -> Any:
        return await self.inner.aget(_spelt(service, key))

    def is_service(self, service: Any, key: Hashable = None) -> bool:
        return _spelt(service, key) in self.registry

    def scope(self, values: Mapping[Any, object] | None = None) -> Opened:
        import svcs

        scope = svcs.Container(self.registry)
        for each in self.shared:
            scope.register_local_factory(each, lambda kind=each: self.inner.get(kind), enter=False)
        for kind, value in (values or {}).items():
            scope.register_local_value(kind, value)
        return SvcsOpened(self.registry, scope)

    def close(self, error: BaseException | None = None) -> None:
        self.inner.__exit__(type(error) if error else None, error, None)

    async def aclose(self, error: BaseException | None = None) -> None:
        await self.inner.__aexit__(type(error) if error else None, error, None)


class Svcs(Adapter):
    """Classes and factories are wired with ``svcs.autowire``."""

    name: ClassVar[str] = "svcs"
    distribution: ClassVar[str] = "svcs"
    lacks: ClassVar[Mapping[Feature, str]] = {
        Feature.TRANSIENT: "a container keeps what it made",
        Feature.ROOT_TRANSIENT: "a container keeps what it made",
        Feature.NESTED_SCOPE: "a container opens no containers",
        Feature.SCOPE_FACTORY: "containers are made from the registry, which no service is given",
        Feature.SEVERAL: _REPLACES,
        Feature.COLLECTION: _REPLACES,
        Feature.OPTIONAL_LOOKUP: "`get` raises",
        Feature.CREATE: _BY_HAND,
        Feature.OPEN_GENERIC: "generics are registered closed",
        Feature.ANY_KEY: "a key is part of an Annotated type",
        Feature.OWN_KEY: "a service does not learn its key",
        Feature.SAME_KEY: "a key is part of an Annotated type",
        Feature.VALIDATION: "problems show when something is asked for",
        Feature.DECORATE: "there are no decorators",
        Feature.OVERRIDE: "tests register again",
        Feature.SCOPE_ERROR: "by default a context manager is not told of errors (suppress_context_exit)",
        Feature.SYNC_CLOSE: "sync closing skips async resources, with a warning",
        Feature.FINAL_CLOSE: "closing resets a container, which may be used again",
        Feature.LIFETIME_CHECK: "every container makes every service",
        Feature.CLOSE_ERRORS: "they are logged, and otherwise ignored",
        Feature.LAZY: "services that are wanted later are asked of the container",
    }

    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:
        import svcs

        registry = svcs.Registry()
        shared: list[Any] = []
        for each in registrations:
            kind = _spelt(each.service, each.key)
            if each.kind == "instance":
                registry.register_value(kind, each.maker)
            elif each.kind != "scope value":
                registry.register_factory(kind, _factory(each.maker))
                if each.lifetime is Lifetime.SINGLETON:
                    shared.append(kind)
        return SvcsOpened(registry, svcs.Container(registry), shared)

    def marked(self, marker: Marker | Keyed) -> Any:
        import svcs

        return _spelt(marker.service, marker.key) if isinstance(marker, Keyed) else svcs.Container

    def wrapped(self, native: Any) -> Opened:
        return SvcsOpened(native.registry, native)


def _factory(maker: Any) -> Any:
    import inspect

    import svcs

    if is_generator(maker):
        is_async = inspect.isasyncgenfunction(maker)
        maker = contextlib.asynccontextmanager(maker) if is_async else contextlib.contextmanager(maker)
        return svcs.aautowire(maker) if is_async else svcs.autowire(maker)
    return svcs.aautowire(maker) if inspect.iscoroutinefunction(maker) else svcs.autowire(maker)


def _spelt(service: Any, key: Hashable) -> Any:
    return service if key is None else Annotated[service, key]
