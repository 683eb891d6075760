"""Decorators around services: ``ServiceDecorationTests`` of recent dotnet/runtime snapshots.

In: ``Services``. Out: nothing, or ``AssertionError``.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

from collections.abc import Iterator
from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect, expect_error
from kimera_di.testing.conformance.model import Feature
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import (
    A,
    Cat,
    FileStore,
    Leaf,
    Repository,
    SqlRepository,
    SqlStore,
    Store,
    T,
    User,
)

CHAPTER = Chapter("M.E.DI ServiceDecorationTests: ")
_behaviour = CHAPTER.behaviour
_DECORATE = Feature.DECORATE


class Cached(Store):
    """A class around a store."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner

    def load(self) -> str:
        """Say what is inside."""
        return f"cached({self.inner.load()})"


class Logged(Store):
    """Another one, with something of its own."""

    def __init__(self, inner: Store, leaf: Leaf) -> None:
        self.inner: Store = inner
        self.leaf: Leaf = leaf

    def load(self) -> str:
        """Say what is inside."""
        return f"logged({self.inner.load()})"


class Greedy(Store):
    """Has a parameter that everything fits, before the one for the store."""

    def __init__(self, anything: object, inner: Store) -> None:
        self.anything: object = anything
        self.inner: Store = inner

    def load(self) -> str:
        """Say what is inside."""
        return f"greedy({self.inner.load()})"


class CachedRepository(Repository[T]):
    """Around a repository of anything."""

    def __init__(self, inner: Repository[T]) -> None:
        self.inner = inner


class CachedAnimals(Repository[A]):
    """Around a repository of animals."""

    def __init__(self, inner: Repository[A]) -> None:
        self.inner = inner


def cached(inner: Store) -> Store:
    """Do the same as a function."""
    return Cached(inner)


@_behaviour("EXT-D01", "a class is put around a service", "type decorator", _DECORATE)
def by_class(services: Services) -> None:
    services.singleton(Store, FileStore)
    services.decorate(Store, Cached)
    _expect_load(services, "cached(file)")


@_behaviour("EXT-D02", "a function is put around a service", "factory decorator", _DECORATE)
def by_function(services: Services) -> None:
    services.singleton(Store, FileStore)
    services.decorate(Store, cached)
    _expect_load(services, "cached(file)")


@_behaviour("EXT-D03", "the decorator registered first is innermost", "order", _DECORATE)
def order(services: Services) -> None:
    services.singleton(Leaf)
    services.singleton(Store, FileStore)
    services.decorate(Store, Cached)
    services.decorate(Store, Logged)
    _expect_load(services, "logged(cached(file))")


@_behaviour(
    "EXT-D04", "a decorator lives as long as what it decorates", "lifetime", _DECORATE, Feature.SCOPE,
)  # fmt: skip
def lifetime(services: Services) -> None:
    services.scoped(Store, FileStore)
    services.decorate(Store, Cached)
    with services.open() as container, container.scope() as one, container.scope() as two:
        expect(one.resolve(Store) is one.resolve(Store), "two objects in one scope")
        expect(one.resolve(Store) is not two.resolve(Store), "one object in two scopes")
        expect(one.resolve(Store).inner is not two.resolve(Store).inner, "what is inside is shared by two scopes")


@_behaviour(
    "EXT-D05", "each item of a collection is decorated", "collection", _DECORATE, Feature.COLLECTION, Feature.SEVERAL
)
def collection(services: Services) -> None:
    services.singleton(Store, FileStore)
    services.singleton(Store, SqlStore)
    services.decorate(Store, Cached)
    with services.open() as container:
        said = [each.load() for each in container.resolve_all(Store)]
    expect(said == ["cached(file)", "cached(sql)"], f"the collection is {said}")


@_behaviour(
    "EXT-D06", "an open generic decorator fits every argument", "open generic",
    _DECORATE, Feature.OPEN_GENERIC, Feature.CLOSED_GENERIC,
)  # fmt: skip
def open_generic(services: Services) -> None:
    services.singleton(Repository, SqlRepository)
    services.decorate(Repository, CachedRepository)
    with services.open() as container:
        made = container.resolve(Repository[User])
    expect(type(made) is CachedRepository and type(made.inner) is SqlRepository, "it is not decorated")


@_behaviour(
    "EXT-D07", "an open decorator whose bound is not met is left out", "open generic, constraint not met",
    _DECORATE, Feature.OPEN_GENERIC, Feature.CLOSED_GENERIC,
)  # fmt: skip
def unmet_bound(services: Services) -> None:
    services.singleton(Repository, SqlRepository)
    services.decorate(Repository, CachedAnimals)
    with services.open() as container:
        kinds: list[Any] = [type(container.resolve(kind)) for kind in (Repository[Cat], Repository[User])]
    expect(kinds == [CachedAnimals, SqlRepository], f"for an argument that fits, and one that does not: {kinds}")


@_behaviour("EXT-D08", "a decorator may be for one key", "keyed", _DECORATE, Feature.KEY)
def keyed(services: Services) -> None:
    services.singleton(Store, FileStore, key="a")
    services.singleton(Store, SqlStore)
    services.decorate(Store, Cached, key="a")
    with services.open() as container:
        said = [container.resolve(Store, "a").load(), container.resolve(Store).load()]
    expect(said == ["cached(file)", "sql"], f"with the key and without: {said}")


@_behaviour("EXT-D09", "a decorator may be registered before its service", "before its service", _DECORATE)
def before_service(services: Services) -> None:
    services.decorate(Store, Cached)
    services.singleton(Store, FileStore)
    _expect_load(services, "cached(file)")


@_behaviour("EXT-D10", "a decorator's other parameters are injected", "extra dependencies", _DECORATE)
def extra_dependencies(services: Services) -> None:
    services.singleton(Leaf)
    services.singleton(Store, FileStore)
    services.decorate(Store, Logged)
    with services.open() as container:
        expect(container.resolve(Store).leaf is container.resolve(Leaf), "the other parameter differs")


@_behaviour(
    "EXT-D11", "decorator and decorated are both closed, the decorator first", "disposal", _DECORATE, Feature.CLEANUP
)  # fmt: skip
def both_closed(services: Services) -> None:
    closed: list[str] = []

    def inside() -> Iterator[Store]:
        yield FileStore()
        closed.append("inside")

    def around(inner: Store) -> Iterator[Store]:
        yield Cached(inner)
        closed.append("around")

    services.singleton(Store, inside)
    services.decorate(Store, around)
    with services.open() as container:
        container.resolve(Store)
    expect(closed == ["around", "inside"], f"closed {closed}")


@_behaviour("EXT-D12", "a parameter of type object does not swallow what is decorated", "object parameter", _DECORATE)
def object_parameter(services: Services) -> None:
    marker: Any = object()
    services.instance(object, marker)
    services.singleton(Store, FileStore)
    services.decorate(Store, Greedy)
    with services.open() as container:
        made = container.resolve(Store)
    expect(made.anything is marker, "the parameter of type object got something else")
    expect(made.load() == "greedy(file)", f"it says {made.load()}")


@_behaviour(
    "EXT-D13", "a decorator without a parameter for what it decorates is refused before use", "invalid decorator",
    _DECORATE, Feature.VALIDATION,
)  # fmt: skip
def invalid(services: Services) -> None:
    def use() -> None:
        services.singleton(Store, FileStore)
        services.decorate(Store, SqlStore)
        services.open()

    expect_error(use, "the container is built")


def _expect_load(services: Services, wanted: str) -> None:
    with services.open() as container:
        said = container.resolve(Store).load()
    expect(said == wanted, f"it says {said}")
