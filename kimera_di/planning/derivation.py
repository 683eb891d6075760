"""Nodes for services that no registration names: closed generics and keys answered by an open registration.

In: open registrations, and the services they are asked for. Out: node numbers at once, and the descriptors to plan
for them. Plans nothing itself. A number given out here is used by nobody before its node was proven.
"""

from collections import deque
from dataclasses import dataclass, field

from kimera_di.errors import CircularDependencyError
from kimera_di.planning.generics import depth_of, origin_of
from kimera_di.planning.templates import Templates
from kimera_di.registration import ServiceDescriptor
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import ServiceId, Step

DEEPEST = 12
"""Nesting of type arguments beyond which a registration is said to need itself without end."""


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

    def number_for(self, template: int, wanted: ServiceId) -> int:
        """Give the node of an open registration closed for a service, the same one each time.

        Args:
            template: Number of the registration.
            wanted: The service; not nested deeper than ``DEEPEST``.

        Returns:
            Its number, new when nobody asked before. O(1).

        Raises:
            CircularDependencyError: The type arguments grow with every step.
        """
        identity = (template, wanted)
        known = self.templates.made.get(identity, self.made.get(identity))
        if known is not None:
            return known
        descriptor = self.templates.descriptors[template]
        if depth_of(wanted.interface) > DEEPEST:
            raise endless(descriptor, wanted)
        number = self.made[identity] = self.next_number
        self.next_number += 1
        self.pending.append((number, self.templates.closed(template, wanted)))
        return number

    def number_of(self, descriptor: ServiceDescriptor) -> int:
        """Give the node of a descriptor that nobody registered, the same one for the same (hidden) service. O(1)."""
        identity = (-1, descriptor.service)
        known = self.templates.made.get(identity, self.made.get(identity))
        if known is None:
            known = self.made[identity] = self.next_number
            self.next_number += 1
            self.pending.append((known, descriptor))
        return known

    def settle(self) -> None:
        """Keep what was made: its nodes are proven."""
        self.templates.made.update(self.made)


def endless(descriptor: ServiceDescriptor, wanted: ServiceId) -> CircularDependencyError:
    """Make the error for an open registration that needs itself with ever larger type arguments."""
    name = short_name(origin_of(wanted.interface))
    maker, place = short_name(descriptor.maker), descriptor.place
    step = Step(origin_of(wanted.interface), None, descriptor.lifetime, place.file, place.line)
    return CircularDependencyError(
        f"{name} needs itself with ever larger type arguments",
        service=wanted,
        path=(step, step),
        facts=(
            ("registered", show_place(*place)),
            ("do this", f"let {maker} ask for {name} with its own type arguments or with smaller ones"),
        ),
    )
