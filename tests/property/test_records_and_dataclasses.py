"""Whatever its fields: a record and the dataclass that is written the same way do the same."""

import dataclasses
import inspect
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di.records import define_record, field, replaced

pytestmark = pytest.mark.check

NAMES = ["service", "key", "_0", "_1", "value", "default", "name"]
TYPES = dict(zip(NAMES, [int, str, list[int], "later", int | None, None, object], strict=True))
DEFAULTS: list[object] = [1, None, (), ([],), frozenset[int](), [], {}, set[int](), bytearray(), object(), len]


@dataclasses.dataclass(frozen=True)
class Shape:
    """How a record is written, and what it is made with."""

    frozen: bool
    eq: bool
    names: list[str]
    inherited: int
    """How many of the names a base has."""
    required: int
    made: frozenset[str]
    """Fields with a default that is made."""
    compared: frozenset[str]
    shown: frozenset[str]


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    some = st.frozensets(st.sampled_from(NAMES))
    return Shape(
        draw(st.booleans()), draw(st.booleans()), names, draw(st.integers(0, len(names))),
        draw(st.integers(0, len(names))), draw(some), draw(some), draw(some),
    )  # fmt: skip


def written(shape: Shape, decorator: Callable[..., Any], option: Callable[..., Any]) -> Any:
    """Write the class down and what it inherits from, with either decorator."""
    fields: dict[str, Any] = {}
    for at, name in enumerate(shape.names):
        default = {} if at < shape.required else {"default_factory": list} if name in shape.made else {"default": at}
        fields[name] = option(compare=name in shape.compared, repr=name in shape.shown, **default)
    define = decorator(frozen=shape.frozen, eq=shape.eq, slots=True)
    cls: Any = object
    for names in (shape.names[: shape.inherited], shape.names[shape.inherited :]):
        types = {name: TYPES[name] for name in names}
        space = {name: fields[name] for name in names} | {"__annotations__": types, "__qualname__": "Sample"}
        cls = define(type("Sample", (cls,), space))
    return cls


def outcome(act: Callable[..., Any], *arguments: Any) -> str:
    """Give what comes out, or the error."""
    try:
        return repr(act(*arguments))
    except (TypeError, ValueError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


@given(shapes(), st.lists(st.integers(0, 2), max_size=9), st.lists(st.integers(0, 2), max_size=9))
def test_record_and_dataclass_agree(shape: Shape, first: list[int], second: list[int]) -> None:
    ours, standard = written(shape, define_record, field), written(shape, dataclasses.dataclass, dataclasses.field)
    pairs = [outcomes(cls, shape, first, second) for cls in (ours, standard)]

    assert pairs[0] == pairs[1]
    assert str(inspect.signature(ours)) == str(inspect.signature(standard))


@given(st.sampled_from(DEFAULTS))
def test_record_and_dataclass_agree_on_which_default_is_refused(default: object) -> None:
    texts = [outcome(with_default, decorator, default) for decorator in (define_record, dataclasses.dataclass)]

    assert texts[0] == texts[1]


def with_default(decorator: Callable[..., Any], default: object) -> str:
    """Define a class with this default, and give its signature."""
    body = {"__annotations__": {"value": object}, "value": default}
    return str(inspect.signature(decorator(slots=True)(type("Sample", (), body))))


def fitting(shape: Shape, values: list[int]) -> list[int]:
    """Give as many of the values, or some more, as the class takes."""
    number = min(max(len(values), shape.required), len(shape.names))
    return [*values, *range(len(shape.names))][:number]


def outcomes(cls: Any, shape: Shape, first: list[int], second: list[int]) -> list[str]:
    """Do with a class what is done with records, and note what comes of it."""
    change = replaced if hasattr(cls, "__record_fields__") else dataclasses.replace
    one, other = cls(*fitting(shape, first)), cls(*fitting(shape, second))
    notes = [outcome(cls, *first), outcome(cls, *second), outcome(repr, one)]
    notes += [outcome(operator.eq, one, other), outcome(operator.eq, one, first)]
    notes += [outcome(operator.eq, hash(one), hash(other))] if shape.eq and shape.frozen and not shape.made else []
    notes += [str(cls.__hash__ is None), str(cls.__slots__), str(cls.__match_args__)]
    for name in shape.names:
        notes += [outcome(getattr, one, name), outcome(partial(change, one, **{name: 7}))]
        notes += [outcome(setattr, one, name, 5), outcome(getattr, one, name), outcome(delattr, other, name)]
    return notes
