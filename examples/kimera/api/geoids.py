"""Routes of the vault: store and read geoids, read scars."""

from fastapi import APIRouter, HTTPException

from kimera.api.schemas import GeoidIdInPath, GeoidOut, GeoidsOut, Limit, ScarOut, TextIn
from kimera.api.threads import in_thread
from kimera.core.interfaces import IVaultService
from kimera_di.integrations.fastapi import Injected

router = APIRouter(tags=["vault"])


@router.post("/geoids", status_code=201)
async def store(body: TextIn, vault: Injected[IVaultService]) -> GeoidOut:
    """Store a text; 409 when it is stored already."""
    kept = await in_thread(vault.add, body.text)
    if not kept.is_new:
        raise HTTPException(409, f"this text is stored already, as {kept.geoid.id}")
    return GeoidOut.of(kept.geoid)


@router.get("/geoids")
async def newest(vault: Injected[IVaultService], limit: Limit = 100) -> GeoidsOut:
    """Give the newest geoids, oldest of them first."""
    total, geoids = await in_thread(lambda: (vault.count(), vault.geoids(limit=limit)))
    return GeoidsOut(total=total, geoids=[GeoidOut.of(each) for each in geoids])


@router.get("/geoids/{geoid_id}")
async def one(geoid_id: GeoidIdInPath, vault: Injected[IVaultService]) -> GeoidOut:
    """Give one geoid; 404 when there is none."""
    geoid = await in_thread(vault.geoid, geoid_id)
    if geoid is None:
        raise HTTPException(404, f"there is no {geoid_id}")
    return GeoidOut.of(geoid)


@router.get("/scars")
async def scars(vault: Injected[IVaultService], limit: Limit = 100) -> list[ScarOut]:
    """Give the contradictions that were found, newest first."""
    found = await in_thread(lambda: vault.scars(limit=limit))
    return [ScarOut.of(each) for each in found]
