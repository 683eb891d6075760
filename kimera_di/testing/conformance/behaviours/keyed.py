"""Single keyed services: ``KeyedDependencyInjectionSpecificationTests`` of .NET 10; a null key is ``None``.

In: ``Services``. Out: nothing, or ``AssertionError``. Each function is one behaviour; its title says what holds.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect, expect_error, text_of
from kimera_di.testing.conformance.model import ANY, CONTAINER, Feature
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import (
    FileStore,
    Leaf,
    Repository,
    SqlRepository,
    SqlStore,
    Store,
    User,
)

CHAPTER = Chapter("M.E.DI ")
_behaviour = CHAPTER.behaviour
_KEY = Feature.KEY
_ANY = (Feature.KEY, Feature.ANY_KEY)


@_behaviour("MEDI-063", "keyed and unkeyed services are apart", "ResolveKeyedService", _KEY)
def keyed_and_unkeyed(services: Services) -> None:
    services.singleton(Store, FileStore, key="a")
    services.singleton(Store, SqlStore, key="b")
    services.singleton(Leaf)
    with services.open() as container:
        expect(type(container.resolve(Store, "a")) is FileStore, "key a gives something else")
        expect(type(container.resolve(Store, "b")) is SqlStore, "key b gives something else")
        expect_error(lambda: container.resolve(Store), "an unkeyed look-up gives a keyed service")
        expect_error(lambda: container.resolve(Leaf, "a"), "a keyed look-up gives an unkeyed service")


@_behaviour("MEDI-064", "registered under the key None is unkeyed", "ResolveNullKeyedService", _KEY)
def registered_under_none(services: Services) -> None:
    services.singleton(Store, FileStore, key=None)
    with services.open() as container:
        expect(container.resolve(Store) is container.resolve(Store, None), "two objects")


@_behaviour("MEDI-065", "a look-up with the key None gives the unkeyed service", "ResolveNonKeyedService", _KEY)
def look_up_with_none(services: Services) -> None:
    services.singleton(Store, FileStore)
    services.singleton(Store, SqlStore, key="a")
    with services.open() as container:
        expect(type(container.resolve(Store, None)) is FileStore, "it gives something else")


@_behaviour(
    "MEDI-066", "an open generic may have a key", "ResolveKeyedOpenGenericService",
    _KEY, Feature.OPEN_GENERIC, Feature.CLOSED_GENERIC,
)  # fmt: skip
def open_generic(services: Services) -> None:
    services.singleton(Repository, SqlRepository, key="a")
    with services.open() as container:
        expect(type(container.resolve(Repository[User], "a")) is SqlRepository, "it is not found")
        expect_error(lambda: container.resolve(Repository[User]), "it is found without the key")


@_behaviour(
    "MEDI-078", "a keyed object is invisible to an unkeyed look-up", "ResolveKeyedServiceSingletonInstance",
    _KEY, Feature.INSTANCE,
)  # fmt: skip
def keyed_instance(services: Services) -> None:
    thing = Leaf()
    services.instance(Leaf, thing, key="a")
    with services.open() as container:
        expect(container.resolve(Leaf, "a") is thing, "another object comes back")
        expect_error(lambda: container.resolve(Leaf), "it is found without the key")


@_behaviour(
    "MEDI-088", "a factory may have a key", "ResolveKeyedServiceSingletonFactory", _KEY, Feature.FACTORY
)  # fmt: skip
def keyed_factory(services: Services) -> None:
    services.singleton(Store, _sql, key="a")
    with services.open() as container:
        made = container.resolve(Store, "a")
        expect(type(made) is SqlStore and container.resolve(Store, "a") is made, "no singleton of the factory")


@_behaviour(
    "MEDI-089", "a singleton factory for every key makes one object per key",
    "ResolveKeyedServiceSingletonFactoryWithAnyKey", *_ANY, Feature.FACTORY,
)  # fmt: skip
def any_key_factory(services: Services) -> None:
    services.singleton(Store, _sql, key=ANY)
    with services.open() as container:
        one, two = container.resolve(Store, "a"), container.resolve(Store, "b")
        expect(one is not two, "two keys share an object")
        expect(container.resolve(Store, "a") is one, "one key has two objects")


@_behaviour("MEDI-091", "a class may have a key", "ResolveKeyedServiceSingletonType", _KEY)
def keyed_class(services: Services) -> None:
    services.singleton(Leaf, key="a")
    with services.open() as container:
        made = container.resolve(Leaf, "a")
        expect(type(made) is Leaf and container.resolve(Leaf, "a") is made, "no singleton")
        expect_error(lambda: container.resolve(Leaf), "it is found without the key")


@_behaviour(
    "MEDI-093", "a keyed transient class differs per look-up", "ResolveKeyedServiceTransientType",
    _KEY, Feature.TRANSIENT,
)  # fmt: skip
def keyed_transient(services: Services) -> None:
    services.transient(Store, FileStore, key="a")
    with services.open() as container:
        expect(container.resolve(Store, "a") is not container.resolve(Store, "a"), "two look-ups give one object")


@_behaviour(
    "MEDI-095", "the injected container finds keyed singletons", "ResolveKeyedSingletonFromInjectedServiceProvider",
    _KEY, Feature.CONTAINER_PARAMETER,
)  # fmt: skip
def keyed_from_injected_container(services: Services) -> None:
    holder = services.holder(container=CONTAINER)
    services.singleton(Leaf, key="a")
    services.singleton(holder)
    with services.open() as container:
        held = services.wrap(container.resolve(holder).container)
        expect(held.resolve(Leaf, "a") is container.resolve(Leaf, "a"), "it finds another object")


@_behaviour(
    "MEDI-096", "the injected container finds keyed transients", "ResolveKeyedTransientFromInjectedServiceProvider",
    _KEY, Feature.CONTAINER_PARAMETER, Feature.TRANSIENT, Feature.ROOT_TRANSIENT,
)  # fmt: skip
def keyed_transient_from_injected_container(services: Services) -> None:
    holder = services.holder(container=CONTAINER)
    services.transient(Leaf, key="a")
    services.singleton(holder)
    with services.open() as container:
        held = services.wrap(container.resolve(holder).container)
        expect(held.resolve(Leaf, "a") is not held.resolve(Leaf, "a"), "two look-ups give one object")


@_behaviour(
    "MEDI-097", "scopes share a keyed singleton", "ResolveKeyedSingletonFromScopeServiceProvider",
    _KEY, Feature.SCOPE,
)  # fmt: skip
def keyed_singleton_in_scopes(services: Services) -> None:
    services.singleton(Leaf, key="a")
    with services.open() as container, container.scope() as one, container.scope() as two:
        expect(one.resolve(Leaf, "a") is two.resolve(Leaf, "a"), "two objects")
        expect_error(lambda: one.resolve(Leaf), "a scope finds it without the key")


@_behaviour(
    "MEDI-098", "a keyed scoped object is one per scope", "ResolveKeyedScopedFromScopeServiceProvider",
    _KEY, Feature.SCOPE,
)  # fmt: skip
def keyed_scoped(services: Services) -> None:
    services.scoped(Leaf, key="a")
    with services.open() as container, container.scope() as one, container.scope() as two:
        expect(one.resolve(Leaf, "a") is one.resolve(Leaf, "a"), "two objects in one scope")
        expect(one.resolve(Leaf, "a") is not two.resolve(Leaf, "a"), "one object in two scopes")


@_behaviour(
    "MEDI-099", "a keyed transient is new for every look-up in a scope",
    "ResolveKeyedTransientFromScopeServiceProvider", _KEY, Feature.SCOPE, Feature.TRANSIENT,
)  # fmt: skip
def keyed_transient_in_scope(services: Services) -> None:
    services.transient(Leaf, key="a")
    with services.open() as container, container.scope() as scope:
        expect(scope.resolve(Leaf, "a") is not scope.resolve(Leaf, "a"), "two look-ups give one object")


@_behaviour(
    "MEDI-100", "the error for an unknown key names the service and the key",
    "ResolveRequiredKeyedServiceThrowsIfNotFound", _KEY,
)  # fmt: skip
def unknown_key(services: Services) -> None:
    services.singleton(Store, FileStore, key="a")
    with services.open() as container:
        said = text_of(expect_error(lambda: container.resolve(Store, "unheard"), "nothing is raised"))
    expect("Store" in said and "unheard" in said, f"it does not name both: {said}")


CHAPTER.waive(
    "MEDI-101", "a container without keyed services raises on every keyed look-up",
    "ResolveKeyedServiceThrowsIfNotSupported",
    "it is about a second .NET interface that a container may leave out; here a key is an argument of the look-up",
)  # fmt: skip


@_behaviour(
    "MEDI-102", "a service looks up by a key that it learns while it runs", "SimpleServiceKeyedResolution",
    _KEY, Feature.CONTAINER_PARAMETER,
)  # fmt: skip
def dynamic_key(services: Services) -> None:
    holder = services.holder(container=CONTAINER)
    services.singleton(Store, FileStore, key="file")
    services.singleton(Store, SqlStore, key="sql")
    services.singleton(holder)
    with services.open() as container:
        held = services.wrap(container.resolve(holder).container)
        answers = [held.resolve(Store, key).load() for key in ("sql", "file")]
    expect(answers == ["sql", "file"], f"it finds {answers}")


def _sql() -> SqlStore:
    return SqlStore()
