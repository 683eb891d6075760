"""What the tests of the reference application share: settings in a folder, a clock that is set, a client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

from kimera.composition import make_services
from kimera.core.interfaces import Geoid
from kimera.core.vault import id_of
from kimera.infrastructure.settings import KimeraSettings
from kimera.web import make_app
from kimera_di import ServiceCollection, ServiceContainer

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(slots=True)
class FakeClock:
    """Fits ``Clock``; stands still until it is told to go on."""

    seconds: float = 0.0
    started: datetime = field(default=NOON)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.started + timedelta(seconds=self.seconds)


def settings_in(folder: Path, **groups: Any) -> KimeraSettings:
    """Make settings whose database is in a folder that is not there yet."""
    return KimeraSettings(
        **{"database": {"folder": folder / "data"}, "api": {"health_cache_s": 0, "check_timeout_s": 20}, **groups}
    )


def geoid(text: str, number: int = 0) -> Geoid:
    """Make a geoid that no vault knows."""
    return Geoid(id_of(text), number, text, np.zeros(1, dtype=np.float32), NOON)


@asynccontextmanager
async def client_of(container: ServiceContainer) -> AsyncIterator[httpx2.AsyncClient]:
    """Give a client of the web application, without a server; the container stays open.

    An unhandled error is answered as a server would, and not raised in the test.
    """
    transport = httpx2.ASGITransport(make_app(container), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://kimera") as client:
        yield client


@asynccontextmanager
async def running(
    settings: KimeraSettings, services: ServiceCollection | None = None
) -> AsyncIterator[tuple[httpx2.AsyncClient, ServiceContainer]]:
    """Open a container and a client, and close both."""
    container = (services or make_services(settings)).build()
    async with container, client_of(container) as client:
        yield client, container
