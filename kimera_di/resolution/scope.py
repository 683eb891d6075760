"""A scope: one object per scoped service, shared safely by threads and tasks, closed at its end."""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Coroutine, Hashable, Mapping
from types import GeneratorType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from kimera_di.resolution import closing
from kimera_di.resolution.block_end import end_block, end_unusual
from kimera_di.resolution.claims import CLOSERS, FIRST_WAITER, Claim, Values
from kimera_di.resolution.closing import SHUT, aclose_owner, close_owner
from kimera_di.resolution.deadlocks import InFlight, in_flight
from kimera_di.resolution.failures import is_from_builder
from kimera_di.resolution.refusals import closed
from kimera_di.resolution.resolver import Resolver
from kimera_di.resolution.root import Root
from kimera_di.resolution.second_closers import CLOSING, closes, wake_closers
from kimera_di.vocabulary import ServiceId

if TYPE_CHECKING:
    from typing_extensions import TypeForm

T = TypeVar("T")


class Scope(Resolver):
    """Resolves services for one unit of work, such as a request.

    Made by ``container.scope()``; use it in a ``with`` or ``async with`` block. A scope may be shared by
    threads and tasks: a scoped service is built once in it.
    """

    __slots__ = ("__weakref__", "_closers", "_closing", "_epoch", "_root", "_table", "_values")

    kind = "scope"
    __kimera_relation__ = "scope"
    _closers: list[Any] | None
    """What there is to close, also under a key of the dictionary; to be seen without a look-up."""
    _closing: Claim
    _epoch: int
    _root: Root
    _table: dict[Any, Any]
    _values: Values | None

    def __init__(self) -> None:
        raise TypeError("a scope is opened with container.scope()")

    def __enter__(self) -> Self:
        """Give the scope itself."""
        if self._values is None:
            raise closed("scope")
        return self

    @closes
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the scope; generators are told ``error``. Raises as ``close``."""
        values = self._values
        if values is None:
            close_owner(self, error)
            return
        closers = self._closers
        if closers is None:
            self._values = None
            self._table = SHUT
            # a thread may have begun to open something between the two lines
            if self._closers is not None:
                close_owner(self, error, values)
            return
        made: Any = None
        for made in closers:  # noqa: B007 - the first one, also when somebody takes it away meanwhile
            break
        if error is not None or type(made) is not GeneratorType or len(closers) > 1:
            end_block(self, error, values)
            return
        # one generator, as in most requests: `end_block` written out, see docs/decisions/0033
        mine: Claim = [CLOSING, None]
        raised: BaseException | None = None
        is_taken = False
        try:
            try:
                if values.setdefault(CLOSING, mine) is mine:
                    self._closing = mine
                    self._values = None
                    self._table = SHUT
                    for value in values.values():
                        if type(value) is list and value is not closers and value is not mine:
                            break
                    else:
                        if len(closers) == 1:
                            is_taken = True
                            closers.remove(made)  # not `pop`: an override that ends may have taken it
                            for _ in made:  # pyright: ignore[reportUnknownVariableType]  # its end is no exception
                                break
                            else:
                                return
            except BaseException as caught:  # noqa: BLE001 - told below, where it is no other error's context
                raised = caught
            end_unusual(self, values, mine, made if is_taken else None, raised)
        finally:
            raised = None  # it holds this frame
            mine[0] = None
            if len(mine) > FIRST_WAITER:
                wake_closers(mine)

    async def __aenter__(self) -> Self:
        """Give the scope itself."""
        if self._values is None:
            raise closed("scope")
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Coroutine[Any, Any, None]:
        """Close the scope, awaiting what must be awaited. Raises as ``aclose``."""
        values = self._values
        if values is not None and self._closers is None:
            self._values = None
            self._table = SHUT
            return aclose_owner(self, error, values) if self._is_opening() else _nothing()
        return (closing.loaded_leave or closing.leave_scope)(self, error)

    def resolve(self, service: "TypeForm[T]", key: Hashable = None) -> T:
        """Give the object of a service in this scope.

        Args:
            service: What was registered: a class, Protocol, abstract class, or ``list[T]`` for all.
            key: The key it was registered under.

        Returns:
            The object. A scoped one is built at most once; a warm look-up takes no lock.

        Raises:
            MissingServiceError: Nothing provides it.
            AsyncRequiredError: Building it awaits: use ``aresolve``.
            ContainerClosedError: The scope or its container is closed.
            CircularDependencyError: A constructor waits for a service that waits for it.
        """
        try:
            return self._table[service if key is None else ServiceId(service, key)](self)  # type: ignore[no-any-return]
        except (KeyError, TypeError) as error:
            wanted: Any = service if key is None else ServiceId(service, key)
            if is_from_builder(error, wanted):
                raise
        # outside the handler, so that a user's error has no KeyError for context
        return self._find(wanted)(self)  # type: ignore[no-any-return]

    def aresolve(self, service: "TypeForm[T]", key: Hashable = None) -> Coroutine[Any, Any, T]:
        """As ``resolve``, to be awaited: builds what async factories make as well."""
        wanted: Any = service if key is None else ServiceId(service, key)
        try:
            build = self._root.scope_async_table[wanted]
        except (KeyError, TypeError):
            build = None
        if build is None:
            build = self._find_async(wanted)
        if self._values is None:
            raise closed("scope")
        return build(self)

    def scope(
        self, values: Mapping[Any, object] | None = None, *, ambient: bool = False, name: str | None = None
    ) -> "Scope":
        """Open a scope inside this one: it shares singletons and inherits values, but no scoped objects.

        With named levels it shares the objects of every level outside its own.

        Args:
            values: Given to the new scope; see ``ServiceContainer.scope``.
            ambient: Make it the current scope as well.
            name: Its level; by default the next one, inside the innermost level that one again.

        Returns:
            The open scope; close it before this one.

        Raises:
            ContainerClosedError: The scope or its container is closed.
            RegistrationError: There is no such level, or it is outside the one of this scope; and as
                ``ServiceContainer.scope``.
        """
        from kimera_di.resolution.opening import open_inside

        return open_inside(self, values, ambient=ambient, name=name)

    def fork(self, *, ambient: bool = False) -> "Scope":
        """Open a scope beside this one that shares its values and the objects built here so far.

        For a fan-out: each branch gets a fork, builds what is new on its own, and closes only that. What is shared
        is closed by this scope, so close the forks before it.

        Args:
            ambient: Make it the current scope as well.

        Returns:
            The open scope. O(objects of this scope).

        Raises:
            ContainerClosedError: The scope or its container is closed.
        """
        from kimera_di.resolution.opening import fork_scope

        return fork_scope(self, ambient=ambient)

    def close(self) -> None:
        """Close what this scope opened, in reverse order; closing twice is harmless.

        Raises:
            AsyncRequiredError: Something must be awaited; nothing was closed, ``aclose()`` works.
            CloseErrors: Closers failed; all others ran to their end.
        """
        close_owner(self)

    async def aclose(self) -> None:
        """As ``close``, awaiting what must be awaited; cancellation is kept until the last closer has ended."""
        await aclose_owner(self)

    def __repr__(self) -> str:
        state = "closed" if self._values is None else "open"
        return f"<Scope {state}>"

    def shut(self) -> None:
        """Refuse every look-up from now on; for the closing code."""
        self._values = None
        self._table = SHUT

    def reopen(self, values: Values) -> None:
        """Take ``shut`` back; for the closing code."""
        self._values = values
        self._table = self._root.scope_table

    def in_flight(self, values: Values) -> InFlight:
        """Give the claims of builders that have not finished; for the closing code."""
        return in_flight(self._root.base, values)

    def entries(self, values: Values) -> list[Any]:
        """Give what there is to close; for the closing code."""
        return list(values.get(CLOSERS, ()))

    def collect(self, values: Values) -> list[Any]:
        """Give the list of what there is to close; for the closing code."""
        closers: list[Any] = values.get(CLOSERS, [])
        return closers

    def loop_of(self, entry: Any) -> Any:
        """Scoped objects are closed where they were built."""
        del entry

    @property
    def close_timeout_s(self) -> float:
        """Time each async closer gets."""
        return self._root.close_timeout_s

    @property
    def stall_report_s(self) -> float:
        """Time after which a wait is reported."""
        return self._root.stall_report_s

    def _find(self, wanted: Any) -> Any:
        if self._values is None:
            raise closed("scope")
        return self._root.find(wanted, self._root.scope_table, at_root=False)

    def _find_async(self, wanted: Any) -> Any:
        if self._values is None:
            raise closed("scope")
        return self._root.find_async(wanted, self._root.scope_async_table, at_root=False)

    def _check_open(self) -> None:
        if self._values is None:
            raise closed("scope")

    def _is_opening(self) -> bool:
        return self._closers is not None


async def _nothing() -> None:
    """What there is to await when a scope has nothing to close."""
