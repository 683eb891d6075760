"""Mistakes that both checkers must find: an ignore that is not needed is an error itself. Checked, never run."""

from typing import Protocol

from kimera_di import Scope, ServiceCollection, ServiceContainer


class Port(Protocol):
    def run(self) -> int: ...


class Other: ...


def wants_other(_: Other) -> None: ...


def wants_others(_: list[Other]) -> None: ...


def wants_port(_: Port) -> None: ...


def results_are_not_any(container: ServiceContainer, scope: Scope) -> None:
    wants_other(container.resolve(Port))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_other(container[Port])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_port(container.get(Port))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_port(scope.get(Port))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wants_others(scope.resolve_all(Port))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    container.resolve(Port).stop()  # type: ignore[attr-defined]  # pyright: ignore
    container[Port].stop()  # type: ignore[attr-defined]  # pyright: ignore
    container.get(Port).run()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


async def forgotten_awaits_are_found(container: ServiceContainer) -> None:
    container.aresolve(Port)  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    container.aclose()  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]


def values_are_no_services(container: ServiceContainer) -> None:
    container.resolve(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    container.resolve(Other())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def keys_are_hashable(container: ServiceContainer) -> None:
    container.resolve(Port, key=[])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def container_is_no_mapping(container: ServiceContainer) -> None:
    container[Port] = Other()  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    del container[Port]  # type: ignore[attr-defined]  # pyright: ignore[reportIndexIssue]
    len(container)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    container.keys()  # type: ignore[attr-defined]  # pyright: ignore


def options_are_checked(services: ServiceCollection) -> None:
    services.register(Other, lifetime="scoped")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    services.singleton(Other, on_close="close")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    services.singleton(Other, key=[])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    services.build("shop.toml", True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
