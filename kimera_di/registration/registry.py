"""The list of registrations: thread-safe, ordered, frozen by the first build.

In: calls of the composition root. Out: descriptors in registration order. Reads no annotations, plans and
builds nothing. A registration that fails leaves the list as it was.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, ClassVar, Self

from kimera_di.records import replace as changed
from kimera_di.registration.call_targets import CallTarget
from kimera_di.registration.conditions import When
from kimera_di.registration.descriptors import (
    CLASSES,
    UNSET,
    ServiceDescriptor,
    Unset,
    describe,
    describe_class,
    describe_scope_value,
    misuse,
)
from kimera_di.registration.entries import Entry, Module
from kimera_di.registration.entry_list import EntryList
from kimera_di.registration.identities import checked_identity
from kimera_di.registration.operations import Operations
from kimera_di.registration.options import check_level, check_levels, with_options
from kimera_di.registration.places import caller_place
from kimera_di.rendering import did_you_mean, safe_repr, short_name
from kimera_di.vocabulary import Lifetime, Place

_SINGLETON, _SCOPED, _TRANSIENT = Lifetime.SINGLETON, Lifetime.SCOPED, Lifetime.TRANSIENT
OnClose = Callable[[Any], object] | None | Unset


class Registry(Operations):
    """What the user said: every registration with its file and line.

    All methods may be called from any thread and return the registry, so that calls can be chained.

    Args:
        scopes: Names of the levels of scopes, outermost first: ``("session", "request")``. Without names there is
            one level. A plain scoped service lives at the innermost level.
        name: What messages call it; needed for ``private=True``.

    Raises:
        RegistrationError: ``scopes`` is no tuple of different names, or ``name`` is no text.
    """

    _is_registered_straight: ClassVar[bool] = True
    """``register`` is the one below: usual registrations need not go through it."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Note whether a subclass has a ``register`` of its own, which then sees every registration."""
        super().__init_subclass__(**options)
        cls._is_registered_straight = cls.register is Registry.register

    def __init__(self, scopes: Sequence[str] = (), *, name: str = "") -> None:
        self.scopes: tuple[str, ...] = check_levels(scopes, caller_place()) if scopes else ()
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise misuse(f"name={safe_repr(name)} is no text", caller_place(), 'write name="billing", say')
        self._list = EntryList(Module(name))

    def register(  # noqa: PLR0913 - the options of a registration, each of its own
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
        eager: bool = False,
        fork_safe: bool = True,
        scope: str | None = None,
        when: When | None = None,
        if_absent: bool = False,
        private: bool = False,
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
            eager: A singleton that ``start()`` builds.
            fork_safe: ``False`` for a singleton that a forked child must not share: it is rebuilt there, with
                everything built that holds it.
            scope: The level a scoped service lives at; the innermost one by default.
            when: A predicate over ``Conditions``: it counts only where that says so. Asked once per build.
            if_absent: It counts only where nothing registered earlier provides ``service``.
            private: Only this collection, which must have a name, and what it includes can get it.

        Returns:
            This registry.

        Raises:
            RegistrationError: The arguments contradict each other or cannot work.
            FrozenCollectionError: ``build()`` was called already.
        """
        place = caller_place()
        identity = checked_identity(service, key, place)
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
        described = describe(
            identity, lifetime, maker, place, is_instance=instance is not UNSET, on_close=on_close, enter=enter,
            module=self._list.module,
        )  # fmt: skip
        if eager or not fork_safe or scope is not None:
            described = with_options(described, eager=eager, fork_safe=fork_safe, scope=scope)
            check_level(described, self.scopes)
        if when is not None or if_absent or private:
            choice = self.choice(short_name(identity), place, when=when, if_absent=if_absent, private=private)
            described = changed(described, choice=choice)
        self._add(described)
        return self

    def singleton(
        self, service: Any, maker: Any = UNSET, *, key: Hashable = None, on_close: OnClose = UNSET, enter: bool = False,
        eager: bool = False, fork_safe: bool = True, when: When | None = None, if_absent: bool = False,
        private: bool = False,
    ) -> Self:  # fmt: skip
        """Register a service of which a container holds one object; see ``register``."""
        is_usual = _is_usual(service, maker, key, on_close, enter, when, if_absent, private)
        if is_usual and eager is False and fork_safe is True and self._is_registered_straight:
            self._add(describe_class(service, maker, _SINGLETON, caller_place(), self._list.module))
            return self
        return self.register(
            service, maker, lifetime=Lifetime.SINGLETON, key=key, on_close=on_close, enter=enter, eager=eager,
            fork_safe=fork_safe, when=when, if_absent=if_absent, private=private,
        )  # fmt: skip

    def scoped(
        self, service: Any, maker: Any = UNSET, *, key: Hashable = None, on_close: OnClose = UNSET, enter: bool = False,
        scope: str | None = None, when: When | None = None, if_absent: bool = False, private: bool = False,
    ) -> Self:  # fmt: skip
        """Register a service of which every scope, of level ``scope``, holds one object; see ``register``."""
        is_usual = _is_usual(service, maker, key, on_close, enter, when, if_absent, private)
        if is_usual and scope is None and self._is_registered_straight:
            self._add(describe_class(service, maker, _SCOPED, caller_place(), self._list.module))
            return self
        return self.register(
            service, maker, lifetime=Lifetime.SCOPED, key=key, on_close=on_close, enter=enter, scope=scope,
            when=when, if_absent=if_absent, private=private,
        )  # fmt: skip

    def transient(
        self, service: Any, maker: Any = UNSET, *, key: Hashable = None, on_close: OnClose = UNSET, enter: bool = False,
        when: When | None = None, if_absent: bool = False, private: bool = False,
    ) -> Self:  # fmt: skip
        """Register a service that is built anew for every consumer and every look-up; see ``register``."""
        is_usual = _is_usual(service, maker, key, on_close, enter, when, if_absent, private)
        if is_usual and self._is_registered_straight:
            self._add(describe_class(service, maker, _TRANSIENT, caller_place(), self._list.module))
            return self
        return self.register(
            service, maker, lifetime=Lifetime.TRANSIENT, key=key, on_close=on_close, enter=enter,
            when=when, if_absent=if_absent, private=private,
        )  # fmt: skip

    def instance(
        self, service: Any, instance: Any, *, key: Hashable = None, when: When | None = None, if_absent: bool = False,
        private: bool = False,
    ) -> Self:  # fmt: skip
        """Register a finished object; the container never closes it. Falsy objects are ordinary ones."""
        return self.register(
            service, instance=instance, key=key, when=when, if_absent=if_absent, private=private
        )  # fmt: skip

    def scope_value(self, service: Any, *, key: Hashable = None, scope: str | None = None) -> Self:
        """Register a value that is given when a scope opens: ``container.scope({Request: request})``.

        It lives in that scope, is inherited by the scopes inside it and never closed by the container.

        Args:
            service: The type it is asked for by.
            key: Tells several values of one type apart; given as ``{Annotated[T, Key(k)]: value}``.
            scope: The level it belongs to; the innermost one by default.

        Returns:
            This registry.

        Raises:
            RegistrationError: ``service`` is not a type, or not hashable.
            FrozenCollectionError: ``build()`` was called already.
        """
        place = caller_place()
        described = with_options(describe_scope_value(checked_identity(service, key, place), place), scope=scope)
        check_level(described, self.scopes)
        self._add(described)
        return self

    def copy(self) -> Self:
        """Give an unfrozen copy with the same registrations, for variants and tests.

        A subclass is not asked to make it: its ``__init__`` may take anything, and may register.
        """
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        other._list = self._list.copied()
        return other

    def descriptors(self) -> tuple[ServiceDescriptor, ...]:
        """Give every registration, in order."""
        return self._list.descriptors()

    def entries(self) -> tuple[Entry, ...]:
        """Give every registration and every operation on them, in order."""
        return self._list.entries()

    def call_targets(self) -> tuple[CallTarget, ...]:
        """Give every function whose calls are proven, in order."""
        return self._list.targets()

    def freeze(self) -> tuple[Entry, ...]:
        """Refuse changes from now on, and give every entry; may be called again."""
        return self._list.freeze()

    def __len__(self) -> int:
        """Count the registrations and the operations on them."""
        return len(self._list)

    def __bool__(self) -> bool:
        """Say yes: an empty collection is still a collection."""
        return True


def _is_usual(  # noqa: PLR0917 - what the three of them have in common, in their order
    service: Any, maker: Any, key: object, on_close: object, enter: object, when: object, if_absent: object,
    private: object,
) -> bool:  # fmt: skip
    """Tell that classes are registered with the usual options: every check of `register` would pass.

    Other falsy values than the defaults are for `register` to judge.
    """
    return (
        type(service) in CLASSES and (maker is UNSET or type(maker) in CLASSES)
        and key is None and on_close is UNSET and enter is False
        and when is None and if_absent is False and private is False
    )  # fmt: skip


def _bad_lifetime(lifetime: object, place: Place) -> Exception:
    guess = did_you_mean(str(lifetime), _names(Lifetime))
    advice = f"write Lifetime.{guess[0]}" if guess else f"write one of Lifetime.{', Lifetime.'.join(_names(Lifetime))}"
    return misuse(f"{safe_repr(lifetime)} is not a lifetime", place, advice)


def _names(members: Iterable[Lifetime]) -> list[str]:
    return [member.name for member in members]
