"""Mistakes with relations that both checkers must find: an ignore that is not needed is an error itself."""

from typing import Protocol

from kimera_di import AsyncProvider, Factory, Lazy, Owned, Provider, ServiceContainer


class Clock(Protocol):
    def now(self) -> float: ...


class Report: ...


def wants_report(_: Report) -> None: ...


def what_they_give_is_not_any(
    lazy: Lazy[Clock], provider: Provider[Clock], owned: Owned[Clock], container: ServiceContainer
) -> None:
    wants_report(lazy.value)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_report(provider())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_report(owned.value)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_report(container.resolve(Lazy[Clock]).value)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lazy.now()  # type: ignore[attr-defined]  # pyright: ignore
    provider.now()  # type: ignore[attr-defined]  # pyright: ignore
    with owned as clock:
        wants_report(clock)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_lazy_value_cannot_be_set(lazy: Lazy[Report]) -> None:
    lazy.value = Report()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


async def forgotten_awaits_are_found(provider: AsyncProvider[Report]) -> None:
    wants_report(provider())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def arguments_of_factories_are_checked(make: Factory[[str], Report]) -> None:
    make()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    make(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    make("June", "July")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def fakes_that_do_not_fit_are_found(lazy: Lazy[Report], make: Factory[[str], Report]) -> None: ...


def make_by_number(number: int) -> Report:
    return Report()


fakes_that_do_not_fit_are_found(Report(), make_by_number)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
