"""Parameters that name, receive or inherit a key: the same specification of .NET 10.

In: ``Services``. Out: nothing, or ``AssertionError``. Each function is one behaviour; its title says what holds.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103, PLR2004

from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect, expect_error
from kimera_di.testing.conformance.model import ANY, Feature, Keyed, Marker
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import (
    FileStore,
    Leaf,
    SqlStore,
    Store,
)

CHAPTER = Chapter("M.E.DI ")
_behaviour = CHAPTER.behaviour
_PARAMETER = (Feature.KEY, Feature.KEY_PARAMETER)
_OWN = (Feature.KEY, Feature.OWN_KEY)
_ANY = (Feature.KEY, Feature.ANY_KEY)
_SAME = (Feature.KEY, Feature.SAME_KEY)
_OWN_KEY, _OWN_NUMBER, _SAME_LEAF = Marker("own key", str), Marker("own key", int), Marker("same key", Leaf)


@_behaviour(
    "MEDI-079", "a parameter receives the key its service is registered under",
    "ResolveKeyedServiceSingletonInstanceWithKeyInjection", *_OWN,
)  # fmt: skip
def own_key(services: Services) -> None:
    holder = services.holder(key=_OWN_KEY)
    services.singleton(holder, key="a")
    with services.open() as container:
        expect(container.resolve(holder, "a").key == "a", "it receives something else")


@_behaviour(
    "MEDI-080", "a class registered for every key is told which one", "ResolveKeyedServiceSingletonInstanceWithAnyKey",
    *_ANY, Feature.OWN_KEY,
)  # fmt: skip
def any_key_is_told(services: Services) -> None:
    holder = services.holder(key=_OWN_KEY)
    services.singleton(holder, key=ANY)
    with services.open() as container:
        one, two = container.resolve(holder, "a"), container.resolve(holder, "b")
        expect((one.key, two.key) == ("a", "b"), f"told {one.key!r} and {two.key!r}")
        expect(container.resolve(holder, "a") is one, "two objects for one key")


@_behaviour(
    "MEDI-082", "parameters name the keys they want", "ResolveKeyedServiceSingletonInstanceWithKeyedParameter",
    *_PARAMETER,
)  # fmt: skip
def keyed_parameters(services: Services) -> None:
    holder = services.holder(one=Keyed(Store, "a"), two=Keyed(Store, "b"))
    services.singleton(Store, FileStore, key="a")
    services.singleton(Store, SqlStore, key="b")
    services.singleton(holder)
    with services.open() as container:
        made = container.resolve(holder)
    expect((type(made.one), type(made.two)) == (FileStore, SqlStore), "they are mixed up")


@_behaviour(
    "MEDI-083", "a missing keyed service for the second parameter is an error",
    "ResolveKeyedServiceWithKeyedParameter_MissingRegistration_SecondParameter", *_PARAMETER,
)  # fmt: skip
def second_missing(services: Services) -> None:
    _expect_missing(services, "a")


@_behaviour(
    "MEDI-084", "a missing keyed service for the first parameter is an error",
    "ResolveKeyedServiceWithKeyedParameter_MissingRegistration_FirstParameter", *_PARAMETER,
)  # fmt: skip
def first_missing(services: Services) -> None:
    _expect_missing(services, "b")


@_behaviour(
    "MEDI-085", "defaults stand in for missing keyed services",
    "ResolveKeyedServiceWithKeyedParameter_MissingRegistrationButWithDefaults", *_PARAMETER, Feature.DEFAULT,
)  # fmt: skip
def missing_with_default(services: Services) -> None:
    holder = services.holder(one=(Keyed(Store, "a"), None), two=(Keyed(Store, "b"), None))
    services.singleton(holder)
    services.singleton(Store, SqlStore, key="b")
    with services.open() as container:
        made = container.resolve(holder)
    expect(made.one is None and type(made.two) is SqlStore, "defaults and services are mixed up")


@_behaviour(
    "MEDI-086", "an unkeyed service does not satisfy a keyed parameter",
    "ResolveKeyedServiceWithKeyedParameter_MissingRegistrationButWithUnkeyedService", *_PARAMETER,
)  # fmt: skip
def unkeyed_does_not_satisfy(services: Services) -> None:
    holder = services.holder(one=Keyed(Store, "a"))
    services.singleton(Store, FileStore)
    services.singleton(holder)
    _expect_refused(services, holder, "the unkeyed service is taken")


@_behaviour(
    "MEDI-087", "an unregistered class may have keyed parameters", "CreateServiceWithKeyedParameter",
    *_PARAMETER, Feature.CREATE,
)  # fmt: skip
def create_with_keyed_parameter(services: Services) -> None:
    holder = services.holder(one=Keyed(Store, "a"))
    services.singleton(Store, FileStore, key="a")
    with services.open() as container:
        expect(container.create(holder).one is container.resolve(Store, "a"), "the service differs")


@_behaviour(
    "MEDI-090", "a key of a type the class cannot take is an error",
    "ResolveKeyedServiceSingletonFactoryWithAnyKeyIgnoreWrongType", *_ANY, Feature.OWN_KEY,
)  # fmt: skip
def key_of_wrong_type(services: Services) -> None:
    holder = services.holder(key=_OWN_NUMBER)
    services.singleton(holder, key=ANY)
    with services.open() as container:
        expect(container.resolve(holder, 87).key == 87, "a key that fits is lost")
        expect_error(lambda: container.resolve(holder, "a"), "a key that does not fit is handed over")


@_behaviour(
    "MEDI-092", "a keyed transient is told its key and differs per look-up", "ResolveKeyedServiceTransientFactory",
    *_OWN, Feature.FACTORY_PARAMETER, Feature.TRANSIENT,
)  # fmt: skip
def keyed_transient_factory(services: Services) -> None:
    holder = services.holder(key=_OWN_KEY)

    def make(key: Any) -> Any:
        return holder(key)

    make.__annotations__ = {"key": services.spelt(_OWN_KEY), "return": holder}
    services.transient(holder, make, key="a")
    with services.open() as container:
        one, two = container.resolve(holder, "a"), container.resolve(holder, "a")
    expect(one is not two, "two look-ups give one object")
    expect((one.key, two.key) == ("a", "a"), "the factory is not told the key")


@_behaviour(
    "MEDI-094", "a transient for every key differs per look-up and is told the key",
    "ResolveKeyedServiceTransientTypeWithAnyKey", *_ANY, Feature.OWN_KEY, Feature.TRANSIENT,
)  # fmt: skip
def any_key_transient(services: Services) -> None:
    holder = services.holder(key=_OWN_KEY)
    services.transient(holder, key=ANY)
    with services.open() as container:
        made = [container.resolve(holder, key) for key in ("a", "a", "b")]
    expect(len({id(each) for each in made}) == 3, "an object is given twice")
    expect([each.key for each in made] == ["a", "a", "b"], "a key is wrong")


@_behaviour(
    "MEDI-103", "a parameter inherits the key of its service", "ResolveKeyedServiceWithFromServiceKeyAttribute", *_SAME
)  # fmt: skip
def same_key(services: Services) -> None:
    holder = services.holder(leaf=_SAME_LEAF)
    for key in ("a", "b"):
        services.singleton(Leaf, key=key)
        services.singleton(holder, key=key)
    with services.open() as container:
        for key in ("a", "b"):
            expect(container.resolve(holder, key).leaf is container.resolve(Leaf, key), f"key {key} differs")


@_behaviour(
    "MEDI-104", "an inherited key without a registration is an error",
    "ResolveKeyedServiceWithFromServiceKeyAttribute_NotFound", *_SAME,
)  # fmt: skip
def same_key_missing(services: Services) -> None:
    holder = services.holder(leaf=_SAME_LEAF)
    services.singleton(Leaf, key="b")
    services.singleton(holder, key="a")
    _expect_refused(services, holder, "another key's service is taken", key="a")


@_behaviour(
    "MEDI-105", "an unkeyed service does not stand in for an inherited key",
    "ResolveKeyedServiceWithFromServiceKeyAttribute_NotFound_WithUnkeyed", *_SAME,
)  # fmt: skip
def same_key_unkeyed(services: Services) -> None:
    holder = services.holder(leaf=_SAME_LEAF)
    services.singleton(Leaf)
    services.singleton(holder, key="a")
    _expect_refused(services, holder, "the unkeyed service is taken", key="a")


@_behaviour(
    "MEDI-106", "an unkeyed service inherits no key and gets the unkeyed one",
    "ResolveUnkeyedServiceWithFromServiceKeyAttributeWithNullKey", *_SAME,
)  # fmt: skip
def same_key_without_key(services: Services) -> None:
    holder = services.holder(leaf=_SAME_LEAF)
    services.singleton(Leaf)
    services.singleton(Leaf, key="a")
    services.singleton(holder)
    with services.open() as container:
        expect(container.resolve(holder).leaf is container.resolve(Leaf), "it gets something else")


def _expect_missing(services: Services, present: str) -> None:
    holder = services.holder(one=Keyed(Leaf, "a"), two=Keyed(Leaf, "b"))
    services.singleton(Leaf, key=present)
    services.singleton(holder)
    _expect_refused(services, holder, "a missing keyed service is made up")


def _expect_refused(services: Services, service: Any, otherwise: str, key: str | None = None) -> None:
    """Expect an error when the container is built, or else when the service is asked for."""

    def use() -> None:
        with services.open() as container:
            container.resolve(service, key)

    expect_error(use, otherwise)
