"""What an override built, and who may see it: the part of an override that outlives a change of layers below it.

In: what builders of the override's layer open. Out: all of it, to be closed when the override ends. Contexts
hold a handle that is emptied then, so that an ended override is transparent and retained by nobody.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import weakref
from contextvars import ContextVar
from typing import Any, Optional

from kimera_di.resolution.claims import CLOSERS, Claim, Values, is_claim
from kimera_di.resolution.deadlocks import InFlight, in_flight
from kimera_di.resolution.started import started_for
from kimera_di.resolution.sub_owner import SubOwner
from kimera_di.resolution.unclosed import closers_in

_FIRST_LOOK = 256
"""Resources in scopes that an override notes before it looks which of them are closed already."""


class Handle:
    """What a context knows of an override: its account until it ends, and the next outer one."""

    __slots__ = ("account", "outer")

    def __init__(self, account: "Account", outer: Optional["Handle"]) -> None:
        self.account: Account | None = account
        self.outer: Handle | None = outer


ACTIVE: ContextVar[Handle | None] = ContextVar("kimera_override", default=None)
"""The innermost override of the current context, of whatever container."""


def live(handle: Handle | None) -> Handle | None:
    """Skip overrides that have ended."""
    while handle is not None and handle.account is None:
        handle = handle.outer
    return handle


class Account(SubOwner):
    """Owner of what one override builds: its singletons, and everything its builders open.

    Args:
        root: The inside of the container.
        everywhere: It is seen by every context.
    """

    kind = "override"
    _closing: Claim

    def __init__(self, root: Any, *, everywhere: bool = False) -> None:
        self.root = root
        self.everywhere: bool = everywhere
        self.layer: Any = None
        """The layer as it is now; another one takes its place when an override below it ends."""
        self.epoch = 0
        """Scopes opened before this epoch keep what they have."""
        self.ended: bool = False
        self.cells: list[int] = []
        """Cells that scopes use for objects of this override."""
        self._values: Values = {}
        self._opened: dict[int, tuple[list[Any], Any]] = {}
        """What was opened in scopes, by identity, with the closers of the scope; dictionaries keep the order."""
        self._look_through_at = _FIRST_LOOK
        self._scopes: dict[int, weakref.ref[Any]] = {}

    def home(self) -> Values:
        """Give the dictionary that the override's singletons live in; it stays while somebody builds in it."""
        return self._values

    def closers_for(self, scope: Any, values: Values) -> Any:
        """Give what a builder appends a closer to: an override closes what it opened, also in a scope."""
        if scope is self.root:
            own: list[Any] = self.home().setdefault(CLOSERS, [])
            started = started_for(self.root)
            return own if started is None else started.noting(own)
        closers = closers_in(scope, values)
        if len(self._opened) >= self._look_through_at:
            self._forget_closed()
        return closers if self.ended else _Both(closers, self._opened)

    def forget_opened(self) -> list[Any]:
        """Take the notes of what was opened in scopes: a forked child closes nothing of its parent."""
        opened = [entry for _, entry in self._opened.values()]
        self._opened.clear()
        return opened

    def note_scope(self, scope: Any) -> None:
        """Remember a scope that may get objects of this override, to take them out again."""
        known = self._scopes.get(id(scope))
        if known is None or known() is not scope:  # a scope that is gone may have had the same id
            self._scopes[id(scope)] = weakref.ref(scope)

    def note_fork(self, scope: Any, fork: Any) -> None:
        """Remember a fork of a scope that may have objects of this override."""
        if id(scope) in self._scopes:
            self.note_scope(fork)

    def in_flight(self, values: Values) -> InFlight:
        """Give the claims of builders that have not finished."""
        return in_flight(self.layer, values)

    def entries(self, values: Values) -> list[Any]:
        """Give what there is to close, without taking it."""
        opened = [entry for closers, entry in list(self._opened.values()) if _holds(closers, entry)]
        return [*values.get(CLOSERS, ()), *opened]

    def collect(self, values: Values) -> list[Any]:
        """Take what there is to close, also what scopes have not closed yet, in order of construction."""
        own: list[Any] = values.setdefault(CLOSERS, [])
        opened, self._opened = self._opened, {}
        for closers, entry in list(opened.values()):
            try:
                closers.remove(entry)
            except ValueError:  # its scope has closed it
                continue
            own.append(entry)
        return own

    def _forget_closed(self) -> None:
        """Let go of what scopes have closed since: an override may be in force for a thousand requests."""
        noted = list(self._opened.items())
        for key, (closers, entry) in noted[: len(noted) // 2]:  # the newest may be on their way into their scope
            if not _holds(closers, entry):
                self._opened.pop(key, None)
        self._look_through_at = max(_FIRST_LOOK, 2 * len(self._opened))

    def shut(self) -> None:
        """Be transparent from now on."""
        self.ended = True
        if self.everywhere:  # else the warm tables hold nothing of it
            self.root.drop_tables()

    def reopen(self, values: Values) -> None:
        """Nothing to take back: an override ends with its block even if what it built must be closed later."""

    def leave_scopes(self) -> None:
        """Take objects of this override out of scopes that live on."""
        scopes, self._scopes = self._scopes, {}
        for reference in scopes.values():
            scope = reference()
            values: Values | None = None if scope is None else scope._values
            for cell in self.cells if values is not None else ():
                if values is not None and not is_claim(values.get(cell)):
                    values.pop(cell, None)


def _holds(closers: list[Any], entry: Any) -> bool:
    return any(each is entry for each in list(closers))


class _Both:
    """Appends to a scope's closers and to an override's."""

    __slots__ = ("_first", "_second")

    def __init__(self, first: list[Any], second: dict[int, tuple[list[Any], Any]]) -> None:
        self._first, self._second = first, second

    def append(self, entry: Any) -> None:
        self._second[id(entry)] = (self._first, entry)
        self._first.append(entry)
