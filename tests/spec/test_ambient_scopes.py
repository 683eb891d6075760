"""The current scope of a context: opt-in, nested, restored, and gone when it has ended."""

import asyncio
import contextvars
import gc
import threading
import weakref
from collections.abc import AsyncIterator, Iterator

import pytest

from kimera_di import (
    AsyncRequiredError,
    ContainerClosedError,
    Injected,
    ScopeRequiredError,
    ServiceCollection,
    inject,
)
from kimera_di.resolution.ambient import CURRENT, current, find_current
from tests.spec.helpers import fact


class Session:
    pass


class Clock:
    pass


@inject
def session_of(session: Injected[Session]) -> Session:
    return session


@inject
def clock_of(clock: Injected[Clock]) -> Clock:
    return clock


def services() -> ServiceCollection:
    return ServiceCollection().scoped(Session).singleton(Clock)


def test_explicit_scope_is_not_the_current_one() -> None:
    with services().build().scope(), pytest.raises(ScopeRequiredError, match="no scope is current here"):
        session_of()


def test_ambient_scope_is_current_until_it_ends() -> None:
    container = services().build()

    with container.scope(ambient=True) as scope:
        assert session_of() is scope[Session]

    assert find_current() is None


def test_nested_ambient_scope_restores_the_outer_one() -> None:
    container = services().build()

    with container.scope(ambient=True) as outer:
        with outer.scope(ambient=True) as inner:
            assert current() is inner
        assert current() is outer


def test_current_without_any_block_is_the_container_that_is_named_or_an_error() -> None:
    container = ServiceCollection().build()

    assert current(container) is container
    with pytest.raises(ScopeRequiredError, match="so nobody can give what is asked for"):
        current()


def test_scopes_that_end_out_of_order_leave_the_open_one_current() -> None:
    container = services().build()
    outer, inner = container.scope(ambient=True), container.scope(ambient=True)

    outer.close()
    assert current() is inner
    inner.close()

    assert find_current() is None


def test_error_in_the_block_ends_the_scope_as_well() -> None:
    container = services().build()

    with pytest.raises(KeyError), container.scope(ambient=True):
        raise KeyError

    assert find_current() is None


def test_tasks_have_current_scopes_of_their_own() -> None:
    async def one(container: object) -> bool:
        async with container.scope(ambient=True) as scope:  # type: ignore[attr-defined]
            await asyncio.sleep(0)
            return session_of() is scope[Session]

    async def main() -> list[bool]:
        container = services().build()
        return list(await asyncio.gather(*(one(container) for _ in range(20))))

    assert asyncio.run(main()) == [True] * 20


def test_child_task_sees_the_scope_of_its_parent() -> None:
    async def main() -> bool:
        async with services().build().scope(ambient=True) as scope:
            child = asyncio.create_task(asyncio.to_thread(session_of))
            return await child is scope[Session]

    assert asyncio.run(main())


def test_plain_thread_has_no_current_scope() -> None:
    found: list[object] = []
    with services().build().scope(ambient=True):
        thread = threading.Thread(target=lambda: found.append(find_current()))
        thread.start()
        thread.join()

    assert found == [None]


def test_scope_closed_in_another_context_is_transparent_where_it_was_current() -> None:
    container = services().build()
    copied = contextvars.Context()
    scope = copied.run(container.scope, None, ambient=True)

    scope.close()

    assert copied.run(find_current) is None


def test_task_that_outlives_the_scope_is_told_that_it_ended() -> None:
    async def main() -> str:
        container = services().build()
        ended = asyncio.Event()

        async def late() -> None:
            await ended.wait()
            session_of()

        async with container.scope(ambient=True):
            task = asyncio.create_task(late())
            await asyncio.sleep(0)
        ended.set()
        with pytest.raises(ScopeRequiredError) as caught:
            await task
        return caught.value.summary

    assert asyncio.run(main()).startswith("the scope that was current here has ended")


def test_entered_container_is_the_current_one() -> None:
    with services().build() as container:
        assert clock_of() is container[Clock]

    with pytest.raises(ScopeRequiredError):
        clock_of()


def test_container_closed_inside_its_block_is_not_the_current_one() -> None:
    with services().build() as container:
        container.close()

        assert find_current() is None


def test_container_entered_by_async_with_is_the_current_one() -> None:
    async def main() -> bool:
        async with services().build() as container:
            return clock_of() is container[Clock]

    assert asyncio.run(main())


def test_function_bound_to_a_container_uses_only_its_scopes() -> None:
    mine, other = services().build(), services().build()
    bound = inject(clock_of.__wrapped__, container=mine)  # type: ignore[attr-defined]

    with other.scope(ambient=True):
        assert bound() is mine[Clock]
        with mine.scope(ambient=True):
            assert bound() is mine[Clock]
            assert clock_of() is mine[Clock]
        assert clock_of() is other[Clock]


def test_current_gives_the_container_it_is_asked_about() -> None:
    container = services().build()

    assert current(container) is container
    with container.scope(ambient=True) as scope:
        assert current(container) is scope


def test_refused_close_leaves_the_scope_current() -> None:
    async def open_session() -> AsyncIterator[Session]:
        yield Session()

    async def main() -> None:
        container = ServiceCollection().scoped(Session, open_session).build()
        scope = container.scope(ambient=True)
        await scope.aresolve(Session)
        with pytest.raises(AsyncRequiredError):
            scope.close()
        assert find_current() is scope
        await scope.aclose()
        assert find_current() is None

    asyncio.run(main())


def test_closer_that_fails_still_ends_the_current_scope() -> None:
    def open_session() -> Iterator[Session]:
        yield Session()
        raise OSError("lost")

    container = ServiceCollection().scoped(Session, open_session).build()

    with pytest.raises(ExceptionGroup), container.scope(ambient=True):
        session_of()

    assert find_current() is None


def test_close_that_fails_ends_the_current_scope() -> None:
    """A failed close is final; else every one of them would stay in the context with its container."""

    def open_session() -> Iterator[Session]:
        yield Session()
        raise OSError("lost")

    scope = ServiceCollection().scoped(Session, open_session).build().scope(ambient=True)
    session_of()

    with pytest.raises(ExceptionGroup):
        scope.close()

    assert CURRENT.get() is None


def test_bound_function_that_was_injected_before_takes_nothing_from_another_container() -> None:
    mine, other = ServiceCollection().singleton(Clock).build(), services().build()

    @inject
    def both(clock: Injected[Clock], session: Injected[Session] | None = None) -> object:
        return clock

    @inject
    def later(clock: Injected[Clock], session: Injected[Session] = None) -> object:  # type: ignore[assignment]
        return session

    with other.scope(ambient=True):
        assert inject(later, container=mine)() is None
        assert mine.call(later) is None
        assert inject(both, container=mine)() is mine[Clock]


def test_ended_scope_is_held_by_nobody() -> None:
    container = services().build()
    with container.scope(ambient=True) as scope:
        reference = weakref.ref(scope)
        copied = contextvars.copy_context()

    del scope
    gc.collect()

    assert reference() is None
    assert copied.run(find_current) is None


def test_many_scopes_one_after_the_other_leave_no_chain() -> None:
    container = services().build()
    for _ in range(100):
        container.scope(ambient=True).close()

    assert CURRENT.get() is None


def test_scope_that_an_interrupt_left_without_an_owner_is_nobodys_current_scope() -> None:
    """Ctrl-C between opening and the ``with`` block: nobody will ever close that scope."""
    container = services().build()

    def interrupted() -> None:
        container.scope(ambient=True)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    gc.collect()

    assert find_current() is None
    with container.scope(ambient=True) as scope:
        assert session_of() is scope[Session]


def test_injected_call_while_its_scope_closes_is_not_given_the_outer_scope() -> None:
    """A closer would write into the session of another unit of work."""
    seen: list[str] = []

    def open_clock() -> Iterator[Clock]:
        yield Clock()
        try:
            session_of()
        except ContainerClosedError as error:
            seen.append(error.summary)

    container = ServiceCollection().scoped(Session).scoped(Clock, open_clock).build()
    with container.scope(ambient=True) as outer:
        with outer.scope(ambient=True) as inner:
            inner.resolve(Clock)
        assert session_of() is outer[Session]

    assert seen == ["the current scope is being closed"]


def test_call_after_the_scope_of_a_request_says_what_may_have_happened() -> None:
    with services().build().scope(ambient=True):
        pass

    with pytest.raises(ScopeRequiredError) as caught:
        session_of()

    assert "after a request" in fact(caught.value, "note")
