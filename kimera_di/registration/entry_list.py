"""The list behind a collection: ordered, thread-safe, frozen by the first build, merged with others by identity.

In: entries. Out: the same, in order. An entry is one registration however many ways it is included.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from kimera_di.errors import FrozenCollectionError
from kimera_di.registration.call_targets import CallTarget
from kimera_di.registration.descriptors import ServiceDescriptor
from kimera_di.registration.entries import Entry, Module, descriptors_of
from kimera_di.registration.forks import watch_forks
from kimera_di.registration.places import caller_place
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import Place


class EntryList:
    """Registrations and operations in order.

    Args:
        module: The place that what is registered here belongs to.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._sources: dict[int, Any] = {}
        """By the identity of an entry the innermost module function or mark that made it."""
        self._included: set[Any] = set()
        """Module functions and marks that count already."""
        self._frozen_at: Place | None = None
        self._targets: list[CallTarget] = []
        watch_forks(self)

    def after_fork_in_child(self) -> None:
        """Have a new lock: a thread that does not exist here may have held the old one."""
        self._lock = threading.Lock()

    def add_target(self, target: CallTarget) -> None:
        """Append a function whose calls are proven.

        Raises:
            FrozenCollectionError: The list is frozen.
        """
        with self._lock:
            frozen_at = self._frozen_at
            if frozen_at is None:
                self._targets.append(target)
                return
        raise frozen(f"calls of {short_name(target.function)} cannot be proven any more", target.place, frozen_at)

    def targets(self) -> tuple[CallTarget, ...]:
        """Give every function whose calls are proven, in order."""
        with self._lock:
            return tuple(self._targets)

    def add(self, entry: Entry, source: Any = None) -> None:
        """Append an entry.

        Args:
            entry: What is registered.
            source: The module function or mark that makes it; ``None`` for the user's own lines.

        Raises:
            FrozenCollectionError: The list is frozen.
        """
        with self._lock:
            frozen_at = self._frozen_at
            if frozen_at is None:
                self._entries.append(entry)
                if source is not None:
                    self._sources[id(entry)] = source
                return
        raise frozen(f"{short_name(entry.service)} cannot be registered any more", entry.place, frozen_at)

    def begin(self, source: Any, place: Place) -> bool:
        """Note that a module function or mark counts from now on; ``False`` when it did before.

        Raises:
            FrozenCollectionError: The list is frozen.
        """
        with self._lock:
            if self._frozen_at is None:
                if source in self._included:
                    return False
                self._included.add(source)
                return True
            frozen_at = self._frozen_at
        raise frozen(f"{short_name(source)} cannot be included any more", place, frozen_at)

    def undo(self, source: Any) -> None:
        """Take away what a module function registered that failed."""
        with self._lock:
            self._included.discard(source)
            self._entries = [entry for entry in self._entries if self._sources.get(id(entry)) != source]

    def merge(self, other: "EntryList", place: Place) -> None:
        """Append every entry of another list that is not here yet. O(entries of both).

        Raises:
            FrozenCollectionError: This list is frozen; the other one may be.
        """
        with other._lock:
            entries, sources, included = tuple(other._entries), dict(other._sources), set(other._included)
            targets = tuple(other._targets)
        with self._lock:
            frozen_at = self._frozen_at
            if frozen_at is None:
                here = {id(entry) for entry in self._entries}
                for entry in entries:
                    source = sources.get(id(entry))
                    if id(entry) not in here and (source is None or source not in self._included):
                        self._entries.append(entry)
                        if source is not None:
                            self._sources[id(entry)] = source
                self._included |= included
                self._targets += [each for each in targets if each not in self._targets]
                if other.module is not self.module and other.module not in self.module.includes:
                    self.module.includes.append(other.module)
                return
        raise frozen("nothing can be included any more", place, frozen_at)

    def descriptors(self) -> tuple[ServiceDescriptor, ...]:
        """Give every registration, in order."""
        return descriptors_of(self.entries())

    def entries(self) -> tuple[Entry, ...]:
        """Give every registration and every operation, in order."""
        with self._lock:
            return tuple(self._entries)

    def freeze(self) -> tuple[Entry, ...]:
        """Refuse changes from now on, and give every entry; may be called again."""
        with self._lock:
            if self._frozen_at is None:
                self._frozen_at = caller_place()
            return tuple(self._entries)

    def any(self, wanted: Callable[[Entry], bool]) -> Entry | None:
        """Give the last entry that ``wanted`` accepts, ``None`` without one."""
        return next((entry for entry in _reversed(self.entries()) if wanted(entry)), None)

    def copied(self) -> "EntryList":
        """Give an unfrozen list with the same entries, which belongs to the same module."""
        other = EntryList(self.module)
        with self._lock:
            other._entries, other._sources = list(self._entries), dict(self._sources)
            other._included = set(self._included)
            other._targets = list(self._targets)
        return other

    def __len__(self) -> int:
        return len(self._entries)


def frozen(summary: str, place: Place, frozen_at: Place) -> FrozenCollectionError:
    """Make the error for a change after ``build()``."""
    return FrozenCollectionError(
        f"{summary}, the collection was built",
        facts=(
            ("at", show_place(*place)),
            ("built at", show_place(*frozen_at)),
            ("do this", "register before build(), or change an unfrozen services.copy()"),
        ),
    )


def _reversed(entries: Iterable[Entry]) -> Iterable[Entry]:
    return reversed(tuple(entries))
