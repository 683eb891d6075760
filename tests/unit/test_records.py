"""A record is what a dataclass of the same fields is, and loads none of what that needs."""

import copy
import dataclasses
import inspect
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from pprint import pformat
from typing import TYPE_CHECKING, Any

import pytest

import kimera_di
from kimera_di.records import define_record, field, replace

if TYPE_CHECKING:
    from dataclasses import dataclass as both_ways
else:
    both_ways = define_record


@both_ways(frozen=True, slots=True)
class Point:
    """A frozen record."""

    x: int
    y: "int | None" = None
    tags: list[str] = field(default_factory=list[str])


@both_ways(frozen=True, slots=True, repr=False)
class Pixel(Point):
    """One with the fields of its base first."""

    colour: str = "red"


@both_ways(slots=True)
class Counter:
    """One that can change, with a field that nobody gives."""

    start: int
    steps: list[int] = field(init=False, repr=False, compare=False, default_factory=list[int])


class Named(Point):
    """An ordinary subclass, whose objects have attributes of their own."""


@pytest.mark.parametrize("frozen", [True, False])
def test_fields_have_the_names_of_the_parameters_whichever_record_of_that_size_came_first(frozen: bool) -> None:
    define: Any = define_record(frozen=frozen, slots=True)
    made: list[Any] = [
        define(type("Pair", (), {"__annotations__": dict.fromkeys(names, int)}))(1, 2)
        for names in (("left", "right"), ("_1", "_0"))
    ]

    assert [(made[0].left, made[0].right), (made[1]._1, made[1]._0)] == [(1, 2), (1, 2)]


def test_missing_argument_is_refused_with_the_name_of_the_class() -> None:
    with pytest.raises(TypeError, match=r"Point.__init__\(\) missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_signature_has_the_fields_with_their_types() -> None:
    assert list(inspect.signature(Point).parameters) == ["x", "y", "tags"]
    assert inspect.signature(Pixel).parameters["colour"].default == "red"
    assert inspect.signature(Point).parameters["x"].annotation is int


def test_signature_of_a_subclass_has_the_types_of_inherited_fields() -> None:
    shown = str(inspect.signature(Pixel))

    assert shown == "(x: int, y: 'int | None' = None, tags: list[str] = <factory>, colour: str = 'red') -> None"


@pytest.mark.parametrize("in_options", [False, True], ids=["plain", "field"])
@pytest.mark.parametrize("default", [[], {}, set[int](), Counter(1)], ids=["list", "dict", "set", "record"])
def test_default_that_can_change_is_refused(default: object, in_options: bool) -> None:
    text = f"mutable default {type(default)} for field tags is not allowed: use default_factory"
    body = {"__annotations__": {"tags": object}, "tags": field(default=default) if in_options else default}

    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        define_record(slots=True)(type("Shared", (), body))


def test_default_that_is_made_is_made_anew() -> None:
    first, second = Point(1), Point(1)

    first.tags.append("seen")

    assert second.tags == []


def test_field_that_nobody_gives_begins_anew_in_a_copy() -> None:
    counter = Counter(3)
    counter.steps.append(1)

    again = replace(counter, start=4)

    assert (again.start, again.steps) == (4, [])


def test_replace_method_gives_a_changed_copy_of_the_same_class() -> None:
    pixel: Any = Pixel(1, 2, ["a"])

    other = pixel.__replace__(colour="blue")

    assert (type(other), other) == (Pixel, Pixel(1, 2, ["a"], "blue"))


@pytest.mark.skipif(sys.version_info < (3, 13), reason="copy.replace is new in Python 3.13")
def test_copy_replace_gives_a_changed_copy() -> None:
    library: Any = copy

    assert library.replace(Point(1, 2), x=3) == Point(3, 2)


def test_assignment_to_a_frozen_field_is_refused() -> None:
    point = Point(1)

    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

    assert point.x == 1


def test_deletion_of_a_frozen_field_is_refused() -> None:
    point = Point(1)

    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x  # pyright: ignore[reportAttributeAccessIssue]


def test_field_of_a_base_is_frozen_in_a_plain_subclass_and_its_own_attributes_are_not() -> None:
    named: Any = Named(1)

    named.name = "origin"

    assert named.name == "origin"
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        named.x = 2


def test_record_that_can_change_has_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable type: 'Counter'"):
        hash(Counter(1))


def test_records_of_another_class_are_not_equal() -> None:
    others: list[object] = [Pixel(1), (1, None, [])]

    assert [other for other in others if other == Point(1)] == []


def test_records_without_repr_are_shown_as_their_base_does() -> None:
    assert repr(Pixel(1)) == "Pixel(x=1, y=None, tags=[])"


def test_record_that_holds_itself_is_shown() -> None:
    point = Point(1, tags=[])
    holder: list[Any] = point.tags

    holder.append(point)

    assert repr(point) == "Point(x=1, y=None, tags=[...])"


def pickled(pixel: Pixel) -> Pixel:
    again: Pixel = pickle.loads(pickle.dumps(pixel))  # noqa: S301 - our own bytes
    return again


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled], ids=["copy", "deepcopy", "pickle"])
def test_copies_are_equal_and_of_the_same_class(again: Callable[[Pixel], Pixel]) -> None:
    pixel = Pixel(1, 2, ["a"], "blue")

    other = again(pixel)

    assert (type(other), other) == (Pixel, pixel)


def test_match_takes_the_fields_in_order() -> None:
    match Pixel(1, 2, [], "blue"):
        case Pixel(x, y, _, colour):
            assert (x, y, colour) == (1, 2, "blue")


def test_unknown_change_is_refused() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        replace(Point(1), z=2)  # type: ignore[call-arg]


def test_field_without_default_after_one_that_has_it_is_refused() -> None:
    with pytest.raises(TypeError, match=r"field 'second' of .*Wrong has no default and stands after one that has"):

        @define_record(slots=True)
        class Wrong:
            first: int = 1
            second: int


def test_record_without_slots_is_refused() -> None:
    with pytest.raises(TypeError, match="a record has slots"):
        define_record(slots=False)


def test_standard_library_sees_a_dataclass() -> None:
    pixel = Pixel(1, tags=["a"])

    assert dataclasses.is_dataclass(pixel)
    assert [item.name for item in dataclasses.fields(pixel)] == ["x", "y", "tags", "colour"]
    assert dataclasses.asdict(pixel) == {"x": 1, "y": None, "tags": ["a"], "colour": "red"}
    assert dataclasses.replace(pixel, colour="blue") == Pixel(1, tags=["a"], colour="blue")
    assert pformat(Point(1)) == "Point(x=1, y=None, tags=[])"


DEFINED = """
import sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
from kimera_di.records import dataclass, field, replace

@dataclass(frozen=True, slots=True)
class Point:
    x: int
    tags: list[str] = field(default_factory=list)

point = replace(Point(1), x=2)
assert repr(point) == "Point(x=2, tags=[])" and point == Point(2)
import json
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_defining_and_using_a_record_loads_neither_dataclasses_nor_inspect() -> None:
    folder = str(Path(kimera_di.__file__).parents[1])

    done = subprocess.run([sys.executable, "-I", "-c", DEFINED, folder], capture_output=True, text=True, check=True)

    assert {"dataclasses", "inspect"} & set(json.loads(done.stdout)) == set()
