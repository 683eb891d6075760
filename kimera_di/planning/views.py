"""The registered services as one consumer sees them: with the private ones of its module, or with what it decorates.

In: the services as everybody sees them, and a descriptor. Out: the services as it sees them. Calls nothing.
"""

from collections import ChainMap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kimera_di.planning.generics import origin_of
from kimera_di.planning.selected import PrivateService
from kimera_di.records import replace
from kimera_di.registration.descriptors import ServiceDescriptor
from kimera_di.registration.entries import Module
from kimera_di.vocabulary import ServiceId

if TYPE_CHECKING:
    from kimera_di.planning.services import Services


class Views:
    """What every module can get.

    Args:
        services: What everybody can get; private services stand there under hidden keys only.
        private: What is private to a module, in registration order.
    """

    def __init__(self, services: "Services", private: Sequence[PrivateService]) -> None:
        self._services = services
        self._private = private
        self._reached = {id(each.owner): each.owner.reached() for each in private}
        self._views: dict[int, Services] = {}

    def of(self, descriptor: ServiceDescriptor) -> "Services":
        """Give what one registration can get. O(private services) once per module."""
        module = descriptor.module
        if not self._private or module is None:
            return self._services
        known = self._views.get(id(module))
        if known is None:
            known = self._views[id(module)] = self._view(module)
        return known

    def _view(self, module: Module) -> "Services":
        """Own private services come first, then those of the module that includes it most closely."""
        near: list[tuple[int, PrivateService]] = []
        for each in self._private:
            distance = next((at for at, m in enumerate(self._reached[id(each.owner)]) if m is module), None)
            if distance is not None:
                near.append((distance, each))
        if not near:
            return self._services
        services, single, every = self._services, dict[ServiceId, int](), dict[ServiceId, tuple[int, ...]]()
        numbers: dict[ServiceId, tuple[int, ...]] = {}
        for _, each in sorted(near, key=lambda pair: -pair[0]):
            if each.hidden in services.single:
                single[each.service] = services.single[each.hidden]
        for _, each in near:
            if each.hidden in services.single:
                known = every.get(each.service, services.every.get(each.service, ()))
                every[each.service] = tuple(sorted({*known, services.single[each.hidden]}))
            else:  # an open generic
                origin = origin_of(each.service.interface)
                hidden, name = ServiceId(origin, each.hidden.key), ServiceId(origin, each.service.key)
                known = numbers.get(name, services.templates.numbers.get(name, ()))
                numbers[name] = (*known, *services.templates.numbers.get(hidden, ()))
        templates = replace(services.templates, numbers={**services.templates.numbers, **numbers})
        return replace(overlaid(services, single, every), templates=templates)


def overlaid(
    services: "Services", single: dict[ServiceId, int], every: dict[ServiceId, tuple[int, ...]] | None = None
) -> "Services":
    """Give services with some answered differently; nothing is copied."""
    return replace(
        services,
        single=ChainMap(single, services.single),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        every=ChainMap(every, services.every) if every else services.every,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )
