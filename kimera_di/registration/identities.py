"""What a registration is made for: an interface and a key, checked.

In: what the user wrote. Out: a ``ServiceId``, or an error with the line.
"""

from collections.abc import Hashable
from typing import Any, get_origin

from kimera_di.registration.annotations import split_annotated
from kimera_di.registration.descriptors import misuse
from kimera_di.registration.forms import key_misuse
from kimera_di.rendering import safe_repr, short_name
from kimera_di.vocabulary import Key, Place, ServiceId

_TYPE_FORMS = {"typing", "typing_extensions"}
"""Where the classes of what is a type, but no class and no generic, come from: ``NewType``, type aliases."""


def checked_identity(service: Any, key: Hashable, place: Place) -> ServiceId:
    """Check what a registration is for; ``Annotated[T, Key(k)]`` is taken apart.

    Args:
        service: A class, Protocol, abstract class, generic, union or ``NewType``.
        key: The key said with ``key=``.
        place: Line of the registration.

    Returns:
        Interface and key.

    Raises:
        RegistrationError: ``service`` is no type, a part cannot be hashed, or two keys are said.
    """
    wrong_key = key_misuse(service) or _marker_as_key(key)
    if wrong_key:
        raise misuse(
            f"{short_name(service)} has no usable key: {wrong_key}", place, "say the key once, as it is: key='name'"
        )
    inner, marked = split_annotated(service)
    if marked is not None and key is not None and marked != key:
        raise misuse(
            f"{short_name(service)} is registered with another key, {safe_repr(key)}", place, "say the key once"
        )
    if not is_type(inner):
        raise misuse(
            f"{short_name(inner) if callable(inner) else safe_repr(inner)} is not a type, so nobody can ask for it",
            place,
            "register a class, a Protocol, an abstract class or a NewType; a factory is the second argument",
        )
    identity = ServiceId(inner, marked if key is None else key)
    try:
        hash(identity)
    except TypeError as error:
        raise misuse(f"service and key must be hashable: {error}", place, "use a type and a hashable key") from None
    return identity


def _marker_as_key(key: Hashable) -> str:
    """``Key`` belongs into ``Annotated``; as ``key=`` it would be a key of its own, which nobody asks for."""
    if isinstance(key, Key):
        return f"{key!r} is how a parameter asks for {key.key!r}"
    return "Key is how a parameter asks for one" if key is Key else ""


def is_type(thing: Any) -> bool:
    """Tell whether something can be asked for: a class, generic, union or ``NewType``; no name, no object."""
    return isinstance(thing, type) or type(thing).__module__ in _TYPE_FORMS or get_origin(thing) is not None
