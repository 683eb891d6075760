"""Modules of registrations: other collections, module functions, packages with ``@service`` marks.

In: calls of the composition root. Out: entries of the collection, each with what it came from, so that what comes twice
counts once. Plans and builds nothing.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self

from kimera_di.records import replace as changed
from kimera_di.registration.descriptors import ServiceDescriptor
from kimera_di.registration.entries import Entry
from kimera_di.registration.entry_list import EntryList
from kimera_di.registration.places import caller_place
from kimera_di.registration.refused_operations import check_included_levels, check_module_function

if TYPE_CHECKING:
    from kimera_di.registration.scanning import Scanned

_INCLUDING: ContextVar[tuple[EntryList, Any] | None] = ContextVar("kimera_di_including", default=None)
"""The list that a module function is filling, and the function."""


class Including:
    """What a collection takes over from elsewhere. All methods return the collection."""

    _list: EntryList
    scanned: "tuple[Scanned, ...]" = ()
    """What ``scan`` found, in the order it was registered."""

    def include(self, module: "Including | Callable[[Self], object]") -> Self:
        """Register everything that a module registers: another collection, or a function that takes this one.

        What was included before counts once, whichever way it comes. Later changes of an included collection are
        not seen.

        Args:
            module: A collection, built or not; or a function that registers into the collection it is given.

        Returns:
            This collection.

        Raises:
            RegistrationError: ``module`` is neither.
            FrozenCollectionError: ``build()`` was called already.
        """
        place = caller_place()
        if isinstance(module, Including):
            check_included_levels(getattr(self, "scopes", ()), getattr(module, "scopes", ()), place)
            self._list.merge(module._list, place)
            return self
        check_module_function(module, place)
        if not self._list.begin(module, place):
            return self
        token = _INCLUDING.set((self._list, module))
        try:
            module(self)
        except BaseException:
            self._list.undo(module)
            raise
        finally:
            _INCLUDING.reset(token)
        return self

    def scan(self, package: str) -> Self:
        """Register what is marked with ``@service`` in a module, or in a package and everything below it.

        Imports these modules, in the order of their names, and no others.

        Args:
            package: Its dotted name.

        Returns:
            This collection; ``scanned`` says what was found.

        Raises:
            RegistrationError: There is no such package, or modules of it cannot be imported: all are named.
            FrozenCollectionError: ``build()`` was called already.
        """
        from kimera_di.registration.scanning import scan

        place = caller_place()
        found = [(each, self._marked(each)) for each in scan(package, place)]  # checked before any is registered
        new = [(each, descriptor) for each, descriptor in found if self._list.begin(each.mark, place)]
        for each, descriptor in new:
            self._list.add(descriptor, each.mark)
        self.scanned = (*self.scanned, *(each for each, _ in new))
        return self

    def _add(self, entry: Entry) -> None:
        """Append an entry; a module function that is running is its source."""
        including = _INCLUDING.get()
        if including is None or including[0] is not self._list:
            self._list.add(entry)
        else:
            self._list.add(entry, including[1])

    def _marked(self, found: "Scanned") -> ServiceDescriptor:
        """Give the descriptor of a mark."""
        made: ServiceDescriptor = found.registered(self._scratch()).descriptors()[0]
        return changed(made, place=found.place, module=self._list.module, choice=found.mark.choice())

    def _scratch(self) -> Any:
        """Give an empty collection of the same kind, in which one registration can be made and checked."""
        make: Any = type(self)
        return make(getattr(self, "scopes", ()))
