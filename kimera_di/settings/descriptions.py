"""What a reader of a template or reference page wants to know about a field, as text.

In: a ``Setting``. Out: its type, limits and default in words, and the default as one would write it in an env file.
Shows no secret: neither the default of a field that holds one, nor a URL with a password.
"""

import json
import types
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import Json
from pydantic.fields import FieldInfo
from pydantic_core import PydanticSerializationError, PydanticUndefined, to_jsonable_python
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode

from kimera_di.rendering import short_name
from kimera_di.settings.fields import Setting, bare
from kimera_di.settings.secrecy import has_login, shows_secret

_LIMITS = (
    ("gt", "> {}"), ("ge", ">= {}"), ("lt", "< {}"), ("le", "<= {}"), ("multiple_of", "a multiple of {}"),
    ("min_length", "at least {} long"), ("max_length", "at most {} long"), ("pattern", "like {}"),
)  # fmt: skip


def type_text(annotation: Any) -> str:
    """Name a type as a reader of settings wants it: ``'dev' | 'prod'`` for a ``Literal``, values for an ``Enum``."""
    annotation = bare(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(repr(each.value if isinstance(each, Enum) else each) for each in arguments)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " | ".join(repr(member.value) for member in annotation)
    if origin in {Union, types.UnionType}:
        return " | ".join(type_text(each) for each in arguments)
    if origin is not None and arguments:
        inner = ", ".join("..." if each is Ellipsis else type_text(each) for each in arguments)
        return f"{short_name(origin)}[{inner}]"
    return short_name(annotation)


def limits_text(field: FieldInfo) -> str:
    """Write the limits of a value: ``> 0, <= 65535``; "" when there are none."""
    found: list[str] = []
    for name, text in _LIMITS:
        for each in field.metadata:
            limit = getattr(each, name, None)
            if limit is not None:
                found.append(text.format(getattr(limit, "pattern", limit)))
    return ", ".join(found)


def is_json(setting: Setting, model: type[BaseSettings]) -> bool:
    """Tell whether pydantic-settings parses the variable of a field as JSON."""
    if bool(setting.inside) or setting.part is not None:
        return True
    if _is_undecoded(setting, model):
        return False
    source = EnvSettingsSource(model)
    members = [each for each in get_args(bare(setting.field.annotation)) if isinstance(each, type) or get_args(each)]
    is_union = get_origin(bare(setting.field.annotation)) in {Union, types.UnionType}
    return source.field_is_complex(setting.field) or (
        is_union and any(source.field_is_complex(FieldInfo.from_annotation(each)) for each in members)
    )


def default_text(setting: Setting, model: type[BaseSettings]) -> str | None:
    """Write the default of a field as its variable would say it.

    Args:
        setting: The field.
        model: The settings model it belongs to.

    Returns:
        The text; ``None`` when there is no default, when it is secret, and when no text gives it: ``None``, a
        factory of the user, an object that JSON cannot hold.
    """
    value = setting.default
    if not shows_default(setting) or value is None or _is_undecoded(setting, model):
        return None
    try:
        plain = to_jsonable_python(value)
    except (PydanticSerializationError, ValueError):
        return None
    if isinstance(plain, dict | list) and shows_secret(plain):
        return None
    as_json = is_json(setting, model) or any(each is Json or type(each) is Json for each in setting.field.metadata)
    if isinstance(plain, str) and not as_json:
        return plain
    return json.dumps(plain, ensure_ascii=False)


def default_words(setting: Setting, model: type[BaseSettings]) -> str:
    """Say in words what the default is, where ``default_text`` has none."""
    if setting.default is None:
        return "none"
    if setting.default is PydanticUndefined and setting.field.default_factory is None:
        return ""
    return "set in the code, not shown" if default_text(setting, model) is None else ""


def shows_default(setting: Setting) -> bool:
    """Tell whether there is a default that may be shown."""
    value = setting.default
    return value is not PydanticUndefined and not setting.secret and not has_login(value)


def _is_undecoded(setting: Setting, model: type[BaseSettings]) -> bool:
    """``NoDecode`` and ``enable_decoding=False``: a validator of the user's parses the text, as only it knows."""
    undecoded = NoDecode in setting.field.metadata or model.model_config.get("enable_decoding") is False
    return undecoded and EnvSettingsSource(model).field_is_complex(setting.field)
