"""Nodes for services that no registration names: closed generics and keys answered by an open registration.

In: open registrations, and the services they are asked for. Out: node numbers at once, and the descriptors to plan
for them. Plans nothing itself. A number given out here is used by nobody before its node was proven.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from kimera_di.errors import CircularDependencyError
from kimera_di.planning.generics import depth_of, origin_of
from kimera_di.planning.templates import Templates
from kimera_di.records import dataclass, field
from kimera_di.registration import ServiceDescriptor
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import ServiceId, Step

DEEPEST = 12
"""How much deeper than in what was asked for type arguments may be nested, before that is said to have no end."""


class _Origin(NamedTuple):
    """Why there is a derived node; who asked first counts."""

    template: int
    depth: int
    """How deep its type arguments are nested."""
    limit: int
    """How deep those of what it needs may be nested, before anybody looks whether they grow without end."""
    asker: "_Origin | None"


@dataclass(slots=True)
class Drafts:
    """Numbers given to derived services whose nodes are not planned yet.

    Args:
        templates: The open registrations.
        next_number: The number of the next node.
    """

    templates: Templates
    next_number: int
    made: dict[tuple[int, ServiceId], int] = field(default_factory=dict[tuple[int, ServiceId], int])
    pending: deque[tuple[int, ServiceDescriptor]] = field(default_factory=deque[tuple[int, ServiceDescriptor]])
    _origins: "dict[int, _Origin]" = field(default_factory=dict[int, "_Origin"])
    """By the number of a new node."""
    _asking: "_Origin | None" = None
    """That of the node which is being planned; ``None`` while something else asks."""

    def number_for(self, template: int, wanted: ServiceId) -> int:
        """Give the node of an open registration closed for a service, the same one each time.

        Args:
            template: Number of the registration.
            wanted: The service.

        Returns:
            Its number, new when nobody asked before. O(1).

        Raises:
            CircularDependencyError: The registration needs itself with larger type arguments, nested more than
                ``DEEPEST`` deeper than those of what was asked for first. That itself is as deep as it likes, and so
                is what a chain of different registrations comes to.
        """
        identity = (template, wanted)
        known = self.templates.made.get(identity, self.made.get(identity))
        if known is not None:
            return known
        descriptor = self.templates.descriptors[template]
        origin = self._origin(template, wanted)
        if origin.depth > origin.limit and _has_grown(origin):
            raise endless(descriptor, wanted, origin.depth)
        number = self.made[identity] = self.next_number
        self._origins[number] = origin
        self.next_number += 1
        self.pending.append((number, self.templates.closed(template, wanted)))
        return number

    def number_of(self, descriptor: ServiceDescriptor) -> int:
        """Give the node of a descriptor that nobody registered, the same one for the same (hidden) service. O(1)."""
        identity = (-1, descriptor.service)
        known = self.templates.made.get(identity, self.made.get(identity))
        if known is None:
            known = self.made[identity] = self.next_number
            self._origins[known] = self._origin(-1, descriptor.service)
            self.next_number += 1
            self.pending.append((known, descriptor))
        return known

    def drain(self) -> Iterator[tuple[int, ServiceDescriptor]]:
        """Give what is pending, one after the other; what is asked for meanwhile is asked for by the one given last.

        Yields:
            Numbers in order, until none is left pending.
        """
        while self.pending:
            number, descriptor = self.pending.popleft()
            self._asking = self._origins[number]
            yield number, descriptor
        self._asking = None

    def settle(self) -> None:
        """Keep what was made: its nodes are proven."""
        self.templates.made.update(self.made)

    def _origin(self, template: int, wanted: ServiceId) -> _Origin:
        depth, asker = depth_of(wanted.interface), self._asking
        return _Origin(template, depth, depth + DEEPEST if asker is None else asker.limit, asker)


def _has_grown(origin: _Origin) -> bool:
    """Tell whether the same registration asked for this, somewhere above, with type arguments less deep."""
    above = origin.asker
    while above is not None and (above.template != origin.template or above.depth >= origin.depth):
        above = above.asker
    return above is not None


def endless(descriptor: ServiceDescriptor, wanted: ServiceId, depth: int) -> CircularDependencyError:
    """Make the error for an open registration that needs itself with ever larger type arguments.

    Args:
        descriptor: The registration.
        wanted: The service that was asked for last.
        depth: How deep its type arguments are nested.
    """
    name = short_name(origin_of(wanted.interface))
    maker, place = short_name(descriptor.maker), descriptor.place
    step = Step(origin_of(wanted.interface), None, descriptor.lifetime, place.file, place.line)
    return CircularDependencyError(
        f"{name} needs itself with ever larger type arguments",
        service=wanted,
        path=(step, step),
        facts=(
            ("registered", show_place(*place)),
            ("note", f"its type arguments are nested {depth} deep by now, over {DEEPEST} deeper than at the beginning"),
            ("do this", f"let {maker} ask for {name} with its own type arguments or with smaller ones"),
        ),
    )
