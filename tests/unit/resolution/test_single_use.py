"""What a task that built something leaves behind in its context."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kimera_di import ServiceCollection
from kimera_di.resolution.claims import BUILDING
from kimera_di.resolution.single_use import make_once_async


@pytest.mark.parametrize("fails", [False, True])
def test_task_that_made_it_is_no_builder_afterwards(fails: bool) -> None:
    """Else it could close nothing any more, and would keep what it built alive."""
    layer: Any = None

    async def make() -> str:
        assert BUILDING.get() is not before
        if fails:
            raise ValueError
        return "made"

    async def main() -> object:
        try:
            await make_once_async({}, 1, layer, make)
        except ValueError:
            assert fails
        return BUILDING.get()

    before = BUILDING.get()

    assert asyncio.run(main()) is before


@pytest.mark.parametrize("lifetime", ["singleton", "scoped", "transient"])
@pytest.mark.parametrize("fails", [False, True])
def test_task_that_built_a_service_is_no_builder_afterwards(lifetime: str, fails: bool) -> None:
    async def make() -> AsyncIterator[str]:
        if fails:
            raise ValueError
        yield "made"

    async def main() -> object:
        services = ServiceCollection()
        getattr(services, lifetime)(str, make)
        async with services.build() as container, container.scope() as scope:
            try:
                await scope.aresolve(str)
            except ValueError:
                assert fails
            return BUILDING.get()

    before = BUILDING.get()

    assert asyncio.run(main()) is before
