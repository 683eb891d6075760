"""Injected functions that have code of their own say the same as the slow way, and do not stay slow."""

import asyncio
import functools
import linecache
import sys
import threading
from types import FrameType
from typing import Any

import pytest

from kimera_di import (
    ArgumentsError,
    ContainerClosedError,
    Injected,
    Lifetime,
    ScopeRequiredError,
    ServiceCollection,
    ServiceContainer,
    inject,
)
from tests.spec.helpers import WAIT_S

_NOT_SWAPPED = not getattr(sys, "_is_gil_enabled", lambda: True)()
"""Without a GIL functions keep their code."""


class Settings: ...


class Session: ...


def test_container_closed_in_its_own_block_is_nobodys_current_container_at_every_call() -> None:
    container = ServiceCollection().singleton(Settings).build()

    @inject
    def handle(settings: Injected[Settings]) -> Settings:
        return settings

    with container:
        for _ in range(3):
            handle()
        container.close()

        with pytest.raises(ScopeRequiredError) as raised:
            handle()

    assert "has ended" in str(raised.value)


def test_container_around_a_closed_one_is_asked_at_every_call() -> None:
    outer = ServiceCollection().singleton(Settings).build()
    inner = ServiceCollection().singleton(Settings).build()

    @inject
    def handle(settings: Injected[Settings]) -> Settings:
        return settings

    with outer, inner:
        for _ in range(3):
            handle()
        inner.close()

        assert handle() is outer[Settings]


def test_parameter_may_have_the_name_of_a_builtin_error() -> None:
    container = ServiceCollection().scoped(Session).build()

    @inject
    def handle(*, KeyError: int, session: Injected[Session]) -> int:  # noqa: A002, N803
        return KeyError

    with container, container.scope(ambient=True):
        for _ in range(3):
            handle(KeyError=1)
        container.listen(lambda _: None)  # every table is emptied
        with container.scope(ambient=True):
            result = handle(KeyError=2)

    assert result == 2


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_default_that_is_taken_away_is_missing_as_the_slow_way_says(is_async: bool) -> None:
    container = ServiceCollection().scoped(Settings).build()

    def plain(settings: Injected[Settings], mode: int = 1) -> int:
        return mode

    async def plain_async(settings: Injected[Settings], mode: int = 1) -> int:
        return mode

    function: Any = plain_async if is_async else plain
    injected: Any = inject(function, container=container)

    def handle() -> Any:
        return asyncio.run(injected()) if is_async else injected()

    with container, container.scope(ambient=True):
        for _ in range(3):
            handle()
        function.__defaults__ = None

        with pytest.raises(ArgumentsError) as raised:
            handle()

    assert "mode" in str(raised.value)


def test_default_that_is_replaced_before_the_singletons_are_held_is_seen() -> None:
    container = ServiceCollection().singleton(Settings).build()

    def plain(settings: Injected[Settings], mode: int = 1) -> int:
        return mode

    handle: Any = inject(plain, container=container)
    given = Settings()
    for _ in range(3):
        handle(settings=given)
    plain.__defaults__ = (2,)

    assert [handle() for _ in range(40)] == [2] * 40


def test_own_type_error_of_a_function_stays_its_own() -> None:
    container = ServiceCollection().scoped(Session).build()

    @inject
    def handle(number: Any, session: Injected[Session]) -> Any:
        return number + session

    def kind_of_error() -> type[BaseException]:
        with pytest.raises(TypeError, match="unsupported operand") as raised:
            handle(1)
        return type(raised.value)

    with container.scope(ambient=True):
        kinds = [kind_of_error() for _ in range(4)]

    assert kinds == [TypeError] * 4


def passing_on(interface: type[Any]) -> tuple[ServiceContainer, Any]:
    """Give a container, and a function bound to it that gives back what it is injected."""
    container = ServiceCollection().singleton(Settings).scoped(Session).build()

    def plain(service: Any) -> Any:
        return service

    plain.__annotations__["service"] = Injected[interface]
    return container, inject(plain, container=container)


@pytest.mark.skipif(_NOT_SWAPPED, reason="functions keep their code without a GIL")
@pytest.mark.parametrize("interface", [Settings, Session], ids=["singleton", "scoped"])
def test_code_that_no_call_fits_is_taken_away_for_a_time(interface: type[Any]) -> None:
    container, handle = passing_on(interface)
    given = interface()
    general = handle.__code__
    with container.scope(ambient=True) as scope:
        for _ in range(4):
            handle()
        written = handle.__code__
        passed = [handle(given) for _ in range(30)]
        taken_away = handle.__code__
        for _ in range(2100):
            handle()

        assert written is not general
        assert passed == [given] * 30
        assert taken_away is general
        assert handle.__code__ is written
        assert handle() is scope[interface]


@pytest.mark.skipif(_NOT_SWAPPED, reason="functions keep their code without a GIL")
@pytest.mark.parametrize("interface", [Settings, Session], ids=["singleton", "scoped"])
def test_code_that_some_calls_fit_stays(interface: type[Any]) -> None:
    container, handle = passing_on(interface)
    given = interface()
    with container.scope(ambient=True) as scope:
        for _ in range(4):
            handle()
        written = handle.__code__
        for _ in range(20):
            assert [handle(given) for _ in range(5)] == [given] * 5
            assert handle() is scope[interface]

        assert handle.__code__ is written


def test_override_is_seen_while_it_is_not_known_whether_calls_fit() -> None:
    container = ServiceCollection().singleton(Settings).build()
    replaced, given = Settings(), Settings()

    @functools.partial(inject, container=container)
    def handle(settings: Injected[Settings]) -> Settings:
        return settings

    for _ in range(4):
        handle()
    for _ in range(20):
        handle(given)
    with container.override(Settings, instance=replaced):
        inside = handle()

    assert inside is replaced
    assert handle() is container[Settings]


@pytest.mark.skipif(_NOT_SWAPPED, reason="functions keep their code without a GIL")
def test_singletons_that_are_always_given_are_not_looked_for_at_every_call() -> None:
    container = ServiceCollection().singleton(Settings).build()
    given = Settings()

    def plain(settings: Injected[Settings]) -> Settings:
        return settings

    handle: Any = inject(plain, container=container)
    looks: list[str] = []

    def note(frame: FrameType, event: str, _value: object) -> None:
        looks.extend([event] if event == "call" and frame.f_code.co_name == "hold_singletons" else [])

    sys.setprofile(note)
    for _ in range(200):
        handle(settings=given)
    sys.setprofile(None)
    asked = [handle() for _ in range(300)]

    assert 0 < len(looks) < 10
    assert asked == [container[Settings]] * 300
    assert handle.__globals__["TARGET"].__defaults__ == (container[Settings],)


def test_function_that_takes_any_arguments_keeps_the_general_way() -> None:
    container = ServiceCollection().singleton(Settings).build()

    @functools.partial(inject, container=container)
    def handle(settings: Injected[Settings], **more: int) -> tuple[Settings, dict[str, int]]:
        return settings, more

    function: Any = handle
    before = function.__code__

    results = [function(mode=1) for _ in range(4)]

    assert results == [(container[Settings], {"mode": 1})] * 4
    assert function.__code__ is before


@pytest.mark.skipif(_NOT_SWAPPED, reason="functions keep their code without a GIL")
def test_two_threads_that_write_code_at_once_leave_the_singletons_in_the_function() -> None:
    container = ServiceCollection().singleton(Settings).build()
    arrived, goes_on = threading.Event(), threading.Event()

    @functools.partial(inject, container=container)
    def handle(settings: Injected[Settings]) -> Settings:
        return settings

    function: Any = handle

    def stop_before_names(frame: FrameType, _event: str, _value: object) -> Any:
        if frame.f_code.co_name != "_write" or "injected_code" not in frame.f_code.co_filename:
            return None

        def stop(inner: FrameType, event: str, _value: object) -> Any:
            text = linecache.getline(inner.f_code.co_filename, inner.f_lineno)
            if event == "line" and "names.update(_names" in text:
                arrived.set()
                goes_on.wait(WAIT_S)
            return stop

        return stop

    def second() -> None:
        before = sys.gettrace()  # the coverage of what runs afterwards
        sys.settrace(stop_before_names)
        function()
        sys.settrace(before)

    function()
    thread = threading.Thread(target=second)
    thread.start()
    has_arrived = arrived.wait(WAIT_S)
    for _ in range(3):
        function()
    goes_on.set()
    thread.join(WAIT_S)
    function()
    function()

    target = function.__globals__["TARGET"]

    assert has_arrived
    assert target.__defaults__ == (container[Settings],)


@pytest.mark.parametrize("calls", [0, 4], ids=["first", "written"])
@pytest.mark.parametrize("lifetime", [Lifetime.SCOPED, Lifetime.SINGLETON], ids=["scoped", "singleton"])
def test_scope_that_is_closed_while_a_service_is_awaited_gives_nothing_more(lifetime: Lifetime, calls: int) -> None:
    async def main() -> None:
        begun, goes_on = asyncio.Event(), asyncio.Event()

        async def open_session() -> Session:
            begun.set()
            await goes_on.wait()
            return Session()

        ran: list[Settings] = []

        @inject
        async def handle(session: Injected[Session], settings: Injected[Settings]) -> None:
            ran.append(settings)

        services = ServiceCollection().singleton(Settings).register(Session, open_session, lifetime=lifetime)
        async with services.build() as container:
            settings = container[Settings]
            for _ in range(calls):
                async with container.scope(ambient=True):
                    await handle(session=Session())
            scope = container.scope(ambient=True)
            handling = asyncio.create_task(handle())
            await begun.wait()
            closing = asyncio.create_task(scope.aclose())
            await asyncio.sleep(0)
            goes_on.set()

            with pytest.raises(ContainerClosedError):
                await handling
            await closing

            assert ran == [settings] * calls

    asyncio.run(main())
