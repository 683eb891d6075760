"""A WebSocket connection is one unit of work, in every web integration."""

import asyncio
from typing import Any

import pytest

from tests.spec.integrations.adapters import WEB, Plan, WebAdapter, connection
from tests.spec.integrations.shop import Log

pytestmark = [pytest.mark.check, pytest.mark.parametrize("adapter", WEB, ids=[each.name for each in WEB])]


class Client:
    """Sends so many messages and goes away."""

    def __init__(self, log: Log, messages: int) -> None:
        self.log = log
        self.received: list[str] = []
        self._messages = iter(
            [
                {"type": "websocket.connect"},
                *({"type": "websocket.receive", "text": "number?"} for _ in range(messages)),
                {"type": "websocket.disconnect", "code": 1000},
            ]
        )

    async def receive(self) -> dict[str, Any]:
        message = next(self._messages)
        if message["type"] == "websocket.disconnect":
            self.log.add("gone")
        return message

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.send":
            self.received.append(message["text"])


def test_messages_of_a_connection_share_one_scope_that_ends_with_it(adapter: WebAdapter) -> None:
    log = Log()
    app = adapter.application(adapter.services(log).build(), Plan())
    client = Client(log, messages=3)

    asyncio.run(app(connection("websocket", "/"), client.receive, client.send))  # type: ignore[arg-type]

    assert client.received == ["1", "1", "1"]
    assert log.events == ["open", "gone", "commit"]


def test_connections_have_scopes_of_their_own(adapter: WebAdapter) -> None:
    log = Log()
    app = adapter.application(adapter.services(log).build(), Plan())
    clients = [Client(log, messages=2) for _ in range(20)]

    async def main() -> None:
        await asyncio.gather(*(app(connection("websocket", "/"), each.receive, each.send) for each in clients))

    asyncio.run(main())

    assert len({each.received[0] for each in clients}) == 20
    assert log.events.count("commit") == 20


def test_server_that_stops_in_the_middle_of_a_connection_rolls_back(adapter: WebAdapter) -> None:
    log = Log()
    app = adapter.application(adapter.services(log).build(), Plan())

    async def main() -> None:
        client, served = Client(log, messages=1), asyncio.Event()

        async def receive() -> dict[str, Any]:
            if not client.received:
                return await client.receive()
            served.set()
            return await asyncio.Event().wait()  # type: ignore[return-value]

        task = asyncio.ensure_future(app(connection("websocket", "/"), receive, client.send))
        await served.wait()
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(main())

    assert log.events == ["open", "rollback CancelledError"]
