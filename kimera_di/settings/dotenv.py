"""An env file to fill in, made from a settings model.

In: models. Out: text in which what must be given is empty and everything else is a comment that shows the default.
Every value is written so that python-dotenv reads it back. The same models give the same bytes.
"""

import re
from collections.abc import Iterator

from pydantic_settings import BaseSettings

from kimera_di.rendering import short_name
from kimera_di.settings.descriptions import default_text, default_words, is_json, limits_text, type_text
from kimera_di.settings.fields import Setting, has_own_variables, settings_of
from kimera_di.settings.makers import SettingsOptions

_PLAIN = re.compile(r"[^\s\"'#\\$`](?:[^\r\n#\\$`]*[^\s#\\$`])?")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def dotenv_template(model: type[BaseSettings], options: SettingsOptions) -> str:
    """Write an env file for one model.

    Args:
        model: The settings class.
        options: Of its registration.

    Returns:
        Lines ending in a newline; secrets have no default.
    """
    settings = settings_of(model, options)
    lines = [f"# {short_name(model)} ({model.__module__})"]
    if model.__doc__:
        lines += _comment(model.__doc__)
    written: set[str] = set()
    for setting in settings:
        if setting.inside and setting.path[:-1] and _above(setting, settings).variable == setting.variable:
            continue  # told with the model around it, whose variable is the JSON
        children = [each for each in settings if each.path[:-1] == setting.path]
        lines += ["", *_about(setting, children, model)]
        needs_nothing = setting.required and not _has_required(setting)
        if has_own_variables(setting, settings) and not needs_nothing:
            continue  # its fields follow
        if setting.variable not in written:
            lines.append(_assignment(setting, model))
        written.add(setting.variable)
    return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    """Write a value so that python-dotenv reads it back, ``${...}`` and all."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = "".join(_ESCAPES.get(letter, letter) for letter in value)
    return '"' + escaped.replace("${", "${:-$}{") + '"'  # python-dotenv expands ${...} in every kind of quotes


def _assignment(setting: Setting, model: type[BaseSettings]) -> str:
    if setting.required:
        # A model that must be there, but needs nothing in it, is there as an empty object.
        return f"{setting.variable}={'{}' if setting.part is not None and not _has_required(setting) else ''}"
    default = default_text(setting, model)
    return f"# {setting.variable}={'' if default is None or setting.inside else quoted(default)}"


def _has_required(setting: Setting) -> bool:
    return setting.part is not None and any(field.is_required() for field in setting.part.model_fields.values())


def _about(setting: Setting, children: list[Setting], model: type[BaseSettings]) -> Iterator[str]:
    said = setting.field.description
    yield from _comment(f"{setting.dotted}: {said}" if said else setting.dotted)
    kind = ", ".join(each for each in (type_text(setting.field.annotation), limits_text(setting.field)) if each)
    own = any(not child.inside for child in children)
    how = f", as JSON in {setting.variable} or field by field" if own else ", as JSON"
    parts = [kind + how if is_json(setting, model) else kind]
    if setting.inside:
        parts.append(f"it is read at {'.'.join(map(str, setting.inside))} of the JSON")
    parts.append(_need(setting, model))
    if len(setting.names) > 1:
        parts.append(f"also read from {', '.join(setting.names[1:])}")
    if setting.secret:
        parts.append("secret")
    yield from _comment("; ".join(part for part in parts if part))
    for child in children:
        if child.inside:
            need = "required" if child.field.is_required() else "optional"
            yield from _comment(f"- {child.inside[-1]}: {type_text(child.field.annotation)}, {need}")


def _need(setting: Setting, model: type[BaseSettings]) -> str:
    if setting.required:
        return "required"
    if setting.required_with:
        return f"required as soon as {setting.required_with} or a variable that begins like it is set"
    words = default_words(setting, model)
    return f"optional, default: {words}" if words else "optional"


def _above(setting: Setting, settings: tuple[Setting, ...]) -> Setting:
    (found,) = [each for each in settings if each.path == setting.path[:-1]]
    return found


def _comment(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in text.strip().splitlines()]
