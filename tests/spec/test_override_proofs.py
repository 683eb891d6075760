"""An override is proven with all that reaches it: a captive that only its dependants make is refused."""

from dataclasses import dataclass
from typing import Any

import pytest

from kimera_di import CaptiveDependencyError, InterfaceMismatchError, Lazy, Provider, ServiceCollection
from tests.spec.helpers import way


class Session:
    pass


class Clock:
    pass


@dataclass(eq=False)
class SessionClock(Clock):
    session: Session


class ProvidedClock(Clock):
    def __init__(self, session: Provider[Session]) -> None:
        self.session = session


@dataclass(eq=False)
class Report:
    clock: Clock


@dataclass(eq=False)
class LazyReport:
    clock: Lazy[Clock]


@pytest.mark.parametrize("clock", [SessionClock, ProvidedClock])
@pytest.mark.parametrize("report", [Report, LazyReport])
def test_override_that_makes_a_singleton_keep_a_scoped_service_is_refused(
    services: ServiceCollection, clock: type[Clock], report: type
) -> None:
    container = services.scoped(Session).transient(Clock).singleton(report).build()

    with pytest.raises(CaptiveDependencyError) as caught:
        container.override(Clock, factory=clock)

    assert way(caught.value) == [(report, "clock"), (Clock, "session"), (Session, None)]


def test_override_that_makes_an_outer_level_keep_an_inner_one_is_refused() -> None:
    services = ServiceCollection(scopes=("session", "request")).scoped(Session, scope="request").transient(Clock)
    container = services.scoped(Report, scope="session").build()

    with pytest.raises(CaptiveDependencyError, match="would keep the Session of a scope 'request' inside it"):
        container.override(Clock, factory=SessionClock)


def test_override_of_a_transient_that_only_scoped_services_use_may_need_scoped_ones(
    services: ServiceCollection,
) -> None:
    container = services.scoped(Session).transient(Clock).scoped(Report).build()

    with container.override(Clock, factory=SessionClock), container.scope() as scope:
        clock = scope[Report].clock
        assert isinstance(clock, SessionClock)
        assert clock.session is scope[Session]


class Reading:
    pass


class Store(Reading):
    pass


@dataclass(eq=False)
class Keeper:
    store: Store


@pytest.mark.parametrize("replacement", [{"instance": Reading()}, {"factory": Reading}], ids=["instance", "factory"])
def test_override_by_another_name_must_fit_what_the_name_stands_for(
    services: ServiceCollection, replacement: dict[str, Any]
) -> None:
    container = services.singleton(Store).alias(Reading, Store).singleton(Keeper).build()

    with pytest.raises(InterfaceMismatchError, match="Reading is not a subclass of Store"):
        container.override(Reading, **replacement)


def test_override_by_another_name_replaces_the_target_as_well(services: ServiceCollection) -> None:
    container = services.singleton(Store).alias(Reading, Store).singleton(Keeper).build()
    fake = Store()

    with container.override(Reading, fake):
        found = [container[Reading], container[Store], container[Keeper].store]

    assert all(each is fake for each in found)
