"""Which problems hit which services."""

from typing import Any

import pytest

from kimera_di import MissingServiceError, Provider, ServiceCollection
from kimera_di.planning import make_plan
from kimera_di.planning.service_problems import problems_of
from kimera_di.vocabulary import ServiceId


class Clock: ...


class Needy:
    def __init__(self, missing: int) -> None: ...


class Above:
    def __init__(self, needy: Needy) -> None: ...


class Session: ...


class Passing:
    def __init__(self, session: Session) -> None: ...


class Keeper:
    def __init__(self, passing: Passing) -> None: ...


class Left:
    def __init__(self, right: "Right") -> None: ...


class Right:
    def __init__(self, left: Left) -> None: ...


class Base: ...


class Wrong: ...


async def make_base() -> Base:
    return Base()


class Provided:
    def __init__(self, base: Provider[Base]) -> None: ...


def hit(service: type[Any]) -> list[str]:
    services = ServiceCollection().singleton(Clock).singleton(Needy).singleton(Above)
    services.scoped(Session).transient(Passing).singleton(Keeper).singleton(Left).singleton(Right)
    services.singleton(Base, make_base).singleton(Provided).decorate(Wrong, Clock)
    services.singleton(Wrong, Clock, key="unlike")
    plan = make_plan(services.entries())
    asked = next(each for each in plan.graph.single if each.interface is service)
    return [each.code for each in problems_of(plan.graph, plan.problems, [plan.graph.single[asked]], [asked])]


@pytest.mark.parametrize(
    ("service", "codes"),
    [
        (Clock, []),
        (Needy, ["KD201"]),
        (Above, ["KD201"]),
        (Session, []),
        (Passing, []),
        (Keeper, ["KD203"]),
        (Left, ["KD202"]),
        (Right, ["KD202"]),
        (Base, []),
        (Provided, ["KD206"]),
        (Wrong, ["KD204"]),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_problem_hits_who_cannot_be_built_because_of_it(service: type[Any], codes: list[str]) -> None:
    assert hit(service) == codes


def test_problem_without_a_path_hits_the_service_it_names() -> None:
    services = ServiceCollection().singleton(Clock).alias(Base, Wrong).decorate(Session, Clock)
    plan = make_plan(services.entries())

    found = problems_of(plan.graph, plan.problems, [], [ServiceId(Session)])

    assert "KD201" in [each.code for each in found]
    assert len(found) < len(plan.problems)


def test_problem_that_has_no_path_at_all_hits_the_service_it_is_about() -> None:
    plan = make_plan(ServiceCollection().singleton(Clock).entries())
    problem = MissingServiceError("nothing provides Clock", service=ServiceId(Clock))

    assert problems_of(plan.graph, [problem], [], [ServiceId(Clock)]) == (problem,)
    assert problems_of(plan.graph, [problem], [], [ServiceId(Base)]) == ()


def test_captive_of_an_outer_level_hits_the_service_that_keeps_it_and_no_transient_between() -> None:
    services = ServiceCollection(scopes=("session", "request")).scoped(Session, scope="request")
    plan = make_plan(services.transient(Passing).scoped(Keeper, scope="session").entries(), levels=services.scopes)

    (problem,) = plan.problems

    assert problems_of(plan.graph, [problem], [], [ServiceId(Keeper)]) == (problem,)
    assert problems_of(plan.graph, [problem], [], [ServiceId(Passing)]) == ()
