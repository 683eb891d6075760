"""A reference page in Markdown, and a JSON Schema, made from a settings model.

In: models. Out: text. Shows no secret; the same models give the same bytes.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_settings import BaseSettings

from kimera_di.errors import KimeraError
from kimera_di.rendering import short_name
from kimera_di.settings.descriptions import default_text, default_words, is_json, limits_text, type_text
from kimera_di.settings.fields import Setting, has_own_variables, settings_of
from kimera_di.settings.makers import SettingsOptions
from kimera_di.settings.secrecy import has_login, is_secret_name, shows_secret

Models = Sequence[tuple[type[BaseSettings], SettingsOptions]]


def markdown_page(model: type[BaseSettings], options: SettingsOptions) -> str:
    """Write a section with a table of the variables of one model.

    Args:
        model: The settings class.
        options: Of its registration.

    Returns:
        A heading, the docstring of the class and one row per variable.
    """
    lines = [f"## {short_name(model)}", ""]
    if model.__doc__:
        lines += [model.__doc__.strip(), ""]
    lines += ["| variable | field | type | default | description |", "|---|---|---|---|---|"]
    settings = settings_of(model, options)
    lines += [_row(setting, settings, model) for setting in settings]
    return "\n".join(lines) + "\n"


def json_schema(models: Models) -> str:
    """Write the JSON Schema of one model, or of several by name.

    Args:
        models: Classes and their options.

    Returns:
        What pydantic makes of the classes, without secret defaults and examples; sorted keys.

    Raises:
        KimeraError: A type of a model has no JSON Schema.
    """
    schemas = {short_name(model): _schema(model, options) for model, options in models}
    document: Any = next(iter(schemas.values())) if len(schemas) == 1 else schemas
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _row(setting: Setting, settings: Sequence[Setting], model: type[BaseSettings]) -> str:
    variable = f"`{setting.variable}`" + "".join(f"<br>or `{name}`" for name in setting.names[1:])
    if setting.inside:
        variable += f"<br>in its JSON: `{'.'.join(map(str, setting.inside))}`"
    kind = _code(type_text(setting.field.annotation)) + (" as JSON" if is_json(setting, model) else "")
    limits = limits_text(setting.field)
    default = default_text(setting, model)
    if has_own_variables(setting, settings):
        shown = "its fields, or JSON here"
    elif setting.required:
        shown = "**required**"
    elif default is not None:
        shown = _code(default) if default else "empty"
    else:
        shown = f"required with `{setting.required_with}`" if setting.required_with else default_words(setting, model)
    about = setting.field.description or ""
    said = "secret" if setting.secret else ""
    cells = (variable, f"`{setting.dotted}`", ", ".join(each for each in (kind, limits) if each), shown,
             " ".join(each for each in (about, f"({said})" if said else "") if each))  # fmt: skip
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _code(text: str) -> str:
    """Put a text between more backticks in a row than it holds."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _schema(model: type[BaseSettings], options: SettingsOptions) -> dict[str, Any]:
    try:
        schema = model.model_json_schema()
    except Exception as error:
        if not type(error).__module__.startswith("pydantic"):
            raise
        raise KimeraError(
            f"{short_name(model)} has no JSON Schema: {error}",
            facts=(("do this", "give the type a __get_pydantic_json_schema__, or use --format markdown"),),
        ) from None
    settings = settings_of(model, options)
    secrets = [s.default for s in settings if s.secret or has_login(s.default)]
    texts = {str(each) for each in secrets if isinstance(each, str) and each}
    _redact(schema, texts)
    return schema


def _redact(node: Any, texts: Iterable[str], name: str = "") -> None:
    """Take secret defaults and examples out, in place; ``name`` is that of the property."""
    if isinstance(node, list):
        for each in node:  # pyright: ignore[reportUnknownVariableType]
            _redact(each, texts)
    if not isinstance(node, dict):
        return
    schema: dict[str, Any] = node  # pyright: ignore[reportUnknownVariableType]
    for word in ("default", "examples", "example", "const"):
        named = is_secret_name(name) and not isinstance(schema.get(word), int | float)
        if word in schema and (named or schema.get("writeOnly") or shows_secret(schema[word], texts)):
            del schema[word]
    for key, value in schema.items():
        if key == "properties":
            for inner, each in value.items():
                _redact(each, texts, inner)
        else:
            _redact(value, texts)
