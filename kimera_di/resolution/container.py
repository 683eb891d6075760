"""The container: look-ups at the root, and scopes.

In: services. Out: objects, and open scopes. What is written here is written for speed; all other methods come from the
classes it stands on, and ``container[T]`` from the class that ``facade`` makes for each container.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import functools
from collections.abc import Coroutine, Hashable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from kimera_di.resolution.failures import is_from_builder
from kimera_di.resolution.lifecycle import Lifecycle
from kimera_di.resolution.observed import Observed
from kimera_di.resolution.opening import open_first
from kimera_di.resolution.root import Root
from kimera_di.resolution.scope import Scope
from kimera_di.vocabulary import ServiceId

if TYPE_CHECKING:
    from typing_extensions import TypeForm

T = TypeVar("T")
_BY_KEYWORD: Any = object()
# made by a call of the class, which costs less than going around the `__init__` that refuses
_PlainScope: Any = type(
    "Scope", (Scope,), {"__slots__": (), "__init__": object.__init__, "__module__": Scope.__module__}
)  # fmt: skip


class ServiceContainer(Lifecycle, Observed):
    """Gives out the services of a built collection; made by ``services.build()``.

    May be used from any thread, task and event loop. Always true, hashable and weakly referenceable; it is
    not a mapping, ``[]`` and ``get`` only follow the habits of ``dict``.
    """

    __slots__ = ("__weakref__", "_root", "_table")
    __kimera_relation__ = "container"

    _root: Root
    _table: dict[Any, Any]

    def __new__(cls) -> Self:
        """Refuse: only a collection makes containers, and two with the same singletons would close them twice.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a ServiceContainer is built with services.build(), and cannot be copied")

    def resolve(self, service: "TypeForm[T]", key: Hashable = None) -> T:
        """Give the object of a service.

        Args:
            service: What was registered: a class, Protocol, abstract class, or ``list[T]`` for all.
            key: The key it was registered under.

        Returns:
            The object; a singleton is built at most once, a warm look-up takes no lock.

        Raises:
            MissingServiceError: Nothing provides it.
            ScopeRequiredError: It, or something it needs, can only live in a scope.
            AsyncRequiredError: Building it awaits: use ``aresolve``.
            ContainerClosedError: The container is closed.
            CircularDependencyError: A constructor waits for a service that waits for it.
        """
        try:
            return self._table[service if key is None else ServiceId(service, key)](self)  # type: ignore[no-any-return]
        except (KeyError, TypeError) as error:
            wanted: Any = service if key is None else ServiceId(service, key)
            if is_from_builder(error, wanted):
                raise
        # outside the handler, so that a user's error has no KeyError for context
        return self._root.find(wanted, self._table, at_root=True)(self)  # type: ignore[no-any-return]

    def aresolve(self, service: "TypeForm[T]", key: Hashable = None) -> Coroutine[Any, Any, T]:
        """As ``resolve``, to be awaited: builds what async factories make as well."""
        root = self._root
        wanted: Any = service if key is None else ServiceId(service, key)
        try:
            build = root.async_table[wanted]
        except (KeyError, TypeError):
            build = None
        if build is None:
            build = root.find_async(wanted, root.async_table, at_root=True)
        return build(root)

    def scope(
        self, values: Mapping[Any, object] | None = None, *, ambient: bool = False, name: str | None = None
    ) -> Scope:
        """Open a scope; use it in a ``with`` or ``async with`` block.

        Args:
            values: Objects for the types registered with ``scope_value``: ``{Request: request}``.
            ambient: Also make it the current scope of this context, for ``@inject``, until it ends.
            name: Its level, where levels have names; the outermost one by default.

        Returns:
            The open scope.

        Raises:
            ContainerClosedError: The container is closed.
            MissingServiceError: A value is given for something nobody registered.
            RegistrationError: A value is given for something that the container builds.
            InterfaceMismatchError: A value does not fit what it is asked for by.
        """
        return open_first(self._root, values, ambient=ambient, name=name)

    def takes_value(self, service: Any, key: Hashable = None) -> bool:
        """Tell whether scopes of this container can be opened with a value for a service.

        For integrations, which offer what they have: a request, a message, a context.

        Args:
            service: The type, or ``Annotated[T, Key(k)]``.
            key: Its key.

        Returns:
            Whether ``container.scope({service: value})`` is accepted: ``scope_value`` registered it, and no later
            registration replaced it.

        Raises:
            RegistrationError: ``service`` or ``key`` cannot be hashed.
        """
        return self._root.scope_values.takes(ServiceId(service, key))

    def __repr__(self) -> str:
        state = "closed" if self._root._values is None else "open"
        return f"<ServiceContainer of {len(self._root.base.graph.nodes)} services, {state}>"


def _open_plain_scope(
    container: ServiceContainer,
    values: Mapping[Any, object] | None = None,
    by_keyword: object = _BY_KEYWORD,
    ambient: bool = False,
    name: str | None = None,
) -> Scope:
    """Open a scope: ``ServiceContainer.scope`` written out for the plainest case, a third of what a request costs.

    Parameters that can only be given by keyword would cost 60 ns; ``by_keyword`` keeps them from being given otherwise.
    It takes the place of that method: a test that replaces the method reaches containers that exist already.
    """
    root = container._root
    if values is not None or ambient or name is not None or by_keyword is not _BY_KEYWORD:
        if by_keyword is not _BY_KEYWORD:
            raise TypeError("scope() takes its values by position, and nothing else: write ambient=..., name=...")
        return open_first(root, values, ambient=ambient, name=name)
    if not root.opens_plainly:
        return _open_scope(container)
    scope: Scope = _PlainScope()
    scope._values = {}
    scope._table = root.scope_table
    scope._root = root
    scope._epoch = root._epoch
    scope._closers = None
    return scope


_open_scope = ServiceContainer.scope
_container_class: Any = ServiceContainer
_container_class.scope = functools.update_wrapper(_open_plain_scope, _open_scope)  # its documentation and signature
