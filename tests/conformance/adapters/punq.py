"""punq: ``Container.register``, with scopes transient and singleton."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

from kimera_di import Lifetime
from kimera_di.testing.conformance import Adapter, Feature, Keyed, Marker, Opened, Registration

_NAME = "a name stands in the place of the type, not beside it"
_NO_SCOPE = "there are no scopes"


class PunqOpened(Opened):
    """A ``Container``."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def resolve(self, service: Any, key: Hashable = None) -> Any:
        return self.inner.resolve(service)

    def resolve_all(self, service: Any, key: Hashable = None) -> Sequence[Any]:
        return self.inner.resolve_all(service)  # type: ignore[no-any-return]

    def create(self, kind: Any, *given: object, **named: object) -> Any:
        if given:
            raise TypeError("instantiate takes arguments by name")
        return self.inner.instantiate(kind, **named)

    def close(self, error: BaseException | None = None) -> None:
        """Nothing is ever closed."""


class Punq(Adapter):
    """``auto_register`` stays off, its default."""

    name: ClassVar[str] = "punq"
    distribution: ClassVar[str] = "punq"
    lacks: ClassVar[Mapping[Feature, str]] = {
        Feature.SCOPE: _NO_SCOPE,
        Feature.NESTED_SCOPE: _NO_SCOPE,
        Feature.SCOPE_VALUE: _NO_SCOPE,
        Feature.SCOPE_FACTORY: _NO_SCOPE,
        Feature.OPTIONAL_LOOKUP: "`resolve` raises",
        Feature.IS_SERVICE: "there is no such question",
        Feature.OPEN_GENERIC: "generics are registered closed",
        Feature.KEY: _NAME,
        Feature.HASHABLE_KEY: _NAME,
        Feature.KEY_PARAMETER: _NAME,
        Feature.ANY_KEY: _NAME,
        Feature.OWN_KEY: _NAME,
        Feature.SAME_KEY: _NAME,
        Feature.CLEANUP: "nothing is closed",
        Feature.SCOPE_ERROR: "nothing is closed",
        Feature.VALIDATION: "problems show when something is asked for",
        Feature.DECORATE: "there are no decorators",
        Feature.OVERRIDE: "tests register again, or build another container",
        Feature.ASYNC: "there are no async factories",
        Feature.FACTORY_PARAMETER: "a factory function is called without arguments",
        Feature.SYNC_CLOSE: "nothing is closed",
        Feature.ASYNC_CLEANUP: "there are no async factories",
        Feature.LAZY: "there is no lazy parameter",
    }

    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:
        import punq

        container = punq.Container()
        for each in registrations:
            if each.kind == "instance":
                container.register(each.service, instance=each.maker)
            else:
                is_single = each.lifetime is Lifetime.SINGLETON
                scope = punq.Scope.singleton if is_single else punq.Scope.transient
                container.register(each.service, each.maker, scope=scope)
        return PunqOpened(container)

    def marked(self, marker: Marker | Keyed) -> Any:
        import punq

        return list[marker.service] if isinstance(marker, Marker) and marker.what == "list" else punq.Container

    def wrapped(self, native: Any) -> Opened:
        return PunqOpened(native)
