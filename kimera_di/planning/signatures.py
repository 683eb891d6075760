"""Does one method stand for another? Names, kinds, defaults, async-ness and annotations.

In: the member an interface declares and the one an implementation has. Out: a reason, or "". What cannot
be decided is accepted.
"""

import types
import typing
from collections.abc import Mapping
from typing import Any

from kimera_di.records import dataclass
from kimera_di.registration.annotations import EMPTY, read_parameters, read_return, union_members, yielded
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name

_COROUTINE, _ASYNC_GENERATOR, _VARARGS, _VARKEYWORDS = 0x80, 0x200, 0x04, 0x08
_AWAITABLE = {"Awaitable", "Coroutine", "Future", "Task", "Generator"}
_FLOATS: Mapping[type, tuple[type, ...]] = {
    float: (int,),
    complex: (int, float),
}  # PEP 484: int may stand for float, both for complex


@dataclass(frozen=True, slots=True)
class _Shape:
    """A signature without self, as the caller of the bound method sees it."""

    parameters: dict[str, tuple[int, str, bool, Any]]
    """Name to position, kind (p, b or k), has default, annotation."""
    takes_args: bool
    takes_keywords: bool


def misfit(declared: Any, actual: Any, wanted: type, known: KnownTypes) -> str:
    """Say why a call that suits ``declared`` would not suit ``actual``.

    Args:
        declared: The member in the interface's class dictionary.
        actual: The member the implementation has under the same name.
        wanted: The interface, for its annotations.
        known: The registered types, for annotations written as strings.

    Returns:
        The end of the sentence "Impl.method ...", or "" when it fits.
    """
    want, want_bound = _function(declared)
    have, have_bound = _function(actual)
    if isinstance(want, types.FunctionType) and not isinstance(have, types.FunctionType):
        return "is a property, not a method" if isinstance(actual, property) else ""
    if isinstance(declared, property) and isinstance(have, types.FunctionType):
        return f"is a method, but {short_name(wanted)} declares a property"
    if not isinstance(want, types.FunctionType) or not isinstance(have, types.FunctionType):
        return ""
    reason = _async_misfit(want, have)
    if reason:
        return reason
    wanted_shape, given_shape = _shape(want, want_bound, known), _shape(have, have_bound, known)
    return _parameter_misfit(wanted_shape, given_shape) or _result_misfit(want, have, known)


def _function(member: Any) -> tuple[Any, bool]:
    """The function behind a member, and whether its first parameter is bound when called."""
    if isinstance(member, staticmethod | classmethod):
        wrapper: Any = member  # pyright: ignore[reportUnknownVariableType]
        return wrapper.__func__, isinstance(wrapper, classmethod)
    return member, True


def _async_misfit(want: types.FunctionType, have: types.FunctionType) -> str:
    wants, has = want.__code__.co_flags, have.__code__.co_flags
    if wants & _COROUTINE and not has & _COROUTINE:
        if has & _ASYNC_GENERATOR:
            return "is an async generator, but an async function is declared (drop async from the declaration)"
        return "" if _returns_awaitable(have) or hasattr(have, "__wrapped__") else "is not async, but declared async"
    if has & _COROUTINE and not wants & _COROUTINE:
        return "" if _returns_awaitable(want) else "is async, but not declared async"
    return ""


def _returns_awaitable(function: types.FunctionType) -> bool:
    annotation = function.__annotations__.get("return", EMPTY)
    if isinstance(annotation, str):
        head = annotation.partition("[")[0].rpartition(".")[2].strip()
        return head in _AWAITABLE
    return getattr(typing.get_origin(annotation) or annotation, "__name__", "") in _AWAITABLE


def _shape(function: types.FunctionType, bound: bool, known: KnownTypes) -> _Shape:
    parameters = read_parameters(function, known)[1 if bound else 0 :]
    table = {
        p.name: (index, "p" if p.positional_only else "k" if p.keyword_only else "b", p.has_default, p.annotation)
        for index, p in enumerate(parameters)
    }
    inner: Any = function
    while hasattr(inner, "__wrapped__"):  # the parameters are those of the wrapped function, so its * and ** count
        inner = inner.__wrapped__
    flags = inner.__code__.co_flags if isinstance(inner, types.FunctionType) else function.__code__.co_flags
    return _Shape(table, bool(flags & _VARARGS), bool(flags & _VARKEYWORDS))


def _parameter_misfit(want: _Shape, have: _Shape) -> str:
    if want.takes_args and not have.takes_args:
        return "does not take *args"
    if want.takes_keywords and not have.takes_keywords:
        return "does not take **kwargs"
    by_position = {index: name for name, (index, kind, _, _) in have.parameters.items() if kind != "k"}
    met: set[str] = set()
    for name, (index, kind, has_default, annotation) in want.parameters.items():
        mine = by_position.get(index) if kind == "p" else name if name in have.parameters else None
        if mine is None:
            if (kind == "k" or have.takes_args) and (kind == "p" or have.takes_keywords):
                continue
            other = by_position.get(index) if kind == "b" else None
            return f"calls the parameter {name} {other}" if other else f"lacks the parameter {name}"
        met.add(mine)
        reason = _one_parameter(name, kind, index, has_default, annotation, have.parameters[mine])
        if reason:
            return reason
    extra = [name for name, (_, _, has_default, _) in have.parameters.items() if name not in met and not has_default]
    return f"needs the parameter {extra[0]}, which is not declared" if extra else ""


def _one_parameter(
    name: str, kind: str, index: int, has_default: bool, annotation: Any, mine: tuple[int, str, bool, Any]
) -> str:
    place, my_kind, my_default, my_annotation = mine
    if kind == "b" and my_kind != "b":
        return f"takes the parameter {name} {'by keyword' if my_kind == 'k' else 'by position'} only"
    if kind == "k" and my_kind == "p":
        return f"takes the parameter {name} by position only"
    if kind == "b" and place != index:
        return f"has the parameter {name} at another position"
    if has_default and not my_default:
        return f"requires the parameter {name}, which is optional in the declaration"
    if _provably_not(annotation, my_annotation):
        return f"takes {short_name(my_annotation)} for {name}, declared as {short_name(annotation)}"
    return ""


def _result_misfit(want: types.FunctionType, have: types.FunctionType, known: KnownTypes) -> str:
    if want.__code__.co_flags & _COROUTINE != have.__code__.co_flags & _COROUTINE:
        return ""
    declared, actual = read_return(want, known), read_return(have, known)
    if yielded(declared) is not EMPTY and yielded(actual) is not EMPTY:
        declared, actual = yielded(declared), yielded(actual)
    if _provably_not(actual, declared):
        return f"returns {short_name(actual)}, declared as {short_name(declared)}"
    return ""


def _provably_not(narrow: Any, wide: Any) -> bool:
    """``narrow`` is certainly no kind of ``wide``; only plain classes, None and unions of them are judged."""
    members = union_members(narrow)
    if members:
        return any(_provably_not(member, wide) for member in members)
    choices = union_members(wide) or (wide,)
    narrow = type(None) if narrow is None else narrow
    if not isinstance(narrow, type) or _is_structural(narrow):
        return False
    for choice in choices:
        choice = type(None) if choice is None else choice  # noqa: PLW2901
        if not isinstance(choice, type) or _is_structural(choice) or choice is object:
            return False
        if issubclass(narrow, choice) or stands_for(narrow, choice):
            return False
    return True


def stands_for(narrow: type, wide: type) -> bool:
    """``int`` may be passed where ``float`` is declared, though it is no subclass (PEP 484)."""
    return narrow in _FLOATS.get(wide, ())


def _is_structural(cls: type) -> bool:
    """Protocols and abstract collections: another class may satisfy them without saying so."""
    return bool(cls.__dict__.get("_is_protocol", False)) or cls.__module__ in {"collections.abc", "typing", "numbers"}
