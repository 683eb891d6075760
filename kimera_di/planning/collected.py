"""Collections of services: which types ask for all implementations, and in what form.

In: the type of a parameter or look-up. Out: what is collected. A type that is registered as such is no collection;
whoever asks looks for that first.
"""

import collections.abc
import enum
import typing
from collections.abc import Hashable, Mapping
from typing import Any, Literal, NewType

from kimera_di.planning.generics import has_variables, origin_of
from kimera_di.planning.graph import Form
from kimera_di.records import dataclass
from kimera_di.registration.forms import union_members

_FORMS: Mapping[Any, Form] = {
    list: "list",
    collections.abc.Sequence: "list",
    collections.abc.Iterable: "list",
    tuple: "tuple",
    dict: "mapping",
    collections.abc.Mapping: "mapping",
}
_TUPLE_ARGUMENTS = 2  # tuple[T, ...]; every other tuple is an ordinary type


@dataclass(frozen=True, slots=True)
class Collected:
    """A collection that is asked for."""

    form: Form
    item: Any
    """The type of each item, with its markers."""
    key_type: Any = Any
    """For a mapping the type of its keys."""


def collected_by(interface: Any) -> Collected | None:
    """Tell what a type collects; ``None`` when it is no collection.

    Args:
        interface: ``list[T]``, ``Sequence[T]``, ``Iterable[T]``, ``tuple[T, ...]``, ``Mapping[K, T]``, ``dict[K, T]``.

    Returns:
        Form and item; a bare ``list`` and ``tuple[int, str]`` collect nothing.
    """
    form, arguments = _FORMS.get(typing.get_origin(interface), "single"), typing.get_args(interface)
    if form == "single" or not arguments:  # typing.List without arguments is a bare list
        return None
    if form == "mapping":
        return Collected(form, arguments[1], arguments[0])
    if form == "tuple" and (len(arguments) != _TUPLE_ARGUMENTS or arguments[1] is not Ellipsis):
        return None
    return Collected(form, arguments[0])


def takes_key(annotation: Any, key: Hashable) -> bool:
    """Tell whether a key is of a type.

    Args:
        annotation: The type of a mapping's keys, or of a parameter that receives a key.
        key: The key; ``None`` for an unkeyed registration.

    Returns:
        ``False`` only when it certainly is not.
    """
    members = union_members(annotation)
    if members:
        return any(takes_key(member, key) for member in members)
    if typing.get_origin(annotation) is Literal:
        return any(type(each) is type(key) and each == key for each in typing.get_args(annotation))
    if isinstance(annotation, NewType):
        return takes_key(annotation.__supertype__, key)
    if annotation is None:
        return key is None
    kind = origin_of(annotation)
    if not isinstance(kind, type) or has_variables(annotation):
        return True
    if kind in {float, complex} and isinstance(key, int):
        return not isinstance(key, bool | enum.Enum)
    try:
        return isinstance(key, kind)
    except TypeError:  # a Protocol that cannot be asked at run time
        return True
