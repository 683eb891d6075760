"""How a service, a class or a factory is called in text."""

from typing import Any

from kimera_di.vocabulary import ServiceId

_LONGEST_REPR = 60


def short_name(thing: Any) -> str:
    """Name ``thing`` as a reader of an error knows it: ``Clock``, ``list[Clock]``, ``Cache['redis']``.

    Args:
        thing: A class, a callable, a generic alias, a ``ServiceId``, an instance, or a name already.

    Returns:
        The qualified name without its module; never raises.
    """
    if isinstance(thing, str):
        return thing.rpartition(":")[2] if ":" in thing else thing.rpartition(".")[2] or thing
    if isinstance(thing, ServiceId):
        return (
            short_name(thing.interface)
            if thing.key is None
            else f"{short_name(thing.interface)}[{_safe_repr(thing.key)}]"
        )
    arguments = getattr(thing, "__args__", None)
    if arguments and not isinstance(thing, type):
        return _alias_name(thing, arguments)
    if thing is None or thing is type(None):
        return "None"
    name = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None)
    if isinstance(name, str):
        return name.replace("<locals>.", "")
    wrapped = getattr(thing, "func", None)
    return f"partial({short_name(wrapped)})" if callable(wrapped) else _safe_repr(thing)


def dotted_name(thing: Any) -> str:
    """Name ``thing`` with its module, as contracts and reports do: ``shop.core.auditor.Auditor``."""
    if isinstance(thing, str):
        return thing
    if isinstance(thing, ServiceId):
        return dotted_name(thing.interface)
    module = getattr(thing, "__module__", None)
    name = getattr(thing, "__qualname__", None)
    if isinstance(module, str) and isinstance(name, str):
        return f"{module}.{name}"
    return short_name(thing)


def _alias_name(alias: Any, arguments: tuple[Any, ...]) -> str:
    inner = ", ".join("..." if a is Ellipsis else short_name(a) for a in arguments)
    origin = getattr(alias, "__origin__", None)
    if origin is None or type(alias).__name__ in {"UnionType", "_UnionGenericAlias"} or short_name(origin) == "Union":
        return " | ".join(short_name(a) for a in arguments)
    if hasattr(alias, "__metadata__"):
        return f"Annotated[{inner}, {', '.join(_safe_repr(m) for m in alias.__metadata__)}]"
    return f"{short_name(origin)}[{inner}]"


def _safe_repr(thing: Any) -> str:
    try:
        text = repr(thing)
    except Exception:  # noqa: BLE001 - a broken __repr__ of a user's object must not hide the error being shown
        text = object.__repr__(thing)
    return text if len(text) <= _LONGEST_REPR else f"{text[: _LONGEST_REPR - 3]}..."
