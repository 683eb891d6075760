"""Records: the part of `dataclasses` that kimera_di uses, cheap to load and to define.

In: a class with annotated fields. Out: the class with slots and the methods a dataclass has. The module `dataclasses`
loads `inspect`, which takes longer than all of our registration, and compiles six functions for every frozen class with
slots, 0.8 ms; records of one size share one (docs/decisions/0032-start-up.md). Type checkers see the module
`dataclasses` itself, and who asks a record for its fields is told by that module. What nothing here uses is not
there: records always have slots, no keyword-only fields, no ``__post_init__``, ``InitVar`` or ``ClassVar``.
Must not import any other part of the package.
"""

import functools
from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from kimera_di.records.constructors import NOT_GIVEN, FieldOptions, annotations_of, init_of, named_field

R = TypeVar("R")
_Values = Callable[[Any], tuple[Any, ...]]


class StandardView:
    """``__dataclass_fields__`` or ``__dataclass_params__``: what the module `dataclasses` says of the same fields.

    Made when somebody asks, so that `dataclasses.fields`, `replace`, `asdict` and `pprint` work as they would.
    """

    __slots__ = ("_frozen", "_name")

    def __init__(self, name: str, frozen: bool) -> None:
        self._name, self._frozen = name, frozen

    def __get__(self, instance: object, owner: Any) -> Any:
        """Make a dataclass of the same fields, and give what it has. O(fields), slow."""
        import dataclasses

        described: list[tuple[str, Any, Any]] = []
        for item in fields_of(owner):
            options: dict[str, Any] = {"init": item.init, "repr": item.repr, "compare": item.compare}
            if item.default_factory is not None:
                options["default_factory"] = item.default_factory
            elif item.optional:
                options["default"] = item.default
            described.append((item.name, item.annotation, dataclasses.field(**options)))
        return getattr(dataclasses.make_dataclass(owner.__name__, described, frozen=self._frozen), self._name)


def define_record(
    *,
    slots: bool,
    frozen: bool = False,
    eq: bool = True,
    repr: bool = True,  # noqa: A002 - what `dataclass` calls it
) -> Callable[[type[R]], type[R]]:
    """Make a class a record, as ``dataclasses.dataclass`` with the same arguments does.

    Costs two class objects, 35 us; the first record of a size also compiles a function.

    Args:
        slots: Must be true; written out because type checkers read it.
        frozen: Its fields cannot be assigned; makes it hashable when it can be compared.
        eq: Two of one class are equal when their fields are.
        repr: It is shown with its fields.

    Returns:
        The decorator, which gives a new class of the same name.

    Raises:
        TypeError: ``slots`` is false, or a field without a default stands after one that has one.
        ValueError: A default can change (it has no hash); ``default_factory`` makes one for every record.
    """
    if not slots:
        raise TypeError("a record has slots: write slots=True, or use dataclasses.dataclass")
    return functools.partial(_defined, frozen=frozen, eq=eq, shown=repr)


def fields_of(record: Any) -> tuple[FieldOptions, ...]:
    """Give the fields of a record or its class, those of its bases first. O(1)."""
    found: tuple[FieldOptions, ...] = record.__record_fields__
    return found


def replaced(record: R, /, **changes: Any) -> R:
    """Give a copy with other values, as ``dataclasses.replace`` does. O(fields).

    Args:
        record: A record; fields that ``__init__`` does not take begin anew.
        changes: The new values by name.

    Returns:
        Another record of the same class.

    Raises:
        TypeError: A name is no field that ``__init__`` takes.
    """
    given: Any = record
    names: tuple[str, ...] = given.__match_args__
    for name in names:
        if name not in changes:
            changes[name] = getattr(given, name)
    return type(record)(**changes)


def _defined(cls: type, *, frozen: bool, eq: bool, shown: bool) -> type:
    own = annotations_of(cls)
    given: Any = vars(cls)
    space: dict[str, Any] = {name: given[name] for name in given if name not in {"__dict__", "__weakref__", *own}}
    known = {item.name: item for item in getattr(cls, "__record_fields__", ())}
    known.update((name, named_field(name, kind, given.get(name, NOT_GIVEN))) for name, kind in own.items())
    fields = tuple(known.values())
    space.update(
        __slots__=tuple(own),
        __qualname__=cls.__qualname__,
        __record_fields__=fields,
        __match_args__=tuple(item.name for item in fields if item.init),
        __dataclass_fields__=StandardView("__dataclass_fields__", frozen),
        __dataclass_params__=StandardView("__dataclass_params__", frozen),
    )
    space.setdefault("__init__", init_of(cls, fields, frozen))
    space.setdefault("__replace__", replaced)  # what `copy.replace` calls, from Python 3.13 on
    if shown:
        space.setdefault("__repr__", _shower(tuple(item.name for item in fields if item.repr)))
    compared = _reader(tuple(item.name for item in fields if item.compare))
    if eq:
        space.setdefault("__eq__", _comparer(compared))
        if space.get("__hash__") is None:  # what can change has none
            space["__hash__"] = _hasher(compared) if frozen else None
    if not frozen:
        return type(cls)(cls.__name__, cls.__bases__, space)
    space.setdefault("__getstate__", _state_of)
    space.setdefault("__setstate__", _set_state)
    made = type(cls)(cls.__name__, cls.__bases__, space)
    _freeze(made, frozenset(item.name for item in fields))
    return made


def _reader(names: tuple[str, ...]) -> _Values:
    """Give the function that reads these fields."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple([getattr(record, name) for name in names])


def _comparer(compared: _Values) -> Callable[[Any, object], bool]:
    def equal(self: Any, other: object) -> bool:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _hasher(compared: _Values) -> Callable[[Any], int]:
    def hash_of(self: Any) -> int:
        return hash(compared(self))

    return hash_of


def _shower(names: tuple[str, ...]) -> Callable[[Any], str]:
    @recursive_repr()
    def show(self: Any) -> str:
        shown = ", ".join([f"{name}={getattr(self, name)!r}" for name in names])
        return f"{self.__class__.__qualname__}({shown})"

    return show


def _freeze(cls: Any, names: frozenset[str]) -> None:
    def refuse_setting(self: object, name: str, value: object) -> None:
        if type(self) is cls or name in names:
            _refuse(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def refuse_deleting(self: object, name: str) -> None:
        if type(self) is cls or name in names:
            _refuse(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    cls.__setattr__, cls.__delattr__ = refuse_setting, refuse_deleting


def _refuse(text: str) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(text)


def _state_of(self: Any) -> list[Any]:
    return [getattr(self, item.name) for item in fields_of(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for item, value in zip(fields_of(self), state, strict=True):
        object.__setattr__(self, item.name, value)


if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    dataclass, field, replace = define_record, FieldOptions, replaced

__all__ = ["dataclass", "define_record", "field", "fields_of", "replace", "replaced"]
