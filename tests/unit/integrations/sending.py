"""Requests in this process, without a framework's test client: what the unit tests of the integrations send."""

from typing import Any

from kimera_di.integrations.asgi import ASGIApp


def request(path: str = "/", **more: Any) -> dict[str, Any]:
    """Describe an HTTP request as a server does."""
    return {"type": "http", "path": path, "method": "GET", "headers": [], "query_string": b"", **more}


async def receive() -> dict[str, Any]:
    """Give the empty body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def send_request(app: ASGIApp, scope: dict[str, Any]) -> list[Any]:
    """Give what the application answers."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def lifespan(app: ASGIApp) -> list[Any]:
    """Start and stop the application; give what it answers."""
    sent: list[Any] = []
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def next_message() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "lifespan"}, next_message, send)
    return sent
