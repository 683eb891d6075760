"""The ports of the core: what the layers above may ask for."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kimera.infrastructure.devices import Vector


@dataclass(frozen=True, slots=True)
class Geoid:
    """A text in the vault, as a point in the space of meanings."""

    id: str
    """``geoid_`` and 16 hexadecimal digits, made from the text."""
    number: int
    """Counts up in the order texts were stored."""
    text: str
    vector: Vector = field(repr=False, compare=False)
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of storing a text."""

    geoid: Geoid
    is_new: bool


@dataclass(frozen=True, slots=True)
class Scar:
    """The trace of a contradiction between two geoids; what was found once is remembered."""

    first_id: str
    second_id: str
    cue: str
    score: float


@dataclass(frozen=True, slots=True)
class Interaction:
    """One thing said in a conversation."""

    role: str
    text: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class MemoryStats:
    """How full the conversation memory is."""

    active_sessions: int
    total_interactions: int
    """Interactions that are remembered now."""
    evicted_sessions: int
    """Given up for newer ones, since the start."""
    expired_sessions: int
    """Forgotten because nobody used them, since the start."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vector of a text, and how it came about."""

    vector: Vector
    is_degraded: bool
    """The fallback made it."""


class IEmbeddingService(ABC):
    """Turns texts into unit vectors: the more words they share, the smaller the angle."""

    @abstractmethod
    def embed(self, text: str) -> Vector:
        """Give the unit vector of a text, which must not be changed; all zeros when there is no word in it."""


class IKimeraSystem(ABC):
    """Embeds as well as it can be done at the moment, and tells what is not as it should be."""

    @abstractmethod
    def embed(self, text: str) -> Embedded:
        """Embed with the primary service, or with the fallback when that fails.

        Raises:
            Exception: Both failed; the error is the fallback's, with the primary's as its context.
        """

    @abstractmethod
    def degradations(self) -> Mapping[str, str]:
        """Give what the last attempt could not do, with the reason; empty when all is well."""


class IVaultService(ABC):
    """Keeps geoids and scars for as long as the database lives."""

    @abstractmethod
    def add(self, text: str) -> Kept:
        """Keep a text; the geoid that is there already when the text is known."""

    @abstractmethod
    def geoid(self, geoid_id: str) -> Geoid | None:
        """Give one geoid, or ``None``."""

    @abstractmethod
    def geoids(self, *, ids: Sequence[str] | None = None, limit: int | None = None) -> list[Geoid]:
        """Give geoids in the order they were stored.

        Args:
            ids: Only these; unknown ones are left out.
            limit: At most so many, the newest.

        Returns:
            The geoids.
        """

    @abstractmethod
    def count(self) -> int:
        """Count the geoids."""

    @abstractmethod
    def add_scars(self, scars: Sequence[Scar]) -> int:
        """Remember contradictions; give the number of those that were not known."""

    @abstractmethod
    def scars(self, *, limit: int) -> list[Scar]:
        """Give the newest scars, newest first."""


class IConversationMemory(ABC):
    """Remembers the last interactions of the last sessions, within fixed limits. Threads may share it."""

    @abstractmethod
    def add(self, session: str, interaction: Interaction) -> None:
        """Remember an interaction; makes the session when there is none."""

    @abstractmethod
    def history(self, session: str) -> tuple[Interaction, ...]:
        """Give the interactions of a session, oldest first; empty when it is unknown or expired."""

    @abstractmethod
    def forget(self, session: str) -> bool:
        """Forget a session; ``False`` when there was none."""

    @abstractmethod
    def remove_expired(self) -> int:
        """Forget every session nobody used for too long; give their number."""

    @abstractmethod
    def stats(self) -> MemoryStats:
        """Count what is remembered."""
