"""How a service, a class or a factory is called in text."""

from collections.abc import Callable
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
        if "[" in thing:  # a generic that arrived as its dotted name
            return thing
        return thing.rpartition(":")[2] if ":" in thing else thing.rpartition(".")[2] or thing
    if isinstance(thing, ServiceId):
        return (
            short_name(thing.interface)
            if thing.key is None
            else f"{short_name(thing.interface)}[{safe_repr(thing.key)}]"
        )
    arguments = _arguments(thing)
    if arguments:
        return _alias_name(thing, arguments, short_name)
    if thing is None or thing is type(None):
        return "None"
    name = _get(thing, "__qualname__") or _get(thing, "__name__")
    if isinstance(name, str):
        return name.replace("<locals>.", "")
    wrapped = _get(thing, "func")
    return f"partial({short_name(wrapped)})" if callable(wrapped) else safe_repr(thing)


def dotted_name(thing: Any) -> str:
    """Name ``thing`` with its module, as contracts and reports do: ``shop.core.auditor.Auditor``."""
    if isinstance(thing, str):
        return thing
    if isinstance(thing, ServiceId):
        return dotted_name(thing.interface)
    arguments = _arguments(thing)
    if arguments:
        return _alias_name(thing, arguments, dotted_name)
    module = _get(thing, "__module__")
    name = _get(thing, "__qualname__")
    if isinstance(module, str) and isinstance(name, str):
        return f"{module}.{name}"
    return short_name(thing)


def _arguments(alias: Any) -> tuple[Any, ...]:
    """Give what stands in the brackets of ``list[Clock]`` or between the bars of a union, else ``()``."""
    arguments: Any = None if isinstance(alias, type) else _get(alias, "__args__")
    return arguments if isinstance(arguments, tuple) else ()  # pyright: ignore[reportUnknownVariableType]


def _alias_name(alias: Any, arguments: tuple[Any, ...], name: Callable[[Any], str]) -> str:
    origin = _get(alias, "__origin__")
    if origin is Callable and arguments[0] is not Ellipsis:
        arguments = (arguments[:-1], arguments[-1])
    inner = ", ".join(_argument_name(each, name) for each in arguments)
    if origin is None or type(alias).__name__ in {"UnionType", "_UnionGenericAlias"} or short_name(origin) == "Union":
        return " | ".join(name(a) for a in arguments)
    if _get(alias, "__metadata__"):
        return f"Annotated[{inner}, {', '.join(safe_repr(m) for m in alias.__metadata__)}]"
    return f"{name(origin)}[{inner}]"


def _argument_name(argument: Any, name: Callable[[Any], str]) -> str:
    if argument is Ellipsis:
        return "..."
    if isinstance(argument, tuple):  # the first argument of Factory[[str], Report]
        types: tuple[Any, ...] = argument  # pyright: ignore[reportUnknownVariableType]
        return f"[{', '.join(name(each) for each in types)}]"
    return name(argument)


def safe_repr(thing: Any) -> str:
    """Give ``repr(thing)``, cut when it is long; never raises."""
    try:
        text = repr(thing)
    except Exception:  # noqa: BLE001 - a broken __repr__ of a user's object must not hide the error being shown
        text = object.__repr__(thing)
    return text if len(text) <= _LONGEST_REPR else f"{text[: _LONGEST_REPR - 3]}..."


def _get(thing: Any, name: str) -> Any:
    """Give an attribute, ``None`` without it; a user's object may raise anything when it is asked."""
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001 - a broken attribute must not hide the error being shown
        return None
