"""A real server on the loopback interface: requests, streams and WebSocket connections at once."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated

import httpx2
import pytest
import uvicorn
import websockets
from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from starlette.responses import StreamingResponse

from kimera_di import ServiceCollection
from kimera_di.integrations.fastapi import Injected, close_point, setup
from tests.spec.integrations.shop import Log, Reader, Session, Writer, shop

pytestmark = [pytest.mark.check, pytest.mark.slow]

WAIT_S = 20


class Caller:
    def __init__(self, request: Request, session: Session) -> None:
        self.text = f"{request.headers['x-id']} {session.number}"


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve in a thread on a free port; give the address without its scheme."""
    config = uvicorn.Config(app, log_level="critical", lifespan="on", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(WAIT_S)
    assert not thread.is_alive()


def application(log: Log) -> FastAPI:
    services: ServiceCollection = shop(log, None, None).scope_value(Request).scoped(Caller)
    app = FastAPI()

    def also(writer: Injected[Writer]) -> Session:
        return writer.session

    @app.get("/who")
    async def who(caller: Injected[Caller], reader: Injected[Reader], other: Annotated[Session, Depends(also)]) -> str:
        assert reader.session is other
        await asyncio.sleep(0)
        return caller.text

    @app.get("/threaded")
    def threaded(caller: Injected[Caller], reader: Injected[Reader], other: Annotated[Session, Depends(also)]) -> str:
        assert reader.session is other
        return caller.text

    @app.get("/refuse")
    async def refuse(reader: Injected[Reader]) -> None:
        raise HTTPException(409)

    @app.get("/stream", dependencies=[close_point("after_response")])
    async def stream(reader: Injected[Reader]) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            while True:
                yield str(reader.session.number).encode()
                await asyncio.sleep(0.001)

        return StreamingResponse(parts())

    @app.websocket("/chat")
    async def chat(websocket: WebSocket, reader: Injected[Reader]) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(f"{text} {reader.session.number}")

    setup(app, services.build(), close_container=True)
    return app


@pytest.mark.parametrize("path", ["/who", "/threaded"])
def test_hundred_requests_at_once_get_their_own_scope_and_request(path: str) -> None:
    log = Log()

    async def main(address: str) -> list[str]:
        async with httpx2.AsyncClient(base_url=f"http://{address}", timeout=WAIT_S) as client:
            answers = await asyncio.gather(*(client.get(path, headers={"x-id": f"id{n}"}) for n in range(100)))
            return [each.json() for each in answers]

    with served(application(log)) as address:
        texts = asyncio.run(main(address))

    assert [each.split()[0] for each in texts] == [f"id{n}" for n in range(100)]
    assert len({each.split()[1] for each in texts}) == 100
    assert log.events.count("commit") == log.events.count("open") == 100


def test_refused_request_rolls_back() -> None:
    log = Log()

    with served(application(log)) as address:
        status = httpx2.get(f"http://{address}/refuse", timeout=WAIT_S).status_code

    assert status == 409
    assert log.events == ["open", "rollback HTTPException"]


def test_client_that_leaves_a_stream_rolls_back() -> None:
    log = Log()

    with (
        served(application(log)) as address,
        httpx2.stream("GET", f"http://{address}/stream", timeout=WAIT_S) as response,
    ):
        first = next(response.iter_bytes())

    assert first.startswith(b"1")
    assert log.events[0] == "open"
    assert log.events[1].startswith("rollback")


def test_websocket_connections_have_a_scope_each() -> None:
    log = Log()

    async def chat(address: str, name: str) -> list[str]:
        async with websockets.connect(f"ws://{address}/chat") as connection:
            answers = []
            for _ in range(3):
                await connection.send(name)
                answers.append(str(await connection.recv()))
            return answers

    async def main(address: str) -> list[list[str]]:
        return await asyncio.gather(*(chat(address, f"user{n}") for n in range(20)))

    with served(application(log)) as address:
        talks = asyncio.run(main(address))

    assert all(len(set(each)) == 1 for each in talks)
    assert len({each[0].split()[1] for each in talks}) == 20
    assert log.events.count("commit") == 20
