"""Open and closed generics: the same specification of .NET.

In: ``Services``. Out: nothing, or ``AssertionError``. A constraint of .NET is the bound of a type variable.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103, PLR2004

from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect
from kimera_di.testing.conformance.model import Feature
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import (
    AnimalRepository,
    Cat,
    FileStore,
    Order,
    Repository,
    SqlRepository,
    StoreRepository,
    User,
    UserRepository,
)

CHAPTER = Chapter("M.E.DI ")
_behaviour = CHAPTER.behaviour
_OPEN = (Feature.OPEN_GENERIC, Feature.CLOSED_GENERIC)


@_behaviour(
    "MEDI-025", "an open generic is closed when it is asked for", "OpenGenericServicesCanBeResolved", *_OPEN
)  # fmt: skip
def open_generic(services: Services) -> None:
    services.singleton(Repository, SqlRepository)
    with services.open() as container:
        users, orders = container.resolve(Repository[User]), container.resolve(Repository[Order])
        expect(type(users) is SqlRepository, "the implementation differs")
        expect(users is not orders, "two arguments share an object")
        expect(container.resolve(Repository[User]) is users, "one argument has two singletons")


@_behaviour(
    "MEDI-026", "an open implementation whose bound does not fit is left out of a collection",
    "ConstrainedOpenGenericServicesCanBeResolved", *_OPEN, Feature.COLLECTION, Feature.GENERIC_LIST, Feature.SEVERAL,
)  # fmt: skip
def bound_in_collection(services: Services) -> None:
    services.singleton(Repository, SqlRepository)
    services.singleton(Repository, AnimalRepository)
    with services.open() as container:
        cats: list[Any] = [type(each) for each in container.resolve_all(Repository[Cat])]
        users: list[Any] = [type(each) for each in container.resolve_all(Repository[User])]
    expect(cats == [SqlRepository, AnimalRepository], f"for an argument that fits: {cats}")
    expect(users == [SqlRepository], f"for an argument that does not fit: {users}")


@_behaviour(
    "MEDI-027", "when no open implementation fits, the collection is empty",
    "ConstrainedOpenGenericServicesReturnsEmptyWithNoMatches", *_OPEN, Feature.COLLECTION,
    Feature.GENERIC_LIST, Feature.SEVERAL,
)  # fmt: skip
def no_bound_fits(services: Services) -> None:
    services.singleton(Repository, AnimalRepository)
    with services.open() as container:
        expect(list(container.resolve_all(Repository[User])) == [], "it is not empty")


@_behaviour(
    "MEDI-028", "a bound that is an interface is honoured", "InterfaceConstrainedOpenGenericServicesCanBeResolved",
    *_OPEN, Feature.COLLECTION, Feature.GENERIC_LIST, Feature.SEVERAL,
)  # fmt: skip
def interface_bound(services: Services) -> None:
    services.singleton(Repository, StoreRepository)
    with services.open() as container:
        fits: list[Any] = [type(each) for each in container.resolve_all(Repository[FileStore])]
        other = list(container.resolve_all(Repository[User]))
    expect(fits == [StoreRepository] and other == [], f"{fits} and {other}")


@_behaviour(
    "MEDI-029", "a bound is met through inheritance",
    "AbstractClassConstrainedOpenGenericServicesCanBeResolved", *_OPEN,
)  # fmt: skip
def inherited_bound(services: Services) -> None:
    class Kitten(Cat):
        """Two steps below the bound."""

    services.singleton(Repository, AnimalRepository)
    with services.open() as container:
        expect(type(container.resolve(Repository[Kitten])) is AnimalRepository, "it is not found")


@_behaviour(
    "MEDI-030", "a closed registration is preferred to an open one, whatever their order",
    "ClosedServicesPreferredOverOpenGenericServices", *_OPEN,
)  # fmt: skip
def closed_preferred(services: Services) -> None:
    services.singleton(Repository[User], UserRepository)
    services.singleton(Repository, SqlRepository)
    with services.open() as container:
        expect(type(container.resolve(Repository[User])) is UserRepository, "the open one is given")
        expect(type(container.resolve(Repository[Order])) is SqlRepository, "the open one is not given to others")


@_behaviour(
    "MEDI-035", "a collection mixes closed, open and supplied registrations in their order",
    "ResolvesMixedOpenClosedGenericsAsEnumerable", *_OPEN, Feature.COLLECTION,
    Feature.GENERIC_LIST, Feature.SEVERAL, Feature.INSTANCE,
)  # fmt: skip
def mixed_collection(services: Services) -> None:
    thing = UserRepository()
    services.singleton(Repository, SqlRepository)
    services.singleton(Repository[User], UserRepository)
    services.instance(Repository[User], thing)
    with services.open() as container:
        made = list(container.resolve_all(Repository[User]))
    expect([type(each) for each in made[:2]] == [SqlRepository, UserRepository], "kinds or order differ")
    expect(len(made) == 3 and made[2] is thing, "the supplied object is not the last one")
