"""Services in the handlers and dependencies of a FastAPI application.

In: an application, a container and ``Injected[T]`` parameters. Out: a scope per request and per WebSocket
connection, services where they are asked for, an OpenAPI document that knows nothing of them. Must not read the
body or the messages of a connection. See docs/decisions/0011.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

from fastapi import Depends, FastAPI, Request, WebSocket
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection

from kimera_di.errors import BuildErrors, RegistrationError
from kimera_di.integrations.asgi import (
    ASGIApp,
    ASGIConnection,
    ASGIScope,
    ClosePoint,
    ContainerMiddleware,
    close_at,
)
from kimera_di.integrations.asgi_units import Message, Receive, Send
from kimera_di.integrations.fastapi_routes import ServiceDependency, check, shorten
from kimera_di.rendering import safe_repr
from kimera_di.resolution import ServiceContainer

__all__ = ["ClosePoint", "Injected", "close_point", "setup"]

T = TypeVar("T")

if TYPE_CHECKING:
    Injected = Annotated[T, ServiceDependency]
    """``Injected[T]`` is ``T`` for type checkers."""
else:

    class Injected:
        """In a handler or dependency: ``vault: Injected[IVault]`` is given by the scope of the request.

        Takes whatever ``resolve`` takes: ``Injected[Annotated[ICache, Key("redis")]]``, ``Injected[list[Plugin]]``.
        A transient service is a new object for each parameter.
        """

        def __class_getitem__(cls, service: Any) -> Any:
            """Give what FastAPI reads: ``service``, made by a dependency of ours."""
            if isinstance(service, str):
                raise RegistrationError(
                    f"Injected[{service!r}] names a type in quotes, which FastAPI cannot look up",
                    facts=(("do this", f'quote the whole annotation: "Injected[{service}]"'),),
                )
            return Annotated[service, Depends(ServiceDependency(service), use_cache=False)]


def setup(
    app: FastAPI,
    container: ServiceContainer,
    *,
    close: ClosePoint = "before_response",
    close_container: bool = False,
    level: str | None = None,
) -> None:
    """Give every request and WebSocket connection of an application a scope of its own.

    Call it once, before the application serves; before or after the routes are added. A scope can be asked for
    ``Request``, ``WebSocket``, ``HTTPConnection`` (of Starlette) and ``ASGIConnection`` when they are registered
    with ``services.scope_value``; they describe the connection, its body belongs to the handler.

    The scope is opened inside of the application's other middleware, where every exception that a handler raised
    can still be seen. A middleware that needs services adds ``ContainerMiddleware`` once more, outside of it.

    Args:
        app: The application; ``app.state.kimera_container`` is the container from now on.
        container: Gives the services.
        close: When the scope of a request is closed, see ``ContainerMiddleware``; ``close_point`` chooses for
            one route.
        close_container: Close the container when the application shuts down.
        level: The level of the scopes it opens, where levels have names; the outermost one by default.

    Raises:
        BuildErrors: Handlers or dependencies ask for services that nobody registered; routes that are added
            later are checked when the application starts.
        RegistrationError: The application has a container already, or has begun to serve; or there is no such level.
    """
    if hasattr(app.state, "kimera_container"):
        raise RegistrationError(
            "this application has a container already",
            facts=(("do this", "call setup(app, container) once; container.override(...) replaces services in tests"),),
        )
    if app.middleware_stack is not None:
        raise RegistrationError(
            "this application has begun to serve",
            facts=(("do this", "call setup(app, container) where the app is made"),),
        )
    middleware = Middleware(
        FastAPIMiddleware, container=container, served=app, close=close, close_container=close_container, level=level
    )
    FastAPIMiddleware(app, container, served=app, close=close, level=level)  # refuses wrong arguments before it serves
    check(app, container)
    app.user_middleware.append(middleware)  # the innermost one: see docs/decisions/0011
    app.state.kimera_container = container


def close_point(close: ClosePoint) -> Any:
    """Choose another close point for a route: ``@app.get("/export", dependencies=[close_point("after_response")])``.

    Args:
        close: When the scope of its requests is closed, see ``ContainerMiddleware``.

    Returns:
        A dependency for a route, a router or an application.
    """

    async def choose(connection: HTTPConnection) -> None:
        close_at(connection.scope, close)

    return Depends(choose)


class FastAPIMiddleware(ContainerMiddleware):
    """What ``setup`` puts into the application: also checks its routes when it starts, and gives ``Request``.

    Args:
        app: What it is put around.
        container: Gives the services.
        served: The application that ``setup`` was called for.
        close: When the scope of a request is closed.
        close_container: Close the container when the application shuts down.
        level: The level of the scopes it opens.
    """

    def __init__(
        self,
        app: ASGIApp,
        container: ServiceContainer,
        *,
        served: FastAPI,
        close: ClosePoint = "before_response",
        close_container: bool = False,
        level: str | None = None,
    ) -> None:
        super().__init__(app, container, close=close, close_container=close_container, level=level)
        self._served = served
        self._ready = False
        described: tuple[object, ...] = (HTTPConnection, Request, WebSocket)
        self._gives: frozenset[object] = frozenset(each for each in described if container.takes_value(each))
        self.asks_values: bool = True  # until the routes are checked

    def values(self, scope: ASGIScope) -> Mapping[Any, object] | None:
        """Give what the scope of a connection is opened with.

        Raises:
            BuildErrors: It is the first one, and a handler asks for a service that nobody registered.
        """
        if not self._ready:
            self._prepare()
        given = super().values(scope)
        if not self._gives:
            return given
        values: dict[Any, object] = dict(given or {})
        if HTTPConnection in self._gives:
            values[HTTPConnection] = HTTPConnection(scope)
        if Request in self._gives and scope["type"] == "http":
            values[Request] = Request(scope)
        if WebSocket in self._gives and scope["type"] == "websocket":
            values[WebSocket] = WebSocket(scope, _refuse, _refuse)
        return values

    async def lifespan(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Check the routes before the application starts, and let it fail to start when one is wrong."""
        try:
            self._prepare()
        except BuildErrors as problems:
            await receive()
            text = "\n\n".join(str(each) for each in (problems, *problems.exceptions))
            await send({"type": "lifespan.startup.failed", "message": text})
            raise
        await super().lifespan(scope, receive, send)

    def _prepare(self) -> None:
        check(self._served, self.container)
        shorten(self._served)
        self._ready = True
        self.asks_values = bool(self._gives) or self.container.takes_value(ASGIConnection)


async def _refuse(*message: Message) -> NoReturn:
    """Stand for ``receive`` and ``send`` of a connection that only describes itself."""
    unsent = f", so {safe_repr(message[0])} is not sent" if message else ""
    raise RegistrationError(
        f"the WebSocket that a scope was opened with only describes the connection{unsent}",
        facts=(("do this", "receive and send with the WebSocket parameter of the handler"),),
    )
