"""A scope or container that is collected with something open says so with a ``ResourceWarning``."""

import asyncio
import gc
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator

from kimera_di import ServiceCollection, ServiceContainer
from tests.spec.helpers import WAIT_S, mortal_classes


class File: ...


class Socket: ...


def open_file() -> Iterator[File]:
    yield File()


async def open_socket() -> AsyncIterator[Socket]:
    yield Socket()


def container_of_files() -> ServiceContainer:
    return ServiceCollection().scoped(File, open_file).scoped(Socket, on_close=lambda _: None).build()


def collected(use: Callable[[], object]) -> list[str]:
    """Give the resource warnings of what ``use`` leaves behind."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use()
        gc.collect()
    return [str(each.message) for each in caught if each.category is ResourceWarning]


def test_scope_collected_unclosed_warns_and_names_what_is_open() -> None:
    container = container_of_files()

    def use() -> None:
        scope = container.scope()
        scope.resolve(File)
        scope.resolve(Socket)

    (text,) = collected(use)

    assert text.startswith("a scope was collected without being closed: Socket, open_file is left open")


@mortal_classes
def test_container_collected_unclosed_warns() -> None:
    (text,) = collected(lambda: ServiceCollection().singleton(File, open_file).build().resolve(File))

    assert text.startswith("a container was collected without being closed: open_file")


def test_scope_in_a_reference_cycle_warns_when_it_is_collected() -> None:
    def use() -> None:
        scope = container_of_files().scope()
        scope.resolve(File)
        circle: list[object] = [scope]
        circle.append(circle)

    (text,) = collected(use)

    assert text.startswith("a scope was collected")


def test_async_scope_collected_unclosed_warns() -> None:
    async def use() -> None:
        scope = ServiceCollection().scoped(Socket, open_socket).build().scope()
        await scope.aresolve(Socket)

    (text,) = collected(lambda: asyncio.run(use()))

    assert text.startswith("a scope was collected without being closed: open_socket")


def test_transient_left_open_warns() -> None:
    container = ServiceCollection().transient(File, open_file).build()

    (text,) = collected(lambda: container.scope().resolve(File))

    assert "open_file is left open" in text


def test_closed_scope_and_container_are_quiet() -> None:
    def use() -> None:
        services = ServiceCollection().singleton(File, open_file).scoped(Socket, on_close=id)
        with services.build() as container, container.scope() as scope:
            scope.resolve(File)
            scope.resolve(Socket)

    assert collected(use) == []


def test_scope_that_opened_nothing_is_quiet() -> None:
    assert collected(lambda: container_of_files().scope()) == []


_SCRIPT = """
from kimera_di import ServiceCollection

class File: ...

def open_file():
    yield File()

container = ServiceCollection().scoped(File, open_file).build()
scope = container.scope()
scope.resolve(File)
del scope
"""


def run(*options: str) -> str:
    command = [sys.executable, *options, "-c", _SCRIPT]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=WAIT_S * 3).stderr


def test_place_of_the_scope_is_told_in_development_mode() -> None:
    assert "a scope, opened at <string>:10, was collected without being closed: open_file" in run("-X", "dev")


def test_warning_shown_outside_development_mode_has_no_place() -> None:
    assert "a scope was collected without being closed: open_file" in run("-W", "always::ResourceWarning")


def test_nothing_is_said_where_resource_warnings_are_hidden() -> None:
    assert run() == ""
