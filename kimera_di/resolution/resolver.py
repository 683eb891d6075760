"""What a container and a scope have in common: every way to ask but the two that are written for speed.

In: services. Out: objects. Subclasses bring ``resolve`` and ``aresolve``.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from kimera_di.errors import MissingServiceError
from kimera_di.registration.annotations import identity_of
from kimera_di.resolution.root import Root
from kimera_di.vocabulary import ServiceId

if TYPE_CHECKING:
    from typing_extensions import TypeForm

T = TypeVar("T")
R = TypeVar("R")


class Resolver:
    """Asked for services; a container or a scope."""

    __slots__ = ()

    _root: Root

    if TYPE_CHECKING:

        def resolve(self, service: "TypeForm[T]", key: Hashable = None) -> T:
            """Give the object of a service."""
            ...

        def aresolve(self, service: "TypeForm[T]", key: Hashable = None) -> Coroutine[Any, Any, T]:
            """As ``resolve``, to be awaited."""
            ...

    __iter__: ClassVar[None] = None  # else iter() would try [0], [1], ...

    def __getitem__(self, service: "TypeForm[T]") -> T:
        """Give the object of an unkeyed service: ``scope[IVault]``; see ``resolve``."""
        return self.resolve(service)

    def get(self, service: "TypeForm[T]", key: Hashable = None) -> T | None:
        """As ``resolve``, but ``None`` when the service itself is not registered."""
        return self.resolve(service, key) if self._registered(service, key) else None

    async def aget(self, service: "TypeForm[T]", key: Hashable = None) -> T | None:
        """As ``aresolve``, but ``None`` when the service itself is not registered."""
        return await self.aresolve(service, key) if self._registered(service, key) else None

    def resolve_all(self, service: "TypeForm[T]", key: Hashable = None) -> list[T]:
        """Give the objects of every registration of a service, in registration order; ``[]`` for none."""
        every: Any = list
        found: list[T] = self.resolve(every[service], key)
        return found

    async def aresolve_all(self, service: "TypeForm[T]", key: Hashable = None) -> list[T]:
        """As ``resolve_all``, awaiting what must be awaited."""
        every: Any = list
        found: list[T] = await self.aresolve(every[service], key)
        return found

    def __contains__(self, service: Any) -> bool:
        """Tell whether an unkeyed service is registered."""
        return identity_of(service) in self._root.base.graph.single

    def call(self, function: Callable[..., R], /, *args: Any, **given: Any) -> R:
        """Call a function; parameters that are not given are injected, or left to their defaults.

        Args:
            function: Any callable; it need not be registered.
            args: What is given by position.
            given: What is given by name; never resolved.

        Returns:
            What the function returns.

        Raises:
            ArgumentsError: The arguments do not fit the function; also a ``TypeError``.
            MissingServiceError: A parameter has no default, is not given, and nothing provides it.
        """
        from kimera_di.resolution.calls import call

        return call(self, function, args, given)

    @overload
    async def acall(self, function: Callable[..., Awaitable[R]], /, *args: Any, **given: Any) -> R: ...
    @overload
    async def acall(self, function: Callable[..., R], /, *args: Any, **given: Any) -> R: ...
    async def acall(self, function: Callable[..., Any], /, *args: Any, **given: Any) -> Any:
        """As ``call``, awaiting what async factories make, and the result when it can be awaited."""
        from kimera_di.resolution.calls import acall

        return await acall(self, function, args, given)

    def create(self, cls: Callable[..., R], /, *args: Any, **given: Any) -> R:
        """Build an object of a class that need not be registered: ``create(Report, title="x")``; see ``call``."""
        from kimera_di.resolution.calls import create

        return create(self, cls, args, given)

    def _check_open(self) -> None:
        """Refuse to answer when closed."""
        raise NotImplementedError

    def _registered(self, service: Any, key: Hashable) -> bool:
        self._check_open()
        try:
            self._root.number(self._root.layer(), ServiceId(service, key))
        except MissingServiceError:
            return False
        return True
