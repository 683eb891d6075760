import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from kimera.composition import make_services
from kimera.core.cleanup import MemoryCleanup
from kimera.core.interfaces import IConversationMemory
from kimera.core.memory import ConversationMemory
from kimera.infrastructure.health import Health, HealthCheck
from kimera.infrastructure.settings import MemorySettings
from kimera_di import CloseErrors
from tests.examples.support import FakeClock, settings_in

pytestmark = pytest.mark.check


class Watched(ConversationMemory):
    """A memory that tells when it is cleaned."""

    def __init__(self, on_cleanup: Callable[[], None]) -> None:
        super().__init__(MemorySettings(), FakeClock())
        self._on_cleanup = on_cleanup

    def remove_expired(self) -> int:
        self._on_cleanup()
        return super().remove_expired()


def names() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks()}


def test_cleanup_runs_again_and_again_until_the_container_closes(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, memory={"cleanup_every_s": 0.001})

    async def run() -> None:
        cleaned = asyncio.Semaphore(0)
        services = make_services(settings)
        services.instance(IConversationMemory, Watched(cleaned.release))
        async with services.build() as container:
            cleanup = await container.aresolve(MemoryCleanup)
            for _ in range(3):
                await asyncio.wait_for(cleaned.acquire(), timeout=10)
            assert cleanup.is_running
            assert "kimera-memory-cleanup" in names()
        assert not cleanup.is_running
        assert "kimera-memory-cleanup" not in names()

    asyncio.run(run())


def test_error_of_the_cleanup_is_reported_while_it_runs_and_raised_at_the_end(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, memory={"cleanup_every_s": 0.001})

    async def run() -> list[Health]:
        failed = asyncio.Event()

        def fail() -> None:
            failed.set()
            raise OSError("no more memory")

        services = make_services(settings)
        services.instance(IConversationMemory, Watched(fail))
        async with services.build() as container:
            checks = await container.aresolve_all(HealthCheck)
            await asyncio.wait_for(failed.wait(), timeout=10)
            await asyncio.sleep(0)
            healths.extend([await check.check() for check in checks if check.name == "memory"])
        return healths

    healths: list[Health] = []
    with pytest.raises(CloseErrors) as caught:
        asyncio.run(run())

    assert healths == [Health("degraded", "0 sessions, the cleanup has stopped")]
    (error,) = caught.value.exceptions
    assert str(error) == "no more memory"
