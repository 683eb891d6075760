"""When the scope of a request is closed, in every web integration: events in the order they happened."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kimera_di import CloseErrors, ScopeRequiredError, ServiceContainer
from kimera_di.integrations.asgi import ClosePoint
from tests.spec.integrations.adapters import WEB, Plan, WebAdapter, session_number
from tests.spec.integrations.shop import Caller, Greeter, Log, Reader, Writer

pytestmark = [pytest.mark.check, pytest.mark.parametrize("adapter", WEB, ids=[each.name for each in WEB])]

ORDERS: dict[ClosePoint, list[str]] = {
    "before_response": ["open", "commit", "start 200", "end", "background"],
    "after_response": ["open", "start 200", "end", "commit", "background"],
    "after_background": ["open", "start 200", "end", "background", "commit"],
}
POINTS = pytest.mark.parametrize("close", list(ORDERS))
LATE = pytest.mark.parametrize("close", ["after_response", "after_background"])


def build(adapter: WebAdapter, log: Log, *, commit_fails: bool = False) -> ServiceContainer:
    return adapter.services(log, commit_fails=commit_fails).build()


async def two_parts(reader: Reader) -> AsyncIterator[bytes]:
    yield b"one "
    yield f"session {reader.session.number}".encode()


@POINTS
@pytest.mark.parametrize("threaded", [False, True], ids=["loop", "thread"])
def test_scope_is_closed_at_the_chosen_point(adapter: WebAdapter, close: ClosePoint, threaded: bool) -> None:
    log = Log()

    adapter.run(build(adapter, log), Plan(close=close, background=lambda: log.add("background"), threaded=threaded))

    assert log.events == ORDERS[close]


@LATE
def test_stream_finds_the_scope_open(adapter: WebAdapter, close: ClosePoint) -> None:
    log = Log()

    outcome = adapter.run(build(adapter, log), Plan(close=close, stream=two_parts))

    assert outcome.text == "one session 1"
    assert log.events == ["open", "start 200", "body", "body", "end", "commit"]


def test_stream_with_the_default_begins_after_the_scope_was_closed(adapter: WebAdapter) -> None:
    log = Log()

    adapter.run(build(adapter, log), Plan(stream=two_parts))

    assert log.events == ["open", "commit", "start 200", "body", "body", "end"]


def test_stream_that_asks_for_a_service_after_the_default_close_point_is_told_so(adapter: WebAdapter) -> None:
    async def asks_late(reader: Reader) -> AsyncIterator[bytes]:
        yield session_number().encode()

    outcome = adapter.run(build(adapter, Log()), Plan(stream=asks_late))

    error: BaseException | None = outcome.error
    while isinstance(error, BaseExceptionGroup):  # Starlette writes streams in a task group
        error = error.exceptions[0]
    assert isinstance(error, ScopeRequiredError)
    assert "nobody can give session_number its reader" in str(error)


@LATE
def test_stream_that_fails_rolls_back(adapter: WebAdapter, close: ClosePoint) -> None:
    log = Log()

    async def broken(reader: Reader) -> AsyncIterator[bytes]:
        yield b"one"
        raise LookupError("half-way")

    outcome = adapter.run(build(adapter, log), Plan(close=close, stream=broken))

    assert outcome.error is not None
    assert log.events[:3] == ["open", "start 200", "body"]
    assert log.events[3] in {"rollback LookupError", "rollback ExceptionGroup"}  # older Starlette: from a task group


@LATE
def test_client_that_leaves_in_the_middle_of_a_stream_rolls_back(adapter: WebAdapter, close: ClosePoint) -> None:
    """The generator that wrote the body stops half-way; what it did so far must not be committed."""
    log = Log()

    async def endless(reader: Reader) -> AsyncIterator[bytes]:
        while True:
            yield b"more"
            await asyncio.sleep(0)

    asyncio.run(adapter.exchange(build(adapter, log), Plan(close=close, stream=endless), disconnect=3).run())

    assert log.events[:3] == ["open", "start 200", "body"]
    assert log.events[-1].startswith("rollback")


@LATE
def test_cancelled_request_rolls_back(adapter: WebAdapter, close: ClosePoint) -> None:
    log = Log()
    container = build(adapter, log)

    async def main() -> None:
        waiting = asyncio.Event()

        async def wait(reader: Reader) -> AsyncIterator[bytes]:
            waiting.set()
            await asyncio.Event().wait()
            yield b"never"

        task = asyncio.create_task(adapter.exchange(container, Plan(close=close, stream=wait)).run())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await task
        assert cancelled.type is asyncio.CancelledError

    asyncio.run(main())

    assert "rollback CancelledError" in log.events


def test_commit_that_fails_before_the_response_becomes_an_error_response(adapter: WebAdapter) -> None:
    log = Log()
    ran: list[str] = []

    outcome = adapter.run(build(adapter, log, commit_fails=True), Plan(background=lambda: ran.append("mail")))

    assert isinstance(outcome.error, CloseErrors)
    assert "start 200" not in log.events
    assert outcome.status == (None if adapter.name == "asgi" else 500)  # without a framework the server answers
    assert ran == []


def test_commit_that_fails_after_the_response_is_logged_and_raised_and_stops_background_tasks(
    adapter: WebAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log()
    ran: list[str] = []
    plan = Plan(close="after_response", background=lambda: ran.append("mail"))

    outcome = adapter.run(build(adapter, log, commit_fails=True), plan)

    assert isinstance(outcome.error, CloseErrors)
    assert log.events[:4] == ["open", "start 200", "end", "commit fails"]
    assert ran == []
    assert any("the response was sent, then its scope failed to close" in each.message for each in caplog.records)


@LATE
def test_background_task_that_fails_rolls_back_only_what_is_still_open(adapter: WebAdapter, close: ClosePoint) -> None:
    log = Log()

    def fail() -> None:
        raise LookupError("no mail server")

    outcome = adapter.run(build(adapter, log), Plan(close=close, background=fail))

    assert isinstance(outcome.error, LookupError)
    assert log.events[-1] == ("commit" if close == "after_response" else "rollback LookupError")


@POINTS
def test_error_response_of_the_framework_rolls_back_at_the_same_point(adapter: WebAdapter, close: ClosePoint) -> None:
    log = Log()

    outcome = adapter.run(build(adapter, log), Plan(close=close, refuse=True))

    assert outcome.status == 404
    rolled_back = next(index for index, each in enumerate(log.events) if each.startswith("rollback"))
    assert rolled_back == (1 if close == "before_response" else len(log.events) - 1)


@POINTS
def test_async_services_are_built_and_closed_with_await(adapter: WebAdapter, close: ClosePoint) -> None:
    log = Log()

    outcome = adapter.run(build(adapter, log), Plan(close=close, awaits=True))

    assert outcome.text == "done"
    assert "async commit" in log.events


def test_handler_in_a_thread_gets_its_services_with_every_close_point(adapter: WebAdapter) -> None:
    def greet(reader: Reader, writer: Writer, caller: Caller, greeter: Greeter) -> str:
        return greeter.greet()

    texts = [adapter.run(build(adapter, Log()), Plan(greet, close=each, threaded=True)).text for each in ORDERS]

    assert texts == ["hello"] * 3
