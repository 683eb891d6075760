"""The cleanup of the conversation memory, a task that the container owns.

In: the memory. Out: a task that runs from the first look-up until the container is closed, never longer.
"""

import asyncio
from collections.abc import AsyncIterator

from kimera.core.interfaces import IConversationMemory
from kimera.infrastructure.settings import MemorySettings


class MemoryCleanup:
    """Removes expired sessions from time to time, so that what nobody asks for again is freed, too."""

    def __init__(self, task: "asyncio.Task[None]") -> None:
        self._task = task

    @property
    def is_running(self) -> bool:
        """The task is at work."""
        return not self._task.done()


async def run_cleanup(memory: IConversationMemory, settings: MemorySettings) -> AsyncIterator[MemoryCleanup]:
    """Run the cleanup for as long as the container is open.

    The container owns the task: closing cancels it and waits for its end; an error it died of is raised then, and
    reported by ``MemoryCheck`` before.

    Args:
        memory: What is cleaned.
        settings: How often.

    Yields:
        The running cleanup.
    """
    task = asyncio.create_task(_clean(memory, settings.cleanup_every_s), name="kimera-memory-cleanup")
    try:
        yield MemoryCleanup(task)
    finally:
        task.cancel()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(outcome, Exception):
            raise outcome


async def _clean(memory: IConversationMemory, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        memory.remove_expired()
