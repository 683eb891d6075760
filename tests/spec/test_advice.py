"""Errors advise what fits the mistake; the texts themselves are golden (``advice_errors``)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kimera_di import (
    AnnotationError,
    AsyncRequiredError,
    Injected,
    MissingServiceError,
    RegistrationError,
    ScopeRequiredError,
    ServiceCollection,
    inject,
)
from tests.spec import shop
from tests.spec.advice_errors import CachedRows, Rows, SqlRows, connect


class Bell:
    def ring(self) -> None: ...


def fact(error: Any, label: str) -> str:
    return dict(error.facts)[label]


@pytest.mark.parametrize("decorator", [CachedRows, CachedRows[int]], ids=["open class", "closed class"])
def test_generic_decorator_of_a_closed_type_takes_the_inner_one(decorator: Any) -> None:
    container = ServiceCollection().singleton(Rows[int], SqlRows).decorate(Rows[int], decorator).build()

    rows: Any = container.resolve(Rows[int])

    assert isinstance(rows, CachedRows)
    assert isinstance(rows.inner, SqlRows)
    assert rows.inner.row is int


def test_decorator_of_a_closed_type_leaves_the_open_registration_alone() -> None:
    services = ServiceCollection().singleton(Rows, SqlRows).singleton(Rows[int], SqlRows)

    container = services.decorate(Rows[int], CachedRows[int]).build()

    assert isinstance(container.resolve(Rows[int]), CachedRows)
    assert isinstance(container.resolve(Rows[str]), SqlRows)


def test_closed_decorator_of_other_type_arguments_is_refused() -> None:
    services = ServiceCollection().singleton(Rows[int], SqlRows).decorate(Rows[int], CachedRows[str])

    problems = services.validate()

    assert "Rows[int]" in str(problems[0])


def bound(services: ServiceCollection, function: Callable[..., Any]) -> Callable[..., Any]:
    return inject(function, container=services.build())


def test_refused_look_up_of_an_alias_begins_at_the_injected_function() -> None:
    def charge(store: Injected[shop.Store]) -> None: ...

    services = ServiceCollection().scoped(shop.MemoryStore).alias(shop.Store, shop.MemoryStore)

    with pytest.raises(ScopeRequiredError) as caught:
        bound(services, charge)()

    assert caught.value.path[0].service is charge
    assert caught.value.path[0].parameter == "store"


def test_refused_look_up_of_a_union_begins_at_the_injected_function() -> None:
    def charge(session: Injected[shop.Session | None]) -> None: ...

    with pytest.raises(AsyncRequiredError) as caught:
        bound(ServiceCollection().singleton(shop.Session, connect), charge)()

    assert caught.value.path[0].service is charge
    assert fact(caught.value, "do this") == "write async def charge"


def test_refused_look_up_inside_a_factory_keeps_its_own_path() -> None:
    def make() -> shop.Payments:
        inner.resolve(shop.Session)
        raise AssertionError("nothing can be resolved there")

    def charge(payments: Injected[shop.Payments]) -> None: ...

    inner = ServiceCollection().scoped(shop.Session).build()

    with pytest.raises(ScopeRequiredError) as caught:
        bound(ServiceCollection().singleton(shop.Payments, make), charge)()

    assert [step.service for step in caught.value.path] == [shop.Session]


def test_class_made_by_an_interceptor_is_never_guessed() -> None:
    container = ServiceCollection().singleton(Bell, Bell).intercept(Bell, lambda call: call.proceed()).build()
    container.resolve(Bell)

    with pytest.raises(MissingServiceError) as caught:
        ServiceCollection().build().resolve(Bell)

    assert fact(caught.value, "do this") == "services.singleton(Bell, ...)"


def test_misspelt_name_of_a_class_that_nobody_registered_is_guessed() -> None:
    (problem,) = ServiceCollection().singleton(shop.Misspelt).validate()

    assert isinstance(problem, AnnotationError)
    assert "did you mean Session?" in str(problem)


@pytest.mark.parametrize(
    ("mine", "theirs", "advised"),
    [
        ((), ("session", "request"), "('session', 'request')"),
        (("request",), ("session", "request"), "('session', 'request')"),
        (("app", "request"), ("session", "request"), "('app', 'session', 'request')"),
        (("app",), ("session",), "('app', 'session')"),
    ],
)
def test_advice_about_included_levels_keeps_those_that_are_there(
    mine: tuple[str, ...], theirs: tuple[str, ...], advised: str
) -> None:
    with pytest.raises(RegistrationError) as caught:
        ServiceCollection(scopes=mine).include(ServiceCollection(scopes=theirs))

    assert advised in fact(caught.value, "do this")


def test_scan_of_an_unknown_root_guesses_a_near_name_only() -> None:
    with pytest.raises(RegistrationError) as near:
        ServiceCollection().scan("kimera_dii.rendering")
    with pytest.raises(RegistrationError) as far:
        ServiceCollection().scan("nope.pkg")

    assert fact(near.value, "did you mean") == "kimera_di"
    assert "did you mean" not in dict(far.value.facts)


@pytest.mark.parametrize("kind", [str, int, float, bytes, Path])
def test_type_of_a_value_is_not_advised_to_be_registered(kind: type) -> None:
    def make(value: Any) -> shop.Session:
        raise AssertionError("nothing is built")

    make.__annotations__["value"] = kind

    (problem,) = ServiceCollection().singleton(shop.Session, make).validate()

    assert "services.settings" in fact(problem, "do this")
