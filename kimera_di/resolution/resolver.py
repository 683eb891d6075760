"""What a container and a scope have in common: every way to ask but the two that are written for speed.

In: services. Out: objects. Subclasses bring ``resolve`` and ``aresolve``.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

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
        from kimera_di.resolution.asking import is_service

        return is_service(self._root.services, identity_of(service))

    def is_service(self, service: Any, key: Hashable = None) -> bool:
        """Tell whether a service can be asked for; builds nothing.

        Args:
            service: A class, Protocol, union, generic or collection.
            key: Its key; a registration with ``ANY_KEY`` answers for every one.

        Returns:
            ``True`` for every ``list[T]`` and other collection, also an empty one; ``False`` for a bare ``list`` and
            for a generic class that is registered with its type arguments left open.

        Raises:
            ContainerClosedError: The container or scope is closed.
            RegistrationError: ``service`` or ``key`` cannot be hashed.
        """
        from kimera_di.resolution.asking import is_service

        self._check_open()
        return is_service(self._root.services, identity_of(ServiceId(service, key)))

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
        from kimera_di.resolution.asking import is_known

        return is_known(self._root.services, identity_of(ServiceId(service, key)))
