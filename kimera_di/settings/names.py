"""The environment variables of a field, named as pydantic-settings reads them.

In: a field, the configuration of its model and what stands above it. Out: names, first the one that is read first.
The rules are those of ``EnvSettingsSource``: aliases without a prefix unless the configuration says so, nested
fields behind the delimiter, upper case where case does not matter. A test compares them with pydantic-settings.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import AliasChoices, AliasPath
from pydantic.fields import FieldInfo

from kimera_di.records import dataclass
from kimera_di.settings.makers import SettingsOptions


@dataclass(frozen=True, slots=True)
class Naming:
    """What a settings model says about its variables."""

    prefix: str
    prefix_target: str
    """"variable", "alias" or "all": what the prefix stands before."""
    delimiter: str
    """Between the names of nested fields; "" when nested fields are read from JSON only."""
    max_split: int
    """How many nested names a variable may hold; 0 for any number."""
    case_sensitive: bool

    @classmethod
    def of(cls, config: Mapping[str, Any], options: SettingsOptions) -> "Naming":
        """Read a ``model_config``; the options of the registration come first."""
        prefix = options.env_prefix if options.env_prefix is not None else config.get("env_prefix") or ""
        return cls(
            prefix=prefix,
            prefix_target=config.get("env_prefix_target") or "variable",
            delimiter=config.get("env_nested_delimiter") or "",
            max_split=config.get("env_nested_max_split") or 0,
            case_sensitive=bool(config.get("case_sensitive")),
        )

    def shown(self, name: str) -> str:
        """Write a name as one exports it: in upper case where pydantic-settings does not care."""
        return name if self.case_sensitive else name.upper()


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to give a field a value."""

    segments: tuple[str, ...]
    """Name of the variable, taken apart at the delimiters of nested fields."""
    inside: tuple[str | int, ...] = ()
    """Where the value stands inside of the variable's JSON; () when the variable is the value."""

    def text(self, naming: Naming) -> str:
        """Name the variable."""
        return naming.shown(naming.delimiter.join(self.segments))


def root_spellings(name: str, field: FieldInfo, config: Mapping[str, Any], naming: Naming) -> tuple[Spelling, ...]:
    """Name the variables of a field of the settings model itself, in the order they are looked up."""
    found: list[Spelling] = []
    alias_prefix = naming.prefix if naming.prefix_target in {"alias", "all"} else ""
    for head, *rest in alias_paths(field, config):
        found.append(Spelling((alias_prefix + str(head),), tuple(rest)))
    if not found or reads_name(config):
        found.append(Spelling(((naming.prefix if naming.prefix_target in {"variable", "all"} else "") + name,)))
    return tuple(found)


def nested_spellings(
    name: str, field: FieldInfo, config: Mapping[str, Any], above: Spelling, naming: Naming
) -> tuple[Spelling, ...]:
    """Name the variables of a field of a nested model.

    Args:
        name: The field.
        field: What the model says about it.
        config: The configuration of the nested model.
        above: How the nested model itself is given.
        naming: The rules of the settings model.

    Returns:
        A variable of its own where the delimiter allows one, else a place in the JSON of ``above``.
    """
    paths = alias_paths(field, config)
    if not paths or reads_name(config):
        paths = (*paths, (name,))
    own = [Spelling((*above.segments, str(head)), tuple(rest)) for head, *rest in paths]
    reachable = tuple(each for each in own if not above.inside and _is_reachable(each.segments[1:], naming))
    # The JSON of the model around it is a way for one name only: another variable of its own is the clearer one.
    return reachable or tuple(Spelling(above.segments, (*above.inside, *path)) for path in paths)


def alias_paths(field: FieldInfo, config: Mapping[str, Any]) -> tuple[tuple[str | int, ...], ...]:
    """Give every alias a field is read by, as a path; plain aliases are paths of one."""
    if config.get("validate_by_alias") is False:
        return ()
    alias = field.validation_alias
    choices: Sequence[str | AliasPath] = alias.choices if isinstance(alias, AliasChoices) else [alias] if alias else []
    return tuple(tuple(choice.path) if isinstance(choice, AliasPath) else (choice,) for choice in choices)


def reads_name(config: Mapping[str, Any]) -> bool:
    """Tell whether a field that has an alias is read by its name too."""
    for option in ("validate_by_name", "populate_by_name"):
        if config.get(option) is not None:
            return bool(config[option])
    return config.get("validate_by_alias") is False


def _is_reachable(segments: Sequence[str], naming: Naming) -> bool:
    """Splitting the name at the delimiters must give the segments back."""
    if not naming.delimiter:
        return False
    spelt = list(segments) if naming.case_sensitive else [segment.lower() for segment in segments]
    return naming.delimiter.join(spelt).split(naming.delimiter, naming.max_split - 1) == spelt
