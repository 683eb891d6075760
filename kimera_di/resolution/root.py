"""The inside of a container: it answers look-ups, builds singletons, and is closed like a scope.

In: a wiring graph. Out: what the closing code asks of an owner: what is in flight, what there is to close, which loop
built it. It closes nothing itself.
"""

import contextlib
import weakref
from collections.abc import Coroutine
from typing import Any

from kimera_di.resolution.claims import CLOSERS, Values
from kimera_di.resolution.deadlocks import InFlight, in_flight
from kimera_di.resolution.layer import Layer
from kimera_di.resolution.lookups import Lookups
from kimera_di.resolution.root_state import opens_plainly
from kimera_di.resolution.singletons import build_singleton, build_singleton_async


class Root(Lookups):
    """The inside of a container, made of what ``RootState`` is; also the owner of its singletons."""

    kind = "container"
    opens_plainly: bool

    def build_singleton(self, layer: Layer, number: int, given: dict[str, Any] | None = None) -> Any:
        """Give the object of a singleton node whose own singletons are finished; it is called with ``given``."""
        return build_singleton(self, layer, number, given)

    def build_singleton_async(self, layer: Layer, number: int) -> Coroutine[Any, Any, Any]:
        """As ``build_singleton``, to be awaited."""
        building: Coroutine[Any, Any, Any] = build_singleton_async(self, layer, number)
        return building

    def shut(self) -> None:
        """Refuse every look-up from now on."""
        self._values = None
        self.opens_plainly = False
        if self.scope_factory is not None:
            self.scope_factory.point_at(None)
        self.drop_tables()

    def reopen(self, values: Values) -> None:
        """Take ``shut`` back: nothing was closed."""
        self._values = values
        self.opens_plainly = opens_plainly(self.base.graph)
        if self.scope_factory is not None:
            self.scope_factory.point_at(self)

    def in_flight(self, values: Values) -> InFlight:
        """Give the claims of builders that have not finished, those of overrides included."""
        theirs = [each for account in self._accounts() for each in account.in_flight(account.home())]
        return in_flight(self.base, values) + theirs

    def entries(self, values: Values) -> list[Any]:
        """Give what there is to close: ours first, then what overrides built in the container."""
        theirs = [entry for account in self._accounts() for entry in account.home().get(CLOSERS, ())]
        return [*values.get(CLOSERS, ()), *theirs]

    def collect(self, values: Values) -> list[Any]:
        """Take over what overrides built: it rests on ours, never the other way, so it is closed before."""
        own: list[Any] = values.setdefault(CLOSERS, [])
        for account in self._accounts():
            theirs: list[Any] = account.home().get(CLOSERS, [])
            while theirs[:1]:
                with contextlib.suppress(IndexError):  # the override ends at the same time and closes it itself
                    own.append(theirs.pop(0))
        return own

    def note_loop(self, entry: Any, loop: Any) -> None:
        """Remember which loop built what ``entry`` closes."""
        self._loops[id(entry)] = weakref.ref(loop)

    def loop_of(self, entry: Any) -> Any:
        """Give the loop that built what ``entry`` closes, when it is known and still there."""
        reference = self._loops.get(id(entry))
        return None if reference is None else reference()
