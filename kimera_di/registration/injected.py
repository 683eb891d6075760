"""Which functions ``@inject`` has made, and of which ones.

In: a wrapper and what it wraps, when ``@inject`` makes it. Out: the function below. ``call``, ``acall`` and
registrations take that one: the wrapper would ask any current scope, and not the container that calls it.
"""

from types import CodeType, MethodType
from typing import Any

_PLAIN = "__kimera_plain__"
_codes: set[CodeType] = set()
"""The code of the wrappers: ``functools.wraps`` copies our attribute to decorators that stand above them."""


def mark_injected(wrapper: Any, function: Any) -> None:
    """Note that ``wrapper`` was made of ``function`` by ``@inject``."""
    mark_code(wrapper.__code__)
    setattr(wrapper, _PLAIN, function)


def mark_code(code: CodeType) -> None:
    """Note that functions with this code were made by ``@inject``; before one of them gets it."""
    _codes.add(code)


def is_injected(function: Any) -> bool:
    """Tell whether ``@inject`` made ``function``, and no decorator stands above."""
    return getattr(function, _PLAIN, None) is not None and _is_ours(function)


def plain(function: Any) -> Any:
    """Give the function or method that ``@inject`` was written above, or ``function`` itself. O(1)."""
    below: Any = getattr(function, _PLAIN, None)
    if below is None or not _is_ours(function):  # in this order: codes are slow to hash
        return function
    return MethodType(below, function.__self__) if isinstance(function, MethodType) else below


def _is_ours(function: Any) -> bool:
    """Tell whether the code of something is ours; what answers any name may have any object for its code."""
    code = getattr(function, "__code__", None)
    return type(code) is CodeType and code in _codes
