"""dependency-injector: a container of providers, wired by provider as its documentation does.

``ThreadSafeSingleton`` for singletons, as it says for several threads; ``Resource`` for what is closed.
"""

import inspect
import typing
from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Any, ClassVar

from kimera_di import Lifetime
from kimera_di.testing.conformance import Adapter, Feature, Keyed, Marker, Opened, Registration
from tests.conformance.adapters.support import ByKey, Lazily, is_generator, wants

_BY_HAND = "a provider is an attribute, and wired by hand"
_ATTRIBUTE = "a key is the name of an attribute"
_NO_SCOPE = "there are no scopes: context-local providers are reset by hand"


class ProvidersOpened(Opened):
    """A ``DynamicContainer``; ``made`` finds a provider by what it stands for."""

    def __init__(self, inner: Any, made: Mapping[tuple[Any, Hashable], Any]) -> None:
        self.inner, self.made = inner, made

    def resolve(self, service: Any, key: Hashable = None) -> Any:
        return self.made[service, key]()

    async def aresolve(self, service: Any, key: Hashable = None) -> Any:
        found = self.made[service, key]()
        return await found if inspect.isawaitable(found) else found

    def override(self, service: Any, replacement: object) -> AbstractContextManager[object]:
        from dependency_injector import providers

        return self.made[service, None].override(providers.Object(replacement))  # type: ignore[no-any-return]

    def close(self, error: BaseException | None = None) -> None:
        self.inner.shutdown_resources()

    async def aclose(self, error: BaseException | None = None) -> None:
        closing = self.inner.shutdown_resources()
        if closing is not None:
            await closing


class DependencyInjector(Adapter):
    """One provider for each service."""

    name: ClassVar[str] = "dependency-injector"
    distribution: ClassVar[str] = "dependency-injector"
    lacks: ClassVar[Mapping[Feature, str]] = {
        Feature.ANNOTATIONS: _BY_HAND,
        Feature.SCOPE: _NO_SCOPE,
        Feature.NESTED_SCOPE: _NO_SCOPE,
        Feature.SCOPE_VALUE: _NO_SCOPE,
        Feature.SCOPE_FACTORY: _NO_SCOPE,
        Feature.SCOPE_ERROR: _NO_SCOPE,
        Feature.SEVERAL: "each provider has a name of its own",
        Feature.COLLECTION: "a list is a provider written by hand",
        Feature.DEFAULT: _BY_HAND,
        Feature.OPTIONAL_LOOKUP: _BY_HAND,
        Feature.IS_SERVICE: _BY_HAND,
        Feature.CREATE: _BY_HAND,
        Feature.OPEN_GENERIC: _BY_HAND,
        Feature.ANY_KEY: _ATTRIBUTE,
        Feature.HASHABLE_KEY: _ATTRIBUTE,
        Feature.OWN_KEY: _ATTRIBUTE,
        Feature.SAME_KEY: _ATTRIBUTE,
        Feature.CONTAINER_PARAMETER: "the container is asked by attribute, not by type",
        Feature.VALIDATION: "nothing is looked up by type; only `Dependency` providers are checked",
        Feature.SYNC_CLOSE: "`shutdown_resources` is awaited where resources are async",
        Feature.FINAL_CLOSE: "resources that were shut down may be opened again",
        Feature.DECORATE: "there are no decorators",
    }

    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:
        from dependency_injector import containers, providers

        made: dict[tuple[Any, Hashable], Any] = {}
        for each in registrations:
            if each.kind == "instance":
                provider: Any = providers.Object(each.maker)
            elif each.lifetime is Lifetime.TRANSIENT:
                provider = providers.Factory(each.maker)
            elif is_generator(each.maker):
                provider = providers.Resource(each.maker)
            else:
                provider = providers.ThreadSafeSingleton(each.maker)
            made[each.service, each.key] = provider
        container = containers.DynamicContainer()
        for number, provider in enumerate(made.values()):
            setattr(container, f"service{number}", provider)
        for each in registrations:
            if each.kind in {"class", "factory"}:
                for name, want in wants(each.maker).items():
                    made[each.service, each.key].add_kwargs(**{name: _found(made, want.annotation)})
        return ProvidersOpened(container, made)

    def marked(self, marker: Marker | Keyed) -> Any:
        if isinstance(marker, Keyed):
            return Annotated[marker.service, ByKey(marker.key)]
        return Annotated[marker.service, Lazily()]


def _found(made: Mapping[tuple[Any, Hashable], Any], annotation: Any) -> Any:
    """Give the provider that a user would name for a parameter; one that nobody provides is a ``Dependency``."""
    from dependency_injector import providers

    key: Hashable = None
    marks = typing.get_args(annotation)[1:] if hasattr(annotation, "__metadata__") else ()
    if marks:
        annotation = typing.get_args(annotation)[0]
        key = marks[0].key if isinstance(marks[0], ByKey) else None
    found = made.get((annotation, key), None)
    if found is None:
        return providers.Dependency()
    return found.provider if marks and isinstance(marks[0], Lazily) else found
