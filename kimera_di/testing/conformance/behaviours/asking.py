"""Is it a service? The ``IServiceProviderIsService`` tests of .NET, unkeyed and keyed.

In: ``Services``. Out: nothing, or ``AssertionError``.
"""

# The title of a behaviour says what its function checks; the numbers in it are examples.
# ruff: noqa: D103

from typing import Any

from kimera_di.testing.conformance.catalogue import Chapter
from kimera_di.testing.conformance.expecting import expect
from kimera_di.testing.conformance.model import CONTAINER, SCOPES, Feature
from kimera_di.testing.conformance.services import Services
from kimera_di.testing.conformance.subjects import (
    FileStore,
    Order,
    Repository,
    SqlRepository,
    Store,
    User,
    UserRepository,
)

CHAPTER = Chapter("M.E.DI ")
_behaviour = CHAPTER.behaviour
_KEYED = (Feature.IS_SERVICE, Feature.KEY)
_OPEN = (Feature.OPEN_GENERIC, Feature.CLOSED_GENERIC)


@_behaviour(
    "MEDI-057", "true for the registered interface, false for the bare implementation",
    "ExplictServiceRegisterationWithIsService", Feature.IS_SERVICE,
)  # fmt: skip
def explicit(services: Services) -> None:
    services.singleton(Store, FileStore)
    with services.open() as container:
        _expect(container.is_service, (Store,), True)
        _expect(container.is_service, (FileStore,), False)


@_behaviour(
    "MEDI-058", "true for a closed form of an open generic, false for the open form",
    "OpenGenericsWithIsService", Feature.IS_SERVICE, *_OPEN,
)  # fmt: skip
def open_form(services: Services) -> None:
    services.singleton(Repository, SqlRepository)
    with services.open() as container:
        _expect(container.is_service, (Repository[User],), True)
        _expect(container.is_service, (Repository,), False)


@_behaviour(
    "MEDI-059", "true for exactly the registered closed generic", "ClosedGenericsWithIsService",
    Feature.IS_SERVICE, Feature.CLOSED_GENERIC,
)  # fmt: skip
def closed_form(services: Services) -> None:
    services.singleton(Repository[User], UserRepository)
    with services.open() as container:
        _expect(container.is_service, (Repository[User],), True)
        _expect(container.is_service, (Repository[Order],), False)


@_behaviour(
    "MEDI-060", "true for every collection, false for the bare list", "IEnumerableWithIsServiceAlwaysReturnsTrue",
    Feature.IS_SERVICE, Feature.COLLECTION,
)  # fmt: skip
def collection(services: Services) -> None:
    services.singleton(Store, FileStore)
    with services.open() as container:
        _expect(container.is_service, (list[Store],), True)
        _expect(container.is_service, (list[User],), True)
        _expect(container.is_service, (list,), False)


@_behaviour(
    "MEDI-061", "true for the container and what opens scopes", "BuiltInServicesWithIsServiceReturnsTrue",
    Feature.IS_SERVICE, Feature.CONTAINER_PARAMETER, Feature.SCOPE_FACTORY,
)  # fmt: skip
def built_in(services: Services) -> None:
    with services.open() as container:
        _expect(container.is_service, (services.spelt(CONTAINER),), True)
        _expect(container.is_service, (services.spelt(SCOPES),), True)


@_behaviour(
    "MEDI-107", "true for type and key, false for another key", "ExplicitServiceRegistrationWithIsKeyedService",
    *_KEYED,
)  # fmt: skip
def explicit_keyed(services: Services) -> None:
    services.singleton(Store, FileStore, key="a")
    with services.open() as container:
        _expect(container.is_service, (Store, "a"), True)
        _expect(container.is_service, (Store, "b"), False)
        _expect(container.is_service, (Store,), False)


@_behaviour(
    "MEDI-108", "true for a closed form of a keyed open generic, false for the open form",
    "OpenGenericsWithIsKeyedService", *_KEYED, *_OPEN,
)  # fmt: skip
def open_form_keyed(services: Services) -> None:
    services.singleton(Repository, SqlRepository, key="a")
    with services.open() as container:
        _expect(container.is_service, (Repository[User], "a"), True)
        _expect(container.is_service, (Repository[User], "b"), False)
        _expect(container.is_service, (Repository, "a"), False)


@_behaviour(
    "MEDI-109", "true for a keyed closed generic", "ClosedGenericsWithIsKeyedService", *_KEYED, Feature.CLOSED_GENERIC
)  # fmt: skip
def closed_form_keyed(services: Services) -> None:
    services.singleton(Repository[User], UserRepository, key="a")
    with services.open() as container:
        _expect(container.is_service, (Repository[User], "a"), True)
        _expect(container.is_service, (Repository[Order], "a"), False)


@_behaviour(
    "MEDI-110", "true for every keyed collection, false for the bare list",
    "IEnumerableWithIsKeyedServiceAlwaysReturnsTrue", *_KEYED, Feature.COLLECTION,
)  # fmt: skip
def collection_keyed(services: Services) -> None:
    services.singleton(Store, FileStore, key="a")
    with services.open() as container:
        _expect(container.is_service, (list[Store], "a"), True)
        _expect(container.is_service, (list[User], "b"), True)
        _expect(container.is_service, (list, "a"), False)


@_behaviour(
    "MEDI-111", "an unkeyed registration answers for no key", "NonKeyedServiceWithIsKeyedService", *_KEYED
)  # fmt: skip
def unkeyed(services: Services) -> None:
    services.singleton(Store, FileStore)
    with services.open() as container:
        _expect(container.is_service, (Store, None), True)
        _expect(container.is_service, (Store, "a"), False)


@_behaviour(
    "MEDI-112", "the container and what opens scopes have no keyed form",
    "BuiltInServicesWithIsKeyedServiceOnlyReturnTrueForNullServiceKey",
    *_KEYED, Feature.CONTAINER_PARAMETER, Feature.SCOPE_FACTORY,
)  # fmt: skip
def built_in_keyed(services: Services) -> None:
    with services.open() as container:
        for marker in (CONTAINER, SCOPES):
            _expect(container.is_service, (services.spelt(marker), None), True)
            _expect(container.is_service, (services.spelt(marker), "a"), False)


def _expect(ask: Any, arguments: tuple[Any, ...], wanted: bool) -> None:
    answer = ask(*arguments)
    expect(answer is wanted, f"is_service{arguments!r} is {answer!r}")
