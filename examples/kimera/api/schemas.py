"""What clients send and get: validated, with limits on everything that could be long."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from kimera.core.interfaces import Geoid, Interaction, Scar
from kimera.engines.interfaces import Contradiction

MAX_TEXT = 2000
MAX_GEOIDS = 1000
"""Compared at once: half a million pairs."""
MAX_FOUND = 1000
"""Contradictions in one answer, those with the highest scores."""


def _printable(text: str) -> str:
    if any(character < " " and character not in "\t\n\r" for character in text):
        raise ValueError("control characters are not allowed")
    return text


Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TEXT, strip_whitespace=True),
    AfterValidator(_printable),
    Field(examples=["Ice floats on water."]),
]
_GEOID_ID = r"^geoid_[0-9a-f]{16}$"
GeoidId = Annotated[str, StringConstraints(pattern=_GEOID_ID)]
GeoidIdInPath = Annotated[str, Path(pattern=_GEOID_ID)]
SessionIdInPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Limit = Annotated[int, Query(ge=1, le=MAX_GEOIDS)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TextIn(_Request):
    """A text to store or to process."""

    text: Text


class ContradictionsIn(_Request):
    """What is searched for contradictions."""

    ids: Annotated[list[GeoidId], Field(min_length=1, max_length=MAX_GEOIDS)] | None = None
    """These geoids; the newest ones when left out."""
    limit: Annotated[int, Field(ge=1, le=MAX_GEOIDS)] = MAX_GEOIDS
    """How many of the newest, when no ids are given."""


class MessageIn(_Request):
    """Something said in a conversation."""

    role: Literal["user", "assistant"] = "user"
    text: Text


class GeoidOut(BaseModel):
    """A stored text."""

    id: str
    number: int
    text: str
    stored_at: datetime

    @classmethod
    def of(cls, geoid: Geoid) -> "GeoidOut":
        """Show a geoid without its vector."""
        return cls(id=geoid.id, number=geoid.number, text=geoid.text, stored_at=geoid.stored_at)


class GeoidsOut(BaseModel):
    """The newest geoids, oldest first, and how many there are in all."""

    total: int
    geoids: list[GeoidOut]


class ContradictionOut(BaseModel):
    """Two texts at odds, and how the score came about."""

    first: GeoidOut
    second: GeoidOut
    score: float
    likeness: float
    strength: float
    cue: str
    explanation: str

    @classmethod
    def of(cls, found: Contradiction) -> "ContradictionOut":
        """Show a contradiction."""
        return cls(
            first=GeoidOut.of(found.first),
            second=GeoidOut.of(found.second),
            score=found.score,
            likeness=found.likeness,
            strength=found.strength,
            cue=found.cue,
            explanation=found.explanation,
        )


class ContradictionsOut(BaseModel):
    """The contradictions of a search, highest score first."""

    compared: int
    found: int
    """How many there are; the answer holds the first thousand of them."""
    new_scars: int
    """How many of those were not known before."""
    total_tension: float
    tensions: dict[str, float]
    contradictions: list[ContradictionOut]


class ProcessedOut(BaseModel):
    """A text, stored and compared with the newest others."""

    geoid: GeoidOut
    is_new: bool
    compared: int
    contradictions: list[ContradictionOut]
    degraded: list[str]
    """What worked by its fallback only."""


class ScarOut(BaseModel):
    """A contradiction that was found once."""

    first_id: str
    second_id: str
    cue: str
    score: float

    @classmethod
    def of(cls, scar: Scar) -> "ScarOut":
        """Show a scar."""
        return cls(first_id=scar.first_id, second_id=scar.second_id, cue=scar.cue, score=scar.score)


class InteractionOut(BaseModel):
    """Something said."""

    role: str
    text: str
    said_at: datetime


class ConversationOut(BaseModel):
    """The remembered part of a conversation, oldest first."""

    session: str
    interactions: list[InteractionOut]

    @classmethod
    def of(cls, session: str, history: tuple[Interaction, ...]) -> "ConversationOut":
        """Show a conversation."""
        said = [InteractionOut(role=each.role, text=each.text, said_at=each.said_at) for each in history]
        return cls(session=session, interactions=said)


class MemoryStatsOut(BaseModel):
    """How full the conversation memory is."""

    active_sessions: int
    total_interactions: int
    evicted_sessions: int
    expired_sessions: int


class ComponentOut(BaseModel):
    """One component."""

    status: Literal["ok", "degraded", "failed"]
    message: str


class HealthOut(BaseModel):
    """The whole report."""

    status: Literal["ok", "degraded", "failed", "stopping"]
    timestamp: datetime
    version: str
    components: dict[str, ComponentOut]
