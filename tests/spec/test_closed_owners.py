"""Closed scopes and containers, and closers that fail, await, or belong to another event loop."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from kimera_di import (
    AsyncRequiredError,
    CloseErrors,
    ContainerClosedError,
    ServiceCollection,
)
from kimera_di.resolution.unclosed import is_shown
from tests.spec.helpers import only


class Pool: ...


@pytest.mark.parametrize("levels", [(), ("session", "request")], ids=["without levels", "with levels"])
def test_closed_scope_refuses_every_entrance(levels: tuple[str, ...]) -> None:
    async def main() -> None:
        with ServiceCollection(scopes=levels).singleton(Pool).build() as container:
            scope = container.scope()
            scope.close()
            with pytest.raises(ContainerClosedError, match="scope"):
                await scope.aresolve(Pool)
            with pytest.raises(ContainerClosedError, match="scope"):
                scope.resolve_all(Pool)
            with pytest.raises(ContainerClosedError, match="scope"):
                async with scope:
                    pass
            with pytest.raises(ContainerClosedError, match="scope"):
                scope.scope()

    asyncio.run(main())


@pytest.mark.parametrize("levels", [(), ("session", "request")], ids=["without levels", "with levels"])
def test_closed_container_opens_no_scope(levels: tuple[str, ...]) -> None:
    container = ServiceCollection(scopes=levels).singleton(Pool).build()
    container.close()

    with pytest.raises(ContainerClosedError, match="container"):
        container.scope()


def test_scope_closed_by_two_tasks_is_closed_once() -> None:
    closed: list[str] = []

    async def main() -> None:
        go_on = asyncio.Event()

        async def open_pool() -> AsyncIterator[Pool]:
            yield Pool()
            await go_on.wait()
            closed.append("pool")

        async with ServiceCollection().scoped(Pool, open_pool).build() as container:
            scope = container.scope()
            await scope.aresolve(Pool)
            tasks = [asyncio.ensure_future(scope.aclose()) for _ in range(2)]
            for _ in range(3):
                await asyncio.sleep(0)
            go_on.set()
            await asyncio.gather(*tasks)

    asyncio.run(main())

    assert closed == ["pool"]


def test_asynchronous_resource_closed_in_another_loop_is_named() -> None:
    async def open_pool() -> AsyncIterator[Pool]:
        yield Pool()

    async def build() -> Any:
        container = ServiceCollection().singleton(Pool, open_pool).build()
        await container.aresolve(Pool)
        return container

    with asyncio.Runner() as first:
        container = first.run(build())
        with pytest.warns(RuntimeWarning, match="another event loop"):
            asyncio.run(container.aclose())
        again = first.run(build())
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(CloseErrors) as caught:
                asyncio.run(again.aclose())

    assert type(only(RuntimeWarning, caught.value)) is RuntimeWarning


def test_asynchronous_resource_whose_end_fails_is_reported() -> None:
    async def open_pool() -> AsyncIterator[Pool]:
        yield Pool()
        raise ValueError("cannot end")

    async def main() -> None:
        container = ServiceCollection().singleton(Pool, open_pool).build()
        await container.aresolve(Pool)
        await container.aclose()

    with pytest.raises(CloseErrors) as caught:
        asyncio.run(main())

    assert str(only(ValueError, caught.value)) == "cannot end"


def test_closer_that_returns_a_coroutine_needs_aclose() -> None:
    async def end() -> None: ...

    def on_close(_: Pool) -> Coroutine[Any, Any, None]:
        return end()

    container = ServiceCollection().singleton(Pool, on_close=on_close).build()
    container.resolve(Pool)

    with pytest.raises(CloseErrors) as caught:
        container.close()

    assert "use aclose()" in only(AsyncRequiredError, caught.value).summary


@pytest.mark.parametrize(("filters", "shown"), [((), True), (("ignore",), False)], ids=["no filter", "ignored"])
def test_resource_warnings_are_looked_for_in_the_filters(filters: tuple[Any, ...], shown: bool) -> None:
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for action in filters:
            warnings.simplefilter(action, ResourceWarning)
        warnings.simplefilter("error", DeprecationWarning)

        assert is_shown() is shown
