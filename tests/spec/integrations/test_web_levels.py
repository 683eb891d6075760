"""The level of the scopes that web integrations open, where levels have names."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kimera_di import Injected, Lifetime, RegistrationError, Scope, ServiceCollection, ServiceContainer, inject
from kimera_di.integrations import fastapi as web
from kimera_di.integrations.asgi import ASGIApp, ContainerMiddleware

pytestmark = pytest.mark.check


class Basket:
    pass


class Profile:
    pass


def leveled() -> ServiceContainer:
    services = ServiceCollection(scopes=("session", "request"))
    return services.scoped(Basket).register(Profile, lifetime=Lifetime.SCOPED, scope="session").build()


@inject
async def tell(scope: Any, receive: Any, send: Any, current: Injected[Scope]) -> None:
    body = repr(current).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def ask(application: ASGIApp) -> str:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    request = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(application(request, receive, send))  # type: ignore[arg-type]
    return str(sent[-1]["body"].decode())


@pytest.mark.parametrize(
    ("level", "opened"), [(None, "session"), ("session", "session"), ("request", "request")], ids=str
)
def test_request_opens_a_scope_of_the_level_that_was_said(level: str | None, opened: str) -> None:
    application = ContainerMiddleware(tell, leveled(), level=level)

    assert ask(application) == f"<Scope {opened!r} open>"


def test_fastapi_request_is_given_what_lives_at_its_level() -> None:
    app = FastAPI()

    @app.get("/")
    async def show(basket: web.Injected[Basket]) -> str:
        return type(basket).__name__

    web.setup(app, leveled(), level="request")

    assert TestClient(app).get("/").json() == "Basket"


def test_unknown_level_is_refused_before_the_application_serves() -> None:
    app = FastAPI()

    with pytest.raises(RegistrationError, match="there is no scope level 'reqest'") as caught:
        web.setup(app, leveled(), level="reqest")

    assert "did you mean 'request'?" in dict(caught.value.facts)["do this"]
    assert not hasattr(app.state, "kimera_container")


def test_level_of_a_container_without_named_levels_is_refused() -> None:
    with pytest.raises(RegistrationError, match="there is no level 'request'"):
        ContainerMiddleware(tell, ServiceCollection().build(), level="request")
