"""The scope of one request or connection: what ends it, and what its resources are told.

In: an open scope and the messages that an ASGI application sends. Out: the scope is closed once, at the close
point, with the error that the response stands for. Opens nothing itself and knows no framework; see
docs/decisions/0011.
"""

import logging
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any, Literal, Optional

from kimera_di.errors import ResponseIncompleteError
from kimera_di.resolution import Scope, ServiceContainer

ASGIScope = MutableMapping[str, Any]
"""The mapping an ASGI server describes a connection with; not to be mixed up with a scope of the container."""
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[ASGIScope, Receive, Send], Awaitable[None]]

ClosePoint = Literal["before_response", "after_response", "after_background"]
"""When the scope of a request is closed; see ``ContainerMiddleware``."""

CLOSE_POINTS: tuple[ClosePoint, ...] = ("before_response", "after_response", "after_background")

_FIRST_ERROR_STATUS = 400
_NORMAL_CLOSURES = frozenset((1000, 1001))
"""WebSocket close codes of RFC 6455, section 7.4.1: normal closure, going away."""

UNIT = "kimera_di"
"""Where the innermost unit of a connection stands in its ASGI scope."""

log: logging.Logger = logging.getLogger("kimera_di")


class Unit:
    """A request or WebSocket connection with its scope.

    Args:
        container: What the scope is of.
        scope: The open scope.
        send: Where messages go.
        close: When the scope is closed.
        handled: The exception that was being handled when the application was called, if any.
        outer: The unit of another container's middleware around this one.
    """

    __slots__ = (
        "_complete", "_error", "_handled", "_scope", "_send", "_started", "_trailers",
        "close", "closed", "container", "failure", "outer",
    )  # fmt: skip

    def __init__(
        self,
        container: ServiceContainer,
        scope: Scope,
        send: Send,
        close: ClosePoint,
        handled: BaseException | None,
        outer: Optional["Unit"],
    ) -> None:
        self.container: ServiceContainer = container
        self.outer: Unit | None = outer
        self._scope = scope
        self._send = send
        self.close: ClosePoint = close
        self._handled = handled
        self.closed: bool = False
        """Whether closing the scope has begun."""
        self._started = False
        self._complete = False
        self._error: BaseException | None = None
        self.failure: BaseException | None = None
        """What closing the scope raised."""

    def send_http(self, message: Message) -> Awaitable[None]:
        """Send a message of an HTTP response; closes the scope when this is the close point.

        Returns:
            To be awaited. It raises what closing raises: then ``message`` was not sent if it is the start of
            the response, and what follows in the application (background tasks) does not run.
        """
        if self.closed:
            return self._send(message)
        if message["type"] == "http.response.start":
            if sys.exception() is not None:
                self.observe(message)
            if self.close == "before_response":
                return self._close_then_send(message)
            self._started = True
            self._trailers = bool(message.get("trailers"))
        elif self._started and not self._complete and _is_last(message, trailers=self._trailers):
            self._complete = True
            if self.close == "after_response":
                return self._send_then_close(message)
        return self._send(message)

    def send_websocket(self, message: Message) -> Awaitable[None]:
        """Send a message of a WebSocket connection; its scope is closed when the application returns."""
        if sys.exception() is not None:
            self.observe(message)
        return self._send(message)

    def observe(self, message: Message) -> None:
        """Note the exception that a message answers.

        Frameworks turn an exception into a response inside of the ``except`` block that caught it, so there
        the interpreter still knows it. A status below 400 or a normal closure is no failure.
        """
        error = sys.exception()
        if error is not None and error is not self._handled and _is_failure(message):
            self._error = error

    async def end(self, error: BaseException | None = None) -> None:
        """Close the scope if that has not happened; the application returned, or raised ``error``.

        Raises:
            BaseException: What closing raised now, or earlier if the application did not let it through.
        """
        if not self.closed:
            if error is None and self._error is None and self._started and not self._complete:
                error = ResponseIncompleteError("the application returned before its response was complete")
            await self._leave(error or self._error)
        failure = self.failure
        if failure is not None and failure is not error and (error is None or isinstance(error, Exception)):
            raise failure

    async def _close_then_send(self, message: Message) -> None:
        if self._error is not None:
            await self._leave(self._error)
        else:  # `_leave` written out: every good request comes this way
            self.closed = True
            try:
                await self._scope.__aexit__(None, None, None)
            except BaseException as failure:
                self.failure = failure
                raise
        await self._send(message)

    async def _send_then_close(self, message: Message) -> None:
        await self._send(message)
        await self._leave(self._error)

    async def _leave(self, error: BaseException | None) -> None:
        """Close the scope; its generators are told ``error``."""
        self.closed = True
        self._error = None  # else the traceback of the error would keep the whole request
        try:
            if error is None:
                await self._scope.__aexit__(None, None, None)
            else:
                await self._scope.__aexit__(type(error), error, error.__traceback__)
        except BaseException as failure:
            self.failure = failure  # the application may catch it; the server must know it all the same
            if self._complete:
                log.exception("the response was sent, then its scope failed to close")
            raise


def unit_of(scope: ASGIScope, container: ServiceContainer) -> Unit | None:
    """Find the unit of a container; ``None`` when its middleware is not around the application."""
    return next((unit for unit in units_of(scope) if unit.container is container), None)


def units_of(scope: ASGIScope) -> Iterator[Unit]:
    """Give the units of every container around the application, innermost first."""
    unit: Unit | None = scope.get(UNIT)
    while unit is not None:
        yield unit
        unit = unit.outer


def _is_last(message: Message, *, trailers: bool) -> bool:
    """Tell whether a message ends the response (ASGI 3.0, HTTP version 2.4 with its extensions)."""
    kind = message["type"]
    if kind in {"http.response.body", "http.response.zerocopysend"}:
        return not trailers and not message.get("more_body", False)
    if kind == "http.response.trailers":
        return not message.get("more_trailers", False)
    return bool(kind == "http.response.pathsend" and not trailers)


def _is_failure(message: Message) -> bool:
    kind = message["type"]
    if kind in {"http.response.start", "websocket.http.response.start"}:
        return bool(message["status"] >= _FIRST_ERROR_STATUS)
    return bool(kind == "websocket.close" and message.get("code", 1000) not in _NORMAL_CLOSURES)
