"""The port of health: what every component that can fail tells about itself."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

Status = Literal["ok", "degraded", "failed"]


@dataclass(frozen=True, slots=True)
class Health:
    """How one component is."""

    status: Status
    """``degraded`` still works, in another way; ``failed`` does not."""
    message: str


class HealthCheck(ABC):
    """Checks one component; every registered check is part of the report."""

    name: ClassVar[str]
    """Unique, for the report."""

    @abstractmethod
    async def check(self) -> Health:
        """Say how the component is; an exception counts as ``failed``."""


class StopSign:
    """Says that the process is about to stop: readiness turns to "no" before anything is closed."""

    def __init__(self) -> None:
        self._raised = False

    @property
    def is_raised(self) -> bool:
        """The process is stopping."""
        return self._raised

    def put_up(self) -> None:
        """Begin to stop; may be called again."""
        self._raised = True
