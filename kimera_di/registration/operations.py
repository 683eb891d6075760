"""What can be done to registrations: other names, replacements, removals, decorators, interceptors.

In: calls of the composition root. Out: entries of the collection, which take effect in their order when it is built.
Plans and builds nothing.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Self

from kimera_di.records import replace as changed
from kimera_di.registration.conditions import When
from kimera_di.registration.descriptors import UNSET, Construction, ServiceDescriptor, describe, misuse
from kimera_di.registration.entries import Alias, Choice, Decoration, Entry, Removal, check_predicate, covers, sees
from kimera_di.registration.identities import checked_identity
from kimera_di.registration.including import Including
from kimera_di.registration.places import caller_place
from kimera_di.registration.refused_operations import nothing_registered, private_names
from kimera_di.rendering import short_name
from kimera_di.vocabulary import ANY_KEY, Lifetime, Place, ServiceId

if TYPE_CHECKING:
    from kimera_di.registration.interception import Around, AsyncAround


class Operations(Including):
    """What a collection offers besides plain registration. All methods return the collection."""

    def alias(
        self, service: Any, target: Any, *, key: Hashable = None, when: When | None = None, if_absent: bool = False,
        private: bool = False,
    ) -> Self:  # fmt: skip
        """Give a service another name: the same object, with the same lifetime.

        It follows the last registration of ``target`` when the collection is built, its decorators and its overrides.

        Args:
            service: The further name.
            target: The service that is meant; ``Annotated[T, Key(k)]`` names one with a key.
            key: The key of the further name; the target under the same key is meant where there is one, else the
                unkeyed one. ``ANY_KEY`` gives every keyed registration of the target a further name.
            when: A predicate over ``Conditions``; asked once when the collection is built.
            if_absent: It counts only where nothing registered earlier provides ``service``.
            private: Only this collection, and what it includes, can get it. Not together with ``ANY_KEY``.

        Returns:
            This collection.

        Raises:
            RegistrationError: One of the two is no type, both are the same, or every key is to be private.
            FrozenCollectionError: ``build()`` was called already.
        """
        place = caller_place()
        name, meant = checked_identity(service, key, place), checked_identity(target, None, place)
        if name == meant:
            raise misuse(f"{short_name(name)} would be another name for itself", place, "name two services")
        if private and name.key is ANY_KEY:
            raise private_names(name, meant, place)
        choice = self.choice(short_name(name), place, when=when, if_absent=if_absent, private=private)
        self._add(Alias(name, meant, place, self._list.module, choice))
        return self

    def replace(
        self, service: Any, implementation: Any = UNSET, *, factory: Any = UNSET, instance: Any = UNSET,
        lifetime: Lifetime | None = None, key: Hashable = None, when: When | None = None, **options: Any,
    ) -> Self:  # fmt: skip
        """Put another registration in the place of the earlier ones of a service.

        Args:
            service: What is replaced; every registration of it made so far.
            implementation: Class or factory callable.
            factory: As for ``register``.
            instance: As for ``register``.
            lifetime: That of the last registration it replaces, unless said.
            key: The key of the service; ``ANY_KEY`` replaces every keyed one under its own key.
            when: Only where this predicate says so; else the earlier registrations stay.
            options: Further options of ``register``: ``on_close=``, ``enter=``, ``eager=``, ``scope=`` ...

        Returns:
            This collection.

        Raises:
            MissingServiceError: Nothing was registered for it so far.
            RegistrationError: As for ``register``.
            FrozenCollectionError: ``build()`` was called already.
        """
        place = caller_place()
        identity = checked_identity(service, key, place)
        old = self._last(identity)
        if old is None:
            raise nothing_registered("replace", identity, self._list.entries(), place)
        kept = old.lifetime if isinstance(old, ServiceDescriptor) else Lifetime.SINGLETON
        scratch = self._scratch()
        if isinstance(old, ServiceDescriptor) and old.scope is not None and lifetime is None:
            options.setdefault("scope", old.scope)
        if instance is UNSET:
            options["lifetime"] = kept if lifetime is None else lifetime
        elif lifetime is not None:
            options["lifetime"] = lifetime
        try:
            scratch.register(service, implementation, factory=factory, instance=instance, key=key, **options)
        except TypeError as error:  # an option that register() does not know
            text = str(error).rpartition("Registry.")[2].partition(". Did you mean")[0]  # Python 3.13 guesses
            raise misuse(text, place, "use the options of services.register") from None
        choice = self.choice(short_name(identity), place, when=when)
        private = old.choice is not None and old.choice.private
        (made,) = scratch.descriptors()
        choice = Choice(None if choice is None else choice.when, replaces=True, private=private)
        self._add(changed(made, module=self._list.module, choice=choice))
        return self

    def remove(self, service: Any, *, key: Hashable = None) -> Self:
        """Take away every registration of a service made so far.

        Args:
            service: What is removed; aliases and replacements with this name as well.
            key: Its key; ``ANY_KEY`` removes every keyed one.

        Returns:
            This collection.

        Raises:
            MissingServiceError: Nothing was registered for it so far.
            FrozenCollectionError: ``build()`` was called already.
        """
        place = caller_place()
        identity = checked_identity(service, key, place)
        if self._last(identity) is None:
            raise nothing_registered("remove", identity, self._list.entries(), place)
        self._add(Removal(identity, place, self._list.module))
        return self

    def decorate(self, service: Any, decorator: Any, *, key: Hashable = None, when: When | None = None) -> Self:
        """Wrap every registration of a service, made before or after this line.

        Decorators of one service are put on in the order of their lines: the last one is outermost. The decorated
        service keeps its lifetime; what is inside is closed as if it were not decorated.

        Args:
            service: What is decorated; every registration of it, each item of ``list[T]`` too.
            decorator: A class or factory (function, async function, generator with cleanup). The parameter annotated
                with the service takes the inner object, else the only one that could; others are injected.
            key: The key of the service; ``ANY_KEY`` decorates every keyed registration.
            when: A predicate over ``Conditions``: it is put on only where that says so. Asked once per build.

        Returns:
            This collection.

        Raises:
            RegistrationError: ``service`` is no type, or ``decorator`` can build nothing.
            FrozenCollectionError: ``build()`` was called already.
        """
        place = caller_place()
        identity = checked_identity(service, key, place)
        described = describe(identity, Lifetime.TRANSIENT, decorator, place)
        choice = self.choice(short_name(identity), place, when=when)
        self._add(Decoration(identity, described.maker, described.construction, place, self._list.module, (), choice))
        return self

    def intercept(
        self, service: Any, around: "Around | AsyncAround", *, async_around: "AsyncAround | None" = None,
        key: Hashable = None, when: When | None = None,
    ) -> Self:  # fmt: skip
        """Run a function around every public method of a service: ``around(call)`` returns ``call.proceed()``.

        Args:
            service: The interface; objects given out are still instances of it.
            around: Gets a ``Call``; async methods need an async one.
            async_around: For an interface that has both kinds of methods: ``around`` runs around the sync ones.
            key: The key of the service; ``ANY_KEY`` intercepts every keyed registration.
            when: As for ``decorate``.

        Returns:
            This collection.

        Raises:
            RegistrationError: ``service`` is no class that can be subclassed, or a function cannot be called.
            FrozenCollectionError: ``build()`` was called already.
        """
        from kimera_di.registration.interception import interceptor

        place = caller_place()
        identity = checked_identity(service, key, place)
        maker, misfits = interceptor(identity, around, async_around, place)
        choice = self.choice(short_name(identity), place, when=when)
        self._add(Decoration(identity, maker, Construction.CALL, place, self._list.module, misfits, choice))
        return self

    def choice(
        self, name: str, place: Place, *, when: Any = None, if_absent: bool = False, private: bool = False
    ) -> Choice | None:
        """Check the conditions of a registration; ``None`` without any.

        Raises:
            RegistrationError: ``when`` cannot be called, or ``private=True`` is said by a collection without a name.
        """
        if when is None and not if_absent and not private:
            return None
        if when is not None:
            check_predicate(when, name, place)
        if private and not self._list.module.name:
            advice = 'give the collection a name: ServiceCollection(name="billing")'
            raise misuse(f"{name} is private to a collection without a name", place, advice)
        return Choice(when, bool(if_absent), private=bool(private))

    def _last(self, wanted: ServiceId) -> ServiceDescriptor | Alias | None:
        """Give the last registration so far that an operation on ``wanted`` would touch."""
        found = self._list.any(lambda entry: self._touched(entry, wanted))
        return found if isinstance(found, ServiceDescriptor | Alias) else None

    def _touched(self, entry: Entry, wanted: ServiceId) -> bool:
        if not isinstance(entry, ServiceDescriptor | Alias) or not covers(wanted, entry.service):
            return False
        return entry.choice is None or not entry.choice.private or sees(self._list.module, entry)
