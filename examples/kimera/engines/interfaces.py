"""The ports of the engines."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kimera.core.interfaces import Geoid


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two texts that cannot both be true, as far as the engine can tell."""

    first: Geoid
    second: Geoid
    cue: str
    """What opposes: ``negation``, ``hot / cold`` or ``100 / 80``."""
    likeness: float
    """The cosine of the angle between the topics, -1 to 1: how much the texts are about the same thing."""
    strength: float
    """How telling the cue is, 0 to 1."""

    @property
    def score(self) -> float:
        """Likeness times strength: both are needed."""
        return self.likeness * self.strength

    @property
    def explanation(self) -> str:
        """How the score came about, in one line."""
        return f"likeness {self.likeness:.2f} x strength {self.strength:.2f}"


@dataclass(frozen=True, slots=True)
class TensionReport:
    """How much a set of texts contradicts itself."""

    contradictions: tuple[Contradiction, ...]
    """Highest score first."""
    tensions: Mapping[str, float]
    """By geoid, 0 to 1; geoids in no contradiction are left out."""
    total: float
    """The mean over all geoids, 0 to 1."""


class IContradictionEngine(ABC):
    """Finds the pairs of texts that contradict each other."""

    @abstractmethod
    def find(self, geoids: Sequence[Geoid]) -> list[Contradiction]:
        """Give every contradiction, highest score first. Time O(n * n) for n texts."""

    @abstractmethod
    def against(self, geoid: Geoid, others: Sequence[Geoid]) -> list[Contradiction]:
        """Give the contradictions of one text with others, highest score first. Time O(n) for n others."""


class ITensionService(ABC):
    """Weighs contradictions."""

    @abstractmethod
    def report(self, geoids: Sequence[Geoid]) -> TensionReport:
        """Find the contradictions among texts and weigh them per text."""
