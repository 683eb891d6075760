"""Decide which registrations count, in which order, and why the others do not.

In: registrations and operations in the order they were written. Out: registrations that count, decorators turned
into ordinary ones, further names, what lost and why, and what is wrong. Calls ``when=`` predicates, once each, and no
other user code. See docs/decisions/0014.

Order: removals; what has no condition, in order; what has one (``when=``, ``if_absent=``), in order. A predicate sees
all that has no condition and what was met before it; those of decorations are asked last, and see all that counts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from kimera_di.errors import InvalidSettingsError, KimeraError
from kimera_di.planning.graph import LostRegistration
from kimera_di.planning.selected import Item, PlacedAlias, PrivateService, desugared
from kimera_di.records import dataclass, replace
from kimera_di.registration.conditions import Conditions, ReadAtBuild, failure_advice, no_value
from kimera_di.registration.descriptors import Construction, ServiceDescriptor, misuse
from kimera_di.registration.entries import Alias, Decoration, Entry, Removal, covers, sees
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import ANY_KEY, Place, ServiceId

_Candidate = ServiceDescriptor | Alias


@dataclass(frozen=True, slots=True)
class Selection:
    """What counts."""

    descriptors: tuple[ServiceDescriptor, ...]
    aliases: tuple[PlacedAlias, ...] = ()
    lost: tuple[LostRegistration, ...] = ()
    problems: tuple[KimeraError, ...] = ()
    idle: tuple[Decoration, ...] = ()
    """Decorations of nothing."""
    private: tuple[PrivateService, ...] = ()
    """What is private to a module."""
    operated: bool = False
    """There is more than plain registrations."""


def select(entries: Sequence[Entry]) -> Selection:
    """Decide what counts.

    Args:
        entries: Everything that was registered, in order.

    Returns:
        The selection. O(entries), and O(registrations of a service) for each operation on it.
    """
    if all(type(entry) is ServiceDescriptor and entry.choice is None for entry in entries):
        return Selection(tuple(entries))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return _Selector(entries).selected()


class _Selector:
    """Works one collection out; ``fates`` has for every entry why it lost, "" when it counts, ``None`` while open."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._fates: list[str | None] = [None] * len(entries)
        self._order: list[int] = list(range(len(entries)))
        """The place of an entry: a replacement has that of what it replaces."""
        self._extra: list[tuple[int, _Candidate]] = []
        """Further copies of a replacement for every key."""
        self._problems: list[KimeraError] = []
        self._undecided: set[int] = set()
        self._candidates: dict[Any, list[int]] = {}
        for position, entry in enumerate(entries):
            if isinstance(entry, ServiceDescriptor | Alias):
                self._candidates.setdefault(entry.service.interface, []).append(position)
        self._conditions = Conditions(self._has, self._value)

    def selected(self) -> Selection:
        """Work it out."""
        for position, entry in enumerate(self._entries):
            if isinstance(entry, Removal):
                for each in self._targets(position, entry):
                    self._fates[each] = f"removed at {show_place(*entry.place)}"
        positions = [p for numbers in self._candidates.values() for p in numbers]
        for conditional in (False, True):
            for position in sorted(positions):
                entry = self._entries[position]
                if isinstance(entry, ServiceDescriptor | Alias) and _is_conditional(entry) is conditional:
                    self._decide(position, entry)
        items, decorations = self._items(), list(self._decorations())
        done = desugared(items, decorations)
        lost = (*(self._lost(p) for p in sorted(positions) if self._fates[p]), *self._not_put_on(items))
        problems = (*self._problems, *done.problems)
        return Selection(done.descriptors, done.aliases, lost, problems, done.idle, done.private, True)

    def _decorations(self) -> Iterator[Decoration]:
        """Give the decorations that are put on; a predicate of one sees every registration that counts."""
        for position, entry in enumerate(self._entries):
            if isinstance(entry, Decoration):
                when = None if entry.choice is None else entry.choice.when
                self._fates[position] = "" if when is None else self._ask(when, position, entry)
                if not self._fates[position]:
                    yield entry

    def _not_put_on(self, items: Sequence[Item]) -> Iterator[LostRegistration]:
        """Say for each service that counts which decorations it is without."""
        counting: dict[Any, dict[ServiceId, None]] = {}
        for item in items:
            counting.setdefault(item.entry.service.interface, {})[item.entry.service] = None
        for position, entry in enumerate(self._entries):
            if isinstance(entry, Decoration) and self._fates[position]:
                found = [each for each in counting.get(entry.service.interface, ()) if covers(entry.service, each)]
                yield from (replace(self._lost(position), service=each) for each in found)

    def _decide(self, position: int, entry: _Candidate) -> None:
        if self._fates[position] is not None:
            return
        choice = entry.choice
        if choice is not None and choice.when is not None:
            said = self._ask(choice.when, position, entry)
            if said:
                self._fates[position] = said
                return
        if choice is not None and choice.if_absent:
            there = [p for p in self._targets(position, entry) if self._fates[p] == ""]
            if there:
                place = show_place(*self._entries[there[-1]].place)
                self._fates[position] = f"if_absent, and {place} provides it"
                return
        self._fates[position] = ""
        if choice is not None and choice.replaces:
            self._replace(position, entry)

    def _replace(self, position: int, entry: _Candidate) -> None:
        places: dict[ServiceId, int] = {}
        for target in self._targets(position, entry):
            if not self._fates[target]:
                self._fates[target] = f"replaced at {show_place(*entry.place)}"
                places[self._entries[target].service] = self._order[target]
        if entry.service.key is not ANY_KEY:
            self._order[position] = max(places.values(), default=position)
            return
        self._fates[position] = "a replacement of every key, each under its own"
        for service, place in places.items():
            self._extra.append((place, replace(entry, service=service)))

    def _targets(self, position: int, operation: _Candidate | Removal) -> list[int]:
        """What an operation touches: earlier registrations of its service that its module can see."""
        found: list[int] = []
        for each in self._candidates.get(operation.service.interface, ()):
            entry = self._entries[each]
            if each < position and covers(operation.service, entry.service) and _visible(entry, operation.module):
                found.append(each)
        return found

    def _ask(self, when: Callable[[Conditions], object], position: int, entry: _Candidate | Decoration) -> str:
        """Ask a predicate; "" for yes."""
        try:
            return "" if when(self._conditions) else f"its when= said no{_at(when)}"
        except InvalidSettingsError:
            self._undecided.add(position)
            return "the settings its when= asks for cannot be read"  # which is a problem of its own
        except Exception as error:  # noqa: BLE001 - the user's own code: any error of it becomes a build error
            text = f"{type(error).__name__}: {error.summary if isinstance(error, KimeraError) else error}"
            problem = misuse(
                f"when= of {short_name(entry.service)} raised {text}", entry.place,
                failure_advice(when, error),
            )  # fmt: skip
            problem.__cause__ = error
            self._problems.append(problem)
            return "its when= raised an error"

    def _has(self, service: ServiceId) -> bool:
        return any(self._fates[p] == "" for p in self._matching(service))

    def _value(self, service: ServiceId) -> Any:
        """Give the instance or settings model that counts for a service."""
        counting = [p for p in self._matching(service) if self._fates[p] == ""]
        found = self._entries[counting[-1]] if counting else None
        if isinstance(found, ServiceDescriptor):
            if found.construction is Construction.INSTANCE:
                return found.maker
            if isinstance(found.maker, ReadAtBuild):
                return found.maker.value_at_build()
        raise no_value(service)

    def _matching(self, service: ServiceId) -> Iterable[int]:
        numbers = self._candidates.get(service.interface, ())
        return (p for p in numbers if covers(service, self._entries[p].service))

    def _items(self) -> list[Item]:
        counting = [
            (self._order[position], entry)
            for position, entry in enumerate(self._entries)
            if isinstance(entry, ServiceDescriptor | Alias) and self._fates[position] == ""
        ]
        ordered = sorted((*counting, *self._extra), key=lambda pair: pair[0])
        return [Item(entry) for _, entry in ordered]

    def _lost(self, position: int) -> LostRegistration:
        entry = self._entries[position]
        made: Any = entry.target.interface if isinstance(entry, Alias) else getattr(entry, "maker", None)
        is_instance = isinstance(entry, ServiceDescriptor) and entry.construction is Construction.INSTANCE
        kind: Any = type(made)  # pyright: ignore[reportUnknownVariableType] - a user's object
        reason, undecided = self._fates[position] or "", position in self._undecided
        return LostRegistration(entry.service, kind if is_instance else made, entry.place, reason, undecided)


def _is_conditional(entry: _Candidate) -> bool:
    return entry.choice is not None and (entry.choice.when is not None or entry.choice.if_absent)


def _visible(entry: Entry, module: Any) -> bool:
    if not isinstance(entry, ServiceDescriptor | Alias) or entry.choice is None or not entry.choice.private:
        return True
    return sees(module, entry)


def _at(when: Any) -> str:
    """Where a predicate stands."""
    code = getattr(when, "__code__", None)
    return "" if code is None else f" ({show_place(*Place(code.co_filename, code.co_firstlineno))})"
