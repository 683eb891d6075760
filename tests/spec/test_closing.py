"""Guarantees 9 and 10: what is closed, in which order, and what becomes of the errors."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from kimera_di import (
    AsyncRequiredError,
    CloseErrors,
    ContainerClosedError,
    KimeraError,
    Lifetime,
    ServiceCollection,
    ServiceContainer,
)
from tests.spec.helpers import WAIT_S, in_thread, in_threads


class A:
    pass


@dataclass(eq=False)
class B:
    a: A


@dataclass(eq=False)
class C:
    b: B


class Interrupted(BaseException):
    pass


def opens(kind: type, events: list[str], error: BaseException | None = None) -> Callable[..., Iterator[Any]]:
    """Make a generator factory without parameters that notes its end, and may fail there."""

    def make() -> Iterator[Any]:
        yield kind.__new__(kind)
        events.append(kind.__name__)
        if error is not None:
            raise error

    return make


def noting(events: list[str]) -> Callable[[Any], None]:
    return lambda thing: events.append(type(thing).__name__)


def chain(services: ServiceCollection, events: list[str], lifetime: Lifetime) -> ServiceCollection:
    """Register C over B over A, each noting its own closing."""
    for kind in (C, B, A):
        services.register(kind, lifetime=lifetime, on_close=noting(events))
    return services


def test_singletons_are_closed_in_reverse_order_of_construction(services: ServiceCollection) -> None:
    events: list[str] = []
    container = chain(services, events, Lifetime.SINGLETON).build()
    container[C]

    container.close()

    assert events == ["C", "B", "A"]


def test_scoped_objects_are_closed_in_reverse_order_of_construction(services: ServiceCollection) -> None:
    events: list[str] = []
    with chain(services, events, Lifetime.SCOPED).build().scope() as scope:
        scope[A]
        scope[C]

    assert events == ["C", "B", "A"]


def test_order_of_registration_does_not_matter(services: ServiceCollection) -> None:
    events: list[str] = []
    services.singleton(A, on_close=noting(events)).singleton(int, lambda: 3, on_close=noting(events))
    container = services.build()
    container[int]
    container[A]

    container.close()

    assert events == ["A", "int"]


def test_what_was_never_built_is_not_closed(services: ServiceCollection) -> None:
    events: list[str] = []
    container = chain(services, events, Lifetime.SINGLETON).build()
    container[A]

    container.close()

    assert events == ["A"]


def test_supplied_instance_is_never_closed(services: ServiceCollection) -> None:
    closed: list[str] = []

    class Pool:
        def close(self) -> None:
            closed.append("closed")

        def __exit__(self, *_: object) -> None:
            closed.append("exited")

    with services.instance(Pool, Pool()).build() as container:
        container[Pool]

    assert closed == []


def test_generator_and_on_close_and_async_closers_share_one_order(services: ServiceCollection) -> None:
    events: list[str] = []

    async def make_b(a: A) -> AsyncIterator[B]:
        yield B(a)
        events.append("B")

    async def close_c(c: C) -> None:
        await asyncio.sleep(0)
        events.append(type(c).__name__)

    services.singleton(A, opens(A, events)).singleton(B, make_b).singleton(C, on_close=close_c)

    async def main() -> None:
        async with services.build() as container:
            await container.aresolve(C)

    asyncio.run(main())

    assert events == ["C", "B", "A"]


def test_block_of_the_container_closes_it(services: ServiceCollection) -> None:
    events: list[str] = []

    with services.singleton(A, opens(A, events)).build() as container:
        container[A]
        assert events == []

    assert events == ["A"]


def test_every_closer_runs_although_some_fail(services: ServiceCollection) -> None:
    events: list[str] = []
    services.singleton(A, opens(A, events, OSError("a"))).singleton(int, opens(int, events))
    services.singleton(str, opens(str, events, ValueError("s")))
    container = services.build()
    for service in (A, int, str):
        container[service]

    with pytest.raises(CloseErrors, match="2 closers of the container failed"):
        container.close()

    assert events == ["str", "int", "A"]


def test_errors_of_closers_come_as_one_group_in_the_order_they_were_raised(services: ServiceCollection) -> None:
    first, second = OSError("first built"), ValueError("second built")
    services.scoped(A, opens(A, [], first)).scoped(int, opens(int, [], second))
    scope = services.build().scope()
    scope[A]
    scope[int]

    with pytest.raises(CloseErrors, match="2 closers of the scope failed") as caught:
        scope.close()

    assert caught.value.exceptions == (second, first)
    assert caught.value.code == "KD304"
    assert isinstance(caught.value, KimeraError)
    assert isinstance(caught.value, ExceptionGroup)


def test_error_of_a_closer_names_what_was_closed(services: ServiceCollection) -> None:
    broken = OSError("broken")

    def fail(_: A) -> None:
        raise broken

    container = services.singleton(A, on_close=fail).build()
    container[A]

    with pytest.raises(CloseErrors, match="1 closer of"):
        container.close()

    assert broken.__notes__ == ["kimera_di: raised while closing A"]


def run_block(container: ServiceContainer, service: Any, error: BaseException) -> None:
    with container.scope() as scope:
        scope[service]
        raise error


def test_error_of_the_block_propagates_unchanged(services: ServiceCollection) -> None:
    error = ZeroDivisionError("the block's own")
    container = services.scoped(A, opens(A, [])).build()

    with pytest.raises(ZeroDivisionError, match="own") as caught:
        run_block(container, A, error)

    assert caught.value is error
    assert error.__context__ is None
    assert not hasattr(error, "__notes__")


def test_generator_is_told_the_error_of_the_block(services: ServiceCollection) -> None:
    seen: list[BaseException] = []

    def transaction() -> Iterator[A]:
        try:
            yield A()
        except ZeroDivisionError as error:
            seen.append(error)
            raise

    error = ZeroDivisionError("roll back")
    container = services.scoped(A, transaction).build()

    with pytest.raises(ZeroDivisionError, match="roll back"):
        run_block(container, A, error)

    assert seen == [error]
    assert not hasattr(error, "__notes__")


def test_async_generator_is_told_the_error_of_the_block(services: ServiceCollection) -> None:
    seen: list[BaseException] = []

    async def transaction() -> AsyncIterator[A]:
        try:
            yield A()
        except ZeroDivisionError as error:
            seen.append(error)
            raise

    container = services.scoped(A, transaction).build()
    error = ZeroDivisionError("roll back")

    async def main() -> None:
        async with container.scope() as scope:
            await scope.aresolve(A)
            raise error

    with pytest.raises(ZeroDivisionError, match="roll back"):
        asyncio.run(main())

    assert seen == [error]


def test_every_generator_is_told_although_one_swallows_the_error(services: ServiceCollection) -> None:
    told: list[str] = []

    def telling(kind: type, swallow: bool) -> Callable[[], Iterator[Any]]:
        def make() -> Iterator[Any]:
            try:
                yield kind()
            except ZeroDivisionError:
                told.append(kind.__name__)
                if not swallow:
                    raise

        return make

    services.scoped(A, telling(A, swallow=False)).scoped(int, telling(int, swallow=True))

    def block() -> None:
        with services.build().scope() as scope:
            scope[A]
            scope[int]
            raise ZeroDivisionError("everybody")

    with pytest.raises(ZeroDivisionError, match="everybody"):
        block()

    assert told == ["int", "A"]


def test_generator_that_swallows_the_error_does_not_hide_it(services: ServiceCollection) -> None:
    def swallow() -> Iterator[A]:
        with contextlib.suppress(ZeroDivisionError):
            yield A()

    container = services.scoped(A, swallow).build()

    with pytest.raises(ZeroDivisionError, match="still there"):
        run_block(container, A, ZeroDivisionError("still there"))


def test_closer_error_beside_the_error_of_the_block_is_noted_logged_and_at_the_end_of_its_context(
    services: ServiceCollection, caplog: pytest.LogCaptureFixture
) -> None:
    cause, broken = KeyError("earlier"), OSError("closing failed")
    error = ZeroDivisionError("the block's own")
    error.__context__ = cause
    container = services.scoped(A, on_close=lambda a: raise_(broken)).build()

    with caplog.at_level(logging.ERROR, logger="kimera_di"), pytest.raises(ZeroDivisionError, match="own") as caught:
        run_block(container, A, error)

    group = cause.__context__
    assert caught.value is error
    assert isinstance(group, CloseErrors)
    assert group.exceptions == (broken,)
    assert any("closing failed" in note for note in error.__notes__)
    assert "1 closer of the scope failed" in caplog.text


def raise_(error: BaseException) -> None:
    raise error


def test_base_exception_of_a_closer_is_raised_after_the_rest_ran(services: ServiceCollection) -> None:
    events: list[str] = []
    stop, broken = Interrupted("stop"), OSError("broken")
    services.scoped(A, opens(A, events)).scoped(int, opens(int, events, broken)).scoped(str, opens(str, events, stop))
    scope = services.build().scope()
    for service in (A, int, str):
        scope[service]

    with pytest.raises(Interrupted, match="stop") as caught:
        scope.close()

    assert events == ["str", "int", "A"]
    assert caught.value is stop
    assert isinstance(stop.__context__, CloseErrors)
    assert stop.__context__.exceptions == (broken,)


def test_generator_that_yields_twice_is_a_closing_error(services: ServiceCollection) -> None:
    def twice() -> Iterator[A]:
        yield A()
        yield A()

    scope = services.scoped(A, twice).build().scope()
    scope[A]

    with pytest.raises(CloseErrors, match="1 closer") as caught:
        scope.close()

    assert "twice yielded a second time" in str(caught.value.exceptions[0])


@pytest.mark.parametrize(
    "use",
    [
        lambda c: c.resolve(A),
        lambda c: c[A],
        lambda c: c.get(A),
        lambda c: c.resolve_all(A),
        lambda c: c.scope(),
        lambda c: c.__enter__(),
        lambda c: c.override(A, A()),
        lambda c: asyncio.run(awaited(c.aresolve)),
        lambda c: asyncio.run(awaited(c.aget)),
        lambda c: asyncio.run(awaited(c.aresolve_all)),
        lambda c: asyncio.run(awaited(lambda _: c.__aenter__())),
    ],
    ids=[
        "resolve",
        "[]",
        "get",
        "resolve_all",
        "scope",
        "with",
        "override",
        "aresolve",
        "aget",
        "aresolve_all",
        "async-with",
    ],
)
@pytest.mark.parametrize("built", [True, False], ids=["warm", "cold"])
def test_closed_container_refuses_every_use(
    services: ServiceCollection, use: Callable[[ServiceContainer], Any], built: bool
) -> None:
    container = services.singleton(A).build()
    if built:
        container[A]
        asyncio.run(awaited(container.aresolve))
    container.close()

    with pytest.raises(ContainerClosedError, match="the container is closed") as caught:
        use(container)

    assert caught.value.code == "KD303"


async def awaited(look_up: Callable[..., Any]) -> Any:
    return await look_up(A)


@pytest.mark.parametrize("times", [2, 3])
def test_closing_again_is_harmless(services: ServiceCollection, times: int) -> None:
    events: list[str] = []
    container = services.singleton(A, opens(A, events)).build()
    container[A]

    for _ in range(times):
        container.close()
        asyncio.run(container.aclose())

    assert events == ["A"]


def test_scope_closed_inside_its_block_is_closed_once(services: ServiceCollection) -> None:
    events: list[str] = []

    with services.scoped(A, opens(A, events)).build().scope() as scope:
        scope[A]
        scope.close()

    assert events == ["A"]


def test_scope_without_resources_may_be_closed_again_after_its_block(services: ServiceCollection) -> None:
    with services.scoped(A).build().scope() as scope:
        scope[A]

    scope.close()
    asyncio.run(scope.aclose())

    assert "closed" in repr(scope)


def test_container_closed_inside_its_block_is_closed_once(services: ServiceCollection) -> None:
    events: list[str] = []

    with services.singleton(A, opens(A, events)).build() as container:
        container[A]
        container.close()

    assert events == ["A"]


def test_failed_close_is_final(services: ServiceCollection) -> None:
    events: list[str] = []
    container = services.singleton(A, opens(A, events, OSError("broken"))).build()
    container[A]
    with pytest.raises(CloseErrors, match="1 closer"):
        container.close()

    container.close()

    assert events == ["A"]
    with pytest.raises(ContainerClosedError, match="the container is closed"):
        container.resolve(A)


async def aopen_a() -> AsyncIterator[A]:
    yield A()


async def aclose_a(_: A) -> None:
    pass


@pytest.mark.parametrize("said", [{"factory": aopen_a}, {"on_close": aclose_a}], ids=["async generator", "on_close"])
@pytest.mark.parametrize("lifetime", [Lifetime.SINGLETON, Lifetime.SCOPED])
def test_sync_close_of_async_resources_names_them_and_closes_nothing(
    services: ServiceCollection, said: dict[str, Any], lifetime: Lifetime
) -> None:
    events: list[str] = []
    services.register(A, lifetime=lifetime, **said).register(int, factory=opens(int, events), lifetime=lifetime)

    async def main() -> None:
        container = services.build()
        owner: Any = container if lifetime is Lifetime.SINGLETON else container.scope()
        await owner.aresolve(A)
        await owner.aresolve(int)
        with pytest.raises(AsyncRequiredError, match=r"must await \w+; nothing was closed") as caught:
            owner.close()
        assert caught.value.code == "KD302"
        assert events == []
        assert isinstance(owner.resolve(A), A)
        await owner.aclose()
        assert events == ["int"]
        with pytest.raises(ContainerClosedError, match="closed"):
            owner.resolve(A)

    asyncio.run(main())


def test_sync_block_with_async_resources_and_an_error_keeps_the_error(
    services: ServiceCollection, caplog: pytest.LogCaptureFixture
) -> None:
    container = services.scoped(A, aopen_a).build()
    error = ZeroDivisionError("the block's own")

    async def main() -> None:
        scope = container.scope()
        try:
            with scope:
                await scope.aresolve(A)
                raise error
        finally:
            await scope.aclose()

    with caplog.at_level(logging.ERROR, logger="kimera_di"), pytest.raises(ZeroDivisionError, match="own"):
        asyncio.run(main())

    assert any("must await" in note for note in error.__notes__)
    assert "must await" in caplog.text


def test_async_closers_run_to_their_end_although_the_closing_task_is_cancelled(services: ServiceCollection) -> None:
    events: list[str] = []

    async def main() -> None:
        inside = asyncio.Event()

        async def make() -> AsyncIterator[A]:
            yield A()
            inside.set()
            await asyncio.sleep(0.02)
            events.append("A")

        container = services.singleton(A, make).build()
        await container.aresolve(A)
        task = asyncio.create_task(container.aclose())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())

    assert events == ["A"]


def test_async_closer_that_takes_too_long_is_reported(services: ServiceCollection) -> None:
    events: list[str] = []

    async def make() -> AsyncIterator[A]:
        yield A()
        await asyncio.sleep(WAIT_S)

    services.singleton(int, opens(int, events)).singleton(A, make)

    async def main() -> None:
        container = services.build(close_timeout_s=0.02)
        await container.aresolve(int)
        await container.aresolve(A)
        await container.aclose()

    with pytest.raises(CloseErrors, match="1 closer of the container failed") as caught:
        asyncio.run(main())

    assert isinstance(caught.value.exceptions[0], TimeoutError)
    assert events == ["int"]


def test_second_closer_waits_for_the_first(services: ServiceCollection) -> None:
    events: list[str] = []
    inside, go = threading.Event(), threading.Event()

    def make() -> Iterator[A]:
        yield A()
        inside.set()
        assert go.wait(WAIT_S)
        events.append("A closed")

    container = services.singleton(A, make).build()
    container[A]

    def second() -> None:
        assert inside.wait(WAIT_S)
        threading.Timer(0.05, go.set).start()
        container.close()
        events.append("second returned")

    in_threads([container.close, second])

    assert events == ["A closed", "second returned"]


def test_close_waits_for_a_builder_in_flight_and_closes_what_it_made(services: ServiceCollection) -> None:
    events: list[str] = []
    inside, go = threading.Event(), threading.Event()

    def make() -> Iterator[A]:
        inside.set()
        assert go.wait(WAIT_S)
        yield A()
        events.append("closed")

    container = services.singleton(A, make).build()

    def build() -> str:
        try:
            return type(container.resolve(A)).__name__
        except ContainerClosedError:
            return "refused"

    def close() -> str:
        assert inside.wait(WAIT_S)
        threading.Timer(0.05, go.set).start()
        container.close()
        return "closed"

    built, _ = in_threads([build, close])

    assert built in {"A", "refused"}
    assert events == ["closed"]


def test_factory_cannot_close_its_own_container(services: ServiceCollection) -> None:
    holder: list[ServiceContainer] = []

    def make() -> A:
        holder[0].close()
        return A()

    container = services.singleton(A, make).singleton(int, lambda: 3).build()
    holder.append(container)

    with pytest.raises(ContainerClosedError, match="cannot be closed by a constructor or factory"):
        container.resolve(A)

    assert container[int] == 3


def test_scope_closed_in_another_thread_is_closed(services: ServiceCollection) -> None:
    events: list[str] = []
    scope = services.scoped(A, opens(A, events)).build().scope()
    scope[A]

    in_thread(scope.close)

    assert events == ["A"]


def test_unfinished_construction_leaves_nothing_open(services: ServiceCollection) -> None:
    """What was opened before the failure is closed with the scope."""
    events: list[str] = []

    def fail(a: A) -> B:
        raise OSError("no B")

    scope = services.scoped(A, opens(A, events)).scoped(B, fail).build().scope()

    with pytest.raises(OSError, match="no B"):
        scope.resolve(B)
    scope.close()

    assert events == ["A"]
