"""One handler per request; the scope of the request gives it a vault with a transaction of its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from kimera.core.interfaces import IVaultService
from kimera.engines.interfaces import Contradiction, IContradictionEngine


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing texts came to."""

    new: int
    known: int


class StoreTexts:
    """Stores texts, all of them or none: the transaction ends with the scope."""

    def __init__(self, vault: IVaultService) -> None:
        self._vault = vault

    def handle(self, texts: Iterable[str]) -> Stored:
        """Store every text; blank lines and lines that begin with ``#`` are none."""
        kept = [text.strip() for text in texts]
        results = [self._vault.store(text) for text in kept if text and not text.startswith("#")]
        return Stored(sum(results), len(results) - sum(results))


class ReportContradictions:
    """Reports contradictions between all stored texts."""

    def __init__(self, vault: IVaultService, engine: IContradictionEngine) -> None:
        self._vault = vault
        self._engine = engine

    async def handle(self) -> list[Contradiction]:
        """Give every contradiction, highest score first, without keeping the event loop busy."""
        return await self._engine.afind(self._vault.texts())
