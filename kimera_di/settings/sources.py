"""Where the values of a settings model come from, and which variable of them cannot be read.

In: a model and its options. Out: the sources pydantic-settings would ask, in its order; what each one says; what is
wrong with it. A variable that cannot be parsed is left out and reported, so that it does not hide the others:
pydantic-settings itself stops at the first (its ``SettingsError`` names the field, not the variable).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
)
from pydantic_settings.sources import DefaultSettingsSource

from kimera_di.records import dataclass
from kimera_di.registration.descriptors import Unset
from kimera_di.rendering import show_place
from kimera_di.settings.makers import SettingsOptions, as_list

ENVIRONMENT = "the environment"


@dataclass(frozen=True, slots=True)
class BadVariable:
    """A variable, a file or a whole source that cannot be read."""

    variable: str
    """As the source spells it; "" for a source as a whole."""
    reason: str
    origin: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What one source said."""

    source: PydanticBaseSettingsSource
    values: dict[str, Any]


def hear(model: type[BaseSettings], options: SettingsOptions) -> tuple[list[Heard], list[BadVariable]]:
    """Ask every source of a model, and keep what can be read of each.

    Args:
        model: The settings class; its ``settings_customise_sources`` is asked. Command-line arguments are not.
        options: Of its registration.

    Returns:
        What the sources said, the strongest first, and what cannot be read. Costs a call per variable of a
        source in which something cannot be read.
    """
    bad: list[BadVariable] = []
    heard = [Heard(source, _values(source, bad)) for source in _open(model, options, bad)]
    return heard, bad


def merged(heard: Iterable[Heard]) -> dict[str, Any]:
    """Join what the sources said; of two values the stronger source's counts, field by field in nested models."""
    state: dict[str, Any] = {}
    for each in heard:
        state = _over(state, each.values)
    return state


def origin_of(names: Sequence[str], heard: Iterable[Heard]) -> tuple[str, str]:
    """Say where a variable was found.

    Args:
        names: The names it may have, in the order they are looked up.
        heard: What the sources said.

    Returns:
        The name that was found, and ``the environment``, the line of an env file or the path of a secret file;
        ``("", "")`` when it was nowhere.
    """
    for each in heard:
        for name in names:
            origin = _origin_in(each.source, name)
            if origin:
                return name, origin
    return "", ""


def _open(
    model: type[BaseSettings], options: SettingsOptions, bad: list[BadVariable]
) -> Iterator[PydanticBaseSettingsSource]:
    prefix = options.env_prefix
    files: dict[str, Any] = {} if isinstance(options.env_file, Unset) else {"env_file": options.env_file}
    try:
        dotenv = DotEnvSettingsSource(model, env_prefix=prefix, **files)
    except (OSError, ValueError) as error:
        shown = files.get("env_file", model.model_config.get("env_file"))
        bad.append(BadVariable("", _said(error), f"env file {_listed(shown)}"))
        dotenv = DotEnvSettingsSource(model, env_file=None, env_prefix=prefix)
    secrets = SecretsSettingsSource(model, options.secrets_dir, env_prefix=prefix)
    init, env = InitSettingsSource(model, {}), EnvSettingsSource(model, env_prefix=prefix)
    try:
        yield from model.settings_customise_sources(model, init, env, dotenv, secrets)
    except Exception as error:  # noqa: BLE001 - the user's own code: reported, and the usual sources are asked
        bad.append(BadVariable("", _said(error), "settings_customise_sources"))
        yield from (init, env, dotenv, secrets)
    yield DefaultSettingsSource(model)


def _values(source: PydanticBaseSettingsSource, bad: list[BadVariable]) -> dict[str, Any]:
    try:
        return source()
    except Exception as error:  # noqa: BLE001 - a source may raise anything; it is reported, the others go on
        first = error
    if isinstance(source, EnvSettingsSource):
        wrong = [name for name in source.env_vars if _fails_alone(source, name)]
        bad.extend(BadVariable(name, _said(_error_of(source, name)), _origin_in(source, name)) for name in wrong)
        source.env_vars = {name: value for name, value in source.env_vars.items() if name not in wrong}
        if wrong:
            return _values(source, bad)
    elif isinstance(source, SecretsSettingsSource) and _folders(source):
        refused = _keep_going(source)
        values = source()
        bad.extend(BadVariable(name, _said(error), f"secret file for {name}") for name, error in refused.items())
        return values
    bad.append(BadVariable("", _said(first), type(source).__name__))
    return {}


def _error_of(source: EnvSettingsSource, name: str) -> Exception | None:
    """Read one variable as if it were the only one."""
    every = source.env_vars
    source.env_vars = {name: every[name]}
    try:
        source()
    except Exception as error:  # noqa: BLE001 - what parsing raises is the answer
        return error
    finally:
        source.env_vars = every
    return None


def _fails_alone(source: EnvSettingsSource, name: str) -> bool:
    return _error_of(source, name) is not None


def _keep_going(source: SecretsSettingsSource) -> dict[str, Exception]:
    """Make a source leave out the fields it cannot parse; gives them once it was asked."""
    refused: dict[str, Exception] = {}
    parse: Callable[[str, FieldInfo, Any, bool], Any] = source.prepare_field_value

    def prepare(field_name: str, field: FieldInfo, value: Any, value_is_complex: bool) -> Any:
        try:
            return parse(field_name, field, value, value_is_complex)
        except ValueError as error:
            refused[field_name] = error
            return None  # the source leaves the field out

    source.prepare_field_value = prepare  # type: ignore[method-assign]
    return refused


def _said(error: BaseException | None) -> str:
    """Say what went wrong in words that hold no value: pydantic-settings' own, JSON's, the system's."""
    cause = error.__cause__ if error is not None else None
    for each in (cause, error):
        if isinstance(each, json.JSONDecodeError):
            return f"is not valid JSON: {each.msg} at line {each.lineno}, column {each.colno}"
        if isinstance(each, OSError):
            return f"cannot be read: {each.strerror or type(each).__name__}"
        if isinstance(each, UnicodeDecodeError):
            return f"cannot be read: it is not {each.encoding}"
    kind = type(cause or error).__name__
    return f"cannot be parsed ({kind})" if isinstance(error, ValueError) else f"cannot be read ({kind})"


def _over(strong: dict[str, Any], weak: dict[str, Any]) -> dict[str, Any]:
    joined = dict(weak)
    for key, value in strong.items():
        below = joined.get(key)
        joined[key] = _over(value, below) if isinstance(value, dict) and isinstance(below, dict) else value  # pyright: ignore[reportUnknownArgumentType]
    return joined


def _origin_in(source: PydanticBaseSettingsSource, name: str) -> str:
    if isinstance(source, EnvSettingsSource):
        wanted = name if source.case_sensitive else name.lower()
        if wanted not in source.env_vars:
            return ""
        return _line_of(source, name) if isinstance(source, DotEnvSettingsSource) else ENVIRONMENT
    if not isinstance(source, SecretsSettingsSource):
        return ""
    case_sensitive = bool(source.case_sensitive)
    for folder in _folders(source):
        found = SecretsSettingsSource.find_case_path(folder, name, case_sensitive)
        if found is not None:
            return show_place(str(found), None)
    return ""


def _folders(source: SecretsSettingsSource) -> list[Path]:
    """The folders that exist, the last one first as it counts; known once the source was asked."""
    return list(reversed(getattr(source, "secrets_paths", [])))


def _line_of(source: DotEnvSettingsSource, name: str) -> str:
    """Find the line of an env file that sets a variable; the last one counts."""
    flags = 0 if source.case_sensitive else re.IGNORECASE
    sets = re.compile(rf"^\s*(?:export\s+)?'?{re.escape(name)}'?\s*=", flags)
    for file in reversed(as_list(source.env_file)):
        path = Path(file).expanduser()
        try:
            lines = path.read_text(encoding=source.env_file_encoding or "utf-8").splitlines()
        except (OSError, ValueError):
            continue  # another of the files has it; that this one cannot be read is reported elsewhere
        found = [number for number, line in enumerate(lines, 1) if sets.match(line)]
        if found:
            return show_place(str(path), found[-1])
    return f"env file {_listed(source.env_file)}"


def _listed(files: Any) -> str:
    return ", ".join(show_place(str(file), None) for file in as_list(files))
