"""The ports of the core: what the layers above may ask for."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from kimera.infrastructure.devices import Vector


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text in the vault."""

    id: int
    text: str
    vector: Vector


class IEmbeddingService(ABC):
    """Turns texts into unit vectors: the more words they share, the smaller the angle."""

    @abstractmethod
    def embed(self, text: str) -> Vector:
        """Give the unit vector of a text; all zeros when there is no word in it."""

    @abstractmethod
    async def aembed(self, texts: Sequence[str]) -> list[Vector]:
        """As ``embed`` for many texts, letting other tasks run in between."""


class IVaultService(ABC):
    """Keeps texts with their vectors for as long as the database lives."""

    @abstractmethod
    def store(self, text: str) -> bool:
        """Keep a text; ``False`` when it is there already."""

    @abstractmethod
    def texts(self) -> list[StoredText]:
        """Give all texts in the order they were stored."""
