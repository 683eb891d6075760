"""What a behaviour gets: a list to register in, and containers opened from it.

In: an adapter. Out: registrations as data, handed to the adapter when a container is opened; classes with the
parameters a behaviour names. Asks the container nothing itself.
"""

import dataclasses
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from typing import Any, TypeVar, cast

from kimera_di.testing.conformance.model import Adapter, Feature, Keyed, Marker, Opened, Registration
from kimera_di.vocabulary import Lifetime

_MISSING: Any = object()
_Maker = TypeVar("_Maker", bound=Callable[[], Any])


class Services:
    """Registrations of one behaviour, for the container of one adapter."""

    def __init__(self, adapter: Adapter, needs: frozenset[Feature]) -> None:
        self.adapter = adapter
        self._needs = needs
        self._registrations: list[Registration] = []

    def singleton(self, service: Any, maker: Any = None, *, key: Hashable = None) -> None:
        """Register a service of which the container has one object."""
        self._add(service, maker, Lifetime.SINGLETON, key)

    def scoped(self, service: Any, maker: Any = None, *, key: Hashable = None) -> None:
        """Register a service of which every scope has one object."""
        self._add(service, maker, Lifetime.SCOPED, key)

    def transient(self, service: Any, maker: Any = None, *, key: Hashable = None) -> None:
        """Register a service that is built for every look-up."""
        self._add(service, maker, Lifetime.TRANSIENT, key)

    def instance(self, service: Any, thing: object, *, key: Hashable = None) -> None:
        """Register a finished object."""
        self._append(Registration("instance", service, thing, Lifetime.SINGLETON, key))

    def scope_value(self, service: Any) -> None:
        """Register a type whose objects are given when a scope opens."""
        self._append(Registration("scope value", service, None, Lifetime.SCOPED, None))

    def decorate(self, service: Any, decorator: Any, *, key: Hashable = None) -> None:
        """Put a class or function around a service."""
        self._append(Registration("decorator", service, decorator, Lifetime.TRANSIENT, key))

    def spelt(self, marker: Marker | Keyed) -> Any:
        """Give the annotation, or the key, by which the container spells a marker."""
        return self.adapter.marked(marker)

    def wrap(self, native: Any) -> Opened:
        """Use the container's own object as the suite does."""
        return self.adapter.wrapped(native)

    def listed(self, service: Any) -> Any:
        """Give the annotation of a parameter that wants all registrations of a type."""
        return self.spelt(Marker("list", service))

    def holder(self, **parameters: Any) -> Any:
        """Make a class that keeps what it is given.

        Args:
            **parameters: By name, a type or a marker; ``(type, default)`` has a default.

        Returns:
            A new class with these parameters and attributes.
        """
        fields: list[Any] = []
        for name, given in parameters.items():
            wanted, default = cast("tuple[Any, Any]", given) if isinstance(given, tuple) else (given, _MISSING)
            annotation = self.spelt(wanted) if isinstance(wanted, Marker | Keyed) else wanted
            fields.append((name, annotation) if default is _MISSING else (name, annotation, default))
        return dataclasses.make_dataclass("Holder", fields, eq=False)

    def open(self) -> Opened:
        """Build a container."""
        return self.adapter.open(tuple(self._registrations), self._needs)

    def _add(self, service: Any, maker: Any, lifetime: Lifetime, key: Hashable) -> None:
        chosen = service if maker is None else maker
        kind = getattr(chosen, "__origin__", chosen)
        self._append(Registration("class" if isinstance(kind, type) else "factory", service, chosen, lifetime, key))

    def _append(self, registration: Registration) -> None:
        if isinstance(registration.key, Marker):
            registration = dataclasses.replace(registration, key=self.spelt(registration.key))
        self._registrations.append(registration)


def resource(kind: type, closed: list[str], *, fails: BaseException | None = None) -> Callable[[], Iterator[Any]]:
    """Make a generator factory that notes in ``closed`` when its object is closed, then raises ``fails``."""

    def make() -> Iterator[Any]:
        try:
            yield kind()
        finally:
            closed.append(kind.__name__)
        if fails is not None:
            raise fails

    make.__annotations__["return"] = Iterator[kind]  # type: ignore[valid-type]
    return _named(make, kind)


def async_resource(kind: type, closed: list[str]) -> Callable[[], AsyncIterator[Any]]:
    """Make an async generator factory that notes in ``closed`` when its object is closed."""

    async def make() -> AsyncIterator[Any]:
        try:
            yield kind()
        finally:
            closed.append(kind.__name__)

    make.__annotations__["return"] = AsyncIterator[kind]  # type: ignore[valid-type]
    return _named(make, kind)


def counted(kind: type, made: list[str], before: Callable[[], object] = lambda: None) -> Callable[[], Any]:
    """Make a factory that notes every call in ``made``, calls ``before``, and gives a new object."""

    def make() -> Any:
        made.append(kind.__name__)
        before()
        return kind()

    make.__annotations__["return"] = kind
    return _named(make, kind)


def _named(make: _Maker, kind: type) -> _Maker:
    """Give a factory the name that a user's would have: messages may name the factory or the service."""
    make.__name__ = make.__qualname__ = f"make_{kind.__name__}"
    return make
