"""Say that something was left open: a ``ResourceWarning`` when a scope or container is collected unclosed.

In: the list of what an owner has to close, made at the first thing it opens. Out: a list that warns when it is
collected with something in it. Made only where the program shows a ``ResourceWarning`` at all (``-X dev``, ``-W``,
pytest): elsewhere a plain list, and the warm path pays nothing. Follows the standard library's sockets and files.
"""

import sys
import warnings
from typing import Any

from kimera_di.registration import caller_place
from kimera_di.rendering import listed, show_place
from kimera_di.resolution.claims import CLOSERS, Values
from kimera_di.resolution.closers import entry_name

OPENED: Any = "opened"
"""Key of the place where an owner was opened; kept in development mode only."""


class WatchedClosers(list[Any]):
    """What an owner has to close; says so when it is collected before that was done."""

    __slots__ = ("_kind", "_opened")

    def __init__(self, kind: str, opened: Any) -> None:
        super().__init__()
        self._kind = kind
        self._opened = opened

    def __del__(self) -> None:
        """Warn about what is still open; runs also for owners in reference cycles."""
        if not self:
            return
        names = listed([entry_name(entry) for entry in self])
        where = f", opened at {show_place(*self._opened)}," if self._opened is not None else ""
        warnings.warn(
            f"a {self._kind}{where} was collected without being closed: {names} is left open; "
            "use it in a with block, or close() it",
            ResourceWarning,
            source=self,
            stacklevel=1,
        )


def new_closers(scope: Any, values: Values) -> list[Any]:
    """Make the list of what an owner has to close.

    Args:
        scope: The scope or root.
        values: Its dictionary.

    Returns:
        A plain list when nobody would see a warning.
    """
    return WatchedClosers(scope.kind, values.get(OPENED)) if is_shown() else []


def closers_in(scope: Any, values: Values) -> list[Any]:
    """Give the list of what an owner has to close, made at first use."""
    found: list[Any] | None = values.get(CLOSERS)
    closers: list[Any] = values.setdefault(CLOSERS, new_closers(scope, values)) if found is None else found
    scope._closers = closers
    return closers


def note_place(values: Values | None) -> None:
    """Remember where an owner is opened, in development mode."""
    if sys.flags.dev_mode and values is not None:
        values[OPENED] = caller_place()


def is_shown() -> bool:
    """Tell whether the program shows a ``ResourceWarning``, which Python hides by default. O(warning filters)."""
    for action, _, category, _, _ in warnings.filters:
        if issubclass(ResourceWarning, category):
            return action != "ignore"
    return True
