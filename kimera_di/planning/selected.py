"""Turn decorators and private services into ordinary registrations with hidden keys.

In: the registrations that count, in order, and the decorations. Out: descriptors: what a decorator wraps stands right
before it under a hidden key, and the decorator takes its place, key and lifetime. Reads nothing, calls nothing.
"""

from collections.abc import Sequence

from kimera_di.errors import InterfaceMismatchError, KimeraError
from kimera_di.records import dataclass, field, replace
from kimera_di.registration.descriptors import Construction, ServiceDescriptor, misuse
from kimera_di.registration.entries import Alias, Decoration, Module, covers, sees
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import HiddenKey, ServiceId


@dataclass(frozen=True, slots=True)
class PlacedAlias:
    """A further name, and where it stands among the registrations."""

    alias: Alias
    before: int
    """The number of registrations before it."""


@dataclass(frozen=True, slots=True)
class PrivateService:
    """What only a module, and what that includes, can get."""

    owner: Module
    service: ServiceId
    """As it is asked for there."""
    hidden: ServiceId
    """As it is indexed."""


@dataclass(slots=True)
class Item:
    """A registration that counts, with the decorators put on it."""

    entry: ServiceDescriptor | Alias
    decorations: list[Decoration] = field(default_factory=list[Decoration])

    @property
    def is_private(self) -> bool:
        """Tell whether only some modules can get it."""
        return self.entry.choice is not None and self.entry.choice.private


@dataclass(frozen=True, slots=True)
class Desugared:
    """What the decorators and private services were turned into."""

    descriptors: tuple[ServiceDescriptor, ...]
    aliases: tuple[PlacedAlias, ...]
    private: tuple[PrivateService, ...]
    problems: tuple[KimeraError, ...]
    idle: tuple[Decoration, ...]


def desugared(items: Sequence[Item], decorations: Sequence[Decoration]) -> Desugared:
    """Put the decorators on what they decorate.

    Args:
        items: What counts, in order.
        decorations: In order; the last one is outermost.

    Returns:
        Ordinary registrations. O(items + registrations x decorations of one service).
    """
    problems: list[KimeraError] = []
    by_interface: dict[object, list[Item]] = {}
    for item in items:
        by_interface.setdefault(item.entry.service.interface, []).append(item)
    idle = [each for each in decorations if not _put_on(each, by_interface, problems)]
    descriptors: list[ServiceDescriptor] = []
    aliases: list[PlacedAlias] = []
    private: list[PrivateService] = []
    for item in items:
        service = item.entry.service
        if item.is_private and item.entry.module is not None:
            service = _private(item.entry, item.entry.module, len(descriptors))
            private.append(PrivateService(item.entry.module, item.entry.service, service))
        if isinstance(item.entry, Alias):
            aliases.append(PlacedAlias(replace(item.entry, service=service), len(descriptors)))
        else:
            descriptors.extend(_chain(item, item.entry, service, len(descriptors)))
    return Desugared(tuple(descriptors), tuple(aliases), tuple(private), tuple(problems), tuple(idle))


def _private(entry: ServiceDescriptor | Alias, owner: Module, number: int) -> ServiceId:
    label = f"private to {owner.name}"
    return ServiceId(entry.service.interface, HiddenKey(label, entry.service.key, number, owner.name))


def _put_on(decoration: Decoration, items: dict[object, list[Item]], problems: list[KimeraError]) -> bool:
    """Note a decoration with everything it wraps; tell whether there is anything."""
    found = [
        item
        for item in items.get(decoration.service.interface, ())
        if covers(decoration.service, item.entry.service)
        and (not item.is_private or sees(decoration.module, item.entry))
    ]
    if decoration.misfits:
        problems.append(_misfit(decoration))
        return True
    for item in found:
        entry = item.entry
        if isinstance(entry, Alias):
            what = f"another name for {short_name(entry.target)}"
            problems.append(_refused(decoration, what, f"decorate {short_name(entry.target)}", entry))
        elif entry.construction is Construction.SUPPLIED:
            problems.append(_refused(decoration, "given when a scope opens", "pass the decorated object", entry))
        else:
            item.decorations.append(decoration)
    return bool(found)


def _chain(item: Item, entry: ServiceDescriptor, service: ServiceId, number: int) -> list[ServiceDescriptor]:
    """Innermost first; the outermost one is ``service``."""
    made: list[ServiceDescriptor] = []
    current = entry
    for decoration in item.decorations:
        label = f"inside {short_name(decoration.maker)}"
        hidden = ServiceId(service.interface, HiddenKey(label, entry.service.key, number + len(made)))
        made.append(replace(current, service=hidden))
        current = replace(
            entry, construction=decoration.construction, maker=decoration.maker, place=decoration.place,
            module=decoration.module, on_close=None, enter=False, inner=hidden,
        )  # fmt: skip
    made.append(current if current.service == service else replace(current, service=service))
    return made


def _misfit(decoration: Decoration) -> KimeraError:
    first, *more = decoration.misfits
    return InterfaceMismatchError(
        first if not more else f"{first} (and {len(more)} more)",
        service=decoration.service,
        facts=(
            *((("also", "\n".join(more)),) if more else ()),
            ("at", show_place(*decoration.place)),
            ("do this", "give each kind of methods its function: services.intercept(T, around, async_around=...)"),
        ),
    )


def _refused(decoration: Decoration, what: str, advice: str, entry: ServiceDescriptor | Alias) -> KimeraError:
    name = short_name(entry.service)
    return misuse(f"{name} cannot be decorated: it is {what}", decoration.place, advice)
