"""What to do about one import, as data.

In: nothing (``adviser`` makes these). Out: frozen `Advice`. Writes no file.
"""

from dataclasses import dataclass
from typing import Literal

AdviceKind = Literal["typing", "defer", "interface", "move", "delete", "unknown"]
"""Move under ``TYPE_CHECKING``, import in the function, put an interface in between, move what is needed down, delete;
``unknown`` where the source does not say."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about one import."""

    kind: AdviceKind
    text: str
    """One or two sentences."""
    code: str = ""
    """What to write: the import for type checkers, the one for functions, or the module with the interface."""
    place: str = ""
    """The module that ``code`` belongs into."""
    changes: tuple[str, ...] = ()
    """Lines to change, as ``file:line  what``, in the order of the importer."""
    registration: str = ""
    """What the composition root has to say, for an interface."""
    notes: tuple[str, ...] = ()
    """What else there is to know."""

    def as_json(self) -> dict[str, str | list[str]]:
        """Give the advice as JSON has it."""
        return {
            "kind": self.kind,
            "text": self.text,
            "code": self.code,
            "place": self.place,
            "changes": list(self.changes),
            "registration": self.registration,
            "notes": list(self.notes),
        }
