"""Nested models of settings as services of their own.

In: a settings model, and its object once it was read. Out: descriptors. A nested model is asked for by its type, or
by its type and the path of its field as a key (``Key("database.pool")``). A type that stands in several places has
no answer without a key. Every nested model is built from the one around it, so that it follows an override.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Optional

from kimera_di.records import dataclass
from kimera_di.registration.descriptors import UNSET, Construction, ServiceDescriptor
from kimera_di.settings.fields import Setting, may_be_none, settings_of
from kimera_di.settings.makers import SettingsMaker, SettingsPart, part_maker
from kimera_di.vocabulary import Key, Lifetime, Place, ServiceId


@dataclass(frozen=True, slots=True)
class Nested:
    """One nested model of one registered settings model."""

    part: SettingsPart
    kind: type[Any]
    key: Hashable
    """The key of the settings it belongs to."""
    optional: bool
    """It, or a model around it, may be ``None``."""
    unset: bool
    """It was read, and is ``None``."""
    variable: str
    place: Place

    @property
    def path_key(self) -> Hashable:
        """The key that names its field."""
        path = ".".join(self.part.path)
        return path if self.key is None else (self.key, path)


def nested_of(descriptor: ServiceDescriptor, maker: SettingsMaker) -> tuple[Nested, ...]:
    """List the nested models of a registered settings model, parents first."""
    found: list[Nested] = []
    optional: dict[tuple[str, ...], bool] = {(): False}
    for setting in settings_of(maker.model, maker.options):
        if setting.part is None:
            continue
        above = optional[setting.path[:-1]]
        optional[setting.path] = above or may_be_none(setting.field.annotation)
        found.append(
            Nested(
                SettingsPart(maker.model, setting.path), setting.part, descriptor.service.key,
                optional[setting.path], _is_unset(maker.value, setting), setting.variable, descriptor.place,
            )
        )  # fmt: skip
    return tuple(found)


def describe_parts(
    root: ServiceDescriptor,
    parts: Sequence[Nested],
    by_type: Mapping[ServiceId, Nested | None],
    by_path: Mapping[ServiceId, Nested | None],
) -> Iterator[ServiceDescriptor]:
    """Make the descriptors of the nested models of one settings model.

    Args:
        root: The descriptor of the settings.
        parts: Its nested models, parents first.
        by_type: Who answers a type alone; ``None`` or no entry for nobody.
        by_path: Who answers a type and the key of a path.

    Yields:
        For each: the type, the type under the key of its path, and both with ``| None`` when it may be ``None``;
        the plain type is left out when it was read and is ``None``.
    """
    asked_as: dict[tuple[str, ...], Any] = {(): _annotated(root.service.interface, root.service.key)}
    for nested in parts:
        ids = [ServiceId(nested.kind, nested.key), ServiceId(nested.kind, nested.path_key)]
        own = [each for each, who in zip(ids, (by_type, by_path), strict=True) if who.get(each) is nested]
        parent, field = asked_as[nested.part.path[:-1]], nested.part.path[-1]
        first: Any = None
        for service in own:
            for interface in _interfaces(nested):
                source = (parent, field) if first is None else (first, None)
                is_optional = interface is not nested.kind
                maker = part_maker(nested.part, nested.kind, *source, optional=is_optional)
                identity = ServiceId(interface, service.key)
                first = _annotated(*identity) if first is None else first
                yield ServiceDescriptor(
                    identity, Lifetime.SINGLETON, Construction.CALL, maker, nested.place, on_close=None
                )
        asked_as[nested.part.path] = first if first is not None else parent


def _interfaces(nested: Nested) -> tuple[Any, ...]:
    """What it is asked for as: the optional form first, as the others are built from it."""
    if not nested.optional:
        return (nested.kind,)
    optional: Any = Optional[nested.kind]  # noqa: UP045 - works for types that have no | operator
    return (optional,) if nested.unset else (optional, nested.kind)


def _annotated(interface: Any, key: Hashable) -> Any:
    return interface if key is None else Annotated[interface, Key(key)]


def _is_unset(value: Any, setting: Setting) -> bool:
    if value is UNSET:
        return False
    for field in setting.path:
        value = getattr(value, field, None)
    return value is None
