"""The adapter of kimera_di's own container: public names only.

In: registrations. Out: an open container. Loads kimera_di when a container is opened.
"""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Any, ClassVar

from kimera_di.testing.conformance.model import Adapter, Feature, Keyed, Marker, Opened, Registration

_NAMES = {"any key": "ANY_KEY", "container": "ServiceContainer", "scope factory": "ScopeFactory"}


class KimeraOpened(Opened):
    """A container or a scope: both have the same methods."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def resolve(self, service: Any, key: Hashable = None) -> Any:
        """Give an object of a service."""
        return self.inner.resolve(service, key)

    def get(self, service: Any, key: Hashable = None) -> Any:
        """Give an object, or ``None``."""
        return self.inner.get(service, key)

    def resolve_all(self, service: Any, key: Hashable = None) -> Sequence[Any]:
        """Give all objects."""
        found: Sequence[Any] = self.inner.resolve_all(service, key)
        return found

    async def aresolve(self, service: Any, key: Hashable = None) -> Any:
        """Give an object whose making awaits."""
        return await self.inner.aresolve(service, key)

    def is_service(self, service: Any, key: Hashable = None) -> bool:
        """Tell whether something is registered."""
        answer: bool = self.inner.is_service(service, key)
        return answer

    def create(self, kind: Any, *given: object, **named: object) -> Any:
        """Build a class that is not registered."""
        return self.inner.create(kind, *given, **named)

    def scope(self, values: Mapping[Any, object] | None = None) -> Opened:
        """Open a scope."""
        return KimeraOpened(self.inner.scope(values))

    def override(self, service: Any, replacement: object) -> AbstractContextManager[object]:
        """Replace a service in this context."""
        block: AbstractContextManager[object] = self.inner.override(service, replacement)
        return block

    def close(self, error: BaseException | None = None) -> None:
        """Close it, and tell the generators ``error``."""
        if error is None:
            self.inner.close()
        else:
            self.inner.__exit__(type(error), error, error.__traceback__)

    async def aclose(self, error: BaseException | None = None) -> None:
        """Close it when that awaits."""
        if error is None:
            await self.inner.aclose()
        else:
            await self.inner.__aexit__(type(error), error, error.__traceback__)


class Kimera(Adapter):
    """Uses ``kimera_di.ServiceCollection``; lacks nothing."""

    name: ClassVar[str] = "kimera_di"
    distribution: ClassVar[str] = "kimera-di"
    lacks: ClassVar[Mapping[Feature, str]] = {}

    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:  # noqa: ARG002 - one container does all
        """Build a container, for both kinds of use."""
        from kimera_di import ServiceCollection

        services: Any = ServiceCollection()
        for each in registrations:
            if each.kind == "instance":
                services.instance(each.service, each.maker, key=each.key)
            elif each.kind == "scope value":
                services.scope_value(each.service)
            elif each.kind == "decorator":
                services.decorate(each.service, each.maker, key=each.key)
            else:
                services.register(each.service, each.maker, lifetime=each.lifetime, key=each.key)
        return KimeraOpened(services.build())

    def marked(self, marker: Marker | Keyed) -> Any:
        """Give the public marker."""
        import kimera_di as public

        if isinstance(marker, Keyed):
            return Annotated[marker.service, public.Key(marker.key)]
        names: Any = public
        wanted: Any = marker.service
        if marker.what == "list":
            return list[wanted]
        if marker.what == "own key":
            return Annotated[wanted, names.ServiceKey()]
        if marker.what == "same key":
            return Annotated[wanted, names.SameKey()]
        if marker.what == "lazy":
            return names.Lazy[wanted]
        return getattr(names, _NAMES[marker.what])

    def wrapped(self, native: Any) -> Opened:
        """Give the adapter of a container or scope."""
        return KimeraOpened(native)
