"""Type arguments: bases, patterns, substitution, contradictions."""

from typing import Any, Generic, Protocol, TypeVar

import pytest

from kimera_di.planning.generics import (
    arguments_for,
    contradicts,
    depth_of,
    has_variables,
    match,
    substitute,
    wrong_arguments,
)

T = TypeVar("T")
K = TypeVar("K")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)


class Animal: ...


class Dog(Animal): ...


class Pair(Generic[T, K]): ...


class Swapped(Pair[K, T]): ...


class Half(Pair[int, T]): ...


class Bare(Pair): ...  # type: ignore[type-arg]  # pyright: ignore[reportMissingTypeArgument]


class Reads(Protocol[T_co]):
    def read(self) -> T_co: ...


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (Pair[int, str], (int, str)),
        (Pair, (T, K)),
        (Swapped[int, str], (int, str)),
        (Half[str], (int, str)),
        (Bare, (Any, Any)),
        (Half[list[K]], (int, list[K])),
        (Animal, None),
    ],
    ids=str,
)
def test_arguments_of_a_base_are_found(thing: Any, expected: Any) -> None:
    assert arguments_for(thing, Pair) == expected


@pytest.mark.parametrize(
    ("pattern", "wanted", "bound"),
    [
        (T, int, {T: int}),
        (list[T], list[int], {T: int}),
        (Pair[T, T], Pair[int, int], {T: int}),
        (Pair[T, T], Pair[int, str], None),
        (list[T], set[int], None),
        (int, int, {}),
        (int, Any, {}),
        (int, str, None),
        (dict[str, list[T]], dict[str, list[K]], {T: K}),
        (list[T], list, None),
    ],
    ids=str,
)
def test_pattern_is_matched(pattern: Any, wanted: Any, bound: dict[Any, Any] | None) -> None:
    found: dict[Any, Any] = {}

    assert match(pattern, wanted, found) is (bound is not None)
    assert found == bound or bound is None


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (T, int),
        (list[T], list[int]),
        (dict[str, list[T]] | None, dict[str, list[int]] | None),
        (Pair[T, K], Pair[int, Any]),
        (type[T], type[int]),
        (str, str),
        (Pair, Pair),
    ],
    ids=str,
)
def test_types_are_put_in_the_place_of_variables(annotation: Any, expected: Any) -> None:
    assert substitute(annotation, {T: int}, otherwise=Any) == expected


def test_unbound_variable_stays_open_without_anything_else_to_stand_for_it() -> None:
    assert substitute(Pair[T, K], {T: int}) == Pair[int, K]


def test_bare_generic_class_has_no_variables_of_its_own() -> None:
    assert [has_variables(each) for each in (Pair, Pair[int, T], Pair[int, str], T, int)] == [
        False, True, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "wanted", "variable", "expected"),
    [
        (Dog, Animal, T, True),
        (Dog, Animal, T_co, False),
        (Animal, Dog, T_co, True),
        (Animal, Dog, T_contra, False),
        (Dog, Animal, T_contra, True),
        (Dog, int, None, True),
        (Dog, Animal, None, False),
        (Dog, Any, T, False),
        (Dog, Reads[Dog], T, False),
        (list[Dog], list[int], T, True),
        (Dog | None, int, T, False),
        (K, int, T, False),
    ],
    ids=str,
)
def test_contradiction_is_judged_by_variance(given: Any, wanted: Any, variable: Any, *, expected: bool) -> None:
    assert contradicts(given, wanted, variable) is expected


def test_wrong_arguments_are_said_in_words() -> None:
    assert wrong_arguments(Pair[str, Dog], Half[Dog]) == ["Half[Dog] is a Pair[int, Dog], not a Pair[str, Dog]"]
    assert wrong_arguments(Pair[int, Dog], Half[Dog]) == []
    assert wrong_arguments(Pair, Half[Dog]) == []


def test_depth_counts_the_nesting_of_arguments() -> None:
    assert [depth_of(each) for each in (int, list[int], dict[str, list[int]])] == [0, 1, 2]


@pytest.mark.parametrize(
    ("written", "otherwise", "expected"),
    [(dict[T, K], None, dict[int, K]), (dict[T, K], Any, dict[int, Any]), (K, None, K), (K, Any, Any)],
    ids=["open inside", "Any inside", "open", "Any"],
)
def test_variable_without_a_type_stays_open_or_becomes_what_stands_for_it(
    written: Any, otherwise: Any, expected: Any
) -> None:
    assert substitute(written, {T: int}, otherwise=otherwise) == expected
