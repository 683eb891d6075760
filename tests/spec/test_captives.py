from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from kimera_di import CaptiveDependencyError, Lifetime, ServiceCollection
from tests.spec.helpers import fact, problem, way


class Session:
    pass


@dataclass
class Repository:
    session: Session


@dataclass
class Cache:
    session: Session


@dataclass
class Service:
    repository: Repository


def a_function(session: Session) -> Service:
    return Service(Repository(session))


def a_generator(session: Session) -> Iterator[Service]:
    yield Service(Repository(session))


async def an_async_function(session: Session) -> Service:
    return Service(Repository(session))


async def an_async_generator(session: Session) -> AsyncIterator[Service]:
    yield Service(Repository(session))


def test_singleton_that_needs_a_scoped_service_is_rejected_at_build(services: ServiceCollection) -> None:
    """Otherwise the first request's connection would live as long as the cache."""
    services.singleton(Cache).scoped(Session)

    error = problem(services, CaptiveDependencyError)

    assert (error.code, error.service) == ("KD203", Session)
    assert way(error) == [(Cache, "session"), (Session, None)]
    assert [step.lifetime for step in error.path] == [Lifetime.SINGLETON, Lifetime.SCOPED]
    assert "services.scoped(...)" in fact(error, "do this")


def test_captive_behind_a_transient_is_rejected(services: ServiceCollection) -> None:
    services.singleton(Service).transient(Repository).scoped(Session)

    assert way(problem(services, CaptiveDependencyError)) == [
        (Service, "repository"), (Repository, "session"), (Session, None),
    ]  # fmt: skip


@pytest.mark.parametrize("factory", [a_function, a_generator, an_async_function, an_async_generator])
def test_captive_of_a_factory_is_rejected(services: ServiceCollection, factory: Any) -> None:
    services.singleton(Service, factory).scoped(Session)

    assert way(problem(services, CaptiveDependencyError)) == [(Service, "session"), (Session, None)]


def test_every_captive_of_a_singleton_is_a_problem(services: ServiceCollection) -> None:
    @dataclass
    class Both:
        session: Session
        repository: Repository

    services.singleton(Both).scoped(Session).scoped(Repository)

    assert {error.path[-1].service for error in services.validate()} == {Session, Repository}


def test_every_singleton_with_the_same_captive_is_a_problem(services: ServiceCollection) -> None:
    services.singleton(Cache).singleton(Repository).scoped(Session)

    assert [error.path[0].service for error in services.validate()] == [Cache, Repository]


def test_singleton_over_a_captive_singleton_is_not_reported_again(services: ServiceCollection) -> None:
    """Repairing the one repairs the other."""
    services.singleton(Service).singleton(Repository).scoped(Session)

    assert way(problem(services, CaptiveDependencyError))[0] == (Repository, "session")


def test_optional_captive_is_rejected(services: ServiceCollection) -> None:
    @dataclass
    class Maybe:
        session: Session | None = None

    services.singleton(Maybe).scoped(Session)

    assert way(problem(services, CaptiveDependencyError)) == [(Maybe, "session"), (Session, None)]


@pytest.mark.parametrize("lifetime", [Lifetime.SCOPED, Lifetime.TRANSIENT])
def test_shorter_lived_consumers_may_hold_a_scoped_service(services: ServiceCollection, lifetime: Lifetime) -> None:
    services.register(Cache, lifetime=lifetime).scoped(Session)

    assert services.validate() == []


def test_singleton_may_hold_transients_and_instances(services: ServiceCollection) -> None:
    services.singleton(Service).transient(Repository).instance(Session, Session())

    assert services.validate() == []


def test_last_registration_decides_whether_a_service_is_captive(services: ServiceCollection) -> None:
    services.singleton(Cache).scoped(Session).singleton(Session)

    assert services.validate() == []
