"""What stands in a descriptor for a settings model and for a model nested in it.

In: classes and options. Out: callables the planner and the compiler treat as any factory. Their ``repr`` names
classes only, never values: a traceback that shows local variables must not show a password.
"""

import os
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, NamedTuple

from kimera_di.records import dataclass
from kimera_di.registration.descriptors import UNSET, Unset
from kimera_di.rendering import short_name

Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""One file or folder, or several of which the last one wins."""


def as_list(given: Any) -> list[Any]:
    """Give the items of a list or tuple, and anything else as the only item; nothing for ``None``."""
    if given is None:
        return []
    return list(given) if type(given) in {list, tuple} else [given]


@dataclass(frozen=True, slots=True)
class SettingsOptions:
    """What ``services.settings`` says about one model; what is left out comes from its ``model_config``."""

    env_prefix: str | None = None
    env_file: tuple[str, ...] | Unset | None = UNSET
    """``None`` reads no file."""
    secrets_dir: tuple[str, ...] | None = None


class SettingsMaker:
    """Stands for one settings model; holds its object once it was read.

    Args:
        model: The class.
        options: What the registration says.
        value: The validated object; ``UNSET`` while nothing was read.
    """

    def __init__(self, model: type[Any], options: SettingsOptions, value: Any = UNSET) -> None:
        self.model = model
        self.options = options
        self._value = value
        self.__qualname__ = "environment"  # `explain` draws AppSettings <- environment
        self.__stands_for__ = model

    @property
    def value(self) -> Any:
        """The object that was read, ``UNSET`` when it was not, or could not be."""
        return self._value

    def value_at_build(self) -> Any:
        """Give the object that was read; ``when=`` predicates ask for it before anything is built.

        Raises:
            InvalidSettingsError: It cannot be read.
        """
        return self()

    def __call__(self) -> Any:
        """Give the object that was read when the container was built.

        Raises:
            InvalidSettingsError: It was not read yet, and cannot be.
        """
        if self._value is not UNSET:
            return self._value
        from kimera_di.settings.models import read_model

        value, problems = read_model(self.model, self.options)
        if value is UNSET:
            from kimera_di.settings.problems import settings_error

            raise settings_error(self.model, self.options, problems, None)
        return value

    def __repr__(self) -> str:
        """Name the model; never its values."""
        return f"<settings {short_name(self.model)}>"


class SettingsPart(NamedTuple):
    """Says that a factory does nothing but take one nested model out of the settings it belongs to."""

    model: type[Any]
    path: tuple[str, ...]


def part_maker(
    part: SettingsPart, kind: type[Any], parent: Any, field: str | None, *, optional: bool
) -> Callable[[Any], Any]:
    """Make the factory of a nested model.

    Args:
        part: Root model and path of fields.
        kind: The class of the nested model.
        parent: What the factory asks for: the annotation of its only parameter.
        field: The field of ``parent`` to take; ``None`` gives ``parent`` itself, under another key.
        optional: Give ``None`` where the settings hold none, instead of refusing.

    Returns:
        A function whose parameter is annotated with ``parent``, for the planner.
    """

    def take(settings: Any) -> Any:
        value = settings if field is None or settings is None else getattr(settings, field)
        if value is None and not optional:
            raise _not_set(part)
        return value

    take.__annotations__ = {"settings": parent}
    take.__module__ = part.model.__module__
    take.__name__ = part.path[-1]
    take.__qualname__ = path_name(part)
    take.__dict__.update(__settings_part__=part, __stands_for__=kind)
    return take


def part_of(maker: object) -> SettingsPart | None:
    """Tell which part of which settings a factory takes; ``None`` for any other factory."""
    found = maker.__dict__.get("__settings_part__") if isinstance(maker, FunctionType) else None
    return found if isinstance(found, SettingsPart) else None


def path_name(part: SettingsPart) -> str:
    """Write a part as ``AppSettings.database.pool``."""
    return ".".join((short_name(part.model), *part.path))


def _not_set(part: SettingsPart) -> Exception:
    from kimera_di.errors import MissingServiceError
    from kimera_di.vocabulary import ServiceId

    return MissingServiceError(
        f"{path_name(part)} is None in the settings that override it",
        service=ServiceId(part.model),
        facts=(("do this", "give the overriding settings a value there, or ask for it with | None"),),
    )
