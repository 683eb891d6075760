"""The registered services, by what they are asked for: the one place that says which node answers.

In: indexes of registrations. Out: node numbers. What an open registration answers for gets its node from ``derive``,
which the planner and the running container supply; without it only what is registered as such is found.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Self

from kimera_di.planning.collected import takes_key
from kimera_di.planning.generics import origin_of
from kimera_di.planning.graph import WiringGraph
from kimera_di.planning.templates import Templates
from kimera_di.records import dataclass, field
from kimera_di.registration.names import KnownTypes
from kimera_di.vocabulary import ANY_KEY, HiddenKey, ServiceId

Derive = Callable[[int, ServiceId], int]
"""Gives the node of an open registration that is closed for a service."""

Assist = Callable[[ServiceId, "tuple[Any, ...] | None", "int | None"], int | str]
"""Gives the node of ``Factory[[...], T]``: what it makes, what its caller gives, the node of ``T`` if there is one."""

_READ: Any = object()


@dataclass(frozen=True, slots=True)
class Services:
    """The registered services, by what they are asked for."""

    single: Mapping[ServiceId, int]
    every: Mapping[ServiceId, tuple[int, ...]]
    known: KnownTypes
    levels: tuple[str, ...] = ()
    """Names of the levels of scopes, outermost first."""
    templates: Templates = field(default_factory=Templates)
    """Registrations that answer for more than one service; they are in neither index."""
    derive: Derive | None = None
    assist: Assist | None = None
    """Gives the node that an assisted factory builds, or why there is none."""
    _keys: dict[Any, list[tuple[int, Hashable]]] = field(
        init=False, repr=False, compare=False, default_factory=dict[Any, list[tuple[int, Hashable]]]
    )

    @classmethod
    def of(cls, graph: WiringGraph, derive: Derive | None = None, assist: Assist | None = None) -> Self:
        """Take them out of a finished graph. O(services)."""
        named = [node.service.interface for node in graph.nodes] + [node.produces for node in graph.nodes]
        return cls(graph.single, graph.every, KnownTypes(named), graph.levels, graph.templates, derive, assist)

    def one(self, wanted: ServiceId) -> int | None:
        """Give the node that answers for one service.

        Args:
            wanted: Interface and key; ``ANY_KEY`` names no single service.

        Returns:
            The last registration of exactly this; else the last open one that fits, those of the key before those
            of ``ANY_KEY``, closed types before open ones; ``None`` when there is none. O(1) for what is registered.
        """
        try:
            number = self.single.get(wanted)
        except TypeError:  # an annotation such as Literal[[]] that cannot be hashed names no service
            return None
        if number is not None or not self.templates or wanted.key is ANY_KEY or self.derive is None:
            return number
        template = self.template_of(wanted)
        if template is not None:
            return self.derive(template, wanted)
        target = self.target_of(wanted)
        return None if target is None else self.one(target)

    def target_of(self, wanted: ServiceId) -> ServiceId | None:
        """Give what an alias of every key stands for under the key of a service that is not registered as such."""
        if not self.templates.names or wanted.key is None or wanted.interface not in self.templates.names:
            return None
        return ServiceId(self.templates.names[wanted.interface], wanted.key)

    def template_of(self, wanted: ServiceId) -> int | None:
        """Give the open registration that answers for a service which is not registered as such."""
        rivals = self.templates.rivals(wanted, self.known) if self.templates else []
        return next((rival.number for rival in reversed(rivals) if not rival.reason), None)

    def answers(self, wanted: ServiceId) -> bool:
        """Tell whether something provides a service, without making a node for it.

        Returns:
            ``False`` for a class that is registered with its type arguments left open, and for ``ANY_KEY``: both name
            no service of their own.

        Raises:
            TypeError: ``wanted`` cannot be hashed.
        """
        if wanted in self.single:
            return True
        if not self.templates or wanted.key is ANY_KEY:
            return False
        template, target = self.template_of(wanted), self.target_of(wanted)
        if template is None and target is not None:
            return self.answers(target)
        is_bare = origin_of(wanted.interface) is wanted.interface
        return template is not None and not (is_bare and template in self.templates.open_numbers)

    def all(self, wanted: ServiceId) -> tuple[int, ...]:
        """Give the nodes of every registration of a service, in registration order.

        Args:
            wanted: Interface and key. ``ANY_KEY`` stands for every key; what is registered with it is not counted.

        Returns:
            Each registration once; ``()`` for none. O(registrations of the interface).
        """
        open_ones = self.templates.rivals(wanted, self.known, any_key=False) if self.templates else ()
        if not open_ones and wanted.key is not ANY_KEY:
            return self.every.get(wanted, ())  # in the order of their lines: an alias stands where it was written
        keys = self.keys_of(wanted.interface) if wanted.key is ANY_KEY else (wanted.key,)
        found = [pair for key in keys for pair in self._numbered(ServiceId(wanted.interface, key))]
        return tuple(dict.fromkeys(node for _, node in sorted(found)))

    def by_key(self, wanted: ServiceId, key_type: Any) -> dict[Hashable, int]:
        """Give the node of every key of an interface, in the order in which the keys were first registered.

        Args:
            wanted: The interface; a key leaves only that one.
            key_type: Keys that are not of this type are left out.

        Returns:
            The last registration of each key, those made with ``ANY_KEY`` left out. O(keys of the interface).
        """
        found: dict[Hashable, int] = {}
        for key in self.keys_of(wanted.interface):
            if wanted.key in {None, ANY_KEY, key} and takes_key(key_type, key):
                number = self.one(ServiceId(wanted.interface, key))
                if number is not None:
                    found[key] = number
        return found

    def keys_of(self, interface: Any) -> list[Hashable]:
        """Give the keys that an interface is registered under, in order of the first registration of each."""
        if _READ not in self._keys:
            self._read_keys()
        exact = self._keys.get(interface, [])
        closed = origin_of(interface)
        is_open = [each for each in self._keys.get((closed, _READ), []) if each[1] is not None]
        found = sorted([*exact, *is_open], key=lambda pair: pair[0])
        return list(dict.fromkeys(key for _, key in found))

    def _numbered(self, wanted: ServiceId) -> list[tuple[int, int]]:
        """Pairs of the number of a registration and of its node."""
        found = [(number, number) for number in self.every.get(wanted, ())]
        if self.templates and self.derive is not None:
            rivals = self.templates.rivals(wanted, self.known, any_key=False)
            found += [(each.position, self.derive(each.number, wanted)) for each in rivals if not each.reason]
        return found

    def _read_keys(self) -> None:
        for (interface, key), numbers in self.every.items():
            if key is not None and numbers and not isinstance(key, HiddenKey):
                self._keys.setdefault(interface, []).append((numbers[0], key))
        for (interface, key), numbers in self.templates.numbers.items():
            if key is not None and key is not ANY_KEY and not isinstance(key, HiddenKey):
                self._keys.setdefault((interface, _READ), []).append((numbers[0], key))
        self._keys[_READ] = []
