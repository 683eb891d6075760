"""The port of time, so that tests need not wait for it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def monotonic(self) -> float:
        """Give seconds since some moment; never goes back."""
        ...

    def now(self) -> datetime:
        """Give the time of day in UTC."""
        ...
