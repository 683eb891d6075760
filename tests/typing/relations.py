"""Type checkers see what relations give, as parameters, in look-ups and in fakes. Checked, never run."""

from collections.abc import Mapping
from typing import Annotated, Protocol, assert_type

from kimera_di import (
    AsyncProvider,
    Factory,
    Injected,
    Key,
    Lazy,
    Owned,
    Provider,
    Scope,
    ScopeFactory,
    ServiceContainer,
    inject,
)


class Clock(Protocol):
    def now(self) -> float: ...


class SystemClock:
    def now(self) -> float:
        return 0.0


class Report:
    def __init__(self, title: str, clock: Clock) -> None: ...


class Draft(Report): ...


class Service:
    def __init__(  # noqa: PLR0913, PLR0917 - one of each form
        self,
        lazy: Lazy[Clock],
        provider: Provider[Clock],
        keyed: Annotated[Lazy[Clock], Key("wall")],
        optional: Lazy[Clock | None],
        each: list[Lazy[Clock]],
        by_key: Mapping[str, Provider[Clock]],
        deeper: Lazy[Provider[Clock]],
        sessions: Provider[Owned[Clock]],
        *,
        make: Factory[[str], Report],
        owned_reports: Factory[[str, int], Owned[Report]],
        anything: Factory[..., Report],
        container: ServiceContainer,
        scope: Scope,
        scopes: ScopeFactory,
    ) -> None:
        assert_type(lazy.value, Clock)
        assert_type(provider(), Clock)
        assert_type(keyed.value, Clock)
        assert_type(optional.value, Clock | None)
        assert_type(each[0].value, Clock)
        assert_type(by_key["wall"](), Clock)
        assert_type(deeper.value(), Clock)
        assert_type(make("June"), Report)
        assert_type(owned_reports("June", 3).value, Report)
        assert_type(anything("June", pages=3), Report)
        assert_type(container.resolve(Lazy[Clock]).value, Clock)
        assert_type(scope.resolve(Scope), Scope)
        assert_type(scopes(), Scope)
        with sessions() as clock:
            assert_type(clock, Clock)


async def awaited(provider: AsyncProvider[Clock], owned: Owned[Clock], make: AsyncProvider[Owned[Clock]]) -> None:
    assert_type(await provider(), Clock)
    async with owned as clock:
        assert_type(clock, Clock)
    async with await make() as made:
        assert_type(made, Clock)


def look_ups(container: ServiceContainer) -> None:
    assert_type(container.resolve(Lazy[Clock]), Lazy[Clock])
    assert_type(container.resolve(Provider[Clock])(), Clock)
    assert_type(container.resolve(list[Provider[Clock]])[0](), Clock)
    assert_type(container.resolve(Owned[Clock]).value, Clock)
    assert_type(container.resolve(Factory[[str], Report])("June"), Report)
    assert_type(container[ScopeFactory], ScopeFactory)
    assert_type(container.get(Lazy[Clock]), Lazy[Clock] | None)


@inject
def handler(n: int, clock: Injected[Lazy[Clock]], make: Injected[Factory[[str], Report]]) -> Report:
    assert_type(clock, Lazy[Clock])
    return make(f"{n}")


assert_type(handler(3), Report)


class Ready:
    value = SystemClock()


def make_draft(title: str) -> Draft:
    return Draft(title, SystemClock())


def fakes_fit_by_shape(lazy: Lazy[Clock], provider: Provider[Clock], make: Factory[[str], Report]) -> None:
    """What a test passes needs no container."""


fakes_fit_by_shape(Ready(), SystemClock, make_draft)


def wants_reports(report: Provider[Report], later: Lazy[Report]) -> None:
    assert_type((report(), later.value), tuple[Report, Report])


def a_provider_of_a_subclass_is_one_of_its_base(draft: Provider[Draft], lazy: Lazy[Draft]) -> None:
    wants_reports(draft, lazy)
