"""Which scope is the current one: a context variable that is only a pointer.

In: scopes opened with ``ambient=True`` and containers entered by ``with``. Out: the innermost one that is
still open, for ``@inject`` and the integrations. What has ended is transparent in every context that copied it;
contexts hold nothing, so a scope that an interrupt hit while it was opened is nobody's current scope. Resolving
itself never looks here: a context variable costs more than a warm look-up.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import weakref
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional, Union

from kimera_di.errors import ScopeRequiredError
from kimera_di.resolution.claims import Values
from kimera_di.resolution.refusals import closed, closing_now
from kimera_di.resolution.root import Root
from kimera_di.resolution.scope import Scope
from kimera_di.vocabulary import ServiceId

if TYPE_CHECKING:
    from kimera_di.resolution.container import ServiceContainer

Owner = Union[Scope, "ServiceContainer"]
_make = object.__new__


class Current:
    """What a context knows of its current scope: the scope until it ends, and the next outer one."""

    __slots__ = ("outer", "owner")

    def __init__(self, owner: Owner, outer: Optional["Current"]) -> None:
        self.owner: Callable[[], Owner | None] = weakref.ref(owner)
        """Gives it; ``None`` once it has ended."""
        self.outer: Current | None = outer


def _ended() -> None:
    """Stand for an owner that has ended."""


CURRENT: ContextVar[Current | None] = ContextVar("kimera_current", default=None)
"""The innermost current scope or container of the context, of whatever container."""


class AmbientScope(Scope):
    """A scope that is also the current one of its context, until it ends."""

    __slots__ = ("_place",)

    _place: Current

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the scope and make the one before it current again."""
        try:
            super().__exit__(kind, error, traceback)
        finally:
            leave(self._place)

    def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Coroutine[Any, Any, None]:
        """As ``__exit__``, awaiting what must be awaited."""
        return self._ended(super().__aexit__(kind, error, traceback))

    def close(self) -> None:
        """Close the scope; when that is refused it stays the current one."""
        try:
            super().close()
        finally:
            self._leave_when_closed()

    async def aclose(self) -> None:
        """As ``close``, awaiting what must be awaited."""
        try:
            await super().aclose()
        finally:
            self._leave_when_closed()

    def _leave_when_closed(self) -> None:
        if self._values is None:  # else closing was refused
            leave(self._place)

    async def _ended(self, closing: Coroutine[Any, Any, None]) -> None:
        try:
            await closing
        finally:
            leave(self._place)


def open_scope(root: Root, values: Values, *, ambient: bool) -> Scope:
    """Make a scope of a container that has its first values already."""
    if root._values is None:
        raise closed()
    if ambient:
        scope: Scope = _make(AmbientScope)
    else:
        scope = _make(Scope)
    scope._values = values
    scope._table = root.scope_table
    scope._root = root
    scope._epoch = root._epoch
    scope._closers = None
    if isinstance(scope, AmbientScope):
        scope._place = enter(scope)
    return scope


def enter(owner: Owner) -> Current:
    """Make ``owner`` the current one of this context; give what ``leave`` takes."""
    if not owner._root.ambient and isinstance(owner, Scope):
        owner._root.note_ambient()
    outer = CURRENT.get()
    place = Current(owner, None if outer is None else _live(outer))
    CURRENT.set(place)
    return place


def leave(place: Current) -> None:
    """End it: transparent wherever the context was copied, also when this is another context."""
    place.owner = _ended
    if CURRENT.get() is place:
        CURRENT.set(None if place.outer is None else _live(place.outer))


def find_current(root: Root | None = None) -> Owner | None:
    """Give the innermost current scope or container that is open.

    Args:
        root: Of the container it must belong to; ``None`` for any.

    Returns:
        ``None`` when there is none. O(nested scopes).

    Raises:
        ContainerClosedError: The innermost one is a scope that is being closed: what runs now must not be given
            the objects of the scope around it.
    """
    place = CURRENT.get()
    while place is not None:
        owner = place.owner()
        if owner is not None and (root is None or owner._root is root):
            if _is_open(owner):
                return owner
            if isinstance(owner, Scope):
                raise closing_now()
        place = place.outer
    return None


def current(container: "ServiceContainer | None" = None) -> Owner:
    """Give the current scope, else the container itself.

    Args:
        container: Only its scopes count; ``None`` for those of any container.

    Returns:
        The innermost open one of this context; ``container`` when it has none.

    Raises:
        ScopeRequiredError: There is none, and no container was given.
    """
    found = find_current(None if container is None else container._root)
    if found is not None:
        return found
    if container is not None:
        return container
    raise no_current("what is asked for")


def no_current(what: str) -> ScopeRequiredError:
    """Make the error for needing a current scope where there is none."""
    ended = CURRENT.get() is not None
    happened = "the scope that was current here has ended" if ended else "no scope is current here"
    return ScopeRequiredError(
        f"{happened}, so nobody can give {what}",
        service=ServiceId(Scope),
        facts=(
            ("do this", "open one: with container.scope(ambient=True)"),
            ("or", "bind the function to a container: inject(function, container=container)"),
            ("note", "what runs after a request or a test finds the scope of it closed; ask for services before"),
        ),
    )


def _is_open(owner: Owner) -> bool:
    return (owner._values if isinstance(owner, Scope) else owner._root._values) is not None


def _live(place: Current | None) -> Current | None:
    """Skip what has ended, so that chains do not grow."""
    while place is not None and place.owner() is None:
        place = place.outer
    return place
