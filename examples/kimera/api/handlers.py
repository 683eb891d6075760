"""Handlers of the command line; the scope of a command gives each a vault with a transaction of its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from kimera.core.interfaces import IVaultService
from kimera.engines.interfaces import ITensionService, TensionReport


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
        results = [self._vault.add(text).is_new for text in kept if text and not text.startswith("#")]
        return Stored(sum(results), len(results) - sum(results))


class ReportContradictions:
    """Reports contradictions between all stored texts."""

    def __init__(self, vault: IVaultService, tension: ITensionService) -> None:
        self._vault = vault
        self._tension = tension

    def handle(self) -> TensionReport:
        """Give every contradiction, highest score first."""
        return self._tension.report(self._vault.geoids())
