"""What a singleton opens scopes with: the one part of a container that it may keep.

In: a container. Out: its scopes, opened like ``container.scope()``. Holds the container only while it is
open, so that whoever keeps a factory keeps none of the objects of a container that was closed.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kimera_di.resolution.opening import open_first
from kimera_di.resolution.refusals import closed
from kimera_di.resolution.scope import Scope

if TYPE_CHECKING:
    from kimera_di.resolution.root import Root

_make = object.__new__


class ScopeFactory:
    """Opens scopes of its container; a parameter of this type is given the one of the container.

    Any service may hold it, a singleton too: a ``Scope`` or a ``Provider`` of something scoped would be captive
    there. May be used from any thread and task.

    Example::

        class Worker:
            def __init__(self, scopes: ScopeFactory) -> None:
                self.scopes = scopes

            def handle(self, job: Job) -> None:
                with self.scopes({Job: job}) as scope:
                    scope.resolve(Handler).run()
    """

    __slots__ = ("__weakref__", "_root")
    __kimera_relation__ = "scope_factory"

    _root: "Root | None"

    def __init__(self) -> None:
        raise TypeError("a ScopeFactory is injected: ask for it as a parameter, or container.resolve(ScopeFactory)")

    def __call__(
        self, values: Mapping[Any, object] | None = None, *, ambient: bool = False, name: str | None = None
    ) -> Scope:
        """Open a scope of the container; use it in a ``with`` or ``async with`` block.

        Args:
            values: Objects for the types registered with ``scope_value``: ``{Request: request}``.
            ambient: Also make it the current scope of this context, for ``@inject``, until it ends.
            name: Its level, where levels have names; the outermost one by default.

        Returns:
            The open scope; it belongs to whoever opened it.

        Raises:
            ContainerClosedError: The container is closed.
            MissingServiceError: A value is given for something nobody registered.
            RegistrationError: A value is given for something that the container builds.
            InterfaceMismatchError: A value does not fit what it is asked for by.
        """
        root = self._root
        if root is None:
            raise closed()
        return open_first(root, values, ambient=ambient, name=name)

    def point_at(self, root: "Root | None") -> None:
        """Follow the container as it shuts and reopens; for the closing code."""
        self._root = root

    def __repr__(self) -> str:
        return f"<ScopeFactory of {'a closed' if self._root is None else 'an open'} container>"


def scope_factory_of(root: "Root") -> ScopeFactory:
    """Give the factory of a container, always the same one; ``Root.shut`` empties it."""
    found: ScopeFactory | None = root.scope_factory
    if found is None:
        with root.lock:
            found = root.scope_factory
            if found is None:
                found = _make(ScopeFactory)
                found.point_at(root)
                root.scope_factory = found
                if root._values is None:  # shut between the look-up and here
                    found.point_at(None)
    return found
