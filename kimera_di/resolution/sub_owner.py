"""An owner inside a container: an override, or one call of ``start()``.

In: the inside of the container. Out: what closing asks such an owner and only the container knows. Closes nothing.
"""

from typing import Any


class SubOwner:
    """Base of owners that stand for a part of what a container built."""

    root: Any

    def loop_of(self, entry: Any) -> Any:
        """Give the loop that built what ``entry`` closes."""
        return self.root.loop_of(entry)

    @property
    def close_timeout_s(self) -> float:
        """Time each async closer gets."""
        return float(self.root.close_timeout_s)

    @property
    def stall_report_s(self) -> float:
        """Time after which a wait is reported."""
        return float(self.root.stall_report_s)
