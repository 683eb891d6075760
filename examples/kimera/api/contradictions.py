"""Routes that compare texts: find contradictions among stored ones, or process a new one."""

from collections.abc import Sequence

from fastapi import APIRouter, HTTPException

from kimera.api.schemas import (
    MAX_FOUND,
    MAX_GEOIDS,
    ContradictionOut,
    ContradictionsIn,
    ContradictionsOut,
    GeoidOut,
    ProcessedOut,
    TextIn,
)
from kimera.api.threads import in_thread
from kimera.core.interfaces import IKimeraSystem, IVaultService, Scar
from kimera.engines.interfaces import Contradiction, IContradictionEngine, ITensionService
from kimera_di.integrations.fastapi import Injected

router = APIRouter(tags=["contradictions"])
_NAMED = 3


@router.post("/contradictions")
async def find(
    body: ContradictionsIn, vault: Injected[IVaultService], tension: Injected[ITensionService]
) -> ContradictionsOut:
    """Find the contradictions among some geoids, or the newest; remember each as a scar."""
    return await in_thread(_find, body, vault, tension)


@router.post("/process")
async def process(
    body: TextIn,
    vault: Injected[IVaultService],
    engine: Injected[IContradictionEngine],
    system: Injected[IKimeraSystem],
) -> ProcessedOut:
    """Store a text unless it is known, and compare it with the newest others."""
    return await in_thread(_process, body.text, vault, engine, system)


def _find(body: ContradictionsIn, vault: IVaultService, tension: ITensionService) -> ContradictionsOut:
    geoids = vault.geoids(limit=body.limit) if body.ids is None else vault.geoids(ids=body.ids)
    missing = sorted({*(body.ids or ())} - {each.id for each in geoids})
    if missing:
        raise HTTPException(404, f"there is no {', '.join(missing[:_NAMED])}{' ...' if len(missing) > _NAMED else ''}")
    report = tension.report(geoids)
    reported = report.contradictions[:MAX_FOUND]
    return ContradictionsOut(
        compared=len(geoids),
        found=len(report.contradictions),
        new_scars=vault.add_scars(_scars(reported)),
        total_tension=report.total,
        tensions=dict(report.tensions),
        contradictions=[ContradictionOut.of(each) for each in reported],
    )


def _process(text: str, vault: IVaultService, engine: IContradictionEngine, system: IKimeraSystem) -> ProcessedOut:
    others = vault.geoids(limit=MAX_GEOIDS)
    kept = vault.add(text)
    contradictions = engine.against(kept.geoid, others)
    vault.add_scars(_scars(contradictions))
    return ProcessedOut(
        geoid=GeoidOut.of(kept.geoid),
        is_new=kept.is_new,
        compared=len(others),
        contradictions=[ContradictionOut.of(each) for each in contradictions],
        degraded=sorted(system.degradations()),
    )


def _scars(contradictions: Sequence[Contradiction]) -> list[Scar]:
    return [_scar(each) for each in contradictions]


def _scar(found: Contradiction) -> Scar:
    # In the order of storing, so that a pair has one scar whichever of the two was asked about.
    first, second = sorted((found.first, found.second), key=lambda geoid: geoid.number)
    return Scar(first.id, second.id, found.cue, found.score)
