"""Type arguments: which ones a class gives to its generic bases, what a pattern matches, what stands for a variable.

In: classes, generic aliases such as ``Repository[User]``, annotations. Out: types and bindings. Runs no user code.
Follows the definitions of PEP 484 and PEP 695: a generic class without arguments has ``Any`` for each of them.
"""

import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from kimera_di.registration.forms import union_members
from kimera_di.rendering import short_name

Bindings = Mapping[Any, Any]
"""What stands for each type variable."""


def parameters_of(thing: Any) -> tuple[Any, ...]:
    """Give the type variables of a generic class, or those left open in ``Repository[T]``; ``()`` for anything else."""
    found: Any = getattr(thing, "__parameters__", ())
    return found if isinstance(found, tuple) else ()  # pyright: ignore[reportUnknownVariableType]


def has_variables(annotation: Any) -> bool:
    """Tell whether type variables stand in an annotation; a bare generic class has none."""
    if isinstance(annotation, TypeVar):
        return True
    return not isinstance(annotation, type) and bool(parameters_of(annotation))


def origin_of(thing: Any) -> Any:
    """Give the class of ``Repository[User]``; ``thing`` itself when it has no arguments."""
    origin = typing.get_origin(thing)
    return thing if origin is None else origin


def substitute(annotation: Any, bindings: Bindings, *, otherwise: Any = None) -> Any:
    """Put types in the place of type variables, at any depth.

    Args:
        annotation: A type, or a type variable itself.
        bindings: What stands for each variable.
        otherwise: Stands for a variable that is not bound; ``None`` leaves it open.

    Returns:
        The type; ``annotation`` unchanged where Python cannot put types into it (``ParamSpec``).
    """
    if not has_variables(annotation):
        return annotation
    if isinstance(annotation, TypeVar):
        return bindings.get(annotation, annotation if otherwise is None else otherwise)
    variables = parameters_of(annotation)
    arguments = tuple(bindings.get(each, each if otherwise is None else otherwise) for each in variables)
    try:
        return annotation[arguments]
    except TypeError:
        return annotation


def base_bindings(thing: Any) -> dict[type, Bindings]:
    """Work out what every generic class in a hierarchy has for its type variables.

    Args:
        thing: A class, or an alias such as ``SqlRepository[User]``; the variables of a bare class stay open.

    Returns:
        For each generic class, itself included, its variables and what stands for them. O(bases).
    """
    cls = origin_of(thing)
    if not isinstance(cls, type):
        return {}
    own = parameters_of(cls)
    arguments = typing.get_args(thing) if cls is not thing else own
    found: dict[type, Bindings] = {cls: _paired(own, arguments)}
    todo: list[type] = [cls]
    for each in todo:
        bases: tuple[Any, ...] = each.__dict__.get("__orig_bases__", each.__bases__)
        for base in bases:
            origin = origin_of(base)
            if not isinstance(origin, type) or origin in found or origin is typing.Generic:
                continue
            given: tuple[Any, ...] = typing.get_args(base)
            here = tuple(substitute(argument, found[each]) for argument in given)
            found[origin] = _paired(parameters_of(origin), here)
            todo.append(origin)
    return found


def _paired(variables: tuple[Any, ...], arguments: tuple[Any, ...]) -> Bindings:
    if len(variables) != len(arguments):  # bare, or a TypeVarTuple
        return dict.fromkeys(variables, Any)
    return dict(zip(variables, arguments, strict=True))


def arguments_for(thing: Any, interface: type) -> tuple[Any, ...] | None:
    """Give what a class or alias gives for the variables of a generic base; ``None`` when it is no base of it."""
    found = base_bindings(thing).get(interface)
    return None if found is None else tuple(found.values())


def match(pattern: Any, wanted: Any, bound: dict[Any, Any]) -> bool:
    """Find out what must stand for the variables of ``pattern`` to make it ``wanted``.

    Args:
        pattern: A type with variables.
        wanted: A type without.
        bound: Receives what stands for each variable; a variable that occurs twice must get the same type.

    Returns:
        Whether there is an answer; ``Any`` is like every type. O(size of the types).
    """
    if isinstance(pattern, TypeVar):
        if bound.get(pattern, wanted) == wanted or bound[pattern] is Any:
            bound[pattern] = wanted
            return True
        return wanted is Any
    if wanted is Any or pattern is Any or pattern == wanted:
        return True
    if origin_of(pattern) != origin_of(wanted):
        return False
    mine, theirs = typing.get_args(pattern), typing.get_args(wanted)
    if len(mine) != len(theirs) or not mine:
        return False
    return all(match(one, other, bound) for one, other in zip(mine, theirs, strict=True))


def depth_of(thing: Any) -> int:
    """Count how deep type arguments are nested: 0 for a class, 2 for ``list[list[int]]``."""
    deepest, todo = 0, [(thing, 0)]
    for each, depth in todo:
        deepest = max(deepest, depth)
        todo.extend((argument, depth + 1) for argument in typing.get_args(each))
    return deepest


def is_plain(thing: Any) -> bool:
    """Tell whether a type is a class that only its subclasses stand for: no Protocol, no abstract collection."""
    if not isinstance(thing, type) or typing.get_origin(thing) is not None:
        return False
    return not thing.__dict__.get("_is_protocol", False) and thing.__module__ not in {"collections.abc", "typing"}


def contradicts(given: Any, wanted: Any, variable: Any = None) -> bool:
    """Tell whether one type argument certainly cannot stand where another one is asked for.

    Args:
        given: What the implementation says.
        wanted: What is asked for.
        variable: The type variable, for its variance; unknown variance is judged mildly.

    Returns:
        ``True`` only for plain classes, and for what is made of them.
    """
    if has_variables(given) or has_variables(wanted) or given is Any or wanted is Any or given == wanted:
        return False
    if union_members(given) or union_members(wanted):
        return False
    mine, theirs = typing.get_args(given), typing.get_args(wanted)
    if mine and len(mine) == len(theirs) and origin_of(given) is origin_of(wanted):
        return any(contradicts(one, other) for one, other in zip(mine, theirs, strict=True))
    if not (is_plain(given) and is_plain(wanted)):
        return False
    covariant, contravariant = wanted in given.__mro__, given in wanted.__mro__
    if getattr(variable, "__covariant__", False):
        return not covariant
    if getattr(variable, "__contravariant__", False):
        return not contravariant
    if variable is None or getattr(variable, "__infer_variance__", False):
        return not (covariant or contravariant)
    return True


def wrong_arguments(interface: Any, thing: Any) -> list[str]:
    """Say why what is built cannot stand for a closed generic, because it is one of something else.

    Args:
        interface: What users ask for, ``Repository[Order]``.
        thing: The class or alias that is built, such as a ``UserRepository`` that inherits from ``Repository[User]``.

    Returns:
        One sentence, ``[]`` when it fits or nothing can be proven. O(bases).
    """
    wanted, origin = typing.get_args(interface), origin_of(interface)
    given = arguments_for(thing, origin) if wanted and isinstance(origin, type) else None
    variables = parameters_of(origin)
    if given is None or not len(given) == len(wanted) == len(variables):
        return []
    if not any(contradicts(one, other, each) for one, other, each in zip(given, wanted, variables, strict=True)):
        return []
    inside = ", ".join(short_name(each) for each in given)
    return [f"{short_name(thing)} is a {short_name(origin)}[{inside}], not a {short_name(interface)}"]
