"""Does an implementation fit the interface it is registered for?

In: an interface and a class (or an instance's class). Out: the reasons why it does not, as sentences.
Runs no user code but ``__subclasshook__``. What cannot be decided is accepted: only a provable mismatch
is refused. Rules of signature fit: ``container.md``, "Types" (parameters may be wider, results narrower).
"""

import types
import typing
from typing import Any

from kimera_di.planning.signatures import misfit, stands_for
from kimera_di.registration.annotations import own_annotations, union_members
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name

IS_ABSTRACT = 1 << 20
"""``Py_TPFLAGS_IS_ABSTRACT`` of a class: something is left abstract."""

_NOT_PART_OF_AN_INTERFACE = {
    "__init__", "__new__", "__init_subclass__", "__class_getitem__", "__subclasshook__", "__doc__", "__module__",
    "__dict__", "__weakref__", "__annotations__", "__abstractmethods__", "__parameters__", "__orig_bases__",
    "__protocol_attrs__", "__callable_proto_members_only__", "__non_callable_proto_members__", "__slots__",
    "__match_args__", "__hash__", "__eq__",
    "__static_attributes__", "__firstlineno__", "__type_params__", "__annotate__", "__annotate_func__",
    "__annotations_cache__", "__classdictcell__", "__dataclass_fields__", "__dataclass_params__", "__repr__",
    "__replace__", "__qualname__", "__getstate__", "__setstate__", "__reduce__",
}  # fmt: skip


def unfit_object(interface: Any, value: object, known: KnownTypes) -> list[str]:
    """Say why a finished object cannot stand for ``interface``.

    Args:
        interface: What users ask for.
        value: The object. It also fits by its ``__class__`` (a proxy), by what it holds itself (data members of a
            Protocol), and as a dictionary for a ``TypedDict``.
        known: The registered types, for annotations written as strings.

    Returns:
        Sentences, ``[]`` when it fits; a class in the place of its objects does not. Reads ``__class__`` and
        ``__dict__`` only, and these only when the type of the object does not fit.
    """
    interface = dict if typing.is_typeddict(interface) else _supertype(interface)
    kind = type(value)
    reasons = unfit(interface, kind, known, built=False)
    if not reasons:
        return []
    if issubclass(kind, type) and _is_meant_to_be_built(value, interface, known):
        return [f"{short_name(value)} is a class, and what is meant is an object of it"]
    try:
        claimed, held = value.__class__, frozenset(vars(value))
    except Exception:  # noqa: BLE001 - no attributes of its own, or a proxy that stands for nothing here
        claimed, held = kind, frozenset[str]()
    by_class = claimed is not kind and not unfit(interface, claimed, known, built=False, held=held)
    return [] if by_class or not unfit(interface, kind, known, built=False, held=held) else reasons


def unfit(
    interface: Any, implementation: Any, known: KnownTypes, *, built: bool, held: frozenset[str] = frozenset()
) -> list[str]:
    """Say why ``implementation`` cannot stand for ``interface``.

    Args:
        interface: What users ask for; anything but a class (``NewType``, union) fits everything.
        implementation: The class of the objects that will be given out.
        known: The registered types, for annotations written as strings.
        built: The container itself calls ``implementation``, so it may not be abstract.
        held: Names that the object itself holds, in addition to what its class has.

    Returns:
        Sentences, ``[]`` when it fits. Time O(members of the interface).
    """
    interface = type(None) if interface is None else interface
    wanted, given = _plain_class(interface), _plain_class(implementation)
    if given is None or given.__module__.startswith("unittest.mock"):
        return []
    reasons: list[str] = []
    if built and is_protocol(given):
        return [f"{short_name(given)} is a Protocol: it cannot be built, only implemented"]
    # by its flag: a metaclass may answer any name
    is_abstract = built and given.__flags__ & IS_ABSTRACT
    abstract: frozenset[str] = getattr(given, "__abstractmethods__", frozenset[str]()) if is_abstract else frozenset()
    if abstract:
        reasons.append(f"{short_name(given)} leaves {_listed(abstract)} abstract, so it cannot be built")
    members = union_members(interface)
    if members:
        fits = any(not unfit(member, given, known, built=False, held=held) for member in members)
        return reasons if fits else [f"{short_name(given)} fits none of {short_name(interface)}", *reasons]
    if wanted is None or wanted is object or wanted is given or stands_for(given, wanted):
        return reasons
    if is_protocol(wanted):
        missing = _missing_members(wanted, given, abstract, held)
        return reasons + missing + _wrong_signatures(wanted, given, known, abstract)
    if not is_subclass(given, wanted):
        return [f"{short_name(given)} is not a subclass of {short_name(wanted)}", *reasons]
    return reasons + _wrong_signatures(wanted, given, known, abstract)


def is_subclass(given: type, wanted: type) -> bool:
    """``issubclass`` that answers no where Python refuses to answer (a Protocol with data members)."""
    try:
        return issubclass(given, wanted)
    except TypeError:
        return wanted in given.__mro__


def implements(given: type, wanted: type) -> bool:
    """Tell whether a class is a subclass of an interface or has all that a Protocol declares; for guesses."""
    if is_subclass(given, wanted):
        return True
    return is_protocol(wanted) and bool(_members(wanted)) and not unfit(wanted, given, KnownTypes(()), built=False)


def _supertype(interface: Any) -> Any:
    """Give what the objects of a ``NewType`` are; anything else as it is."""
    while isinstance(interface, typing.NewType):
        interface = interface.__supertype__
    return interface


def _is_meant_to_be_built(cls: Any, interface: Any, known: KnownTypes) -> bool:
    """Tell whether objects of a class fit, and the class itself does not: it has methods that need an object."""
    if unfit(interface, cls, known, built=False):
        return False
    wanted = _plain_class(interface)
    if wanted is None or not is_protocol(wanted):
        return True
    found = (base.__dict__.get(name) for name in _members(wanted) for base in cls.__mro__)
    return any(isinstance(each, types.FunctionType | property) for each in found)


def _plain_class(thing: Any) -> type | None:
    origin = typing.get_origin(thing)
    thing = thing if origin is None else origin
    return thing if isinstance(thing, type) else None


def is_protocol(cls: type) -> bool:
    """Tell whether a class itself is a Protocol, not only an implementation of one."""
    return bool(cls.__dict__.get("_is_protocol", False))


def _members(interface: type) -> dict[str, Any]:
    """Everything an interface declares, own and inherited, nearest first."""
    found: dict[str, Any] = {}
    for cls in interface.__mro__:
        if cls in {object, typing.Protocol, typing.Generic} or cls.__module__ in {"abc", "typing", "builtins"}:
            continue
        for name, value in cls.__dict__.items():
            if name not in _NOT_PART_OF_AN_INTERFACE and not name.startswith("_abc_") and name != "_is_protocol":
                found.setdefault(name, value)
    found.pop("_is_runtime_protocol", None)
    return found


def _missing_members(wanted: type, given: type, abstract: frozenset[str], held: frozenset[str]) -> list[str]:
    if getattr(given, "__getattr__", None) is not None:
        return []  # answers any name
    names = set(_members(wanted)) - abstract
    data: set[str] = set()
    for cls in wanted.__mro__:
        if is_protocol(cls):
            data.update(own_annotations(cls))
    absent = [name for name in sorted((names | data) - _attributes(given) - held) if not hasattr(given, name)]
    return [f"{short_name(given)} has no {name}, which {short_name(wanted)} declares" for name in absent]


def _attributes(cls: type) -> set[str]:
    """Names that objects of ``cls`` may have: annotations, slots, and what its methods assign."""
    names: set[str] = set()
    for base in cls.__mro__:
        names.update(own_annotations(base))
        slots = base.__dict__.get("__slots__", ())
        names.update((slots,) if isinstance(slots, str) else slots)
        for value in base.__dict__.values():
            if isinstance(value, types.FunctionType):
                names.update(value.__code__.co_names)
    return names


def _wrong_signatures(wanted: type, given: type, known: KnownTypes, abstract: frozenset[str]) -> list[str]:
    reasons: list[str] = []
    for name, declared in sorted(_members(wanted).items()):
        actual = next((cls.__dict__[name] for cls in given.__mro__ if name in cls.__dict__), None)
        if actual is None or actual is declared or name in abstract:
            continue
        reason = misfit(declared, actual, wanted, known)
        if reason:
            reasons.append(f"{short_name(given)}.{name} {reason}")
    return reasons


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
