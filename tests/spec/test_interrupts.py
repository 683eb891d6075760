"""What an interrupt or several failures at once leave behind: nothing half built, nothing left open."""

import asyncio
import concurrent.futures
import logging
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from types import FrameType
from typing import Any, NewType

import pytest

from kimera_di import AsyncRequiredError, CloseErrors, Owned, ScopeFactory, ServiceCollection
from tests.spec.concurrency import Background, areached, reached, run, until
from tests.spec.helpers import WAIT_S, only


class Pool: ...


class Clock: ...


Names = NewType("Names", list[str])


def test_interrupted_transient_is_built_by_the_next_look_up() -> None:
    tries: list[int] = []

    def make() -> Clock:
        tries.append(1)
        if len(tries) == 1:
            raise KeyboardInterrupt
        return Clock()

    with ServiceCollection().transient(Clock, make).build() as container:
        with pytest.raises(KeyboardInterrupt):
            container.resolve(Clock)

        assert type(container[Clock]) is Clock


def test_same_error_of_two_services_that_start_side_by_side_is_raised_as_it_is() -> None:
    """Both use something that is broken for good: one cause, one error."""
    both, broken = threading.Barrier(2), ValueError("the network is down")

    def fail() -> Any:
        both.wait(WAIT_S)
        raise broken

    services = ServiceCollection().singleton(Pool, fail, eager=True).singleton(Clock, fail, eager=True)
    with services.build() as container, pytest.raises(ValueError, match="network") as caught:
        container.start()

    assert caught.value is broken


def main_thread_waits() -> bool:
    """Tell whether the main thread waits for what it has submitted to other threads."""
    frame: FrameType | None = sys._current_frames()[threading.main_thread().ident or 0]
    while frame is not None:
        if frame.f_code is concurrent.futures.wait.__code__:
            return True
        frame = frame.f_back
    return False


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system cannot signal a thread")
def test_interrupted_start_closes_what_it_built() -> None:
    """Ctrl-C reaches the thread that called ``start()`` while it waits for the others."""
    both, interrupted, events = threading.Barrier(2), threading.Event(), list[str]()

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        if not interrupted.is_set():
            interrupted.set()
            raise KeyboardInterrupt

    def open_pool() -> Iterator[Pool]:
        both.wait(WAIT_S)
        until(main_thread_waits)
        while not interrupted.wait(0.01):  # a signal that comes just before the thread sleeps does not wake it
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        yield Pool()
        events.append("pool closed")

    def make_clock() -> Clock:
        both.wait(WAIT_S)
        reached(interrupted)
        return Clock()

    services = ServiceCollection().singleton(Pool, open_pool, eager=True).singleton(Clock, make_clock, eager=True)
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        with services.build() as container:
            with pytest.raises(KeyboardInterrupt):
                container.start()
            assert events == ["pool closed"]
    finally:
        signal.signal(signal.SIGINT, before)


def test_chain_of_transients_without_singletons_below_is_started() -> None:
    class Line:
        pass

    class Wire:
        def __init__(self, line: Line) -> None:
            self.line = line

    class Phone:
        def __init__(self, wire: Wire) -> None:
            self.wire = wire

    with ServiceCollection().transient(Line).transient(Wire).singleton(Phone, eager=True).build() as container:
        container.start()

        assert type(container[Phone].wire.line) is Line


def test_start_whose_loop_stopped_is_taken_over_by_another_loop() -> None:
    begun, go_on, built = threading.Event(), threading.Event(), list[str]()

    async def make() -> Pool:
        built.append("begun")
        begun.set()
        await areached(go_on)
        return Pool()

    container = ServiceCollection().singleton(Pool, make, eager=True).build()
    with asyncio.Runner() as runner:
        task = runner.get_loop().create_task(container.astart())
        runner.run(areached(begun))
        go_on.set()
        run(container.astart())
        pool = container[Pool]
        runner.run(result_of(task))

    assert container[Pool] is pool
    assert built == ["begun", "begun"]
    container.close()


def test_owned_whose_loop_stopped_is_made_by_another_loop() -> None:
    begun, go_on, closed = threading.Event(), threading.Event(), list[str]()

    async def open_pool() -> AsyncIterator[Pool]:
        begun.set()
        await areached(go_on)
        yield Pool()
        closed.append("pool")

    async def use() -> Pool:
        return await owned.__aenter__()

    container = ServiceCollection().transient(Pool, open_pool).build()
    owned = container.resolve(Owned[Pool])
    with asyncio.Runner() as runner:
        task = runner.get_loop().create_task(use())
        runner.run(areached(begun))
        go_on.set()
        pool = run(use())
        assert runner.run(result_of(task)) is pool
        run(owned.aclose())

    container.close()
    assert "pool" in closed


def test_unwanted_resource_that_fails_to_close_says_so_to_who_built_it() -> None:
    """Its loop was stopped, the scope was closed meanwhile, and nobody else will ever see the object."""
    begun, go_on = threading.Event(), threading.Event()

    async def open_pool() -> AsyncIterator[Pool]:
        begun.set()
        await areached(go_on)
        yield Pool()
        raise ValueError("cannot say goodbye")

    container = ServiceCollection().scoped(Pool, open_pool).build()
    scope = container.scope()
    with asyncio.Runner() as runner:
        task = runner.get_loop().create_task(scope.aresolve(Pool))
        runner.run(areached(begun))
        scope.close()
        go_on.set()
        with pytest.raises(ValueError, match="goodbye"):
            runner.run(result_of(task))

    container.close()


def test_closer_that_fails_at_the_end_of_a_block_keeps_no_other_one_from_running() -> None:
    events: list[str] = []

    async def open_pool() -> AsyncIterator[Pool]:
        yield Pool()
        events.append("pool closed")

    async def open_clock() -> AsyncIterator[Clock]:
        yield Clock()
        raise ValueError("cannot say goodbye")

    async def main() -> None:
        with ServiceCollection().scoped(Pool, open_pool).scoped(Clock, open_clock).build() as container:
            async with container.scope() as scope:
                await scope.aresolve(Pool)
                await scope.aresolve(Clock)

    with pytest.raises(CloseErrors) as caught:
        run(main())

    assert str(only(ValueError, caught.value)) == "cannot say goodbye"
    assert events == ["pool closed"]


def test_async_generator_that_suspends_and_yields_again_is_reported() -> None:
    async def open_pool() -> AsyncIterator[Pool]:
        yield Pool()
        await asyncio.sleep(0)
        yield Pool()

    async def main() -> None:
        container = ServiceCollection().singleton(Pool, open_pool).build()
        await container.aresolve(Pool)
        await container.aclose()

    with pytest.raises(CloseErrors) as caught:
        run(main())

    assert "yielded a second time" in str(only(RuntimeError, caught.value))


def test_block_ends_after_the_builder_that_a_child_task_still_runs() -> None:
    events: list[str] = []

    async def main() -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def open_pool() -> AsyncIterator[Pool]:
            yield Pool()
            events.append("pool closed")

        async def open_clock() -> AsyncIterator[Clock]:
            begun.set()
            await go_on.wait()
            yield Clock()
            events.append("clock closed")

        with ServiceCollection().scoped(Pool, open_pool).scoped(Clock, open_clock).build() as container:
            async with container.scope() as scope:
                await scope.aresolve(Pool)
                child = asyncio.ensure_future(scope.aresolve(Clock))
                await begun.wait()
                asyncio.get_running_loop().call_soon(go_on.set)
            assert type(await child) is Clock

    run(main())

    assert events == ["clock closed", "pool closed"]


def test_thread_that_closes_a_scope_whose_block_is_ending_waits_for_it() -> None:
    events: list[str] = []
    ending, go_on = threading.Event(), threading.Event()

    async def open_pool() -> AsyncIterator[Pool]:
        yield Pool()
        ending.set()
        await areached(go_on)
        events.append("pool closed")

    container = ServiceCollection().scoped(Pool, open_pool).build()
    scope = container.scope()

    async def block() -> None:
        async with scope:
            await scope.aresolve(Pool)

    def close() -> None:
        scope.close()
        events.append("second closer back")

    with Background(lambda: run(block())) as first:
        reached(ending)
        with Background(close) as second:
            until(lambda: len(scope._closing) > 2)
            go_on.set()
    first.result()
    second.result()
    container.close()

    assert events == ["pool closed", "second closer back"]


@pytest.mark.parametrize("awaited", [False, True], ids=["close", "aclose"])
def test_close_after_the_loop_that_closed_is_gone_does_not_wait_for_ever(
    caplog: pytest.LogCaptureFixture, awaited: bool
) -> None:
    async def open_pool() -> AsyncIterator[Pool]:
        yield Pool()
        await asyncio.get_running_loop().create_future()

    container = ServiceCollection().singleton(Pool, open_pool).build()
    loop = asyncio.new_event_loop()

    async def begin() -> "asyncio.Task[None]":
        await container.aresolve(Pool)
        task = asyncio.ensure_future(container.aclose())
        await asyncio.sleep(0)
        return task

    task = loop.run_until_complete(begin())
    loop.close()
    with caplog.at_level(logging.ERROR, logger="kimera_di"):
        if awaited:
            run(container.aclose())
        else:
            container.close()

    assert "was closed before it had finished" in caplog.text
    assert not task.done()
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    task.get_coro().close()  # type: ignore[union-attr]


def test_child_task_of_a_nested_closer_may_close_the_owner_further_out() -> None:
    """It belongs to both closers: to wait for either would never end."""
    events: list[str] = []

    async def open_clock() -> AsyncIterator[Clock]:
        yield Clock()
        await asyncio.create_task(container.aclose())
        events.append("clock closed")

    async def open_pool() -> AsyncIterator[Pool]:
        yield Pool()
        await scope.aclose()
        events.append("pool closed")

    container = ServiceCollection().singleton(Pool, open_pool).scoped(Clock, open_clock).build()
    scope = container.scope()

    async def main() -> None:
        await container.aresolve(Pool)
        await scope.aresolve(Clock)
        await container.aclose()

    run(main())

    assert events == ["clock closed", "pool closed"]


def test_scope_factory_opens_scopes_again_when_the_close_was_refused() -> None:
    """The close waits for a builder, and what that built must be awaited to close."""
    begun, go_on = threading.Event(), threading.Event()

    async def close(_: Pool) -> None: ...

    def make() -> Pool:
        begun.set()
        reached(go_on)
        return Pool()

    container = ServiceCollection().singleton(Pool, make, on_close=close).build()
    scopes = container.resolve(ScopeFactory)
    with Background(lambda: container.resolve(Pool)):
        reached(begun)
        with Background(container.close) as first:
            until(lambda: "closed" in repr(container))
            with Background(container.close) as second:
                until(lambda: len(container._root._closing) > 2)
                go_on.set()

    assert isinstance(first.error(), AsyncRequiredError)
    assert isinstance(second.error(), AsyncRequiredError)
    with scopes() as scope:
        assert scope[Pool] is container[Pool]
    run(container.aclose())


def test_object_that_is_a_list_is_given_again_to_tasks() -> None:
    async def make() -> list[str]:
        return ["one"]

    async def main() -> None:
        with ServiceCollection().scoped(Names, make).build() as container, container.scope() as scope:
            first = await scope.aresolve(Names)
            assert await scope.aresolve(Names) is first == ["one"]

    run(main())


def test_constructor_of_a_transient_may_wait_for_what_another_thread_builds() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def make() -> Pool:
        begun.set()
        reached(go_on)
        return Pool()

    class Passing:
        def __init__(self) -> None:
            self.pool = container.resolve(Pool)

    container = ServiceCollection().singleton(Pool, make).transient(Passing).build()
    with Background(lambda: container.resolve(Pool)) as first:
        reached(begun)
        with Background(lambda: container.resolve(Passing)) as second:
            until(lambda: any(len(v) > 2 for v in list(container._root._values.values()) if type(v) is list))  # type: ignore[union-attr]
            go_on.set()

    assert second.result().pool is first.result()
    container.close()


def test_stall_of_a_builder_that_runs_just_now_says_that_its_stack_was_not_found(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its task is not suspended anywhere: it blocks its loop."""
    begun, go_on = threading.Event(), threading.Event()

    async def make() -> Pool:
        begun.set()
        reached(go_on)
        return Pool()

    with ServiceCollection().singleton(Pool, make).build(stall_report_s=0.02) as container:
        with Background(lambda: run(container.aresolve(Pool))) as building:
            reached(begun)
            with Background(lambda: container.resolve(Pool)) as waiting:
                until(lambda: "waiting for Pool" in caplog.text)
                go_on.set()

        assert "(not found)" in caplog.text
        assert waiting.result() is building.result()


def test_stall_of_a_builder_that_let_others_go_first_says_where(caplog: pytest.LogCaptureFixture) -> None:
    begun, go_on = threading.Event(), threading.Event()

    async def yields_to_others() -> Pool:
        asyncio.get_running_loop().call_soon(block)
        await asyncio.sleep(0)
        return Pool()

    def block() -> None:
        begun.set()
        reached(go_on)

    with ServiceCollection().singleton(Pool, yields_to_others).build(stall_report_s=0.02) as container:
        with Background(lambda: run(container.aresolve(Pool))) as building:
            reached(begun)
            with Background(lambda: container.resolve(Pool)) as waiting:
                until(lambda: "waiting for Pool" in caplog.text)
                go_on.set()

        assert "yields_to_others" in caplog.text.partition("building here:")[2]
        assert waiting.result() is building.result()


async def result_of(task: "asyncio.Task[Any]") -> Any:
    return await task
