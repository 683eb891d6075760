"""Routes of health, for people, load balancers and orchestrators."""

from dataclasses import asdict

from fastapi import APIRouter, Response

from kimera.api.health import HealthReport, HealthService
from kimera.api.schemas import ComponentOut, HealthOut
from kimera_di.integrations.fastapi import Injected

router = APIRouter(prefix="/health", tags=["health"])
_UNAVAILABLE = 503


@router.get("", responses={_UNAVAILABLE: {"model": HealthOut}})
async def report(response: Response, health: Injected[HealthService]) -> HealthOut:
    """Give the whole report; 503 when a component has failed."""
    return _answer(await health.report(), response)


@router.get("/live")
async def live() -> dict[str, str]:
    """Say that the process runs; asks nobody, so that a dead database does not get the process restarted."""
    return {"status": "ok"}


@router.get("/ready", responses={_UNAVAILABLE: {"model": HealthOut}})
async def ready(response: Response, health: Injected[HealthService]) -> HealthOut:
    """Say whether requests can be taken; 503 when not, and from the moment the process is told to stop."""
    return _answer(await health.report(), response)


def _answer(taken: HealthReport, response: Response) -> HealthOut:
    if not taken.is_ready:
        response.status_code = _UNAVAILABLE
    response.headers["Cache-Control"] = "no-store"
    components = {name: ComponentOut(**asdict(health)) for name, health in taken.components.items()}
    return HealthOut(status=taken.status, timestamp=taken.timestamp, version=taken.version, components=components)
