"""Registrations sorted by what they are asked for: the last one of each service, and all of them.

In: descriptors in registration order. Out: the indexes that look-ups and the planner read. Plans nothing.
"""

from collections.abc import Iterator, Mapping, Sequence

from kimera_di.planning.graph import Construction
from kimera_di.planning.services import Services
from kimera_di.planning.templates import templates_of
from kimera_di.registration import ServiceDescriptor
from kimera_di.registration.names import KnownTypes
from kimera_di.vocabulary import ServiceId


class Every(Mapping[ServiceId, tuple[int, ...]]):
    """All nodes of each service, in order: written down only where there are several, because that is rare.

    Args:
        single: The last registration of every service.
        several: All of those that have more than one.
    """

    __slots__ = ("_several", "_single")

    def __init__(self, single: Mapping[ServiceId, int], several: Mapping[ServiceId, tuple[int, ...]]) -> None:
        self._single, self._several = single, several

    def __getitem__(self, service: ServiceId) -> tuple[int, ...]:
        found = self._several.get(service)
        return (self._single[service],) if found is None else found

    def __iter__(self) -> Iterator[ServiceId]:
        return iter(self._single)

    def __len__(self) -> int:
        return len(self._single)


def index(
    descriptors: Sequence[ServiceDescriptor], levels: tuple[str, ...] = (), numbers: Sequence[int] | None = None
) -> Services:
    """Sort registrations by what they are asked for; the last one answers a single look-up.

    Args:
        descriptors: Every registration that counts.
        levels: Names of the levels of scopes.
        numbers: Their positions, as objects that somebody else keeps as well.

    Returns:
        The indexes. O(descriptors).
    """
    single: dict[ServiceId, int] = {}
    several: dict[ServiceId, list[int]] = {}
    named = [d.service.interface for d in descriptors]
    named += [d.maker for d in descriptors if isinstance(d.maker, type) and d.construction is Construction.CALL]
    known = KnownTypes(named)
    templates = templates_of(descriptors, known)
    numbers = range(len(descriptors)) if numbers is None else numbers
    for number, descriptor in zip(numbers, descriptors, strict=True):
        if number in templates.descriptors:
            continue
        before = single.setdefault(descriptor.service, number)
        if before == number:
            continue
        single[descriptor.service] = number
        found = several.setdefault(descriptor.service, [before])
        if descriptors[found[-1]].construction is Construction.SUPPLIED:
            found.pop()  # a scope is given one value for the service, so a replaced one can never be there
        found.append(number)
    every = Every(single, {service: tuple(found) for service, found in several.items()})
    return Services(single, every, known, levels, templates)
