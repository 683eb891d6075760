"""Time a FastAPI request whose handler gets its services from a container: ours, peers', FastAPI's own dependencies.

    .venv-bench/bin/python -m benchmarks.integrations [--rounds N] [--only NAME,NAME]

Every contestant serves the same application in this process: the loop calls the ASGI application with a prepared
connection, so there is no network and no server in the numbers. A request opens a session by a generator, builds two
repositories and two services on it, on a singleton pool and settings, and closes the session. ``byhand`` is the same
handler without injection: it builds everything itself. Rounds are interleaved, ratios are medians of quotients within a
round, "overhead" is the difference to ``byhand``. Before anything is timed each contestant must answer correctly, share
one session within the request and close it.
"""

import argparse
import asyncio
import gc
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Response
from fastapi.routing import APIRoute

from benchmarks import workloads as w
from benchmarks.case import CLOCK_NAME
from kimera_di import ServiceCollection
from kimera_di.integrations.asgi import ContainerMiddleware
from kimera_di.integrations.fastapi import Injected, setup

App = Callable[[Any, Any, Any], Awaitable[None]]

clock: Callable[[], float] = getattr(time, CLOCK_NAME)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the handler asks for.

    Attributes:
        title: Stands above the table.
        open_session: The factory of the session.
        three: Two services and the settings, instead of the one object that holds them.
    """

    title: str
    open_session: Callable[[w.Pool], Any]
    three: bool


SHAPES = (
    Shape("one object, on a session from a generator", w.open_session, three=False),
    Shape("three objects, on a session from a generator", w.open_session, three=True),
    Shape("one object, on a session from an async generator", w.open_session_async, three=False),
)

SAMPLE = 60
"""Requests of one sample."""

seen: list[tuple[w.Session, w.Session]] = []
"""The sessions that the last handler found in its two services."""


def answer(item: int, users: w.UserService, orders: w.OrderService, settings: w.Settings) -> Response:
    """Do what every handler does with its services."""
    seen[:] = [(users.repository.session, orders.repository.session)]
    return Response(f"{settings.url}/{item}")


def serve(route: Callable[..., Any], route_class: type[APIRoute] = APIRoute) -> FastAPI:
    """Give an application with one route."""
    app = FastAPI()
    app.router.route_class = route_class
    app.get("/items/{item}", response_model=None)(route)
    return app


def bare(shape: Shape) -> App:
    """FastAPI around a handler that builds everything itself."""
    settings, pool = w.Settings(), w.Pool()

    async def route(item: int) -> Response:
        resource = shape.open_session(pool)
        session = next(resource)
        try:
            handler = w.Handler(
                w.UserService(w.UserRepository(session)), w.OrderService(w.OrderRepository(session)), settings
            )
            return answer(item, handler.users, handler.orders, handler.settings)
        finally:
            next(resource, None)

    async def awaiting(item: int) -> Response:
        resource = shape.open_session(pool)
        session = await anext(resource)
        try:
            handler = w.Handler(
                w.UserService(w.UserRepository(session)), w.OrderService(w.OrderRepository(session)), settings
            )
            return answer(item, handler.users, handler.orders, handler.settings)
        finally:
            await anext(resource, None)

    return serve(awaiting if shape.open_session is w.open_session_async else route)


def own_dependencies(shape: Shape) -> App:
    """FastAPI's ``Depends`` all the way down; async throughout, because it runs what is not in threads."""
    settings, pool = w.Settings(), w.Pool()

    async def open_session() -> AsyncGenerator[w.Session, None]:
        session = w.Session(pool)
        try:
            yield session
        finally:
            session.closed = True

    async def user_repository(session: Annotated[w.Session, Depends(open_session)]) -> w.UserRepository:
        return w.UserRepository(session)

    async def order_repository(session: Annotated[w.Session, Depends(open_session)]) -> w.OrderRepository:
        return w.OrderRepository(session)

    async def user_service(repository: Annotated[w.UserRepository, Depends(user_repository)]) -> w.UserService:
        return w.UserService(repository)

    async def order_service(repository: Annotated[w.OrderRepository, Depends(order_repository)]) -> w.OrderService:
        return w.OrderService(repository)

    async def get_settings() -> w.Settings:
        return settings

    async def get_handler(
        users: Annotated[w.UserService, Depends(user_service)],
        orders: Annotated[w.OrderService, Depends(order_service)],
        found: Annotated[w.Settings, Depends(get_settings)],
    ) -> w.Handler:
        return w.Handler(users, orders, found)

    async def one(item: int, handler: Annotated[w.Handler, Depends(get_handler)]) -> Response:
        return answer(item, handler.users, handler.orders, handler.settings)

    async def each(
        item: int,
        users: Annotated[w.UserService, Depends(user_service)],
        orders: Annotated[w.OrderService, Depends(order_service)],
        found: Annotated[w.Settings, Depends(get_settings)],
    ) -> Response:
        return answer(item, users, orders, found)

    return serve(each if shape.three else one)


def kimera(shape: Shape) -> App:
    """``setup`` and ``Injected``."""
    services = ServiceCollection().singleton(w.Settings).singleton(w.Pool).scoped(w.Session, shape.open_session)
    for part in w.REQUEST_PARTS:
        services.transient(part)

    async def one(item: int, handler: Injected[w.Handler]) -> Response:
        return answer(item, handler.users, handler.orders, handler.settings)

    async def each(
        item: int, users: Injected[w.UserService], orders: Injected[w.OrderService], found: Injected[w.Settings]
    ) -> Response:
        return answer(item, users, orders, found)

    app = serve(each if shape.three else one)
    setup(app, services.build())
    return app


def dishka(shape: Shape) -> App:
    """``setup_dishka`` and ``@inject``; parts are not kept, as in the others."""
    from dishka import Provider, Scope, make_async_container
    from dishka.integrations.fastapi import FromDishka, inject, setup_dishka

    provider = Provider()
    for kind in w.REQUEST_SINGLETONS:
        provider.provide(kind, scope=Scope.APP)
    for kind in w.REQUEST_PARTS:
        provider.provide(kind, scope=Scope.REQUEST, cache=False)
    provider.provide(shape.open_session, scope=Scope.REQUEST)

    async def one(item: int, handler: FromDishka[w.Handler]) -> Response:
        return answer(item, handler.users, handler.orders, handler.settings)

    async def each(
        item: int, users: FromDishka[w.UserService], orders: FromDishka[w.OrderService], found: FromDishka[w.Settings]
    ) -> Response:
        return answer(item, users, orders, found)

    app = serve(inject(each if shape.three else one))
    setup_dishka(make_async_container(provider), app)
    return app


def wireup(shape: Shape) -> App:
    """``setup``, ``Injected`` and ``WireupRoute``, no middleware: its fastest form."""
    return _wireup(shape, middleware=False)


def wireup_middleware(shape: Shape) -> App:
    """``setup`` with ``middleware_mode=True``: its scope is visible outside of the handler, as ours is."""
    return _wireup(shape, middleware=True)


def _wireup(shape: Shape, *, middleware: bool) -> App:
    from wireup import Injected as Asked
    from wireup import create_async_container, injectable
    from wireup.integration.fastapi import WireupRoute
    from wireup.integration.fastapi import setup as set_up

    opener: Any = shape.open_session
    declared: list[Any] = [injectable(kind, lifetime="singleton") for kind in w.REQUEST_SINGLETONS]
    declared += [injectable(kind, lifetime="transient") for kind in w.REQUEST_PARTS]
    declared.append(injectable(opener, lifetime="scoped"))

    async def one(item: int, handler: Asked[w.Handler]) -> Response:
        return answer(item, handler.users, handler.orders, handler.settings)

    async def each(
        item: int, users: Asked[w.UserService], orders: Asked[w.OrderService], found: Asked[w.Settings]
    ) -> Response:
        return answer(item, users, orders, found)

    app = serve(each if shape.three else one, WireupRoute)
    set_up(create_async_container(injectables=declared), app, middleware_mode=middleware)
    return app


def kimera_unused(shape: Shape) -> App:
    """The by-hand handler inside of ``ContainerMiddleware``: what a scope costs that nobody uses."""
    return ContainerMiddleware(bare(shape), ServiceCollection().build())


CONTESTANTS: dict[str, Callable[[Shape], App]] = {
    "byhand": bare,
    "kimera": kimera,
    "kimera-unused": kimera_unused,
    "fastapi": own_dependencies,
    "dishka": dishka,
    "wireup": wireup,
    "wireup-mw": wireup_middleware,
}


def connection() -> dict[str, Any]:
    """Describe the request as a server does; frameworks write to it, so each request gets its own."""
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": "/items/3", "raw_path": b"/items/3", "query_string": b"", "root_path": "",
        "headers": [(b"host", b"test"), (b"accept", b"*/*")], "client": ("127.0.0.1", 1), "server": ("test", 80),
        "state": {},
    }  # fmt: skip


async def receive() -> dict[str, Any]:
    """Give the empty body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def drop(message: Any) -> None:
    """Take a message."""
    del message


async def check(name: str, app: App) -> None:
    """Stop the run when a contestant answers wrongly or leaves its session open."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app(connection(), receive, send)
    first, second = seen[0]
    right = sent[0]["status"] == 200 and sent[1]["body"] == b"postgresql://localhost/shop/3"
    if not right or first is not second or not first.closed:
        raise SystemExit(f"{name} answers wrongly: {sent}, shared {first is second}, closed {first.closed}")


async def sample(app: App, count: int) -> float:
    """Give the seconds of one request."""
    start = clock()
    for _ in range(count):
        await app(connection(), receive, drop)
    return (clock() - start) / count


async def measure(names: list[str], rounds: int, shape: Shape) -> dict[str, list[float]]:
    """Give the seconds of a request, one for each round, by contestant."""
    apps = [(name, CONTESTANTS[name](shape)) for name in names]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for name, app in apps:
        await check(name, app)
        await sample(app, SAMPLE)
    gc.disable()
    for turn in range(rounds):
        gc.collect()
        start = turn % len(apps)
        for name, app in apps[start:] + apps[:start]:
            seconds[name].append(await sample(app, SAMPLE))
    gc.enable()
    return seconds


def table(seconds: dict[str, list[float]]) -> str:
    """Draw one line for each contestant."""
    base = seconds["byhand"]
    rows = [f"{'':<14} {'us a request':>13} {'to byhand':>10} {'overhead us':>12}"]
    for name, mine in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(mine, base, strict=True))
        more = statistics.median(a - b for a, b in zip(mine, base, strict=True))
        rows.append(f"{name:<14} {statistics.median(mine) * 1e6:>13.1f} {ratio:>10.2f} {more * 1e6:>12.1f}")
    return "\n".join(rows)


def main() -> int:
    """Measure and print; the exit code is 0."""
    arguments = argparse.ArgumentParser(description="Overhead of a request, in one process, without a network.")
    arguments.add_argument("--rounds", type=int, default=101)
    arguments.add_argument("--only", default=",".join(CONTESTANTS), help="names, separated by commas")
    options = arguments.parse_args()
    names = ["byhand", *(name for name in options.only.split(",") if name != "byhand")]
    unknown = [name for name in names if name not in CONTESTANTS]
    if unknown:
        arguments.error(f"no such contestant: {', '.join(unknown)}; there are {', '.join(CONTESTANTS)}")
    print(f"{options.rounds} rounds of {SAMPLE} requests each, {CLOCK_NAME}, Python {sys.version.split()[0]}")
    for shape in SHAPES:
        print(f"\n{shape.title}\n{table(asyncio.run(measure(names, options.rounds, shape)))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
