"""Give every HTTP request and WebSocket connection of an ASGI application a scope of its own.

In: any ASGI 3 application and a container. Out: the same application; inside of it one scope is current, and it
is closed at a point that the user chose. Knows the protocol (https://asgi.readthedocs.io) and no framework, needs
no package. See docs/decisions/0011.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kimera_di.errors import RegistrationError
from kimera_di.integrations.asgi_units import (
    CLOSE_POINTS,
    UNIT,
    ASGIApp,
    ASGIScope,
    ClosePoint,
    Message,
    Receive,
    Send,
    Unit,
    unit_of,
    units_of,
)
from kimera_di.rendering import did_you_mean, safe_repr
from kimera_di.resolution import ServiceContainer

__all__ = ["ASGIApp", "ASGIConnection", "ASGIScope", "ClosePoint", "ContainerMiddleware", "close_at"]

log: logging.Logger = logging.getLogger("kimera_di")


@dataclass(frozen=True, slots=True, eq=False)
class ASGIConnection:
    """The request or WebSocket connection that a scope was opened for; ``services.scope_value(ASGIConnection)``.

    Describes it only. Its body and messages belong to the handler, and two readers would take them from each other.

    Args:
        scope: What the server and the framework say about it, shared with the application.
    """

    scope: ASGIScope

    @property
    def type(self) -> str:
        """Either ``"http"`` or ``"websocket"``."""
        return str(self.scope["type"])

    @property
    def path(self) -> str:
        """The path, decoded, with the prefix the application is mounted at."""
        return str(self.scope["path"])

    @property
    def method(self) -> str | None:
        """The HTTP method in upper case; ``None`` for a WebSocket connection."""
        method: str | None = self.scope.get("method")
        return method

    def headers(self) -> Iterator[tuple[str, str]]:
        """Give every header in the order sent, names in lower case."""
        for name, value in self.scope["headers"]:
            yield name.decode("latin-1").lower(), value.decode("latin-1")

    def header(self, name: str) -> str | None:
        """Give the first header of that name, in whatever case; ``None`` when it was not sent. O(headers)."""
        wanted = name.lower()
        return next((value for each, value in self.headers() if each == wanted), None)


class ContainerMiddleware:
    """An ASGI application around another one: a scope per request and per WebSocket connection.

    The scope is the current one (``kimera_di.inject``) for the application and what it calls. Several containers
    may be put around one application. Around an application that is inside of the same container's middleware
    already (a mounted one, say) no second scope is opened.

    An exception that leaves the application is thrown into the generators of the scope, so that they roll back.
    So is one that the framework has turned into a response of status 400 or above, or into closing a WebSocket
    with a code other than 1000 and 1001, if it is answered in the task that calls this middleware.

    Args:
        app: The application.
        container: Built by ``services.build()``; scopes are opened with it, it is not closed unless you say so.
        close: When the scope of a request is closed. A WebSocket's is closed when the application returns.

            - ``"before_response"``: as soon as the application begins to respond and before anything is sent. A
              commit that fails still becomes an error response. Nothing may be resolved after that: what
              streams a body has taken its services before and needs none that was closed.
            - ``"after_response"``: after the last part of the body, before background tasks. For streams. A
              commit that fails is logged and raised, but the client was told of a success.
            - ``"after_background"``: when the application returns. The resources of the scope stay open until the
              slowest client and the last task are done.
        close_container: Close the container when the server shuts down, after the application has; for
            applications that support the lifespan protocol.
        level: The level of the scopes it opens, where levels have names; the outermost one by default.

    Raises:
        RegistrationError: ``container`` is no container, ``close`` none of the three, or there is no such level.
        ContainerClosedError: The container is closed, and a level was named.
    """

    def __init__(
        self,
        app: ASGIApp,
        container: ServiceContainer,
        *,
        close: ClosePoint = "before_response",
        close_container: bool = False,
        level: str | None = None,
    ) -> None:
        if not isinstance(container, ServiceContainer):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise RegistrationError(
                f"{safe_repr(container)} is no container",
                facts=(("do this", "pass what services.build() gives"),),
            )
        self.app: ASGIApp = app
        self.container: ServiceContainer = container
        self.close: ClosePoint = checked(close)
        self.level: str | None = level
        if level is not None:
            container.scope(name=level).close()  # refuses a wrong level here, not in the first request
        self._close_container = close_container
        self._gives_connection = container.takes_value(ASGIConnection)
        self.asks_values: bool = self._gives_connection
        """Whether ``values`` has anything to do."""

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Serve a connection, as ASGI 3 defines it.

        Raises:
            CloseErrors: The scope failed to close and the application raised nothing.
            ContainerClosedError: The container is closed.
        """
        kind = scope["type"]
        if kind not in {"http", "websocket"}:
            return await (self.lifespan if kind == "lifespan" else self.app)(scope, receive, send)
        container = self.container
        outer: Unit | None = scope.get(UNIT)
        if outer is not None:
            around = unit_of(scope, container)
            if around is not None:
                return await self.app(scope, receive, _observer(around, send))
        opened = container.scope(self.values(scope) if self.asks_values else None, ambient=True, name=self.level)
        unit = scope[UNIT] = Unit(container, opened, send, self.close, sys.exception(), outer)
        try:
            await self.app(scope, receive, unit.send_http if kind == "http" else unit.send_websocket)
        except BaseException as error:
            await unit.end(error)
            raise
        else:
            if not unit.closed or unit.failure is not None:
                await unit.end()
        finally:
            scope[UNIT] = outer  # the server keeps the ASGI scope for longer, and would be kept by the unit
        return None

    def values(self, scope: ASGIScope) -> Mapping[Any, object] | None:
        """Give what the scope of a connection is opened with; ``None`` for nothing."""
        return {ASGIConnection: ASGIConnection(scope)} if self._gives_connection else None

    async def lifespan(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Start and stop the application; the container is closed after it, if that was asked for."""
        if not self._close_container:
            return await self.app(scope, receive, send)

        async def answer(message: Message) -> None:
            await send(await self._close_with(message))

        return await self.app(scope, receive, answer)

    async def _close_with(self, message: Message) -> Message:
        """Close the container when the application has shut down, or will never start; say so when that fails."""
        if message["type"] == "lifespan.startup.complete":
            return message
        try:
            await self.container.aclose()
        except Exception as error:
            log.exception("the container failed to close at shutdown")
            if message["type"] == "lifespan.shutdown.complete":
                return {"type": "lifespan.shutdown.failed", "message": str(error)}
        return message


def close_at(scope: ASGIScope, close: ClosePoint, container: ServiceContainer | None = None) -> None:
    """Choose another close point for this one request: a stream in an application that closes before the response.

    Args:
        scope: The ASGI scope; ``request.scope`` of Starlette and FastAPI.
        close: The close point.
        container: Whose scope is meant; ``None`` for those of every container around the application.

    Raises:
        RegistrationError: There is no such middleware around the application, the scope is closed already, or
            ``close`` is no close point.
    """
    checked(close)
    chosen = [unit for unit in units_of(scope) if container is None or unit.container is container]
    if not chosen or scope["type"] != "http":
        raise RegistrationError(
            "no request has a scope here whose close point could be chosen",
            facts=(("do this", "put ContainerMiddleware around the application, call this in an HTTP request"),),
        )
    if any(unit.closed for unit in chosen):
        raise RegistrationError(
            "the scope of this request is closed already",
            facts=(("do this", "choose the close point before the application begins to respond"),),
        )
    for unit in chosen:
        unit.close = close


def checked(close: ClosePoint) -> ClosePoint:
    """Give a close point back.

    Raises:
        RegistrationError: It is none.
    """
    if close not in CLOSE_POINTS:
        guess = ", ".join(did_you_mean(str(close), CLOSE_POINTS))
        known = ", ".join(f'"{each}"' for each in CLOSE_POINTS)
        raise RegistrationError(
            f"close={safe_repr(close)} is no close point",
            facts=(*((("did you mean", guess),) if guess else ()), ("do this", f"pass one of {known}")),
        )
    return close


def _observer(unit: Unit, send: Send) -> Send:
    """Give a ``send`` for an application further inside, where an exception may still be known."""

    async def observe(message: Message) -> None:
        unit.observe(message)
        await send(message)

    return observe
