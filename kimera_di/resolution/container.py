"""The container: look-ups at the root, scopes, overrides, closing.

``container[T]`` is the C method of a private dictionary, set on a class made for this one container: a warm
singleton costs a dictionary look-up and enters no Python code. See docs/decisions/0001.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import sys
import weakref
from collections.abc import Coroutine, Hashable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from kimera_di.errors import MissingServiceError
from kimera_di.planning import WiringGraph
from kimera_di.planning.choices import explain_choices
from kimera_di.planning.explain import explain
from kimera_di.planning.service_graph import ServiceGraph, exported
from kimera_di.registration import UNSET, caller_place, describe
from kimera_di.registration.annotations import identity_of
from kimera_di.registration.descriptors import code_flags, misuse
from kimera_di.rendering import safe_repr, short_name
from kimera_di.resolution.ambient import enter, leave
from kimera_di.resolution.closing import aclose_owner, close_owner
from kimera_di.resolution.forked import Children
from kimera_di.resolution.listening import Listener, Subscription
from kimera_di.resolution.opening import open_first
from kimera_di.resolution.overrides import Override
from kimera_di.resolution.refusals import closed
from kimera_di.resolution.resolver import Resolver
from kimera_di.resolution.root import Root, collected
from kimera_di.resolution.scope import Scope
from kimera_di.resolution.unclosed import note_place
from kimera_di.vocabulary import ServiceId

if TYPE_CHECKING:
    from typing_extensions import TypeForm

T = TypeVar("T")
_make = object.__new__
_NEVER_RUNS = 0x80 | 0x20 | 0x200  # inspect.CO_*: coroutines and generators of both kinds


class _Warm(dict[Any, Any]):
    """Finished singletons by service; a miss is the ordinary look-up."""

    root: Root

    def __missing__(self, service: Any) -> Any:
        root = self.root
        return root.find(service, root.table, at_root=True)(root)


class ServiceContainer(Resolver):
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
        wanted: Any = service
        if key is not None:
            wanted = ServiceId(service, key)
        try:
            build = self._table[wanted]
        except (KeyError, TypeError):
            build = None
        if build is None:  # outside the handler, so that a user's error has no KeyError for context
            build = self._root.find(wanted, self._table, at_root=True)
        return build(self)  # type: ignore[no-any-return]

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
        root = self._root
        if values is not None or ambient or name is not None:
            return open_first(root, values, ambient=ambient, name=name)
        if root._values is None:
            raise closed()
        scope = _make(Scope)  # `open_scope` written out: opening is a third of what a small request costs
        scope._values = {}
        scope._table = root.scope_table
        scope._root = root
        scope._epoch = root._epoch
        return scope

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

    def override(
        self,
        service: Any,
        instance: Any = UNSET,
        *,
        factory: Any = UNSET,
        key: Hashable = None,
        everywhere: bool = False,
    ) -> Override:
        """Replace a service for the current context, until the block ends.

        Visible to this task or thread and to tasks that copy its context, not to any other. Everything
        that reaches the service is rebuilt meanwhile; scopes opened earlier keep what they built.

        Args:
            service: What is replaced.
            instance: The object to give out instead.
            factory: A class or factory to build instead, with the lifetime of what it replaces.
            key: The key of the service.
            everywhere: Reach the whole process instead: every thread and task, also those that began before. Look-ups
                stay as fast as without an override. Excludes every other override of this container.

        Returns:
            A context manager; ``async with`` when the override builds something that must be awaited to close. As a
            decorator of a function or async function it begins anew with every call.

        Raises:
            MissingServiceError: The service is not registered.
            InterfaceMismatchError: The replacement does not fit it.
            RegistrationError: Neither or both of instance and factory are given.
            ContainerClosedError: The container is closed.
        """
        root = self._root
        place = caller_place()
        if (instance is UNSET) == (factory is UNSET):
            advice = f"container.override({short_name(service)}, fake), or factory=make_fake"
            raise misuse("an override takes either an object or factory=", place, advice)
        layer = root.layer()
        identity = ServiceId(service, key)
        number = root.number(layer, identity)
        if number is None:
            raise MissingServiceError(f"{short_name(identity)} stands for others: override those", service=identity)
        # The node itself, whatever overrides it already. An alias and its target are replaced together: both must fit.
        replaced = root.base.graph.nodes[number]
        descriptor = describe(
            replaced.service, replaced.lifetime, factory if instance is UNSET else instance, place,
            is_instance=instance is not UNSET,
        )  # fmt: skip
        return Override(root, layer, number, descriptor, everywhere=everywhere)

    def listen(self, listener: Listener) -> Subscription:
        """Have a function called with every construction: how long it took, or what it raised.

        Costs nothing before the first listener and after the last one: builders that report are compiled when a
        listener is added, and thrown away when it ends. Reaches what is built by look-ups that begin afterwards.

        Args:
            listener: Called with a ``ServiceBuilt`` or ``ServiceFailed``, in the thread or task that builds, which
                waits for it. What it raises is logged.

        Returns:
            The subscription: ``end()`` it, or use it in a ``with`` block.

        Raises:
            RegistrationError: ``listener`` cannot be called, or its calls would have to be awaited.
            ContainerClosedError: The container is closed.
        """
        if not callable(listener):
            raise misuse(
                f"{safe_repr(listener)} cannot be called, so it cannot listen", caller_place(),
                "pass a function of one argument: container.listen(print)",
            )  # fmt: skip
        if code_flags(listener) & _NEVER_RUNS:
            raise misuse(
                f"{short_name(listener)} is an async function or a generator: called, it would not run", caller_place(),
                "pass a plain function, which may put the event into a queue",
            )  # fmt: skip
        self._check_open()
        return Subscription(self._root, listener)

    def explain(self, service: Any, key: Hashable = None) -> str:
        """Draw how a service is built: what from what, with lifetimes, implementations and file:line.

        Below the tree stand the registrations that were not chosen, and why.
        """
        layer = self._root.layer()
        identity = identity_of(ServiceId(service, key))
        try:
            number = self._root.number(layer, identity)
        except MissingServiceError:
            rest = explain_choices(layer.graph, identity)
            if not rest:
                raise
            return f"{short_name(identity)}: nothing registered\n{rest}"
        rest = explain_choices(layer.graph, identity)
        numbers = collected(layer, identity) if number is None else (number,)
        trees = [explain(layer.graph, each) for each in numbers] or [f"{short_name(service)}: nothing registered"]
        return "\n".join([*trees, rest] if rest else trees)

    def graph(self) -> ServiceGraph:
        """Give the wiring as data, with ``to_mermaid``, ``to_dot``, ``to_json`` and ``to_networkx``."""
        return exported(self._root.layer().graph)

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

    def __repr__(self) -> str:
        state = "closed" if self._root._values is None else "open"
        return f"<ServiceContainer of {len(self._root.base.graph.nodes)} services, {state}>"

    def _open(self) -> Self:
        self._check_open()
        self._root.entered.append(enter(self))
        return self

    def _leave(self) -> None:
        for place in self._root.entered:  # closed for every context that entered it
            leave(place)
        self._root.entered.clear()

    def _check_open(self) -> None:
        if self._root._values is None:
            raise closed()


_C = TypeVar("_C", bound=ServiceContainer)


def _open_scope(
    container: ServiceContainer,
    values: Mapping[Any, object] | None = None,
    *,
    ambient: bool = False,
    name: str | None = None,
) -> Scope:
    return open_first(container._root, values, ambient=ambient, name=name)


def container_of(graph: WiringGraph, *, close_timeout_s: float, stall_report_s: float) -> ServiceContainer:
    """Make the container of a graph without problems; users call ``services.build()``."""
    return _around(ServiceContainer, Root(graph, close_timeout_s=close_timeout_s, stall_report_s=stall_report_s))


def _around(cls: type[_C], root: Root) -> _C:
    """Make the container that users see of its inside."""
    warm = _Warm()
    space: dict[str, Any] = {"__slots__": (), "__getitem__": warm.__getitem__, "__module__": cls.__module__}
    if root.base.graph.levels or sys.flags.dev_mode:
        space["scope"] = _open_scope  # what is written out in `scope` knows neither levels nor places
    own: Any = type(cls.__name__, (cls,), space)
    container: _C = object.__new__(own)
    container._root = root
    note_place(root._values)
    if root.children is None:
        root.children = Children(root)
    warm.root = root
    root.warm = warm
    container._table = root.table
    root.container = weakref.ref(container)
    return container


def facade(root: Root) -> ServiceContainer:
    """Give the container of a root; a new one when nobody but its scopes and services keeps it alive."""
    with root.lock:
        found: ServiceContainer | None = root.container()
        return _around(ServiceContainer, root) if found is None else found
