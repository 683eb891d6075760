"""The time of this machine."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The clock of this machine; fits ``Clock`` by its shape."""

    def monotonic(self) -> float:
        """Give seconds since some moment; never goes back."""
        return time.monotonic()

    def now(self) -> datetime:
        """Give the time of day in UTC."""
        return datetime.now(UTC)
