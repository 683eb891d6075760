"""What an annotation that was written as a string, or holds one, means where it stands.

In: the text, the function that carries it, and the registered types by name. Out: the type. Evaluates the text as
the interpreter itself would and runs no other user code; names that the module does not hold are followed by
``registration.names``. Which annotations there are is read by ``registration.annotations`` alone.
"""

import builtins
import functools
import sys
import types
import typing
from collections.abc import Callable
from typing import Any

from kimera_di.registration.forms import union_members
from kimera_di.registration.names import KnownTypes, UnknownNameError, scope_of_names

_BUILTINS = {"__import__": builtins.__import__}
"""Subscripting a PEP 695 class imports typing, with what the frame calls its built-ins; names never get here."""


def innermost(function: Any) -> Any:
    """Give the function inside partials, bound methods and ``functools.wraps``."""
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, types.MethodType):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            return function


def is_generated(function: Any) -> bool:
    """Tell whether a decorator wrote the function: its annotations mean what they mean in the class."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.startswith("<")  # dataclasses: <string>, attrs: <attrs generated ...


def evaluate(text: str, function: Any, owner: type | None, known: KnownTypes) -> Any:
    """Evaluate the text of an annotation.

    Args:
        text: What stands in the source.
        function: The function that carries it.
        owner: The class whose constructor it is.
        known: The registered types.

    Returns:
        The type, with every name inside it resolved.

    Raises:
        UnknownNameError: A name leads nowhere, or the text is no type.
    """
    plain = innermost(function)
    module = sys.modules.get(getattr(plain, "__module__", "") or "")
    space = getattr(plain, "__globals__", None) or getattr(module, "__dict__", {})
    if owner is not None and owner.__module__ in sys.modules and is_generated(plain):
        space = vars(sys.modules[owner.__module__])
    names = scope_of_names(plain, owner, space, known)
    try:
        # The text is an annotation of the user's own code, evaluated as the interpreter itself would.
        value = eval(text, {"__builtins__": _BUILTINS}, names)  # noqa: S307
    except UnknownNameError:
        raise
    except Exception as error:
        raise UnknownNameError(f"{text!r} cannot be evaluated: {type(error).__name__}: {error}") from error
    if isinstance(value, str) or holds_forward_reference(value):  # "Vault" below `from __future__ import annotations`
        return resolve_references(value, function, owner, known)
    return value


def holds_forward_reference(annotation: Any) -> bool:
    """``list["A"]``, ``Optional["A"]``: a type with a name inside it."""
    arguments = _arguments(annotation)
    if not arguments or not isinstance(arguments, tuple):
        return isinstance(annotation, typing.ForwardRef)
    if typing.get_origin(annotation) is typing.Literal:
        return False  # its strings are values
    return any(isinstance(a, str | typing.ForwardRef) or holds_forward_reference(a) for a in arguments)  # pyright: ignore[reportUnknownVariableType]


def _arguments(annotation: Any) -> Any:
    return annotation if isinstance(annotation, tuple) else getattr(annotation, "__args__", None)  # pyright: ignore[reportUnknownVariableType]


def resolve_references(annotation: Any, function: Any, owner: type | None, known: KnownTypes) -> Any:
    """Give an annotation with the strings and forward references inside it evaluated; see ``evaluate``."""
    if isinstance(annotation, typing.ForwardRef):
        return evaluate(annotation.__forward_arg__, function, owner, known)
    if isinstance(annotation, str):
        return evaluate(annotation, function, owner, known)
    is_list = isinstance(annotation, tuple)  # the first argument of Factory[["A"], T]
    arguments = _arguments(annotation)
    if not isinstance(arguments, tuple) or not holds_forward_reference(annotation):
        return annotation
    resolved = tuple(resolve_references(a, function, owner, known) for a in arguments)  # pyright: ignore[reportUnknownVariableType]
    if is_list:
        return resolved
    if union_members(annotation):
        return functools.reduce(_union, resolved)
    rebuild: Callable[[tuple[Any, ...]], Any] | None = getattr(annotation, "copy_with", None)
    if rebuild is not None:
        return rebuild(resolved)
    return types.GenericAlias(typing.get_origin(annotation), resolved)


def _union(left: Any, right: Any) -> Any:
    return typing.Union[left, right]  # noqa: UP007 - works for members that have no | operator
