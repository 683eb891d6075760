"""What a type says about a service: its identity, the markers inside ``Annotated``, the members of a union.

In: types, as parameters and look-ups name them. Out: their parts. Evaluates nothing and reads no signatures.
"""

import types
import typing
from typing import Annotated, Any

from kimera_di.errors import RegistrationError
from kimera_di.registration.places import caller_place
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import InjectedMarker, Key, SameKey, ServiceId, ServiceKey


def marks_of(annotation: Any) -> tuple[Any, ...]:
    """Give what stands behind the type in ``Annotated[T, ...]``; ``()`` for any other type."""
    return typing.get_args(annotation)[1:] if typing.get_origin(annotation) is Annotated else ()


def wants_service_key(annotation: Any) -> bool:
    """Tell whether the parameter is to receive the key of its own service."""
    return any(isinstance(mark, ServiceKey) or mark is ServiceKey for mark in marks_of(annotation))


def wants_same_key(annotation: Any) -> bool:
    """Tell whether the parameter wants the service that has the key of its own service."""
    return any(isinstance(mark, SameKey) or mark is SameKey for mark in marks_of(annotation))


def key_misuse(annotation: Any) -> str:
    """Say why the keys of an annotation name no service, "" when they do. O(size of the annotation)."""
    if type(annotation) is type or (isinstance(annotation, type) and typing.get_origin(annotation) is None):
        return ""  # nearly every annotation
    marks = marks_of(annotation)
    if any(mark is Key for mark in marks):
        return 'Key stands there without a key: write Key("..."), with the key it is registered under'
    keys = [mark for mark in marks if isinstance(mark, Key)]
    if len(keys) > 1:
        return f"two keys stand there, {keys[0]!r} and {keys[1]!r}: write one of them"
    try:
        hash(tuple(keys))
    except TypeError as error:
        return str(error)
    parts: tuple[Any, ...] = typing.get_args(annotation)[: 1 if marks else None]
    return next((wrong for part in parts if (wrong := key_misuse(part))), "")


def no_type(annotation: Any) -> str:
    """Say why an annotation is no type: a part of it cannot be hashed, so it can never be registered; "" when all can.

    Args:
        annotation: An evaluated annotation; what stands beside the type in ``Annotated[T, ...]`` does not count.

    Returns:
        A sentence. O(size of the annotation), where it cannot be hashed.
    """
    if type(annotation) is type:
        return ""  # nearly every annotation
    try:
        hash(annotation)
    except TypeError:
        parts: Any = getattr(annotation, "__args__", None)
        parts = annotation if isinstance(annotation, tuple) else parts  # pyright: ignore[reportUnknownVariableType]
        if isinstance(parts, tuple) and typing.get_origin(annotation) is not typing.Literal:
            return next((wrong for part in parts if (wrong := no_type(part))), "")  # pyright: ignore[reportUnknownVariableType]
    else:
        return ""
    if isinstance(annotation, list) and len(annotation) == 1:  # pyright: ignore[reportUnknownArgumentType]
        name = short_name(annotation[0])
        return f"[{name}] is no type: write list[{name}]"
    return f"{short_name(annotation)} is no type: it cannot be hashed"


def split_annotated(annotation: Any) -> tuple[Any, Any]:
    """Take ``Annotated[T, Key(k)]`` apart into ``T`` and ``k``; the key is ``None`` without a marker."""
    if isinstance(annotation, type) or typing.get_origin(annotation) is not Annotated:
        return annotation, None
    inner, *marks = typing.get_args(annotation)
    keys = [mark.key for mark in marks if isinstance(mark, Key)]
    return inner, keys[0] if keys else None


def is_marked(annotation: Any) -> bool:
    """Tell whether ``Injected[T]``, ``Annotated[T, Key(k)]`` or a union with one says that the container fills it."""
    if isinstance(annotation, type):  # nearly every annotation is a plain class
        return False
    marks = typing.get_args(annotation)[1:] if typing.get_origin(annotation) is Annotated else ()
    return any(isinstance(mark, InjectedMarker | Key) for mark in marks) or any(
        map(is_marked, union_members(annotation))
    )


def identity_of(service: Any) -> ServiceId:
    """Give what a look-up asks for; ``Annotated[T, Key(k)]`` is taken apart.

    Raises:
        RegistrationError: It has two keys, or one that names nothing.
    """
    interface, key = service if isinstance(service, ServiceId) else (service, None)
    if not isinstance(interface, type) and typing.get_origin(interface) is Annotated:
        wrong_key = key_misuse(interface)
        if wrong_key:
            raise RegistrationError(
                f"{short_name(interface)} names no service: {wrong_key}",
                facts=(("at", show_place(*caller_place())), ("do this", "ask for Annotated[T, Key('name')]")),
            )
    interface, marked = split_annotated(interface)
    return ServiceId(interface, marked if key is None else key)


def union_members(annotation: Any) -> tuple[Any, ...]:
    """Give the members of ``A | B`` or ``Union[A, B]``, ``()`` for anything else."""
    origin = typing.get_origin(annotation)
    return typing.get_args(annotation) if origin is types.UnionType or origin is typing.Union else ()
