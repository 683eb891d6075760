"""Health: whether the process lives, whether it can take requests, and how every component is.

In: the registered checks. Out: a report that is used again for a moment, so that a probe every second from three load
balancers does not become three questions a second to every dependency.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kimera import VERSION
from kimera.infrastructure.clock import Clock
from kimera.infrastructure.health import Health, HealthCheck, Status, StopSign
from kimera.infrastructure.settings import ApiSettings

_WORST_FIRST: tuple[Status, ...] = ("failed", "degraded")


@dataclass(frozen=True, slots=True)
class HealthReport:
    """How everything was at one moment."""

    status: Literal["ok", "degraded", "failed", "stopping"]
    timestamp: datetime
    version: str
    components: Mapping[str, Health]

    @property
    def is_ready(self) -> bool:
        """Requests can be taken, if perhaps with less than usual."""
        return self.status in {"ok", "degraded"}


class HealthService:
    """Runs every check with a time-out, side by side; one run at a time, however many ask."""

    def __init__(self, checks: list[HealthCheck], settings: ApiSettings, clock: Clock, stop: StopSign) -> None:
        self._checks, self._settings, self._clock, self._stop = checks, settings, clock, stop
        self._running: dict[str, asyncio.Task[Health]] = {}
        self._last: HealthReport | None = None
        self._taken_at = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def report(self) -> HealthReport:
        """Give a report that is at most ``health_cache_s`` old; one that says "stopping" at once, without asking."""
        if self._stop.is_raised:
            return HealthReport("stopping", self._clock.now(), VERSION, {})
        async with self._one_at_a_time:
            age = self._clock.monotonic() - self._taken_at
            if self._last is None or age >= self._settings.health_cache_s:
                self._last = await self._check_all()
                self._taken_at = self._clock.monotonic()
            return self._last

    async def aclose(self) -> None:
        """Cancel the checks that never came back, and wait for their end."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _check_all(self) -> HealthReport:
        outcomes = await asyncio.gather(*map(self._outcome, self._checks))
        components = {check.name: health for check, health in zip(self._checks, outcomes, strict=True)}
        found = {health.status for health in outcomes}
        worst: Status = next((status for status in _WORST_FIRST if status in found), "ok")
        return HealthReport(worst, self._clock.now(), VERSION, components)

    async def _outcome(self, check: HealthCheck) -> Health:
        # A check that hangs is asked once: the next report waits for the same task instead of starting another.
        task = self._running.get(check.name)
        if task is None:
            task = self._running[check.name] = asyncio.create_task(check.check(), name=f"kimera-check-{check.name}")
        await asyncio.wait([task], timeout=self._settings.check_timeout_s)
        if not task.done():
            return Health("failed", f"no answer within {self._settings.check_timeout_s:g} s")
        del self._running[check.name]
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        # The class only: the text of a driver's error may name hosts and users.
        return task.result() if error is None else Health("failed", type(error).__name__)
