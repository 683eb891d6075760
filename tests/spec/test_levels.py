"""Named levels of scopes: ``ServiceCollection(scopes=("session", "request"))``."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kimera_di import (
    CaptiveDependencyError,
    ContainerClosedError,
    Injected,
    InterfaceMismatchError,
    RegistrationError,
    ScopeFactory,
    ScopeRequiredError,
    ServiceCollection,
    inject,
)
from tests.spec.helpers import fact, problem, way


class Settings: ...


class Tenant: ...


class Basket:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings


class View:
    """A transient between the levels."""

    def __init__(self, basket: Basket) -> None:
        self.basket = basket


class Handler:
    def __init__(self, basket: Basket, view: View) -> None:
        self.basket, self.view = basket, view


def shop() -> ServiceCollection:
    services = ServiceCollection(scopes=("session", "request")).singleton(Settings).transient(View)
    return services.scoped(Basket, scope="session").scoped(Handler)


def test_service_of_an_outer_level_is_shared_by_its_inner_scopes() -> None:
    with (
        shop().build() as container,
        container.scope() as session,
        session.scope() as first,
        session.scope(name="request") as second,
    ):
        handlers = [first[Handler], second[Handler]]

    assert handlers[0] is not handlers[1]
    assert handlers[0].basket is handlers[1].basket is handlers[0].view.basket


def test_service_of_an_outer_level_differs_between_outer_scopes() -> None:
    with shop().build() as container, container.scope() as first, container.scope() as second:
        assert first[Basket] is not second[Basket]


def test_outer_service_asked_for_inside_is_the_outer_one() -> None:
    with shop().build() as container, container.scope(name="session") as session:
        with session.scope() as request:
            inside = request[Basket]

        assert session[Basket] is inside


def test_plain_scoped_service_lives_at_the_innermost_level() -> None:
    container = shop().build()

    with container.scope() as session, pytest.raises(ScopeRequiredError, match="needs a scope 'request'") as caught:
        session.resolve(Handler)

    assert way(caught.value) == [(Handler, None)]
    assert fact(caught.value, "do this") == "with session.scope(name='request') as request: request.resolve(Handler)"


def test_scoped_service_at_the_container_says_which_scopes_to_open() -> None:
    container = shop().build()

    with pytest.raises(ScopeRequiredError, match="Handler needs a scope") as caught:
        container.resolve(Handler)

    assert "container.scope(name='session') as session, session.scope(name='request')" in fact(caught.value, "do this")


def test_level_that_was_left_out_is_refused_only_for_what_needs_it() -> None:
    class Ping: ...

    container = shop().scoped(Ping).build()

    with container.scope(name="request") as request:
        ping = request[Ping]
        with pytest.raises(ScopeRequiredError, match="needs a scope 'session': Basket lives there") as caught:
            request.resolve(Handler)

    assert isinstance(ping, Ping)
    assert way(caught.value) == [(Handler, "basket"), (Basket, None)]


def test_transient_that_needs_an_inner_level_is_refused_outside_with_its_path() -> None:
    class Tool:
        def __init__(self, handler: Handler) -> None: ...

    container = shop().transient(Tool).build()

    with container.scope() as session, pytest.raises(ScopeRequiredError) as caught:
        session.resolve(Tool)

    assert way(caught.value) == [(Tool, "handler"), (Handler, None)]


def test_object_is_closed_with_the_scope_of_its_level() -> None:
    log: list[str] = []

    def basket(settings: Settings) -> Iterator[Basket]:
        yield Basket(settings)
        log.append("basket closed")

    services = ServiceCollection(scopes=("session", "request")).singleton(Settings).transient(View)
    services.scoped(Basket, basket, scope="session").scoped(Handler)

    with services.build() as container, container.scope() as session:
        with session.scope() as request:
            request.resolve(Handler)
        log.append("request over")
        assert log == ["request over"]

    assert log == ["request over", "basket closed"]


def test_transient_with_cleanup_is_closed_with_the_scope_that_asked() -> None:
    log: list[str] = []

    def view(basket: Basket) -> Iterator[View]:
        yield View(basket)
        log.append("view closed")

    services = ServiceCollection(scopes=("session", "request")).singleton(Settings)
    services.transient(View, view).scoped(Basket, scope="session").scoped(Handler)

    with services.build() as container, container.scope() as session:
        with session.scope() as request:
            request.resolve(View)
        assert log == ["view closed"]
        session.resolve(View)

    assert log == ["view closed", "view closed"]


def test_async_service_of_an_outer_level_is_built_once_and_closed_there() -> None:
    log: list[str] = []

    async def basket(settings: Settings) -> AsyncIterator[Basket]:
        log.append("built")
        await asyncio.sleep(0)
        yield Basket(settings)
        log.append("closed")

    async def main() -> None:
        services = ServiceCollection(scopes=("session", "request")).singleton(Settings).transient(View)
        container = services.scoped(Basket, basket, scope="session").scoped(Handler).build()
        async with container, container.scope() as session, session.scope() as one, session.scope() as two:
            first, second = await asyncio.gather(one.aresolve(Handler), two.aresolve(Handler))
            again = await one.aresolve(Handler)
            assert first is again
            assert first.basket is second.basket is one.resolve(Basket)

    asyncio.run(main())

    assert log == ["built", "closed"]


def test_outer_service_that_would_hold_an_inner_one_is_captive() -> None:
    class Cart:
        def __init__(self, handler: Handler) -> None: ...

    found = problem(shop().scoped(Cart, scope="session"), CaptiveDependencyError)

    assert "lives in the scope 'session'" in str(found)
    assert way(found) == [(Cart, "handler"), (Handler, None)]


def test_captive_is_found_through_a_transient() -> None:
    class Helper:
        def __init__(self, handler: Handler) -> None: ...

    class Cart:
        def __init__(self, helper: Helper) -> None: ...

    found = problem(shop().transient(Helper).scoped(Cart, scope="session"), CaptiveDependencyError)

    assert way(found) == [(Cart, "helper"), (Helper, "handler"), (Handler, None)]


def test_three_levels_know_each_other() -> None:
    class Job:
        def __init__(self, handler: Handler, basket: Basket) -> None:
            self.handler, self.basket = handler, basket

    services = ServiceCollection(scopes=("session", "request", "job")).singleton(Settings).transient(View)
    services.scoped(Basket, scope="session").scoped(Handler, scope="request").scoped(Job)

    with (
        services.build() as container,
        container.scope() as session,
        session.scope() as request,
        request.scope() as one,
        request.scope() as two,
    ):
        jobs = [one[Job], two[Job]]
        assert one[Basket] is session[Basket]

    assert jobs[0].handler is jobs[1].handler
    assert jobs[0].basket is jobs[0].handler.basket


def test_scope_inside_the_innermost_one_is_of_the_same_level() -> None:
    with shop().build() as container, container.scope() as session, session.scope() as outer, outer.scope() as inner:
        assert inner[Handler] is not outer[Handler]
        assert inner[Basket] is outer[Basket]


def test_scope_inside_a_closed_one_of_the_same_level_still_reaches_the_outer_level() -> None:
    with shop().build() as container, container.scope() as session:
        outer = session.scope()
        with outer.scope() as inner:
            outer.close()

            assert inner[Basket] is session[Basket]


def test_unknown_level_is_refused_with_a_guess() -> None:
    container = shop().build()

    with pytest.raises(RegistrationError, match="there is no scope level 'sesion'") as caught:
        container.scope(name="sesion")

    assert "did you mean 'session'" in fact(caught.value, "do this")


def test_outer_level_inside_an_inner_one_is_refused() -> None:
    container = shop().build()

    with container.scope(name="request") as request, pytest.raises(RegistrationError, match="cannot be opened inside"):
        request.scope(name="session")


def test_level_of_a_container_without_names_is_refused() -> None:
    container = ServiceCollection().build()

    with pytest.raises(RegistrationError, match="there is no level 'session'"):
        container.scope(name="session")


def test_nested_level_of_a_container_without_names_is_refused() -> None:
    with ServiceCollection().build().scope() as scope, pytest.raises(RegistrationError, match="there is no level 'x'"):
        scope.scope(name="x")


def test_registration_for_an_unknown_level_is_refused_with_a_guess() -> None:
    services = ServiceCollection(scopes=("session", "request"))

    with pytest.raises(RegistrationError, match="wants the level 'requset'") as caught:
        services.scoped(Tenant, scope="requset")

    assert "did you mean 'request'" in fact(caught.value, "do this")


def test_registration_for_a_level_without_names_is_refused() -> None:
    with pytest.raises(RegistrationError, match="no level has a name"):
        ServiceCollection().scoped(Tenant, scope="request")


def test_level_of_what_is_not_scoped_is_refused() -> None:
    with pytest.raises(RegistrationError, match="only scoped services live in one"):
        ServiceCollection(scopes=("session",)).register(Tenant, scope="session")


@pytest.mark.parametrize(
    ("scopes", "text"),
    [("request", "no tuple of names"), (("a", "a"), "named twice"), (("a", 1), "1 is no name"), (("",), "no name")],
    ids=["string", "twice", "number", "empty"],
)
def test_levels_that_are_no_names_are_refused(scopes: Any, text: str) -> None:
    with pytest.raises(RegistrationError, match=text):
        ServiceCollection(scopes=scopes)


def test_value_is_seen_from_inner_scopes() -> None:
    class Greeting:
        def __init__(self, tenant: Tenant) -> None:
            self.tenant = tenant

    services = ServiceCollection(scopes=("session", "request")).scope_value(Tenant, scope="session")
    container = services.scoped(Greeting).build()
    tenant = Tenant()

    with container.scope({Tenant: tenant}) as session, session.scope() as request:
        assert request[Greeting].tenant is tenant
        assert request[Tenant] is session[Tenant] is tenant


def test_value_of_an_outer_level_given_to_an_inner_scope_is_refused() -> None:
    container = ServiceCollection(scopes=("session", "request")).scope_value(Tenant, scope="session").build()

    with container.scope() as session, pytest.raises(RegistrationError, match="belongs to the scope 'session'"):
        session.scope({Tenant: Tenant()})


def test_value_of_the_wrong_type_is_refused() -> None:
    container = ServiceCollection(scopes=("session", "request")).scope_value(Tenant, scope="session").build()

    with pytest.raises(InterfaceMismatchError, match="is no"):
        container.scope({Tenant: object()})


def test_outer_scope_that_is_closed_is_named() -> None:
    with shop().build() as container:
        session = container.scope()
        with session.scope() as request:
            session.close()

            with pytest.raises(ContainerClosedError, match="the scope is closed"):
                request.resolve(Basket)


def test_override_reaches_a_service_of_an_outer_level() -> None:
    class Fake(Basket): ...

    with (
        shop().build() as container,
        container.override(Basket, Fake(Settings())),
        container.scope() as session,
        session.scope() as request,
    ):
        assert isinstance(request[Handler].basket, Fake)
        assert isinstance(session[Basket], Fake)


def test_override_with_a_factory_keeps_the_level() -> None:
    class Fake(Basket): ...

    with (
        shop().build() as container,
        container.override(Basket, factory=Fake),
        container.scope() as session,
        session.scope() as one,
        session.scope() as two,
    ):
        assert one[Handler].basket is two[Handler].basket is session[Basket]
        assert isinstance(session[Basket], Fake)


def test_scope_opened_before_an_override_keeps_what_it_built() -> None:
    class Fake(Basket): ...

    with shop().build() as container, container.scope() as session:
        before = session[Basket]
        with container.override(Basket, Fake(Settings())), session.scope() as request:
            assert request[Handler].basket is before


def test_ambient_scope_of_a_level_is_the_current_one() -> None:
    @inject
    def current(handler: Injected[Handler]) -> Handler:
        return handler

    with shop().build() as container, container.scope(ambient=True) as session, session.scope(ambient=True) as request:
        assert current() is request[Handler]


def test_scope_factory_opens_the_level_it_is_told() -> None:
    class Worker:
        def __init__(self, scopes: ScopeFactory) -> None:
            self.scopes = scopes

    with (
        shop().singleton(Worker).build() as container,
        container[Worker].scopes(name="session") as session,
        session.scope() as request,
    ):
        assert request[Handler].basket is session[Basket]


def test_copy_keeps_the_levels() -> None:
    copied = shop().copy()

    with copied.build() as container, container.scope() as session:
        assert repr(session) == "<Scope 'session' open>"


def test_resolve_all_at_an_outer_level_refuses_what_lives_inside() -> None:
    with shop().build() as container, container.scope() as session:
        with pytest.raises(ScopeRequiredError, match="needs a scope 'request'"):
            session.resolve_all(Handler)
        with pytest.raises(ScopeRequiredError, match="needs a scope 'request'"):
            asyncio.run(session.aresolve(Handler))


def test_warm_look_ups_of_a_level_are_emptied_by_an_override() -> None:
    class Fake(Basket): ...

    with shop().build() as container, container.scope() as session:
        warm = session[Basket]
        with container.override(Basket, Fake(Settings())), container.scope() as other:
            assert isinstance(other[Basket], Fake)
        assert session[Basket] is warm
