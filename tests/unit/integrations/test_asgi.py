"""The ASGI middleware, without a framework."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from kimera_di import (
    CloseErrors,
    ContainerClosedError,
    Injected,
    RegistrationError,
    ServiceCollection,
    ServiceContainer,
    inject,
)
from kimera_di.errors import ResponseIncompleteError
from kimera_di.integrations.asgi import ASGIConnection, ContainerMiddleware, close_at
from kimera_di.resolution.ambient import find_current
from tests.unit.integrations.sending import lifespan, request, send_request

START = {"type": "http.response.start", "status": 200, "headers": []}
END = {"type": "http.response.body", "body": b""}


class Session: ...


def container_of(events: list[str]) -> ServiceContainer:
    def open_session() -> Iterator[Session]:
        try:
            yield Session()
        except BaseException as error:
            events.append(type(error).__name__)
            raise
        events.append("commit")

    return ServiceCollection().scoped(Session, open_session).build()


@inject
def session(session: Injected[Session]) -> Session:
    return session


async def plain(scope: Any, receive: Any, send: Any) -> None:
    session()
    await send(START)
    await send(END)


def test_connection_tells_path_method_and_headers() -> None:
    scope = request("/cart", headers=[(b"X-Name", b"caf\xe9"), (b"x-name", b"two")])

    connection = ASGIConnection(scope)

    assert (connection.type, connection.path, connection.method) == ("http", "/cart", "GET")
    assert connection.header("X-NAME") == "café"
    assert list(connection.headers()) == [("x-name", "café"), ("x-name", "two")]
    assert connection.header("host") is None


def test_other_kinds_of_connection_pass_untouched() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, send, find_current()))

    middleware = ContainerMiddleware(app, ServiceCollection().build())

    async def send(message: Any) -> None: ...

    async def receive() -> Any: ...

    for kind in ("lifespan", "something.new"):
        scope = {"type": kind}
        asyncio.run(middleware(scope, receive, send))
        assert seen.pop() == ({"type": kind}, send, None)


def test_middleware_of_the_same_container_shares_the_scope_of_the_one_around_it() -> None:
    events: list[str] = []
    container = container_of(events)
    found: list[Session] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append(session())
        await plain(scope, receive, send)
        found.append(outer[0])

    outer: list[Session] = []
    inner = ContainerMiddleware(app, container, close="after_background")

    async def mount(scope: Any, receive: Any, send: Any) -> None:
        outer.append(session())
        await inner(scope, receive, send)

    asyncio.run(send_request(ContainerMiddleware(mount, container), request()))

    assert found[0] is found[1]
    assert events == ["commit"]


def test_containers_around_each_other_have_scopes_of_their_own() -> None:
    events: list[list[str]] = [[], []]
    first, second = container_of(events[0]), container_of(events[1])
    found: list[Session] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.extend(inject(session.__wrapped__, container=each)() for each in (first, second))  # type: ignore[attr-defined]
        await send(START)
        await send(END)

    asyncio.run(send_request(ContainerMiddleware(ContainerMiddleware(app, second), first), request()))

    assert found[0] is not found[1]
    assert events == [["commit"], ["commit"]]


def test_error_that_was_handled_before_the_request_began_is_not_taken_for_its_own() -> None:
    events: list[str] = []
    app = ContainerMiddleware(refusing, container_of(events))

    async def main() -> None:
        try:
            {}["missing"]
        except KeyError:
            await send_request(app, request())

    asyncio.run(main())

    assert events == ["commit"]


async def refusing(scope: Any, receive: Any, send: Any) -> None:
    session()
    await send({**START, "status": 404})
    await send(END)


def test_success_that_is_sent_while_an_exception_is_handled_commits() -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        session()
        try:
            {}["missing"]
        except KeyError:
            await send(START)
            await send(END)

    asyncio.run(send_request(ContainerMiddleware(app, container_of(events)), request()))

    assert events == ["commit"]


def test_status_404_without_an_exception_commits() -> None:
    events: list[str] = []

    asyncio.run(send_request(ContainerMiddleware(refusing, container_of(events)), request()))

    assert events == ["commit"]


@pytest.mark.parametrize(("code", "ended"), [(1000, "commit"), (1001, "commit"), (1008, "KeyError")])
def test_connection_closed_for_an_exception_rolls_back_unless_the_code_is_a_normal_one(code: int, ended: str) -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        session()
        try:
            {}["missing"]
        except KeyError:
            await send({"type": "websocket.close", "code": code})

    asyncio.run(send_request(ContainerMiddleware(app, container_of(events)), request(type="websocket")))

    assert events == [ended]


def test_application_that_never_answers_ends_its_scope() -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        session()

    asyncio.run(send_request(ContainerMiddleware(app, container_of(events)), request()))

    assert events == ["commit"]


@pytest.mark.parametrize("close", ["after_response", "after_background"])
def test_response_that_is_left_incomplete_rolls_back(close: Any) -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        session()
        await send(START)
        await send({**END, "more_body": True})

    asyncio.run(send_request(ContainerMiddleware(app, container_of(events), close=close), request()))

    assert events == [ResponseIncompleteError.__name__]


@pytest.mark.parametrize(
    ("start", "messages"),
    [
        ({}, [END]),
        ({}, [{**END, "more_body": True}, {"type": "http.response.zerocopysend", "file": 3}]),
        ({}, [{"type": "http.response.pathsend", "path": "/x"}]),
        ({"trailers": True}, [END, {"type": "http.response.trailers", "headers": []}]),
    ],
    ids=["body", "zerocopysend", "pathsend", "trailers"],
)
def test_scope_is_closed_after_the_last_message_of_every_form_of_response(start: Any, messages: list[Any]) -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        session()
        await send({**START, **start})
        for message in messages:
            assert events == []
            await send(message)
        assert events == ["commit"]

    asyncio.run(send_request(ContainerMiddleware(app, container_of(events), close="after_response"), request()))

    assert events == ["commit"]


def test_failure_to_close_is_raised_although_the_application_swallows_it() -> None:
    def open_session() -> Iterator[Session]:
        yield Session()
        raise OSError("disk full")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        session()
        try:
            await send(START)
        except CloseErrors:
            await send({**START, "status": 500})
            await send(END)

    middleware = ContainerMiddleware(app, ServiceCollection().scoped(Session, open_session).build())

    with pytest.raises(CloseErrors, match="1 closer of the scope failed"):
        asyncio.run(send_request(middleware, request()))


def test_close_point_can_be_chosen_for_one_request() -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        close_at(scope, "after_background")
        session()
        await send(START)
        await send(END)
        events.append("background")

    asyncio.run(send_request(ContainerMiddleware(app, container_of(events)), request()))

    assert events == ["background", "commit"]


def test_close_point_of_a_container_that_is_not_around_the_application_cannot_be_chosen() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        close_at(scope, "after_background", ServiceCollection().build())

    with pytest.raises(RegistrationError, match="no request has a scope here"):
        asyncio.run(send_request(ContainerMiddleware(app, ServiceCollection().build()), request()))


def test_close_point_cannot_be_chosen_once_the_scope_is_closed() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        close_at(scope, "after_response")

    with pytest.raises(RegistrationError, match="closed already"):
        asyncio.run(send_request(ContainerMiddleware(app, ServiceCollection().build()), request()))


def test_close_point_cannot_be_chosen_outside_of_the_middleware() -> None:
    with pytest.raises(RegistrationError, match="put ContainerMiddleware around the application"):
        close_at(request(), "after_response")


def test_misspelt_close_point_is_refused_with_a_guess() -> None:
    with pytest.raises(RegistrationError, match=r"did you mean +after_response"):
        ContainerMiddleware(plain, ServiceCollection().build(), close="after_respons")  # type: ignore[arg-type]


def test_collection_in_the_place_of_a_container_is_refused() -> None:
    with pytest.raises(RegistrationError, match=r"pass what services.build\(\) gives"):
        ContainerMiddleware(plain, ServiceCollection())  # type: ignore[arg-type]


def test_closed_container_refuses_requests() -> None:
    container = ServiceCollection().build()
    container.close()

    with pytest.raises(ContainerClosedError, match="the container is closed"):
        asyncio.run(send_request(ContainerMiddleware(plain, container), request()))


def test_connection_is_left_without_a_trace_of_the_scope() -> None:
    """Servers keep the ASGI scope for the next request of a connection, or for their log."""
    scope = request()

    asyncio.run(send_request(ContainerMiddleware(plain, container_of([])), scope))

    assert scope["kimera_di"] is None


async def started(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@pytest.mark.parametrize("close_container", [False, True])
def test_container_is_closed_at_shutdown_when_that_was_asked_for(close_container: bool) -> None:
    container = ServiceCollection().singleton(Session).build()

    sent = asyncio.run(lifespan(ContainerMiddleware(started, container, close_container=close_container)))

    assert [each["type"] for each in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert ("closed" in repr(container)) is close_container


def test_container_is_closed_when_the_application_fails_to_start() -> None:
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    container = ServiceCollection().build()

    asyncio.run(lifespan(ContainerMiddleware(failing, container, close_container=True)))

    assert "closed" in repr(container)


def test_container_that_fails_to_close_is_told_to_the_server() -> None:
    def open_session() -> Iterator[Session]:
        yield Session()
        raise OSError("disk full")

    container = ServiceCollection().singleton(Session, open_session).build()
    container.resolve(Session)

    sent = asyncio.run(lifespan(ContainerMiddleware(started, container, close_container=True)))

    assert sent[-1]["type"] == "lifespan.shutdown.failed"
    assert "1 closer of the container failed" in sent[-1]["message"]
