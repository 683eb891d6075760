"""What handlers and commands get, for mypy --strict and pyright strict; checked by `make types`, never run."""

from typing import Annotated, assert_type

import click
from fastapi import FastAPI

from kimera_di import Injected as CoreInjected
from kimera_di import Key, ServiceCollection
from kimera_di.integrations import click as commands
from kimera_di.integrations.asgi import ASGIConnection, ContainerMiddleware, close_at
from kimera_di.integrations.fastapi import Injected, close_point, setup


class Port: ...


class Plain: ...


app = FastAPI()


@app.get("/", dependencies=[close_point("after_response")])
async def handler(
    item: int, plain: Injected[Plain], keyed: Injected[Annotated[Port, Key("k")]], every: Injected[list[Port]]
) -> None:
    assert_type(plain, Plain)
    assert_type(keyed, Port)
    assert_type(every, list[Port])


@click.command()
@commands.inject
def command(plain: CoreInjected[Plain]) -> None:
    assert_type(plain, Plain)


def set_up_takes_containers_and_their_builders(services: ServiceCollection, connection: ASGIConnection) -> None:
    container = services.build()
    setup(app, container, close="after_background", close_container=True)
    commands.setup(command, container)
    commands.setup(command, services.build)
    app.add_middleware(ContainerMiddleware, container=container)
    close_at(connection.scope, "after_response", container)
    assert_type(connection.header("host"), str | None)
