"""From start to close: what a container does with its services as a whole.

In: calls of the composition root, or the ends of a ``with`` block. Out: eager singletons that are built, everything
closed. How is told by the modules ``starting`` and ``closing``, which this one calls.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from types import TracebackType
from typing import Any, Self

from kimera_di.resolution.ambient import enter, leave
from kimera_di.resolution.closing import aclose_owner, close_owner
from kimera_di.resolution.refusals import closed
from kimera_di.resolution.resolver import Resolver


class Lifecycle(Resolver):
    """A container that is started, entered and closed."""

    __slots__ = ()

    def start(self) -> None:
        """Build every singleton registered with ``eager=True``, along the graph, side by side in threads.

        The context of the caller is copied into every thread. Does nothing when all of them are built; calls at
        the same time share one start. On failure everything this call built is closed at once, in reverse order,
        and the container may be started again.

        Raises:
            AsyncRequiredError: One of them, or what it needs, awaits: use ``astart``. Nothing was built.
            ContainerClosedError: The container is closed.
            RegistrationError: Called by a constructor or factory of this container.
            ExceptionGroup: Several failed; a single error is raised as it is.
        """
        from kimera_di.resolution.starting import start

        start(self._root)

    async def astart(self) -> None:
        """As ``start``, in tasks: what async factories make is built concurrently.

        When the call is cancelled, what it built is closed before the cancellation goes on.
        """
        from kimera_di.resolution.async_starting import astart

        await astart(self._root)

    def close(self) -> None:
        """Close every singleton that was built, in reverse order; closing twice is harmless.

        Raises:
            AsyncRequiredError: Something must be awaited; nothing was closed, the container is still open.
            CloseErrors: Closers failed; all others ran to their end.
            ContainerClosedError: Called from inside a constructor or factory of this container.
        """
        close_owner(self._root)

    async def aclose(self) -> None:
        """As ``close``, awaiting what must be awaited; cancellation is kept until the last closer has ended."""
        await aclose_owner(self._root)

    def __enter__(self) -> Self:
        """Give the container itself, which is the current one of this context until the block ends."""
        return self._open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the container; generators are told ``error``."""
        try:
            close_owner(self._root, error)
        finally:
            self._leave()

    async def __aenter__(self) -> Self:
        """As ``__enter__``."""
        return self._open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the container, awaiting what must be awaited."""
        try:
            await aclose_owner(self._root, error)
        finally:
            self._leave()

    def _open(self) -> Self:
        self._check_open()
        owner: Any = self  # a container: nothing else stands on this class
        self._root.entered.append(enter(owner))
        return self

    def _leave(self) -> None:
        for place in self._root.entered:  # closed for every context that entered it
            leave(place)
        self._root.entered.clear()

    def _check_open(self) -> None:
        if self._root._values is None:
            raise closed()
