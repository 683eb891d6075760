"""The ``__init__`` of a record: one function is compiled for all records of a size, and renamed for each.

In: the fields of a class. Out: a function. Compiling takes 50 us, renaming the parameters and constants of a code
object 0.5 us. Must not import any other part of the package.
"""

import functools
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any


class Missing:
    """The type of a default that is not there; ``None`` is an ordinary one."""

    def __repr__(self) -> str:  # signatures show it where a default is made
        return "<factory>"


NOT_GIVEN = Missing()


class FieldOptions:
    """What is known of a field, as far as ``dataclasses.Field`` is used; the class body adds its name and type.

    Args:
        default: Taken when the field is not given.
        default_factory: Makes the default, anew for every record.
        init: ``__init__`` takes it.
        repr: It is shown.
        compare: It counts when records are compared and hashed.
    """

    __slots__ = ("annotation", "compare", "default", "default_factory", "init", "name", "repr")

    def __init__(
        self,
        default: Any = NOT_GIVEN,
        *,
        default_factory: Callable[[], Any] | None = None,
        init: bool = True,
        repr: bool = True,  # noqa: A002 - what `dataclasses.field` calls it
        compare: bool = True,
    ) -> None:
        self.name: str = ""
        self.annotation: Any = None
        self.default: Any = default
        self.default_factory: Callable[[], Any] | None = default_factory
        self.init: bool = init
        self.repr: bool = repr
        self.compare: bool = compare

    @property
    def optional(self) -> bool:
        """Whether ``__init__`` can do without it."""
        return self.default is not NOT_GIVEN or self.default_factory is not None


def annotations_of(cls: type) -> Mapping[str, Any]:
    """Give the annotations of the class itself; built-in ones have none."""
    own: Mapping[str, Any] = getattr(cls, "__annotations__", {})
    return own


def named_field(name: str, annotation: Any, value: Any) -> FieldOptions:
    """Give the options of one field.

    Args:
        name: Its name.
        annotation: Its type, as the class body writes it; subclasses need it for their ``__init__``.
        value: What the class body assigns: options, a default, or ``NOT_GIVEN``.

    Returns:
        The options, which know name and type from now on.

    Raises:
        ValueError: The default can change, and all records would share it. As `dataclasses` does, what cannot be
            hashed is taken to be able to change.
    """
    options = value if type(value) is FieldOptions else FieldOptions(value)
    default: object = options.default
    if type(default).__hash__ is None:
        raise ValueError(f"mutable default {type(default)} for field {name} is not allowed: use default_factory")
    options.name, options.annotation = name, annotation
    return options


def init_of(cls: type, fields: tuple[FieldOptions, ...], frozen: bool) -> FunctionType:
    """Give the ``__init__`` of a record: that of its size with other names, its own when defaults must be made.

    Args:
        cls: The class, for its names.
        fields: All of its fields in order.
        frozen: Whether assignment is refused, so that fields are set around it.

    Returns:
        A new function.

    Raises:
        TypeError: A field without a default stands after one that has one.
    """
    taken = [item for item in fields if item.init]
    first = next((at for at, item in enumerate(taken) if item.optional), len(taken))
    for item in taken[first:]:
        if not item.optional:
            raise TypeError(f"field {item.name!r} of {cls.__qualname__} has no default and stands after one that has")
    if any(item.default_factory is not None for item in fields):
        function = _compiled(fields, frozen)
    else:
        function = _renamed(_of_size(len(taken), frozen), tuple(item.name for item in taken))
    function.__defaults__ = tuple(item.default for item in taken[first:]) or None
    function.__annotations__ = {item.name: item.annotation for item in taken} | {"return": None}
    function.__qualname__, function.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    return function


@functools.cache
def _of_size(size: int, frozen: bool) -> FunctionType:
    return _compiled(tuple(named_field(f"_{number}", None, NOT_GIVEN) for number in range(size)), frozen)


def _renamed(pattern: FunctionType, names: tuple[str, ...]) -> FunctionType:
    """Give the function with other parameters: 0.5 us, where compiling it takes 50."""
    code = pattern.__code__
    new: dict[Any, str] = {f"_{number}": name for number, name in enumerate(names)}
    changed = code.replace(
        co_varnames=tuple(new.get(name, name) for name in code.co_varnames),
        co_names=tuple(new.get(name, name) for name in code.co_names),
        co_consts=tuple(new.get(each, each) if isinstance(each, str) else each for each in code.co_consts),
    )
    return FunctionType(changed, pattern.__globals__, pattern.__name__)


def _compiled(fields: tuple[FieldOptions, ...], frozen: bool) -> FunctionType:
    """Compile an ``__init__``; as parameters the fields that it takes."""
    space: dict[str, Any] = {"__set__": object.__setattr__, "__not_given__": NOT_GIVEN}
    lines = [f"def __init__(self, {', '.join(item.name for item in fields if item.init)}):", "  pass"]
    for item in fields:
        name = value = item.name
        if item.default_factory is not None:
            space[f"__make_{name}__"] = item.default_factory
            value = f"__make_{name}__() if {name} is __not_given__ else {name}" if item.init else f"__make_{name}__()"
        lines.append(f"  __set__(self, {name!r}, {value})" if frozen else f"  self.{name} = {value}")
    exec("\n".join(lines), space)  # noqa: S102 - as `dataclasses` does, from the names of fields
    function: FunctionType = space["__init__"]
    return function
