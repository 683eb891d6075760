"""wireup: ``injectable`` declarations, given to ``create_sync_container`` or ``create_async_container``.

Transients cannot be asked for at the root; a behaviour that is not about that gets them from a scope that is open as
long as the container.
"""

import inspect
from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Any, ClassVar

from kimera_di import Lifetime
from kimera_di.testing.conformance import Adapter, Feature, Keyed, Marker, Opened, Registration
from tests.conformance.adapters.support import need_scope, wants


class Opener:
    """What a user writes to open scopes inside a service."""

    def __init__(self, container: Any) -> None:
        self.container = container

    def __call__(self) -> Any:
        return self.container.enter_scope()


class WireupOpened(Opened):
    """A container, or a scope that ``leave`` ends."""

    def __init__(self, inner: Any, leave: Any = None, transients: Any = frozenset()) -> None:
        self.inner, self.leave, self.transients = inner, leave, transients
        self.long: Any = None

    def resolve(self, service: Any, key: Hashable = None) -> Any:
        if (service, key) in self.transients and self.leave is None:
            self.long = self.long or self.inner.enter_scope().__enter__()
            return self.long.get(service, qualifier=key)
        return self.inner.get(service, qualifier=key)

    def resolve_all(self, service: Any, key: Hashable = None) -> Sequence[Any]:
        return self.inner.get(Sequence[service])  # type: ignore[no-any-return]

    async def aresolve(self, service: Any, key: Hashable = None) -> Any:
        return await self.inner.get(service, qualifier=key)

    def scope(self, values: Mapping[Any, object] | None = None) -> Opened:
        manager = self.inner.enter_scope(dict(values or {}))
        return WireupOpened(manager if hasattr(manager, "__aenter__") else manager.__enter__(), manager)

    def override(self, service: Any, replacement: object) -> AbstractContextManager[object]:
        return self.inner.override.injectable(service, new=replacement)  # type: ignore[no-any-return]

    def close(self, error: BaseException | None = None) -> None:
        if self.leave is None:
            self.inner.close()
        else:
            self.leave.__exit__(type(error) if error else None, error, None)

    async def aclose(self, error: BaseException | None = None) -> None:
        if self.leave is None:
            await self.inner.close()
        else:
            await self.leave.__aexit__(type(error) if error else None, error, None)

    async def __aenter__(self) -> "WireupOpened":
        if self.leave is not None:
            self.inner = await self.leave.__aenter__()
        return self


class Wireup(Adapter):
    """With its defaults: scopes are not for several threads or tasks at once."""

    name: ClassVar[str] = "wireup"
    distribution: ClassVar[str] = "wireup"
    lacks: ClassVar[Mapping[Feature, str]] = {
        Feature.ROOT_TRANSIENT: "transients come from a scope, by design",
        Feature.SEVERAL: "registering a type twice is an error; qualifiers tell them apart",
        Feature.OPTIONAL_LOOKUP: "`get` raises",
        Feature.IS_SERVICE: "there is no such question",
        Feature.CREATE: "only registered classes are built",
        Feature.NESTED_SCOPE: "a scope opens no scopes",
        Feature.OPEN_GENERIC: "generics are registered closed",
        Feature.ANY_KEY: "a qualifier is named",
        Feature.OWN_KEY: "a service does not learn its qualifier",
        Feature.SAME_KEY: "a qualifier is named",
        Feature.DECORATE: "there are no decorators",
        Feature.SYNC_CLOSE: "an async container is closed with `await`",
        Feature.LAZY: "there is no lazy parameter",
    }

    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:
        import wireup

        declared: list[Any] = []
        names = {Lifetime.SINGLETON: "singleton", Lifetime.SCOPED: "scoped", Lifetime.TRANSIENT: "transient"}
        for each in registrations:
            if each.kind == "instance":
                declared.append(wireup.instance(each.maker, as_type=each.service, qualifier=each.key))
                continue
            lifetime: Any = names[each.lifetime]
            options: dict[str, Any] = {"lifetime": lifetime, "qualifier": each.key}
            if each.kind == "scope value":
                declared.append(wireup.injectable(_given(each.service), **options))
            else:
                maker = _fresh(each.maker)
                if not isinstance(each.service, type):
                    maker = _factory(maker, each.service)
                elif each.service is not each.maker:
                    options["as_type"] = each.service
                declared.append(wireup.injectable(maker, **options))
        container: Any = wireup.SyncContainer

        def opener(inner: Any) -> Opener:
            return Opener(inner)

        opener.__annotations__["inner"] = container
        declared.append(wireup.injectable(opener))
        make = wireup.create_async_container if Feature.ASYNC in needs else wireup.create_sync_container
        refused = need_scope(registrations)
        transients = {
            (each.service, each.key)
            for number, each in enumerate(registrations)
            if each.lifetime is Lifetime.TRANSIENT and number not in refused
        }
        if Feature.ASYNC in needs:
            declared.pop()
        return WireupOpened(make(injectables=declared), transients=transients)

    def marked(self, marker: Marker | Keyed) -> Any:
        from wireup import Inject, SyncContainer

        if isinstance(marker, Keyed):
            return Annotated[marker.service, Inject(qualifier=marker.key)]
        if marker.what == "list":
            return Sequence[marker.service]
        return Opener if marker.what == "scope factory" else SyncContainer

    def wrapped(self, native: Any) -> Opened:
        return WireupOpened(native, native if hasattr(native, "__exit__") else None)


def _given(service: Any) -> Any:
    def make() -> Any:
        raise RuntimeError("given when a scope opens")

    make.__annotations__["return"] = service
    return make


def _fresh(maker: Any) -> Any:
    """Give a subclass of its own name: the decorator writes on the class, and the suite registers classes often."""
    if not inspect.isclass(maker) or maker.__module__ != "kimera_di.testing.conformance.subjects":
        return maker
    if hasattr(maker, "__wireup_registration__"):
        del maker.__wireup_registration__
    return maker


def _factory(kind: Any, service: Any) -> Any:
    """Write the factory by which a closed generic is registered: its return annotation is the service."""

    def make(**given: object) -> Any:
        return kind(**given)

    found = {name: want.annotation for name, want in wants(kind).items()}
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
        for name, annotation in found.items()
    ]
    make.__annotations__ = {**found, "return": service}
    make.__signature__ = inspect.Signature(parameters, return_annotation=service)  # type: ignore[attr-defined]
    return make
