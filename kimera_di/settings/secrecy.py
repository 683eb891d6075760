"""What is secret in a settings model, and what may be said about it.

In: fields and texts. Out: yes or no, and texts without secrets. Nothing in this package repeats the value of any
variable; this module keeps the words of pydantic and of the user's validators from doing so.
"""

import re
from collections.abc import Iterable
from typing import Any, get_args, get_origin

from pydantic import Secret, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

_NAME = re.compile(
    r"(?:^|[_.\-])(?:password|passwd|passphrase|pwd|secret|secrets|token|tokens|credential|credentials|"
    r"(?:api|access|private|secret|signing|encryption|auth)[_\-]?keys?)(?:$|[_.\-])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LOGIN = re.compile(r"^[A-Za-z][\w+.\-]*://[^/?#@]*:[^/?#@]*@")
_TELLS_NOTHING = {
    "missing", "string_type", "bytes_type", "string_too_short", "string_too_long", "bytes_too_short",
    "bytes_too_long", "string_pattern_mismatch", "extra_forbidden", "none_required",
}  # fmt: skip
"""Types of pydantic's errors whose text holds nothing of the value."""

WITHHELD = "is not valid (the reason is withheld: it may hold a secret)"


def is_secret(name: str, field: FieldInfo) -> bool:
    """Tell whether a field holds a secret: by its type, or by its name (``api_key``, ``smtp_password``)."""
    return holds_secret_type(field.annotation) or (is_secret_name(name) and not _is_number(field.annotation))


def _is_number(annotation: Any) -> bool:
    """``max_tokens: int`` is no secret."""
    kinds = [each for each in get_args(annotation) or (annotation,) if each is not type(None)]
    return all(isinstance(each, type) and issubclass(each, int | float) for each in kinds)


def is_secret_name(name: str) -> bool:
    """Tell whether a name speaks of a password, token, secret, credential or key."""
    return _NAME.search(_CAMEL.sub("_", name)) is not None


def holds_secret_type(annotation: Any) -> bool:
    """Tell whether ``SecretStr``, ``SecretBytes`` or another ``Secret`` occurs in a type."""
    if any(_is_secret_class(each) for each in (annotation, get_origin(annotation))):
        return True
    value = getattr(annotation, "__value__", None)  # of a type alias
    inner = (*get_args(annotation), *(() if value is None else (value,)))
    return any(holds_secret_type(each) for each in inner)


def _is_secret_class(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, SecretStr | SecretBytes | Secret)


def has_login(value: object) -> bool:
    """Tell whether a text, or the text of a URL object, holds a user and a password."""
    try:
        return _LOGIN.match(str(value)) is not None
    except Exception:  # noqa: BLE001 - a value of the user that has no text holds no login that we would show
        return False


def safe_reason(kind: str, message: str, *, secret: bool, texts: Iterable[str]) -> str:
    """Choose what to say about a wrong value.

    Args:
        kind: The type of pydantic's error.
        message: Its text; of a validator of the user it may repeat the value.
        secret: The field holds a secret.
        texts: The values of every secret of the model.

    Returns:
        The message, unless it could hold a secret.
    """
    if kind == "missing":
        return "is missing"
    if (secret and kind not in _TELLS_NOTHING) or holds_any(message, texts):
        return WITHHELD
    for opening in ("Value error, ", "Assertion failed, ", "Input "):  # "Input should be a valid integer"
        message = message.removeprefix(opening)
    return message or "is not valid"


def holds_any(message: str, texts: Iterable[str]) -> bool:
    """Tell whether a text repeats a secret, as it is or as Python writes it."""
    return any(text and (text in message or repr(text)[1:-1] in message) for text in texts)


def shows_secret(value: Any, texts: Iterable[str] = ()) -> bool:
    """Tell whether a value as JSON knows it holds one of ``texts``, a login, or something under a secret's name."""
    if isinstance(value, dict):
        inner: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return any(
            (is_secret_name(key) and isinstance(each, str | list | dict)) or shows_secret(each, texts)
            for key, each in inner.items()
        )
    if isinstance(value, list):
        return any(shows_secret(each, texts) for each in value)  # pyright: ignore[reportUnknownVariableType]
    return isinstance(value, str) and (value in texts or has_login(value))
