"""The list of registrations: thread-safe, ordered, frozen by the first build.

In: calls of the composition root. Out: descriptors in registration order. Reads no annotations, plans and
builds nothing. A registration that fails leaves the list as it was.
"""

import threading
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Self, get_origin

from kimera_di.errors import FrozenCollectionError
from kimera_di.registration.annotations import split_annotated
from kimera_di.registration.descriptors import (
    UNSET,
    ServiceDescriptor,
    Unset,
    describe,
    describe_scope_value,
    misuse,
)
from kimera_di.registration.places import caller_place
from kimera_di.rendering import did_you_mean, safe_repr, short_name, show_place
from kimera_di.vocabulary import Lifetime, Place, ServiceId

OnClose = Callable[[Any], object] | None | Unset


class Registry:
    """What the user said: every registration with its file and line.

    All methods may be called from any thread and return the registry, so that calls can be chained.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._descriptors: list[ServiceDescriptor] = []
        self._frozen_at: Place | None = None

    def register(
        self,
        service: Any,
        implementation: Any = UNSET,
        *,
        factory: Any = UNSET,
        instance: Any = UNSET,
        lifetime: Lifetime = Lifetime.SINGLETON,
        key: Hashable = None,
        on_close: OnClose = UNSET,
        enter: bool = False,
    ) -> Self:
        """Register how ``service`` is built.

        Args:
            service: The class, Protocol, abstract class or other type users ask for.
            implementation: Class or factory callable; ``service`` itself when nothing is given.
            factory: Function, async function, generator or async generator; its parameters are injected.
            instance: A finished object; never closed by the container.
            lifetime: How long an object lives.
            key: Tells several registrations of one type apart; ``None`` is the unkeyed one.
            on_close: Called with the object when its owner closes; ``None`` says that nothing is to be done.
            enter: The object is a context manager: enter it when built, exit it when its owner closes.

        Returns:
            This registry.

        Raises:
            RegistrationError: The arguments contradict each other or cannot work.
            FrozenCollectionError: ``build()`` was called already.
        """
        place = caller_place()
        identity = _identity(service, key, place)
        if not isinstance(lifetime, Lifetime):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise _bad_lifetime(lifetime, place)
        given = [thing for thing in (implementation, factory, instance) if thing is not UNSET]
        if len(given) > 1:
            raise misuse(
                f"{short_name(identity)} is registered with more than one of implementation, factory and instance",
                place,
                "give one of the three",
            )
        if instance is not UNSET and (lifetime is not Lifetime.SINGLETON or enter or on_close is not UNSET):
            raise misuse(
                f"the instance of {short_name(identity)} is neither built nor closed by the container",
                place,
                "drop lifetime=, on_close= and enter=, or register a factory",
            )
        maker = given[0] if given else identity.interface
        self._add(
            describe(
                identity,
                lifetime,
                maker,
                place,
                is_instance=instance is not UNSET,
                on_close=on_close,
                enter=enter,
            )
        )
        return self

    def singleton(
        self, service: Any, maker: Any = UNSET, *, key: Hashable = None, on_close: OnClose = UNSET, enter: bool = False
    ) -> Self:
        """Register a service of which a container holds one object; see ``register``."""
        return self.register(service, maker, lifetime=Lifetime.SINGLETON, key=key, on_close=on_close, enter=enter)

    def scoped(
        self, service: Any, maker: Any = UNSET, *, key: Hashable = None, on_close: OnClose = UNSET, enter: bool = False
    ) -> Self:
        """Register a service of which every scope holds one object of its own; see ``register``."""
        return self.register(service, maker, lifetime=Lifetime.SCOPED, key=key, on_close=on_close, enter=enter)

    def transient(
        self, service: Any, maker: Any = UNSET, *, key: Hashable = None, on_close: OnClose = UNSET, enter: bool = False
    ) -> Self:
        """Register a service that is built anew for every consumer and every look-up; see ``register``."""
        return self.register(service, maker, lifetime=Lifetime.TRANSIENT, key=key, on_close=on_close, enter=enter)

    def instance(self, service: Any, instance: Any, *, key: Hashable = None) -> Self:
        """Register a finished object; the container never closes it. Falsy objects are ordinary ones."""
        return self.register(service, instance=instance, key=key)

    def scope_value(self, service: Any, *, key: Hashable = None) -> Self:
        """Register a value that is given when a scope opens: ``container.scope({Request: request})``.

        It lives in that scope, is inherited by the scopes inside it and never closed by the container.

        Args:
            service: The type it is asked for by.
            key: Tells several values of one type apart; given as ``{Annotated[T, Key(k)]: value}``.

        Returns:
            This registry.

        Raises:
            RegistrationError: ``service`` is not a type, or not hashable.
            FrozenCollectionError: ``build()`` was called already.
        """
        place = caller_place()
        self._add(describe_scope_value(_identity(service, key, place), place))
        return self

    def copy(self) -> Self:
        """Give an unfrozen copy with the same registrations, for variants and tests."""
        other = type(self)()
        other._descriptors = list(self.descriptors())
        return other

    def descriptors(self) -> tuple[ServiceDescriptor, ...]:
        """Give every registration, in order."""
        with self._lock:
            return tuple(self._descriptors)

    def freeze(self) -> tuple[ServiceDescriptor, ...]:
        """Refuse changes from now on, and give every registration; may be called again."""
        with self._lock:
            if self._frozen_at is None:
                self._frozen_at = caller_place()
            return tuple(self._descriptors)

    def __len__(self) -> int:
        """Count the registrations."""
        return len(self._descriptors)

    def __bool__(self) -> bool:
        """Say yes: an empty collection is still a collection."""
        return True

    def _add(self, descriptor: ServiceDescriptor) -> None:
        with self._lock:
            frozen_at = self._frozen_at
            if frozen_at is None:
                self._descriptors.append(descriptor)
                return
        raise FrozenCollectionError(
            f"{short_name(descriptor.service)} cannot be registered any more, the collection was built",
            facts=(
                ("at", show_place(*descriptor.place)),
                ("built at", show_place(*frozen_at)),
                ("do this", "register before build(), or change an unfrozen services.copy()"),
            ),
        )


_TYPE_FORMS = {"typing", "typing_extensions"}
"""Where the classes of what is a type, but no class and no generic, come from: ``NewType``, type aliases."""


def _identity(service: Any, key: Hashable, place: Place) -> ServiceId:
    inner, marked = split_annotated(service)
    if marked is not None and key is not None and marked != key:
        raise misuse(
            f"{short_name(service)} is registered with another key, {safe_repr(key)}", place, "say the key once"
        )
    if not (isinstance(inner, type) or type(inner).__module__ in _TYPE_FORMS or get_origin(inner)):
        raise misuse(
            f"{short_name(inner) if callable(inner) else safe_repr(inner)} is not a type, so nobody can ask for it",
            place,
            "register a class, a Protocol, an abstract class or a NewType; a factory is the second argument",
        )
    identity = ServiceId(inner, marked if key is None else key)
    try:
        hash(identity)
    except TypeError as error:
        raise misuse(f"service and key must be hashable: {error}", place, "use a type and a hashable key") from None
    return identity


def _bad_lifetime(lifetime: object, place: Place) -> Exception:
    guess = did_you_mean(str(lifetime), _names(Lifetime))
    advice = f"write Lifetime.{guess[0]}" if guess else f"write one of Lifetime.{', Lifetime.'.join(_names(Lifetime))}"
    return misuse(f"{safe_repr(lifetime)} is not a lifetime", place, advice)


def _names(members: Iterable[Lifetime]) -> list[str]:
    return [member.name for member in members]
