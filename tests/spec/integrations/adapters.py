"""What an integration has to offer so that the shared suite can try it: one class per framework.

A new integration adds an ``Adapter`` (or a ``WebAdapter``) to ``ADAPTERS``; every test of ``test_units.py`` then runs
for it, and those of ``test_close_points.py`` and ``test_websockets.py`` when it is a web framework.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

import click
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import PlainTextResponse, StreamingResponse
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket as StarletteWebSocket

from kimera_di import Injected, ServiceCollection, ServiceContainer, inject
from kimera_di.integrations import click as commands
from kimera_di.integrations import fastapi as web
from kimera_di.integrations.asgi import ASGIApp, ASGIConnection, ClosePoint, ContainerMiddleware
from tests.spec.integrations.shop import AsyncSession, Caller, Greeter, Log, Reader, Writer, shop

Work = Callable[[Reader, Writer, Caller, Greeter], str]
"""What a handler does with its services."""


class RefusedError(Exception):
    """A handler that was written badly."""


@dataclass
class Outcome:
    """What the outside saw of one unit of work."""

    text: str = ""
    status: int | None = None
    error: BaseException | None = None


@dataclass
class Plan:
    """What the one handler of an application does.

    Attributes:
        work: The work.
        close: When the scope is closed, for web frameworks.
        background: Runs after the response.
        stream: Writes the body, part by part, while the response is on its way.
        refuse: The framework's own exception for status 404 is raised after the work.
        threaded: The handler is synchronous and runs in a thread of the framework, where there is such a thing.
        awaits: The handler asks for a service that is made with await as well.
    """

    work: Work = lambda reader, writer, caller, greeter: "done"
    close: ClosePoint = "before_response"
    background: Callable[[], None] | None = None
    stream: Callable[[Reader], AsyncIterator[bytes]] | None = None
    refuse: bool = False
    threaded: bool = False
    awaits: bool = False


class Adapter(ABC):
    """How a framework is used in the suite."""

    name: str
    value: type
    """What its scopes are opened with."""

    @staticmethod
    @abstractmethod
    def caller(value: Any) -> Caller:
        """Make a ``Caller`` of the scope's value; the annotation of a subclass says of which type it is."""

    @abstractmethod
    def run(self, container: ServiceContainer, plan: Plan, *, caller: str = "/") -> Outcome:
        """Run one unit of work to its end."""

    @abstractmethod
    def run_many(self, container: ServiceContainer, plan: Plan, callers: list[str]) -> list[Outcome]:
        """Run many at the same time, one for each caller."""

    def services(self, log: Log, *, commit_fails: bool = False) -> ServiceCollection:
        """Register the shop for this framework."""
        return shop(log, self.value, self.caller, commit_fails=commit_fails)


@dataclass
class Exchange:
    """One request in this process: the server's side of ASGI, without a network.

    Attributes:
        log: Notes each part of the response; part two of a stream is ``body``, like every other.
        disconnect: The client goes away after this many parts of the body; ``None`` for never.
    """

    app: ASGIApp
    log: Log
    path: str = "/"
    disconnect: int | None = None
    outcome: Outcome = field(default_factory=Outcome)
    _parts: int = 0

    async def run(self) -> Outcome:
        scope = connection("http", self.path)
        self._gone = asyncio.Event()
        self._asked = False
        try:
            await self.app(scope, self._receive, self._send)
        except Exception as error:  # noqa: BLE001  (what reaches the server is part of the outcome)
            self.outcome.error = error
        return self.outcome

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.outcome.status = message["status"]
            self.log.add(f"start {message['status']}")
        else:
            self.outcome.text += message.get("body", b"").decode()
            self.log.add("body" if message.get("more_body") else "end")
            self._parts += 1
            if self._parts == self.disconnect:
                self._gone.set()
        await asyncio.sleep(0)


def connection(kind: Literal["http", "websocket"], path: str) -> dict[str, Any]:
    """Describe a connection as a server does."""
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"X-Name", b"caf\xe9")],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
        "subprotocols": [],
        "state": {},
    }


class WebAdapter(Adapter):
    """A framework that serves ASGI."""

    @abstractmethod
    def application(self, container: ServiceContainer, plan: Plan) -> ASGIApp:
        """Make an application that does ``plan`` at every path, and echoes its caller's session at a WebSocket."""

    def run(self, container: ServiceContainer, plan: Plan, *, caller: str = "/") -> Outcome:
        return asyncio.run(self.exchange(container, plan, path=caller).run())

    def run_many(self, container: ServiceContainer, plan: Plan, callers: list[str]) -> list[Outcome]:
        app = self.application(container, plan)

        async def main() -> list[Outcome]:
            log = container.resolve(Log)
            return await asyncio.gather(*(Exchange(app, log, caller).run() for caller in callers))

        return asyncio.run(main())

    def exchange(
        self, container: ServiceContainer, plan: Plan, *, path: str = "/", disconnect: int | None = None
    ) -> Exchange:
        """Prepare one request."""
        app = self.application(container, plan)
        return Exchange(app, container.resolve(Log), path, disconnect=disconnect)


class BareASGI(WebAdapter):
    """No framework at all, and no ``except`` around the handler."""

    name = "asgi"
    value = ASGIConnection

    @staticmethod
    def caller(value: ASGIConnection) -> Caller:
        return Caller(value.path)

    def application(self, container: ServiceContainer, plan: Plan) -> ASGIApp:
        @inject
        async def answer(
            receive: Any,
            send: Any,
            reader: Injected[Reader],
            writer: Injected[Writer],
            caller: Injected[Caller],
            greeter: Injected[Greeter],
        ) -> None:
            if plan.awaits:
                await async_number()
            if plan.threaded:
                text = await asyncio.to_thread(plan.work, reader, writer, caller, greeter)
            else:
                text = plan.work(reader, writer, caller, greeter)
            if plan.refuse:
                await self.refuse(send)
                return
            await send({"type": "http.response.start", "status": 200, "headers": []})
            if plan.stream is not None:
                gone = asyncio.ensure_future(disconnected(receive))
                async for part in plan.stream(reader):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                    if gone.done():
                        return
                gone.cancel()
            await send({"type": "http.response.body", "body": b"" if plan.stream else text.encode()})
            if plan.background is not None:
                plan.background()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                await answer(receive, send)
                return
            await receive()
            await send({"type": "websocket.accept"})
            while (await receive())["type"] == "websocket.receive":
                await send({"type": "websocket.send", "text": session_number()})

        return ContainerMiddleware(app, container, close=plan.close)

    async def refuse(self, send: Any) -> None:
        try:
            raise_refused()
        except RefusedError:
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})


async def disconnected(receive: Any) -> None:
    """Wait until the client goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass


def raise_refused() -> None:
    """Stand for what a handler calls."""
    raise RefusedError


@inject
def session_number(reader: Injected[Reader]) -> str:
    """Ask the current scope."""
    return str(reader.session.number)


@inject
async def async_number(session: Injected[AsyncSession]) -> int:
    """Ask the current scope for what is made with await."""
    return session.number


class StarletteApp(WebAdapter):
    """Starlette with its own middleware list; handlers are decorated with ``kimera_di.inject``."""

    name = "starlette"
    value = ASGIConnection

    @staticmethod
    def caller(value: ASGIConnection) -> Caller:
        return Caller(value.path)

    def application(self, container: ServiceContainer, plan: Plan) -> ASGIApp:
        @inject
        def answer(
            reader: Injected[Reader], writer: Injected[Writer], caller: Injected[Caller], greeter: Injected[Greeter]
        ) -> Response:
            text = plan.work(reader, writer, caller, greeter)
            if plan.refuse:
                raise HTTPException(404)
            task = None if plan.background is None else BackgroundTask(plan.background)
            if plan.stream is not None:
                return StreamingResponse(plan.stream(reader), background=task)
            return PlainTextResponse(text, background=task)

        def threaded(request: StarletteRequest) -> Response:
            return answer()

        async def awaited(request: StarletteRequest) -> Response:
            if plan.awaits:
                await async_number()
            return answer()

        async def socket(websocket: StarletteWebSocket) -> None:
            await websocket.accept()
            async for _ in websocket.iter_text():
                await websocket.send_text(session_number())

        return Starlette(
            routes=[
                Route("/{path:path}", threaded if plan.threaded else awaited),
                WebSocketRoute("/{path:path}", socket),
            ],
            middleware=[Middleware(ContainerMiddleware, container=container, close=plan.close)],
        )


class FastAPIApp(WebAdapter):
    """FastAPI with ``setup`` and ``Injected`` of its own integration."""

    name = "fastapi"
    value = Request

    @staticmethod
    def caller(value: Request) -> Caller:
        return Caller(value.url.path)

    def application(self, container: ServiceContainer, plan: Plan) -> ASGIApp:
        app = FastAPI()

        def answer(
            reader: web.Injected[Reader],
            writer: web.Injected[Writer],
            caller: web.Injected[Caller],
            greeter: web.Injected[Greeter],
            tasks: BackgroundTasks,
        ) -> Response:
            text = plan.work(reader, writer, caller, greeter)
            if plan.refuse:
                raise HTTPException(404)
            if plan.background is not None:
                tasks.add_task(plan.background)
            if plan.stream is not None:
                return StreamingResponse(plan.stream(reader), background=tasks)
            return PlainTextResponse(text, background=tasks)

        async def awaited(
            reader: web.Injected[Reader],
            writer: web.Injected[Writer],
            caller: web.Injected[Caller],
            greeter: web.Injected[Greeter],
            tasks: BackgroundTasks,
        ) -> Response:
            return answer(reader, writer, caller, greeter, tasks)

        async def awaiting(
            reader: web.Injected[Reader],
            writer: web.Injected[Writer],
            caller: web.Injected[Caller],
            greeter: web.Injected[Greeter],
            tasks: BackgroundTasks,
            session: web.Injected[AsyncSession],
        ) -> Response:
            return answer(reader, writer, caller, greeter, tasks)

        async def socket(websocket: WebSocket, reader: web.Injected[Reader]) -> None:
            await websocket.accept()
            async for _ in websocket.iter_text():
                await websocket.send_text(str(reader.session.number))

        handler = awaiting if plan.awaits else answer if plan.threaded else awaited
        app.get("/{path:path}", response_model=None)(handler)
        app.websocket("/{path:path}")(socket)
        web.setup(app, container, close=plan.close)
        return app


class ClickProgram(Adapter):
    """A group with one command; the caller is its argument."""

    name = "click"
    value = click.Context

    @staticmethod
    def caller(value: click.Context) -> Caller:
        return Caller(value.args[0] if value.args else "/")

    def run(self, container: ServiceContainer, plan: Plan, *, caller: str = "/") -> Outcome:
        @click.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
        @commands.inject
        def program(
            reader: Injected[Reader], writer: Injected[Writer], caller: Injected[Caller], greeter: Injected[Greeter]
        ) -> str:
            text = plan.work(reader, writer, caller, greeter)
            if plan.refuse:
                raise click.UsageError("no such thing")
            return text

        commands.setup(program, container)
        try:
            text = program.main([caller], prog_name="shop", standalone_mode=False)
        except Exception as error:  # noqa: BLE001  (what reaches the shell is part of the outcome)
            return Outcome(error=error)
        return Outcome(text=str(text))

    def run_many(self, container: ServiceContainer, plan: Plan, callers: list[str]) -> list[Outcome]:
        with ThreadPoolExecutor(len(callers)) as pool:
            return list(pool.map(lambda caller: self.run(container, plan, caller=caller), callers))


WEB: tuple[WebAdapter, ...] = (BareASGI(), StarletteApp(), FastAPIApp())
ADAPTERS: tuple[Adapter, ...] = (*WEB, ClickProgram())
