"""Every field of a settings model, with those of nested models: what may be set, and how.

In: a model class. Out: one ``Setting`` per field, parents before children, in the order of the class. Reads no
variable and calls nothing of the user's.
"""

import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from kimera_di.records import dataclass
from kimera_di.settings.makers import SettingsOptions
from kimera_di.settings.names import Naming, Spelling, alias_paths, nested_spellings, root_spellings
from kimera_di.settings.secrecy import is_secret


@dataclass(frozen=True, slots=True)
class Setting:
    """One field, and the variables it is read from."""

    path: tuple[str, ...]
    """Names of the fields from the settings model down to this one."""
    field: FieldInfo
    names: tuple[str, ...]
    """Variables in the order they are looked up."""
    spelling: Spelling
    """How the first of them is made."""
    keys: tuple[tuple[str | int, ...], ...]
    """What an error of pydantic may call the field inside of its model."""
    part: "type[BaseModel] | None"
    """The model whose fields come next."""
    default: Any
    """What it is when nothing is said, ``PydanticUndefined`` for nothing; a default of the model above counts."""
    secret: bool
    required: bool
    """It must be given whatever else is."""
    required_with: str
    """It must be given as soon as another variable with this beginning is; "" otherwise."""

    @property
    def variable(self) -> str:
        """The variable that is looked up first."""
        return self.names[0]

    @property
    def inside(self) -> tuple[str | int, ...]:
        """Where the value stands in the JSON of the first variable; () when the variable is the value."""
        return self.spelling.inside

    @property
    def dotted(self) -> str:
        """The path as text."""
        return ".".join(self.path)


def settings_of(model: type[BaseModel], options: SettingsOptions) -> tuple[Setting, ...]:
    """List the fields of a settings model and of the models nested in it.

    Args:
        model: The settings class.
        options: Of its registration.

    Returns:
        One per field. O(fields); a model that contains itself is followed once.
    """
    return tuple(_walk(model, Naming.of(model.model_config, options), (), None, False))


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Give ``M`` for ``M``, ``M | None`` and ``Annotated[M, ...]``; ``None`` for anything else."""
    annotation = bare(annotation)
    if get_origin(annotation) in {Union, types.UnionType}:
        members = [each for each in get_args(annotation) if each is not type(None)]
        annotation = bare(members[0]) if len(members) == 1 else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def bare(annotation: Any) -> Any:
    """Take ``Annotated`` and type aliases off."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation


def has_own_variables(setting: Setting, settings: Iterable[Setting]) -> bool:
    """Tell whether the fields of a nested model have variables of their own, and not a place in its JSON only."""
    return any(each.path[:-1] == setting.path and not each.inside for each in settings)


def may_be_none(annotation: Any) -> bool:
    """Tell whether ``None`` is among the members of a union."""
    annotation = bare(annotation)
    return get_origin(annotation) in {Union, types.UnionType} and type(None) in get_args(annotation)


def default_of(field: FieldInfo) -> Any:
    """Give the default, of a factory only when it is a built-in class; ``PydanticUndefined`` when there is none."""
    if field.default_factory in {list, dict, set, tuple, frozenset, str, int, float, bool}:
        factory: Any = field.default_factory
        return factory()
    return field.default


def reads_itself(field: FieldInfo) -> bool:
    """Tell whether a nested ``BaseSettings`` reads variables of its own when nothing is given for it."""
    factory = field.default_factory
    return isinstance(factory, type) and issubclass(factory, BaseSettings)


def _walk(
    model: type[BaseModel],
    naming: Naming,
    seen: tuple[type, ...],
    above: Setting | None,
    optional_above: bool,
    outer: Naming | None = None,
) -> Iterator[Setting]:
    """Go down the fields; ``outer`` is the naming above a nested model that reads itself."""
    config: Mapping[str, Any] = model.model_config
    for name, field in model.model_fields.items():
        if above is None or outer is not None:
            spellings = root_spellings(name, field, config, naming)
        else:
            spellings = nested_spellings(name, field, config, above.spelling, naming)
        names = [each.text(naming) for each in spellings]
        if above is not None and outer is not None:
            names += [each.text(outer) for each in nested_spellings(name, field, config, above.spelling, outer)]
        part = model_in(field.annotation)
        part = None if part in {*seen, model} else part
        needed = field.is_required()
        setting = Setting(
            path=(*(above.path if above else ()), name),
            field=field,
            names=tuple(dict.fromkeys(names)),
            spelling=spellings[0],
            keys=(*alias_paths(field, config), (name,)),
            part=part,
            default=_default(name, field, above),
            secret=is_secret(name, field),
            required=needed and not optional_above,
            required_with=above.variable if needed and optional_above and above else "",
        )
        yield setting
        if part is not None and reads_itself(field):
            own = Naming.of(part.model_config, SettingsOptions())
            yield from _walk(part, own, (*seen, model), setting, optional_above, naming)
        elif part is not None:
            yield from _walk(part, naming, (*seen, model), setting, optional_above or not needed)


def _default(name: str, field: FieldInfo, above: Setting | None) -> Any:
    outer = above.default if above is not None else None
    return getattr(outer, name, PydanticUndefined) if isinstance(outer, BaseModel) else default_of(field)
