"""Health checks of the core: can it embed, does it remember."""

from kimera.core.cleanup import MemoryCleanup
from kimera.core.interfaces import IConversationMemory, IKimeraSystem
from kimera.infrastructure.devices import IGPUService
from kimera.infrastructure.health import Health, HealthCheck


class SystemCheck(HealthCheck):
    """Tries the embedding unless it is known to fail, and tells which device computes."""

    name = "system"

    def __init__(self, system: IKimeraSystem, device: IGPUService) -> None:
        self._system, self._device = system, device

    async def check(self) -> Health:
        """Say what works, and what works only by its fallback."""
        if not self._system.degradations():  # else what requests have found out would be forgotten for a cached word
            self._system.embed("a word")
        degraded = "; ".join(f"{name}: {reason}" for name, reason in self._system.degradations().items())
        device = f"computing on the {self._device.device_name} ({self._device.note})"
        return Health("degraded", f"{degraded}; {device}") if degraded else Health("ok", device)


class MemoryCheck(HealthCheck):
    """Tells how full the memory is, and whether it is cleaned."""

    name = "memory"

    def __init__(self, memory: IConversationMemory, cleanup: MemoryCleanup) -> None:
        self._memory, self._cleanup = memory, cleanup

    async def check(self) -> Health:
        """Say how the memory is."""
        sessions = self._memory.stats().active_sessions
        if not self._cleanup.is_running:
            return Health("degraded", f"{sessions} sessions, the cleanup has stopped")
        return Health("ok", f"{sessions} sessions")
