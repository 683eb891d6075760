from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from kimera_di import (
    BuildErrors,
    CaptiveDependencyError,
    CircularDependencyError,
    InterfaceMismatchError,
    KimeraError,
    Lifetime,
    MissingServiceError,
    ServiceCollection,
)
from tests.spec.helpers import build_errors, fact, line_of, only, problem, way


class Clock(Protocol):
    def now(self) -> float: ...


class SystemClock:
    def now(self) -> float:
        return 1.0


class Session:
    pass


@dataclass
class Payments:
    clock: Clock


@dataclass
class Checkout:
    payments: Payments


@dataclass
class Audit:
    clock: Clock


@dataclass
class Hen:
    egg: "Egg"


@dataclass
class Egg:
    hen: Hen


@dataclass
class Farm:
    hen: Hen


@dataclass
class Cache:
    session: Session


class NoClock:
    pass


def all_wrong(services: ServiceCollection) -> ServiceCollection:
    """Register one problem of every kind."""
    services.singleton(Payments).singleton(Clock, NoClock, key="bad")
    services.singleton(Hen).singleton(Egg).scoped(Session).singleton(Cache)
    return services.singleton(list, lambda unread: [])


ALL_WRONG = {"KD103", "KD201", "KD202", "KD203", "KD204"}


def test_build_reports_all_problems_at_once(services: ServiceCollection) -> None:
    errors = build_errors(all_wrong(services))

    assert {error.code for error in errors.exceptions if isinstance(error, KimeraError)} == ALL_WRONG
    assert len(errors.exceptions) == len(ALL_WRONG)
    assert errors.code == "KD200"


def test_validate_gives_the_same_problems_and_raises_nothing(services: ServiceCollection) -> None:
    found = all_wrong(services).validate()

    assert [str(error) for error in found] == [str(error) for error in build_errors(services).exceptions]


def test_problems_are_the_same_every_time(services: ServiceCollection) -> None:
    all_wrong(services)

    assert [str(error) for error in services.validate()] == [str(error) for error in services.validate()]


def test_collection_without_problems_validates_to_an_empty_list(services: ServiceCollection) -> None:
    assert services.singleton(Clock, SystemClock).singleton(Payments).validate() == []


def test_build_errors_can_be_split_by_kind(services: ServiceCollection) -> None:
    caught: list[Any] = []

    try:
        all_wrong(services).build()
    except* MissingServiceError as missing:
        caught.extend(missing.exceptions)
    except* KimeraError as others:
        rest = others

    assert [error.service for error in caught] == [Clock]
    assert isinstance(rest, BuildErrors)
    assert len(rest.exceptions) == len(ALL_WRONG) - 1


def test_summary_counts_the_problems(services: ServiceCollection) -> None:
    text = str(build_errors(services.singleton(Payments).singleton(Audit).singleton(Hen).singleton(Egg)))

    assert text == "KD200 2 problems in the registrations: 1 MissingServiceError, 1 CircularDependencyError"


def test_refused_build_can_be_repaired_in_a_copy(services: ServiceCollection) -> None:
    build_errors(services.singleton(Payments))

    repaired = services.copy().singleton(Clock, SystemClock).build()

    assert repaired[Payments].clock.now() == 1.0


def test_planning_calls_no_constructor_and_no_factory(services: ServiceCollection) -> None:
    called: list[str] = []

    class Loud:
        def __init__(self) -> None:
            called.append("class")

    def make() -> Session:
        called.append("function")
        return Session()

    def generate() -> Iterator[SystemClock]:
        called.append("generator")
        yield SystemClock()

    services.singleton(Loud).singleton(Session, make).singleton(SystemClock, generate)

    services.validate()
    services.build()

    assert called == []


def test_missing_service_has_the_path_from_the_root(services: ServiceCollection) -> None:
    services.scoped(Checkout).singleton(Payments)

    error = problem(services, MissingServiceError)

    assert (error.service, error.key, error.code) == (Clock, None, "KD201")
    assert way(error) == [(Checkout, "payments"), (Payments, "clock"), (Clock, None)]
    assert [step.lifetime for step in error.path] == [Lifetime.SCOPED, Lifetime.SINGLETON, None]


def test_steps_name_the_line_of_the_class(services: ServiceCollection) -> None:
    services.singleton(Payments)

    first, last = problem(services, MissingServiceError).path

    file, line = line_of(first)
    with open(file, encoding="utf-8") as source:
        assert source.readlines()[line - 1].startswith(("class Payments", "@dataclass"))
    assert (last.file, last.line) == (None, None)


def test_steps_name_the_line_of_the_factory(services: ServiceCollection) -> None:
    def make(clock: Clock) -> Payments:
        return Payments(clock)

    services.singleton(Payments, make)

    first, _ = problem(services, MissingServiceError).path

    assert line_of(first) == (__file__, make.__code__.co_firstlineno)


def test_service_missing_in_several_places_is_one_problem(services: ServiceCollection) -> None:
    services.singleton(Payments).singleton(Audit)

    error = problem(services, MissingServiceError)

    assert way(error)[0] == (Payments, "clock")
    assert fact(error, "also needed by") == "Audit"


def test_others_who_need_it_are_counted_beyond_three(services: ServiceCollection) -> None:
    def needs_clock(name: str) -> type:
        def init(self: Any, clock: Clock) -> None:
            del self, clock

        return type(name, (), {"__init__": init})

    for name in "ABCDEFG":
        services.singleton(needs_clock(name))

    assert fact(problem(services, MissingServiceError), "also needed by") == "B, C, D (and 3 more)"


def test_registered_implementation_is_guessed(services: ServiceCollection) -> None:
    services.singleton(Payments).singleton(SystemClock)

    error = problem(services, MissingServiceError)

    assert fact(error, "did you mean").startswith("SystemClock, which implements Clock")
    assert fact(error, "do this") == "services.singleton(Clock, SystemClock)"


def test_service_of_a_like_name_is_guessed(services: ServiceCollection) -> None:
    class Clocks:
        pass

    services.singleton(Payments).singleton(Clocks)

    assert "Clocks" in fact(problem(services, MissingServiceError), "did you mean")


def test_cycle_starts_and_ends_with_the_same_service(services: ServiceCollection) -> None:
    services.singleton(Farm).singleton(Hen).singleton(Egg)

    error = problem(services, CircularDependencyError)

    assert error.code == "KD202"
    assert way(error) == [(Hen, "egg"), (Egg, "hen"), (Hen, None)]
    assert "Hen needs itself: Hen -> Egg -> Hen" in str(error)


def test_service_that_needs_itself_is_a_cycle_of_one(services: ServiceCollection) -> None:
    def make(session: Session) -> Session:
        return session

    services.singleton(Session, make)

    assert way(problem(services, CircularDependencyError)) == [(Session, "session"), (Session, None)]


@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_cycle_is_found_in_every_lifetime(services: ServiceCollection, lifetime: Lifetime) -> None:
    services.register(Hen, lifetime=lifetime).register(Egg, lifetime=lifetime)

    assert problem(services, CircularDependencyError).service is Hen


def test_cycle_through_a_list_is_found(services: ServiceCollection) -> None:
    class Plugin:
        pass

    class Host(Plugin):
        def __init__(self, plugins: list[Plugin]) -> None:
            pass

    services.singleton(Plugin, Host)

    assert way(problem(services, CircularDependencyError)) == [(Plugin, "plugins"), (Plugin, None)]


def test_cycle_through_a_default_that_is_registered_is_found(services: ServiceCollection) -> None:
    class Lamp:
        def __init__(self, switch: "Switch | None" = None) -> None:
            pass

    class Switch:
        def __init__(self, lamp: Lamp) -> None:
            pass

    services.singleton(Lamp).singleton(Switch)

    assert problem(services, CircularDependencyError).service is Lamp


def test_separate_cycles_are_separate_problems(services: ServiceCollection) -> None:
    def make(session: Session) -> Session:
        return session

    services.singleton(Hen).singleton(Egg).singleton(Session, make)

    assert [error.path[0].service for error in services.validate()] == [Hen, Session]


def test_misfit_among_several_registrations_names_its_own_line(services: ServiceCollection) -> None:
    services.singleton(Clock, SystemClock)
    services.singleton(Clock, NoClock)

    error = problem(services, InterfaceMismatchError)

    line = services.descriptors()[1].place.line
    assert fact(error, "registered").endswith(f"test_planning_errors.py:{line}")


def test_registration_that_is_never_reached_is_checked_too(services: ServiceCollection) -> None:
    """The last one wins for a single look-up, but all are in resolve_all."""
    services.singleton(Clock, NoClock).singleton(Clock, SystemClock)

    assert problem(services, InterfaceMismatchError).code == "KD204"


def test_missing_service_hides_no_captive_behind_it(services: ServiceCollection) -> None:
    @dataclass
    class Both:
        clock: Clock
        session: Session

    services.scoped(Session).singleton(Both)

    errors = services.validate()

    assert [type(error) for error in errors] == [MissingServiceError, CaptiveDependencyError]


def test_path_is_empty_where_there_is_none(services: ServiceCollection) -> None:
    errors = build_errors(services.singleton(Payments))

    assert errors.path == ()


def test_errors_of_a_deep_chain_are_cut_in_the_middle(services: ServiceCollection) -> None:
    previous: type = Clock
    for number in range(40):

        def init(self: Any, below: Any) -> None:
            del self, below

        init.__annotations__ = {"below": previous}
        previous = type(f"Level{number}", (), {"__init__": init})
        services.singleton(previous)

    error = problem(services, MissingServiceError)

    assert len(error.path) == 41
    assert "... 18 more steps" in str(error)
    assert str(error).count("Level") == 22


def test_group_has_only_the_problem_when_there_is_one(services: ServiceCollection) -> None:
    assert only(MissingServiceError, build_errors(services.singleton(Payments))).service is Clock
