"""Collections of keyed services, by one key and by every key: the same specification of .NET 10.

In: ``Services``. Out: nothing, or ``AssertionError``. The query for every key is a collection asked for with the
container's own spelling of "any key".
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103, PLR2004

from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect, expect_error
from kimera_di.testing.conformance.model import ANY, Feature, Opened
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import (
    FileStore,
    Leaf,
    Order,
    Repository,
    SqlRepository,
    SqlStore,
    Store,
    User,
)

CHAPTER = Chapter("M.E.DI ")
_behaviour = CHAPTER.behaviour
_ANY = (Feature.KEY, Feature.ANY_KEY, Feature.COLLECTION, Feature.SEVERAL)


class CloudStore(Store):
    """A third implementation."""

    def load(self) -> str:
        """Say where from."""
        return "cloud"


@_behaviour(
    "MEDI-062", "None, a key and every key each list and give what they should", "CombinationalRegistration", *_ANY
)  # fmt: skip
def truth_table(services: Services) -> None:
    every = _instances(services, (None, None, ANY, ANY, "a", "a"))
    any_key = services.spelt(ANY)
    with services.open() as container:
        _lists(container, None, every[0:2])
        _lists(container, any_key, every[4:6])
        _lists(container, "a", every[4:6])
        expect(container.resolve(Store) is every[1], "an unkeyed look-up does not give the last one")
        expect(container.resolve(Store, "a") is every[5], "a keyed look-up does not give the last one")
        expect(container.resolve(Store, "b") is every[3], "an unknown key does not fall back to the last for every key")
        expect_error(lambda: container.resolve(Store, any_key), "a single look-up with every key gives something")


@_behaviour(
    "MEDI-067", "several registrations under one key are listed in order", "ResolveKeyedServices",
    Feature.KEY, Feature.COLLECTION, Feature.SEVERAL, Feature.INSTANCE,
)  # fmt: skip
def listed_by_key(services: Services) -> None:
    every = _instances(services, ("a", "b", "b", "a", None))
    with services.open() as container:
        _lists(container, "a", [every[0], every[3]])
        _lists(container, "b", every[1:3])


@_behaviour("MEDI-068", "every key lists each keyed registration, repeatably", "ResolveKeyedServicesAnyKey", *_ANY)
def listed_by_every_key(services: Services) -> None:
    every = _instances(services, ("a", None, "b", "b", "c"))
    with services.open() as container:
        for _ in range(2):
            _lists(container, services.spelt(ANY), [every[0], *every[2:]])


@_behaviour(
    "MEDI-069", "what a registration for every key made is in no list",
    "ResolveKeyedServicesAnyKeyWithAnyKeyRegistration", *_ANY,
)  # fmt: skip
def conjured_is_not_listed(services: Services) -> None:
    (named,) = _instances(services, ("a",))
    services.singleton(Store, SqlStore, key=ANY)
    with services.open() as container:
        container.resolve(Store, "b")
        container.resolve(Store, "c")
        _lists(container, services.spelt(ANY), [named])


@_behaviour(
    "MEDI-070", "the list for every key does not depend on earlier look-ups", "ResolveKeyedServicesAnyKeyConsistency",
    *_ANY,
)  # fmt: skip
def independent_of_look_ups(services: Services) -> None:
    services.singleton(Store, FileStore, key="a")
    any_key = services.spelt(ANY)
    for first in (True, False):
        with services.open() as container:
            if first:
                container.resolve(Store, "a")
            expect_error(lambda opened=container: opened.resolve(Store, any_key), "a single look-up gives something")  # type: ignore[misc]
            _lists(container, any_key, [container.resolve(Store, "a")])


@_behaviour(
    "MEDI-071", "the same holds beside a registration for every key",
    "ResolveKeyedServicesAnyKeyConsistencyWithAnyKeyRegistration", *_ANY,
)  # fmt: skip
def independent_beside_any_key(services: Services) -> None:
    services.singleton(Store, FileStore, key="a")
    services.singleton(Store, SqlStore, key=ANY)
    any_key = services.spelt(ANY)
    for keys in (("x", "a"), ()):
        with services.open() as container:
            for key in keys:
                container.resolve(Store, key)
            expect_error(lambda opened=container: opened.resolve(Store, any_key), "a single look-up gives something")  # type: ignore[misc]
            _lists(container, any_key, [container.resolve(Store, "a")])


@_behaviour(
    "MEDI-072", "lists and single look-ups share objects, whichever came first", "ResolveWithAnyKeyQuery_Constructor",
    *_ANY,
)  # fmt: skip
def shared_objects(services: Services) -> None:
    services.singleton(Store, FileStore, key="a")
    services.singleton(Store, SqlStore, key="b")
    with services.open() as container:
        listed = list(container.resolve_all(Store, services.spelt(ANY)))
        expect(listed == [container.resolve(Store, "a"), container.resolve(Store, "b")], "list first: others")
    with services.open() as container:
        single = [container.resolve(Store, "a"), container.resolve(Store, "b")]
        _lists(container, services.spelt(ANY), single)


@_behaviour(
    "MEDI-073", "duplicates under one key are distinct, and the last is the single one",
    "ResolveWithAnyKeyQuery_Constructor_Duplicates", *_ANY,
)  # fmt: skip
def duplicates(services: Services) -> None:
    for _ in range(2):
        services.singleton(Store, FileStore, key="a")
    with services.open() as container:
        listed = list(container.resolve_all(Store, services.spelt(ANY)))
        expect(len(listed) == 2 and listed[0] is not listed[1], "they are not two objects")
        expect(container.resolve(Store, "a") is listed[1], "the single one is not the last")


@_behaviour(
    "MEDI-074", "supplied objects are listed and given themselves", "ResolveWithAnyKeyQuery_InstanceProvided",
    *_ANY, Feature.INSTANCE,
)  # fmt: skip
def supplied(services: Services) -> None:
    one, two = _instances(services, ("a", "b"))
    with services.open() as container:
        _lists(container, services.spelt(ANY), [one, two])
        expect(container.resolve(Store, "a") is one and container.resolve(Store, "b") is two, "others are given")


@_behaviour(
    "MEDI-075", "an object supplied twice under one key is listed twice",
    "ResolveWithAnyKeyQuery_InstanceProvided_Duplicates", *_ANY, Feature.INSTANCE,
)  # fmt: skip
def supplied_twice(services: Services) -> None:
    thing = FileStore()
    services.instance(Store, thing, key="a")
    services.instance(Store, thing, key="a")
    with services.open() as container:
        _lists(container, services.spelt(ANY), [thing, thing])
        expect(container.resolve(Store, "a") is thing, "another one is given")


@_behaviour(
    "MEDI-076", "the list for every key is in order of registration, not by key", "ResolveKeyedServicesAnyKeyOrdering",
    *_ANY, Feature.INSTANCE,
)  # fmt: skip
def order(services: Services) -> None:
    every = _instances(services, ("a", "b", "a", "c", "b"))
    with services.open() as container:
        _lists(container, services.spelt(ANY), every)


@_behaviour(
    "MEDI-077", "closed generics under keys are listed by their arguments", "ResolveKeyedGenericServices",
    Feature.KEY, Feature.COLLECTION, Feature.SEVERAL, Feature.CLOSED_GENERIC, Feature.INSTANCE,
)  # fmt: skip
def generics(services: Services) -> None:
    users: list[Any] = [SqlRepository(), SqlRepository()]
    orders: list[Any] = [SqlRepository()]
    for each in users:
        services.instance(Repository[User], each, key="a")
    services.instance(Repository[Order], orders[0], key="a")
    with services.open() as container:
        expect(list(container.resolve_all(Repository[User], "a")) == users, "the list for users differs")
        expect(list(container.resolve_all(Repository[Order], "a")) == orders, "the list for orders differs")


@_behaviour(
    "MEDI-081", "the list for a key leaves registrations for every key out",
    "ResolveKeyedServicesSingletonInstanceWithAnyKey", *_ANY, Feature.INSTANCE,
)  # fmt: skip
def list_without_any_key(services: Services) -> None:
    every = _instances(services, (ANY, "a"))
    services.singleton(Leaf)
    with services.open() as container:
        _lists(container, "a", every[1:])
        _lists(container, "b", [])


def _instances(services: Services, keys: tuple[Any, ...]) -> list[Any]:
    """Register an object under each key."""
    made: list[Any] = [CloudStore() for _ in keys]
    for key, each in zip(keys, made, strict=True):
        services.instance(Store, each, key=key)
    return made


def _lists(container: Opened, key: Any, wanted: list[Any]) -> None:
    listed = list(container.resolve_all(Store, key))
    expect(listed == wanted, f"the list for {key!r} has {len(listed)} objects, or others, or another order")
