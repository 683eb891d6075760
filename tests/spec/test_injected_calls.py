"""Injected functions that were called before: code written for them keeps every promise of the slow way."""

import asyncio
import contextvars
import functools
import gc
import inspect
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kimera_di import (
    ArgumentsError,
    ContainerClosedError,
    Injected,
    MissingServiceError,
    Scope,
    ScopeRequiredError,
    ServiceCollection,
    ServiceContainer,
    inject,
)
from kimera_di.registration.injected import is_injected


class Settings: ...


class OtherSettings(Settings): ...


class Pool: ...


class Session: ...


class Job: ...


class Request: ...


Handler = Callable[..., Any]
_NOT_SWAPPED = not getattr(sys, "_is_gil_enabled", lambda: True)()
"""Without a GIL functions keep their code."""


def container_of() -> ServiceContainer:
    services = ServiceCollection().singleton(Settings).singleton(Pool).scoped(Session).transient(Job)
    return services.scope_value(Request).build()


def handle(number: int, settings: Injected[Settings], pool: Injected[Pool]) -> tuple[int, Settings, Pool]:
    return number, settings, pool


def work(number: int, session: Injected[Session], settings: Injected[Settings]) -> tuple[int, Session, Settings]:
    return number, session, settings


def handle_scoped(number: int, settings: Injected[Session], pool: Injected[Pool]) -> tuple[int, Session, Pool]:
    return number, settings, pool


def warmed(function: Handler, *args: Any, **given: Any) -> Any:
    """Call a function until code is written for it."""
    for _ in range(3):
        function(*args, **given)
    return function


def bound_to(container: ServiceContainer) -> Any:
    return warmed(inject(handle, container=container), 3)


def test_written_function_is_called_with_the_same_singletons() -> None:
    with container_of() as container:
        function = bound_to(container)

        assert function(4) == (4, container[Settings], container[Pool])
        assert function(number=5) == (5, container[Settings], container[Pool])


@pytest.mark.skipif(_NOT_SWAPPED, reason="functions keep their code without a GIL")
def test_function_that_was_asked_twice_has_code_of_its_own() -> None:
    with container_of() as container:
        function: Any = inject(handle, container=container)
        before = function.__code__

        warmed(function, 3)

        assert function.__code__ is not before


def test_signature_name_and_kind_stay() -> None:
    with container_of() as container:
        function = bound_to(container)

        assert inspect.signature(function) == inspect.signature(handle)
        assert function.__name__ == "handle"
        assert function.__wrapped__ is handle
        assert is_injected(function)


def test_given_service_is_passed_on() -> None:
    mine, pool = Settings(), Pool()

    with container_of() as container:
        function = bound_to(container)

        assert function(3, mine) == (3, mine, container[Pool])
        assert function(3, pool=pool) == (3, container[Settings], pool)
        assert function(3, mine, pool=pool) == (3, mine, pool)


@pytest.mark.parametrize("value", [0, None, "", ()], ids=["zero", "none", "text", "tuple"])
def test_falsy_service_that_is_given_is_passed_on(value: Any) -> None:
    with container_of() as container:
        function = bound_to(container)

        assert function(3, settings=value)[1] is value


@pytest.mark.parametrize(
    ("args", "given"),
    [
        ((), {}),
        ((1, 2, 3, 4), {}),
        ((1,), {"more": 2}),
        ((1,), {"number": 2}),
        ((1, 2), {"settings": 3}),
        ((), {"settings": 3}),
    ],
    ids=["missing", "too-many", "unknown", "twice", "service-twice", "missing-with-service"],
)
@pytest.mark.parametrize("scoped", [False, True], ids=["singletons", "scoped"])
def test_wrong_arguments_are_refused_as_at_the_first_call(
    scoped: bool, args: tuple[Any, ...], given: dict[str, Any]
) -> None:
    function: Handler = handle_scoped if scoped else handle
    with container_of() as container, container.scope(ambient=True):
        with pytest.raises(ArgumentsError) as first:
            inject(function, container=container)(*args, **given)
        later = warmed(inject(function, container=container), 3)

        with pytest.raises(ArgumentsError) as caught:
            later(*args, **given)

    assert str(caught.value) == str(first.value)


def test_function_that_is_given_everything_builds_nothing() -> None:
    built: list[object] = []

    def make() -> Settings:
        built.append("settings")
        return Settings()

    services = ServiceCollection().singleton(Settings, make)
    mine = Settings()

    def asks(settings: Injected[Settings]) -> Settings:
        return settings

    with services.build() as container:
        function = inject(asks, container=container)

        assert [function(mine) for _ in range(4)] == [mine] * 4
        assert built == []
        assert function() is container[Settings]


def test_decorated_function_is_filled_at_every_call() -> None:
    def count(function: Any) -> Any:
        @functools.wraps(function)
        def counted(*args: Any, **given: Any) -> Any:
            return function(*args, **given)

        return counted

    with container_of() as container:
        function = warmed(inject(count(handle), container=container), 3)

        assert function(4) == (4, container[Settings], container[Pool])


def test_coroutine_of_a_function_that_is_gone_is_filled() -> None:
    async def asks(settings: Injected[Settings]) -> Settings:
        return settings

    async def main() -> None:
        async with container_of() as container:
            waiting = [function() for function in [inject(asks, container=container)] for _ in range(3)]
            gc.collect()
            assert [await each for each in waiting] == [container[Settings]] * 3

    asyncio.run(main())


def test_wrong_arguments_come_before_a_closed_container() -> None:
    container = container_of()
    function = bound_to(container)
    container.close()

    with pytest.raises(ArgumentsError, match="missing a required argument: 'number'"):
        function()


def test_closed_container_is_refused() -> None:
    container = container_of()
    function = bound_to(container)
    container.close()

    with pytest.raises(ContainerClosedError):
        function(3)


def test_closed_container_is_refused_after_a_call_that_needs_nothing_of_it() -> None:
    container = ServiceCollection().instance(Settings, Settings()).instance(Pool, Pool()).build()
    function = bound_to(container)
    container.close()
    function(3, Settings(), Pool())

    with pytest.raises(ContainerClosedError):
        function(3)


@pytest.mark.skipif(_NOT_SWAPPED, reason="3.13 without a GIL keeps every function once a second thread ran")
def test_closed_container_leaves_no_singleton_in_the_function() -> None:
    container = container_of()
    function = bound_to(container)
    settings = weakref.ref(container[Settings])

    container.close()
    gc.collect()

    assert settings() is None
    assert callable(function)


def test_override_is_seen_in_its_own_context_only() -> None:
    fake = OtherSettings()
    with container_of() as container:
        function = bound_to(container)
        outside = contextvars.copy_context()

        with container.override(Settings, fake):
            inside, elsewhere = function(3), outside.run(function, 3)
        after = function(3)

        assert inside[1] is fake
        assert elsewhere[1] is after[1] is container[Settings]


def test_override_of_the_process_is_seen_by_every_thread() -> None:
    fake = OtherSettings()
    seen: list[Any] = []
    with container_of() as container:
        function = bound_to(container)

        with container.override(Settings, fake, everywhere=True):
            thread = threading.Thread(target=lambda: seen.extend(function(3) for _ in range(3)))
            thread.start()
            thread.join()

        assert [each[1] for each in seen] == [fake] * 3
        assert function(3)[1] is container[Settings]


def test_listener_hears_what_a_written_function_builds() -> None:
    heard: list[object] = []
    with container_of() as container, container.scope(ambient=True):
        function = warmed(inject(ask_for_job))

        with container.listen(heard.append):
            function()

        assert [type(each).__name__ for each in heard] == ["ServiceBuilt"]


def ask_for_job(job: Injected[Job]) -> Job:
    return job


def test_transient_is_new_and_scoped_is_of_the_current_scope() -> None:
    with container_of() as container:
        with container.scope(ambient=True) as first:
            jobs, sessions = warmed(inject(ask_for_job)), warmed(inject(work), 3)
            assert jobs() is not jobs()
            assert sessions(3)[1] is first[Session]
        with container.scope(ambient=True) as second:
            assert sessions(3) == (3, second[Session], container[Settings])


def test_scope_of_the_bound_container_is_used_and_not_that_of_another() -> None:
    with container_of() as container, container_of() as other, container.scope(ambient=True) as scope:
        function = warmed(inject(work, container=container), 3)

        with other.scope(ambient=True):
            found = function(3)

        assert found[1] is scope[Session]


def test_function_is_given_the_services_of_whichever_container_is_current() -> None:
    function = inject(work)
    with container_of() as one, container_of() as two:
        for container in (one, one, one, two, two, two, one, two):
            with container.scope(ambient=True) as scope:
                assert function(3) == (3, scope[Session], container[Settings])


def test_optional_service_follows_the_container() -> None:
    @inject
    def optional(pool: Injected[Pool | None]) -> Pool | None:
        return pool

    with ServiceCollection().scoped(Session).build() as without, container_of() as container:
        for current in (without, without, without, container, container, container, without):
            with current.scope(ambient=True):
                expected = container[Pool] if current is container else None
                assert optional() is expected


def test_no_current_scope_is_refused() -> None:
    with container_of() as container, container.scope(ambient=True):
        function = warmed(inject(work), 3)

    with pytest.raises(ScopeRequiredError, match="work its session, settings"):
        function(3)


def test_path_of_what_cannot_be_given_begins_at_the_function() -> None:
    def asks(request: Injected[Request]) -> Request:
        return request

    function = inject(asks)
    with container_of() as container:
        with container.scope({Request: Request()}, ambient=True):
            warmed(function)
        with container.scope(ambient=True), pytest.raises(MissingServiceError) as caught:
            function()

    first = caught.value.path[0]
    assert (first.service, first.parameter) == (asks, "request")


def test_error_of_a_constructor_is_its_own_and_has_no_context() -> None:
    failing: list[bool] = []

    def make() -> Job:
        if failing:
            raise KeyError("mine")
        return Job()

    with ServiceCollection().transient(Job, make).build() as container, container.scope(ambient=True):
        function = warmed(inject(ask_for_job))
        failing.append(True)

        with pytest.raises(KeyError, match="mine") as caught:
            function()

    assert caught.value.__context__ is None


def test_traceback_shows_the_written_line() -> None:
    def fails(settings: Injected[Settings], *, fail: bool = False) -> None:
        if fail:
            raise ValueError("mine")

    with container_of() as container:
        function = warmed(inject(fails, container=container))

        with pytest.raises(ValueError, match="mine") as caught:
            function(fail=True)

    lines = [each.line for each in traceback.extract_tb(caught.tb)]
    assert all(lines)
    assert 'raise ValueError("mine")' in lines


def test_scope_that_closes_is_refused_by_a_function_with_singletons() -> None:
    caught: list[BaseException] = []
    container = container_of()
    function = bound_to(container)

    def open_session() -> Iterator[Session]:
        yield Session()
        try:
            closing(3)
        except ContainerClosedError as error:
            caught.append(error)

    services = ServiceCollection().singleton(Settings).singleton(Pool).scoped(Session, open_session)
    with services.build() as other:
        closing = bound_to(other)  # written before any scope was the current one
        for _ in range(3):
            with other.scope(ambient=True) as scope:
                scope.resolve(Session)
                warmed(closing, 3)

    assert len(caught) == 3
    assert function(3)[0] == 3


def test_scope_of_another_container_that_closes_is_none_of_its_business() -> None:
    with container_of() as container, container_of() as other:
        function = bound_to(container)
        with container.scope(ambient=True), other.scope(ambient=True) as scope:
            warmed(function, 3)
            scope.close()

            assert function(3) == (3, container[Settings], container[Pool])


def test_collection_is_a_new_list_for_every_call() -> None:
    def several(every: Injected[list[Settings]]) -> list[Settings]:
        return every

    with container_of() as container:
        function = warmed(inject(several, container=container))

        first, second = function(), function()

        assert first == second == [container[Settings]]
        assert first is not second


def test_parameters_of_every_kind_are_passed_as_they_are() -> None:
    def kinds(
        a: int, /, b: int, settings: Injected[Settings], c: int, mode: str = "x", *rest: int, pool: Injected[Pool],
        d: int, e: int = 5, **more: int,
    ) -> tuple[Any, ...]:  # fmt: skip
        return a, b, settings, c, mode, rest, pool, d, e, more

    with container_of() as container:
        settings, pool = container[Settings], container[Pool]
        function = warmed(inject(kinds, container=container), 1, 2, c=3, d=4)

        assert function(1, 2, c=3, d=4) == (1, 2, settings, 3, "x", (), pool, 4, 5, {})
        assert function(1, b=2, c=3, d=4, mode="y") == (1, 2, settings, 3, "y", (), pool, 4, 5, {})
        assert function(1, 2, c=3, d=4, e=6, f=7) == (1, 2, settings, 3, "x", (), pool, 4, 6, {"f": 7})
        assert function(1, 2, 8, 3, "z", 9, d=4) == (1, 2, 8, 3, "z", (9,), pool, 4, 5, {})


def test_names_like_those_of_the_written_text_are_the_functions_own() -> None:
    def names(settings: Injected[Settings], TARGET: int, rest__: int) -> tuple[Any, ...]:  # noqa: N803
        return settings, TARGET, rest__

    with container_of() as container:
        function = warmed(inject(names, container=container), TARGET=1, rest__=2)

        assert function(TARGET=3, rest__=4) == (container[Settings], 3, 4)


def test_methods_are_bound() -> None:
    class Api:
        @inject
        def work(self, number: int, session: Injected[Session]) -> tuple[Any, ...]:
            return self, number, session

        @classmethod
        @inject
        def made(cls, session: Injected[Session]) -> tuple[Any, ...]:
            return cls, session

    api: Any = Api()
    with container_of() as container, container.scope(ambient=True) as scope:
        assert warmed(api.work, 3)(4) == (api, 4, scope[Session])
        assert warmed(Api.made)() == (Api, scope[Session])


def test_async_function_awaits_what_async_factories_make() -> None:
    async def make() -> Settings:
        await asyncio.sleep(0)
        return Settings()

    async def asks(number: int, settings: Injected[Settings], session: Injected[Session]) -> tuple[Any, ...]:
        await asyncio.sleep(0)
        return number, settings, session

    async def only(number: int, *, settings: Injected[Settings]) -> tuple[Any, ...]:
        return number, settings

    async def main() -> None:
        services = ServiceCollection().singleton(Settings, make).scoped(Session)
        async with services.build() as container:
            unbound, bound = inject(asks), inject(only, container=container)
            for number in range(4):
                async with container.scope(ambient=True) as scope:
                    expected = await container.aresolve(Settings)
                    assert await unbound(number) == (number, expected, scope[Session])
                    assert await bound(number=number) == (number, expected)
            with pytest.raises(ArgumentsError, match="missing a required argument: 'number'"):
                await bound()
            assert inspect.iscoroutinefunction(unbound)
        with pytest.raises(ContainerClosedError):
            await bound(3)

    asyncio.run(main())


def test_async_function_sees_an_override_of_a_singleton_in_its_context_only() -> None:
    async def asks(settings: Injected[Settings], session: Injected[Session]) -> Settings:
        del session
        return settings

    fake = OtherSettings()

    async def main() -> None:
        async with container_of() as container, container.scope(ambient=True):
            function = inject(asks)
            for _ in range(3):
                await function()
            outside, settings = contextvars.copy_context(), container[Settings]
            with container.override(Settings, fake):
                assert await function() is fake
                assert await asyncio.create_task(function(), context=outside) is settings
            assert await function() is settings

    asyncio.run(main())


def test_generator_function_takes_singletons_and_scoped_services() -> None:
    @inject
    def numbers(number: int, session: Injected[Session], settings: Injected[Settings]) -> Iterator[Any]:
        yield number
        yield session
        yield settings

    with container_of() as container, container.scope(ambient=True) as scope:
        for _ in range(4):
            assert list(numbers(3)) == [3, scope[Session], container[Settings]]
    assert inspect.isgeneratorfunction(numbers)


def test_container_that_calls_the_function_fills_it_and_not_the_one_it_is_bound_to() -> None:
    with container_of() as container, container_of() as caller:
        function = bound_to(container)

        found = caller.call(function, 3)

        assert found == (3, caller[Settings], caller[Pool])


@pytest.mark.skipif(_NOT_SWAPPED, reason="3.13 without a GIL keeps every function once a second thread ran")
def test_long_lived_container_does_not_keep_a_function() -> None:
    def handler(settings: Injected[Settings]) -> Settings:
        return settings

    with container_of() as container:
        function = warmed(inject(handler, container=container))
        references = (weakref.ref(handler), weakref.ref(function))

        del handler, function

        assert [reference() for reference in references] == [None, None]


@pytest.mark.skipif(_NOT_SWAPPED, reason="3.13 without a GIL keeps every function once a second thread ran")
def test_function_of_a_module_does_not_keep_a_container() -> None:
    function = inject(work)
    container = container_of()
    with container.scope(ambient=True):
        warmed(function, 3)
    reference, settings = weakref.ref(container), weakref.ref(container[Settings])

    del container
    gc.collect()

    assert reference() is None
    assert settings() is None


def test_calls_beside_overrides_of_the_process_get_whole_answers() -> None:
    fake = OtherSettings()
    found: set[int] = set()
    errors: list[BaseException] = []
    stop = threading.Event()
    with container_of() as container:
        function = bound_to(container)
        allowed = {id(container[Settings]), id(fake)}

        def ask() -> None:
            try:
                while not stop.is_set():
                    number, settings, pool = function(3)
                    assert (number, pool) == (3, container[Pool])
                    found.add(id(settings))
            except BaseException as error:  # noqa: BLE001 - a thread's own
                errors.append(error)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(50):
            with container.override(Settings, fake, everywhere=True):
                assert function(3)[1] is fake
            assert function(3)[1] is container[Settings]
        stop.set()
        for thread in threads:
            thread.join()

    assert errors == []
    assert found <= allowed


def test_scope_that_is_asked_for_is_the_current_one() -> None:
    @inject
    def which(scope: Injected[Scope]) -> Scope:
        return scope

    with container_of() as container:
        for _ in range(4):
            with container.scope(ambient=True) as scope:
                assert which() is scope
