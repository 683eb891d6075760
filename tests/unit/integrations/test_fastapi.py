"""What only FastAPI has: dependencies, OpenAPI, overrides of its own, routers, its test client."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, WebSocket
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from kimera_di import (
    BuildErrors,
    Key,
    MissingServiceError,
    RegistrationError,
    ScopeRequiredError,
    ServiceCollection,
    ServiceContainer,
)
from kimera_di.integrations.asgi import ASGIConnection, ContainerMiddleware
from kimera_di.integrations.fastapi import Injected, close_point, setup
from kimera_di.resolution.ambient import current

pytestmark = pytest.mark.check


class Greeter:
    def greet(self) -> str:
        return "hello"


class FakeGreeter(Greeter):
    def greet(self) -> str:
        return "fake"


class Session: ...


class Unknown: ...


class Ticket: ...


def build(events: list[str] | None = None) -> ServiceContainer:
    def open_session() -> Iterator[Session]:
        try:
            yield Session()
        except BaseException as error:
            (events if events is not None else []).append(type(error).__name__)
            raise
        if events is not None:
            events.append("commit")

    services = ServiceCollection().singleton(Greeter).singleton(Greeter, FakeGreeter, key="fake")
    return services.scoped(Session, open_session).transient(Ticket).build()


def get(app: FastAPI, path: str = "/", **more: Any) -> Any:
    response = TestClient(app, **more).get(path)
    return response.json()


def test_key_in_the_annotation_gives_the_keyed_service() -> None:
    app = FastAPI()

    @app.get("/")
    async def handler(greeter: Injected[Annotated[Greeter, Key("fake")]]) -> str:
        return greeter.greet()

    setup(app, build())

    assert get(app) == "fake"


def test_list_gives_every_implementation() -> None:
    app = FastAPI()

    @app.get("/")
    def handler(greeters: Injected[list[Greeter]]) -> list[str]:
        return [each.greet() for each in greeters]

    setup(app, build())

    assert get(app) == ["hello"]


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_optional_service_is_none_when_nobody_registered_it(is_async: bool) -> None:
    app = FastAPI()

    async def awaited(greeter: Injected[Greeter | None], unknown: Injected[Unknown | None]) -> list[bool]:
        return [greeter is None, unknown is None]

    def threaded(greeter: Injected[Greeter | None], unknown: Injected[Unknown | None]) -> list[bool]:
        return [greeter is None, unknown is None]

    app.get("/")(awaited if is_async else threaded)
    setup(app, build())

    assert get(app) == [False, True]


def test_handler_and_dependencies_share_the_scope_and_get_transients_of_their_own() -> None:
    app = FastAPI()

    def function(session: Injected[Session], ticket: Injected[Ticket]) -> tuple[Session, Ticket]:
        return session, ticket

    class Class:
        def __init__(self, session: Injected[Session], ticket: Injected[Ticket]) -> None:
            self.found = (session, ticket)

    async def generator(session: Injected[Session], ticket: Injected[Ticket]) -> AsyncIterator[tuple[Session, Ticket]]:
        yield session, ticket

    async def nested(inner: Annotated[tuple[Session, Ticket], Depends(function)]) -> tuple[Session, Ticket]:
        return inner

    @app.get("/")
    async def handler(
        session: Injected[Session],
        ticket: Injected[Ticket],
        one: Annotated[tuple[Session, Ticket], Depends(nested)],
        two: Annotated[Class, Depends()],
        three: Annotated[tuple[Session, Ticket], Depends(generator)],
    ) -> list[int]:
        found = [(session, ticket), one, two.found, three]
        return [len({id(each) for each, _ in found}), len({id(each) for _, each in found})]

    setup(app, build())

    assert get(app) == [1, 4]


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_parameters_that_share_one_annotation_get_transients_of_their_own(is_async: bool) -> None:
    one_annotation: Any = Injected[Ticket]
    app = FastAPI()

    async def awaited(first: one_annotation, second: one_annotation) -> bool:
        return first is second

    def threaded(first: one_annotation, second: one_annotation) -> bool:
        return first is second

    app.get("/")(awaited if is_async else threaded)
    setup(app, build())

    assert get(app) is False


def test_dependency_of_a_router_gets_services() -> None:
    seen: list[str] = []

    async def guard(greeter: Injected[Greeter]) -> None:
        seen.append(greeter.greet())

    router = APIRouter(dependencies=[Depends(guard)])

    @router.get("/inside")
    def handler() -> str:
        return "in"

    app = FastAPI()
    app.include_router(router, prefix="/api")
    setup(app, build())

    assert get(app, "/api/inside") == "in"
    assert seen == ["hello"]


def test_mounted_application_without_a_container_uses_the_outer_one() -> None:
    inner, app = FastAPI(), FastAPI()

    @inner.get("/")
    async def handler(greeter: Injected[Greeter]) -> str:
        return greeter.greet()

    app.mount("/inner", inner)
    setup(app, build())

    assert get(app, "/inner/") == "hello"


def test_mounted_application_may_have_a_container_of_its_own() -> None:
    inner, app = FastAPI(), FastAPI()

    @inner.get("/")
    async def handler(unknown: Injected[Unknown]) -> str:
        return type(unknown).__name__

    setup(inner, ServiceCollection().singleton(Unknown).build())
    app.mount("/inner", inner)
    setup(app, build())

    assert get(app, "/inner/") == "Unknown"


def test_annotations_in_a_module_with_postponed_evaluation_work(tmp_path: Path) -> None:
    source = """
from __future__ import annotations
from fastapi import FastAPI
from kimera_di import ServiceCollection
from kimera_di.integrations.fastapi import Injected, setup

class Greeter:
    def greet(self) -> str:
        return "postponed"

app = FastAPI()

@app.get("/")
async def handler(greeter: Injected[Greeter]) -> str:
    return greeter.greet()

setup(app, ServiceCollection().singleton(Greeter).build())
"""
    names: dict[str, Any] = {}
    exec(compile(source, str(tmp_path / "app.py"), "exec"), names)  # noqa: S102 - a module of its own

    assert get(names["app"]) == "postponed"


def test_type_in_quotes_inside_of_the_brackets_is_refused() -> None:
    with pytest.raises(RegistrationError, match=r'quote the whole annotation: "Injected\[Greeter\]"'):
        Injected["Greeter"]


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_openapi_document_is_the_same_as_without_injection(is_async: bool) -> None:
    def documented(*, injected: bool) -> Any:
        app = FastAPI()

        async def with_services(item: int, greeter: Injected[Greeter], page: int = 1) -> dict[str, int]:
            return {}

        async def without(item: int, page: int = 1) -> dict[str, int]:
            return {}

        def sync_with(item: int, greeter: Injected[Greeter], page: int = 1) -> dict[str, int]:
            return {}

        chosen: Any = (with_services if is_async else sync_with) if injected else without
        app.get("/{item}", name="handler", operation_id="handler")(chosen)
        if injected:
            setup(app, build())
        return get(app, "/openapi.json")

    assert documented(injected=True) == documented(injected=False)


def test_handler_of_an_invalid_request_is_not_called_and_builds_nothing() -> None:
    built: list[str] = []

    def make() -> Greeter:
        built.append("greeter")
        return Greeter()

    app = FastAPI()

    @app.get("/{item}")
    async def handler(item: int, greeter: Injected[Greeter]) -> str:
        return greeter.greet()

    setup(app, ServiceCollection().singleton(Greeter, make).build())

    assert TestClient(app).get("/three").status_code == 422
    assert built == []


def test_forgotten_setup_says_what_to_do() -> None:
    app = FastAPI()

    @app.get("/")
    async def handler(greeter: Injected[Greeter]) -> str:
        return greeter.greet()

    with pytest.raises(ScopeRequiredError, match=r"kimera_di.integrations.fastapi.setup\(app, container\)"), build():
        get(app)


def test_setup_names_every_service_that_nobody_registered_with_its_handler() -> None:
    app = FastAPI()

    def dependency(unknown: Injected[Unknown]) -> None: ...

    @app.get("/")
    async def handler(item: int, named: Injected[Annotated[Greeter, Key("other")]]) -> None: ...

    @app.get("/more")
    def more(needed: Annotated[None, Depends(dependency)]) -> None: ...

    with pytest.raises(BuildErrors, match="2 parameters of the application cannot be injected") as caught:
        setup(app, build())

    first, second = caught.value.exceptions
    assert isinstance(first, MissingServiceError)
    assert "handler(named)" in str(first)
    assert "test_fastapi.py:" in str(first)
    assert "dependency(unknown)" in str(second)
    assert not hasattr(app.state, "kimera_container")


def test_route_that_is_added_after_setup_is_checked_at_startup() -> None:
    app = FastAPI()
    setup(app, build())

    @app.get("/")
    async def handler(unknown: Injected[Unknown]) -> None: ...

    with pytest.raises(BuildErrors, match="1 parameter of the application"), TestClient(app):
        pass


def test_route_that_is_added_after_setup_is_checked_at_the_first_request_without_a_startup() -> None:
    app = FastAPI()
    setup(app, build())

    @app.get("/")
    async def handler(unknown: Injected[Unknown]) -> None: ...

    with pytest.raises(BuildErrors, match="1 parameter of the application"):
        get(app)


def test_failed_startup_names_the_handler_to_the_server() -> None:
    app = FastAPI()
    setup(app, build())

    @app.get("/")
    async def handler(unknown: Injected[Unknown]) -> None: ...

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(BuildErrors, match="1 parameter"):
        asyncio.run(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send))

    assert sent[0]["type"] == "lifespan.startup.failed"
    assert "handler(unknown)" in sent[0]["message"]


def test_second_setup_is_refused() -> None:
    app = FastAPI()
    setup(app, build())

    with pytest.raises(RegistrationError, match="this application has a container already"):
        setup(app, build())


def test_setup_of_an_application_that_serves_is_refused() -> None:
    app = FastAPI()
    get(app, "/openapi.json")

    with pytest.raises(RegistrationError, match="has begun to serve"):
        setup(app, build())


def test_wrong_close_point_is_refused_by_setup() -> None:
    with pytest.raises(RegistrationError, match="is no close point"):
        setup(FastAPI(), build(), close="later")  # type: ignore[arg-type]


def test_close_point_of_a_route_leaves_the_others_alone() -> None:
    events: list[str] = []
    app = FastAPI()

    async def handler(session: Injected[Session]) -> None: ...

    app.get("/early")(handler)
    app.get("/late", dependencies=[close_point("after_response")])(handler)
    app.add_middleware(NoteStart, events=events)
    setup(app, build(events))

    for path in ("/early", "/late"):
        get(app, path)

    assert events == ["commit", "start", "start", "commit"]


class NoteStart:
    """Middleware that notes when a response begins."""

    def __init__(self, app: Any, events: list[str]) -> None:
        self.app, self.events = app, events

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def noting(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.events.append("start")
            await send(message)

        await self.app(scope, receive, noting)


async def pass_on(request: Request, call_next: Any) -> Any:
    return await call_next(request)


@pytest.mark.parametrize("added", ["before", "after"])
def test_http_exception_rolls_back_with_a_base_http_middleware(added: str) -> None:
    """Such a middleware answers in another task, where the exception is not known any more."""
    events: list[str] = []
    app = FastAPI()

    @app.get("/")
    async def handler(session: Injected[Session]) -> None:
        raise HTTPException(409)

    if added == "before":
        app.add_middleware(BaseHTTPMiddleware, dispatch=pass_on)
    setup(app, build(events))
    if added == "after":
        app.add_middleware(BaseHTTPMiddleware, dispatch=pass_on)

    assert TestClient(app).get("/").status_code == 409
    assert events == ["HTTPException"]


def test_middleware_that_needs_services_shares_the_scope_when_the_container_is_put_outside_of_it() -> None:
    events: list[str] = []
    app, container = FastAPI(), build(events)
    seen: list[Session] = []

    async def use(request: Request, call_next: Any) -> Any:
        seen.append(await current(container).aresolve(Session))
        return await call_next(request)

    @app.get("/")
    async def handler(session: Injected[Session]) -> None:
        seen.append(session)
        raise HTTPException(409)

    setup(app, container)
    app.add_middleware(BaseHTTPMiddleware, dispatch=use)
    app.add_middleware(ContainerMiddleware, container=container)

    TestClient(app).get("/")

    assert seen[0] is seen[1]
    assert events == ["HTTPException"]


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_override_around_the_test_client_is_seen(is_async: bool) -> None:
    app, container = FastAPI(), build()

    async def awaited(greeter: Injected[Greeter]) -> str:
        return greeter.greet()

    def threaded(greeter: Injected[Greeter]) -> str:
        return greeter.greet()

    app.get("/")(awaited if is_async else threaded)
    setup(app, container)

    with TestClient(app) as client:
        with container.override(Greeter, FakeGreeter()):
            inside = client.get("/").json()
        outside = client.get("/").json()

    assert (inside, outside) == ("fake", "hello")


async def async_get(app: FastAPI) -> str:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        text: str = (await client.get("/")).json()
        return text


def test_override_is_seen_by_an_async_client_in_the_same_task_and_by_no_other() -> None:
    app, container = FastAPI(), build()

    @app.get("/")
    async def handler(greeter: Injected[Greeter]) -> str:
        return greeter.greet()

    setup(app, container)

    async def overriding() -> str:
        with container.override(Greeter, FakeGreeter()):
            return await async_get(app)

    async def main() -> list[str]:
        return await asyncio.gather(overriding(), async_get(app), overriding())

    assert asyncio.run(main()) == ["fake", "hello", "fake"]


def test_dependency_overrides_of_fastapi_go_on_working() -> None:
    app = FastAPI()

    async def greeting(greeter: Injected[Greeter]) -> str:
        return greeter.greet()

    async def fake_greeting(ticket: Injected[Ticket]) -> str:
        return type(ticket).__name__

    @app.get("/")
    async def handler(text: Annotated[str, Depends(greeting)], session: Injected[Session]) -> str:
        return text

    setup(app, build())
    before = get(app)
    app.dependency_overrides[greeting] = fake_greeting

    assert (before, get(app)) == ("hello", "Ticket")


def test_request_can_be_asked_for_and_its_body_stays_with_the_handler() -> None:
    class Caller:
        def __init__(self, request: Request, connection: HTTPConnection, plain: ASGIConnection) -> None:
            self.request = request
            self.name = f"{request.method} {connection.url.path} {plain.header('x-name')}"

    app = FastAPI()

    @app.post("/{item}")
    async def handler(item: int, body: dict[str, int], caller: Injected[Caller]) -> Any:
        with pytest.raises(RuntimeError, match="Receive channel has not been made available"):
            await caller.request.body()
        return [caller.name, caller.request.path_params["item"], body["n"]]

    services = ServiceCollection().scope_value(Request).scope_value(HTTPConnection).scope_value(ASGIConnection)
    setup(app, services.scoped(Caller).build())

    response = TestClient(app).post("/7", json={"n": 3}, headers={"x-name": "me"})

    assert response.json() == ["POST /7 me", "7", 3]


def test_websocket_of_the_scope_describes_the_connection_and_cannot_send() -> None:
    class Caller:
        def __init__(self, socket: WebSocket) -> None:
            self.socket = socket

    app = FastAPI()

    @app.websocket("/chat")
    async def handler(websocket: WebSocket, caller: Injected[Caller]) -> None:
        await websocket.accept()
        with pytest.raises(RegistrationError, match="only describes the connection"):
            await caller.socket.accept()
        await websocket.send_text(caller.socket.url.path)
        await websocket.close()

    setup(app, ServiceCollection().scope_value(WebSocket).scoped(Caller).build())

    with TestClient(app).websocket_connect("/chat") as client:
        assert client.receive_text() == "/chat"


def test_container_is_closed_when_the_application_stops_if_that_was_asked_for() -> None:
    app, container = FastAPI(), build()
    setup(app, container, close_container=True)

    with TestClient(app):
        during = repr(container)

    assert "open" in during
    assert "closed" in repr(container)
