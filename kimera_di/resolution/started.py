"""What one call of ``start()`` built: so that it can be taken back when something fails.

In: the notes of builders that run for the call (a context variable says which one). Out: everything they
built is forgotten, and an owner of everything they opened, to be closed.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from contextvars import ContextVar
from typing import Any

from kimera_di.resolution.claims import CLOSERS, Claim, Values, is_claim
from kimera_di.resolution.closers import is_async_entry
from kimera_di.resolution.deadlocks import InFlight
from kimera_di.resolution.sub_owner import SubOwner


class Started(SubOwner):
    """Owner of what one call built and opened; compare ``Account``, which does the same for an override.

    Args:
        root: The inside of the container.
    """

    kind = "start"
    _closing: Claim

    def __init__(self, root: Any) -> None:
        self.root = root
        self._values: Values | None = {}
        self._built: list[tuple[Values, int]] = []
        self._opened: list[tuple[list[Any], Any]] = []
        self.left_open: list[Any] = []
        """What only ``aclose()`` of the container can close."""

    def note(self, values: Values, cell: int) -> None:
        """Remember a singleton that was built for this call."""
        self._built.append((values, cell))

    def noting(self, closers: list[Any]) -> "Noting":
        """Give what appends to ``closers`` and remembers it."""
        return Noting(closers, self._opened)

    def withdraw(self, *, sync: bool) -> None:
        """Take back what was built, so that nobody finds it any more, and take over what it opened.

        Args:
            sync: Leave what must be awaited to the container, which closes it with ``aclose()``.
        """
        root = self.root
        with root.lock:
            for values, cell in self._built:
                if not is_claim(values.get(cell)):
                    values.pop(cell, None)
            root.forget_builders()
        own: list[Any] = []
        for closers, entry in self._opened:
            if sync and is_async_entry(entry):
                self.left_open.append(entry)
                continue
            try:
                closers.remove(entry)
            except ValueError:  # the container closed it meanwhile
                continue
            own.append(entry)
        self._values = {CLOSERS: own}

    def shut(self) -> None:
        """Nobody can ask it for anything."""
        self._values = None

    def reopen(self, values: Values) -> None:
        """Take ``shut`` back."""
        self._values = values

    def in_flight(self, values: Values) -> InFlight:
        """Give no claims: every builder has ended."""
        del values
        return []

    def entries(self, values: Values) -> list[Any]:
        """Give what there is to close."""
        return list(values.get(CLOSERS, ()))

    def collect(self, values: Values) -> list[Any]:
        """Give the list of what there is to close."""
        closers: list[Any] = values.setdefault(CLOSERS, [])
        return closers


class Noting:
    """Appends to an owner's closers and notes where; a list of its own would lose the order among builders."""

    __slots__ = ("_closers", "_opened")

    def __init__(self, closers: list[Any], opened: list[tuple[list[Any], Any]]) -> None:
        self._closers, self._opened = closers, opened

    def append(self, entry: Any) -> None:
        """Add what closes an object that was just finished."""
        self._opened.append((self._closers, entry))
        self._closers.append(entry)


STARTING: ContextVar[Started | None] = ContextVar("kimera_starting", default=None)
"""The call of ``start()`` that the current thread or task builds for."""


def note_started(root: Any, values: Values, cell: int) -> None:
    """Note a singleton that was built, if it was built for a call of ``start()``."""
    started = started_for(root)
    if started is not None:
        started.note(values, cell)


def started_for(root: Any) -> Started | None:
    """Give the call that builders of this container build for just now."""
    started = STARTING.get()
    return started if started is not None and started.root is root else None
