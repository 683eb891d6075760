"""What can be set, as plain data: no environment is read and no path is made here."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run."""

    database: Path = Path("kimera.sqlite3")
    """The SQLite file; made by the first session."""
    dimensions: int = 512
    """Length of an embedding. Fewer dimensions let more words share one by accident."""
    threshold: float = 0.7
    """Least score, 0 to 1, that is reported as a contradiction."""
