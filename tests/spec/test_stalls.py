"""Guarantee 3: a wait the container cannot see through is reported, with both stacks, and goes on."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator

import pytest

from kimera_di import ServiceCollection
from tests.spec.concurrency import Background, areached, reached, run, until
from tests.spec.helpers import WAIT_S

STALL_S = 0.03


class A:
    pass


def reports(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "kimera_di" and r.levelno == logging.WARNING]


@pytest.mark.parametrize("lifetime", ["singleton", "scoped"])
def test_thread_that_waits_too_long_reports_both_stacks(
    services: ServiceCollection, caplog: pytest.LogCaptureFixture, lifetime: str
) -> None:
    """The factory waits for the test, which waits for the look-up: only a reader of the stacks can see that."""
    begun, go_on = threading.Event(), threading.Event()

    def wait_for_something_unseen() -> A:
        begun.set()
        reached(go_on)
        return A()

    def the_one_that_waits() -> A:
        return scope.resolve(A)

    getattr(services, lifetime)(A, wait_for_something_unseen)
    scope = services.build(stall_report_s=STALL_S).scope()

    with Background(lambda: scope.resolve(A)) as building:
        reached(begun)
        with Background(the_one_that_waits) as waiting:
            until(lambda: reports(caplog))
            go_on.set()

    text = reports(caplog)[0]
    here, _, there = text.partition("building here:")
    assert text.startswith("waiting for A for more than 0.03 s")
    assert "the_one_that_waits" in here
    assert "wait_for_something_unseen" in there
    assert waiting.result() is building.result()


def test_stall_is_reported_once_per_period(services: ServiceCollection, caplog: pytest.LogCaptureFixture) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def make() -> A:
        begun.set()
        reached(go_on)
        return A()

    container = services.singleton(A, make).build(stall_report_s=STALL_S)
    with Background(lambda: container.resolve(A)):
        reached(begun)
        with Background(lambda: container.resolve(A)) as waiting:
            began = time.monotonic()
            until(lambda: reports(caplog))
            waiting.is_done(2.5 * STALL_S)
            go_on.set()
    periods = (time.monotonic() - began) / STALL_S

    assert 1 <= len(reports(caplog)) <= periods + 1


@pytest.mark.parametrize("lifetime", ["singleton", "scoped"])
def test_task_that_waits_too_long_reports_where_the_builder_is_suspended(
    services: ServiceCollection, caplog: pytest.LogCaptureFixture, lifetime: str
) -> None:
    async def wait_for_something_unseen() -> A:
        begun.set()
        while not go_on.is_set():
            await asyncio.sleep(0.001)
        return A()

    async def main() -> None:
        building = asyncio.create_task(scope.aresolve(A), name="builder")
        await areached(begun)
        waiting = asyncio.create_task(scope.aresolve(A))
        while not reports(caplog):
            await asyncio.sleep(0.001)
        go_on.set()
        assert await waiting is await building

    begun, go_on = threading.Event(), threading.Event()
    getattr(services, lifetime)(A, wait_for_something_unseen)
    scope = services.build(stall_report_s=STALL_S).scope()
    run(main())

    there = reports(caplog)[0].partition("building here:")[2]
    assert "task builder" in there
    assert "wait_for_something_unseen" in there


def test_thread_that_waits_for_a_task_reports_where_it_is_suspended(
    services: ServiceCollection, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    async def wait_for_something_unseen() -> A:
        begun.set()
        await areached(go_on)
        return A()

    container = services.singleton(A, wait_for_something_unseen).build(stall_report_s=STALL_S)
    with Background(lambda: run(container.aresolve(A))):
        reached(begun)
        with Background(lambda: container.resolve(A)):
            until(lambda: reports(caplog))
            go_on.set()

    assert "wait_for_something_unseen" in reports(caplog)[0].partition("building here:")[2]


def test_close_that_waits_too_long_for_a_builder_is_reported(
    services: ServiceCollection, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def make() -> Iterator[A]:
        begun.set()
        reached(go_on)
        yield A()

    container = services.singleton(A, make).build(stall_report_s=STALL_S)
    with Background(lambda: container.resolve(A)):
        reached(begun)
        with Background(container.close) as closing:
            until(lambda: reports(caplog))
            go_on.set()

    closing.result()
    assert reports(caplog)[0].startswith("waiting for A")


def test_closer_that_waits_too_long_for_another_one_is_reported(
    services: ServiceCollection, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def make() -> Iterator[A]:
        yield A()
        begun.set()
        reached(go_on)

    container = services.singleton(A, make).build(stall_report_s=STALL_S)
    container.resolve(A)
    with Background(container.close):
        reached(begun)
        with Background(container.close) as second:
            until(lambda: reports(caplog))
            go_on.set()

    second.result()
    assert reports(caplog)[0].startswith("waiting for the close of the container")


def test_short_wait_is_not_reported(services: ServiceCollection, caplog: pytest.LogCaptureFixture) -> None:
    begun = threading.Event()

    def make() -> A:
        begun.set()
        threading.Event().wait(2 * STALL_S)
        return A()

    container = services.singleton(A, make).build(stall_report_s=WAIT_S)
    with Background(lambda: container.resolve(A)):
        reached(begun)
        container.resolve(A)

    assert reports(caplog) == []


def test_error_beats_a_long_wait(services: ServiceCollection, caplog: pytest.LogCaptureFixture) -> None:
    """A waiter that reports from time to time still gets what the builder raises."""
    begun, go_on = threading.Event(), threading.Event()

    def make() -> A:
        begun.set()
        reached(go_on)
        raise ValueError("no")

    container = services.singleton(A, make).build(stall_report_s=STALL_S)
    with Background(lambda: container.resolve(A)) as building:
        reached(begun)
        with Background(lambda: container.resolve(A)) as waiting:
            until(lambda: reports(caplog))
            go_on.set()

    assert waiting.error() is building.error()
    assert str(waiting.error()) == "no"
