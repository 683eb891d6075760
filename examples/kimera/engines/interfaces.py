"""The port of the engines."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from kimera.core.interfaces import StoredText


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two texts that cannot both be true, as far as the engine can tell."""

    first: StoredText
    second: StoredText
    score: float
    """0 to 1: how much the texts are about the same thing, times how telling the cue is."""
    cue: str
    """What opposes: ``negation``, ``hot / cold`` or ``100 / 80``."""


class IContradictionEngine(ABC):
    """Finds the pairs of texts that contradict each other."""

    @abstractmethod
    def find(self, texts: Sequence[StoredText]) -> list[Contradiction]:
        """Give every contradiction, highest score first. Time O(n * n) for n texts."""

    @abstractmethod
    async def afind(self, texts: Sequence[StoredText]) -> list[Contradiction]:
        """As ``find``, letting other tasks run in between."""
