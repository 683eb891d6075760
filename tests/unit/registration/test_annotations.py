"""Reading signatures: which parameters there are, of what kind, and of which type."""

import functools
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, Optional, Protocol, TypeVar, Union

import pytest

from kimera_di.registration.annotations import (
    EMPTY,
    Parameter,
    read_parameters,
    read_return,
    split_annotated,
    union_members,
    yielded,
)
from kimera_di.registration.names import KnownTypes
from kimera_di.vocabulary import Key

NONE = KnownTypes(())
T = TypeVar("T")


class Clock: ...


class Vault: ...


def shapes(maker: Any) -> list[tuple[str, Any, bool, str]]:
    """Name, type, has default, kind of every parameter."""
    return [
        (
            p.name,
            p.annotation,
            p.has_default,
            "before" if p.positional_only else "keyword" if p.keyword_only else "plain",
        )
        for p in read_parameters(maker, NONE)
    ]


class EveryKind:
    def __init__(
        self, a: Clock, /, b: Clock, c: Vault | None = None, *rest: int, d: Vault, e: int = 1, **more: int
    ) -> None:
        self.given = (a, b, c, rest, d, e, more)


def test_every_kind_of_parameter_is_told_apart() -> None:
    assert shapes(EveryKind) == [
        ("a", Clock, False, "before"),
        ("b", Clock, False, "plain"),
        ("c", Vault | None, True, "plain"),
        ("d", Vault, False, "keyword"),
        ("e", int, True, "keyword"),
    ]


class Inherits(EveryKind): ...


class MadeByNew:
    def __new__(cls, clock: Clock) -> "MadeByNew":
        return object.__new__(cls)


@dataclass
class Data:
    clock: Clock
    limit: int = 3


class Plain: ...


class Port(Protocol):
    def go(self) -> None: ...


class Adapter(Port):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock


class AdapterWithoutConstructor(Port): ...


class Box(Generic[T]):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock


class Callables:
    def method(self, clock: Clock) -> Vault:
        return Vault()

    @classmethod
    def made(cls, clock: Clock) -> "Callables":
        return cls()

    @staticmethod
    def static(clock: Clock) -> Vault:
        return Vault()

    def __call__(self, clock: Clock) -> Vault:
        return Vault()


class InheritsCall(Callables): ...


def function(clock: Clock) -> Vault:
    return Vault()


@contextmanager
def managed(clock: Clock) -> Iterator[Vault]:
    yield Vault()


def logged(wrapped: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(wrapped)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return wrapped(*args, **kwargs)

    return wrapper


@pytest.mark.parametrize(
    "maker",
    [
        MadeByNew, Adapter, Box, Box[int], Callables().method, Callables.made, Callables.static, Callables(),
        InheritsCall(), function, managed, logged(function), functools.partial(function),
    ],
    ids=lambda maker: getattr(maker, "__name__", type(maker).__name__),
)  # fmt: skip
def test_parameter_is_read_from_every_kind_of_maker(maker: Any) -> None:
    assert shapes(maker) == [("clock", Clock, False, "plain")]


@pytest.mark.parametrize("maker", [Plain, AdapterWithoutConstructor, Port, object, int, len, max])
def test_maker_without_readable_parameters_of_its_own_has_none_that_must_be_filled(maker: Any) -> None:
    assert [p for p in read_parameters(maker, NONE) if not p.has_default and p.annotation is not EMPTY] == []


def test_inherited_constructor_is_read() -> None:
    assert shapes(Inherits) == shapes(EveryKind)


def test_fields_of_a_dataclass_are_parameters() -> None:
    assert shapes(Data) == [("clock", Clock, False, "plain"), ("limit", int, True, "plain")]


def test_parameter_that_a_partial_fills_is_not_asked_for() -> None:
    def make(clock: Clock, size: int) -> Vault:
        return Vault()

    assert shapes(functools.partial(make, size=3)) == [("clock", Clock, False, "plain")]


def test_unannotated_parameter_is_empty() -> None:
    def make(thing, other=1):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return thing

    assert shapes(make) == [("thing", EMPTY, False, "plain"), ("other", EMPTY, True, "plain")]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Clock", Clock),
        ("'Clock'", Clock),
        ("list[Clock]", list[Clock]),
        ("list['Clock']", list[Clock]),
        ("Optional['Clock']", Clock | None),
        ("Union['Clock', Vault, None]", Clock | Vault | None),
        ("Clock | None", Clock | None),
        ("dict[str, list['Vault']]", dict[str, list[Vault]]),
        ("Annotated['Clock', Key('k')]", Annotated[Clock, Key("k")]),
        ("Callable[['Clock'], 'Vault']", Callable[[Clock], Vault]),
    ],
)
def test_string_is_evaluated_with_the_names_inside_it(annotation: str, expected: Any) -> None:
    def make(thing: Any) -> None: ...

    make.__annotations__["thing"] = annotation

    (parameter,) = read_parameters(make, NONE)

    assert parameter.problem == ""
    assert parameter.annotation == expected


@pytest.mark.parametrize("annotation", ["Literal['Clock']", Literal["Clock"], list[Literal["Clock"]]])
def test_string_inside_a_literal_is_a_value_and_no_name(annotation: Any) -> None:
    def make(thing: Any) -> None: ...

    make.__annotations__["thing"] = annotation

    (parameter,) = read_parameters(make, NONE)

    assert parameter.problem == ""
    assert parameter.annotation in (Literal["Clock"], list[Literal["Clock"]])


def test_string_that_cannot_be_evaluated_says_why() -> None:
    def make(thing: "Clock[") -> None: ...  # type: ignore[valid-type]  # noqa: F722

    (parameter,) = read_parameters(make, NONE)

    assert parameter.annotation is EMPTY
    assert parameter.problem.startswith("'Clock[' cannot be evaluated: SyntaxError")


def test_unknown_name_is_reported_with_a_guess() -> None:
    def make(thing: "Clok") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    (parameter,) = read_parameters(make, KnownTypes([Clock]))

    assert parameter == Parameter(
        "thing", EMPTY, False, False, False, "the name Clok is not known there (did you mean Clock?)"
    )


def sync_generator() -> Generator[Vault, None, None]:
    yield Vault()


async def async_generator() -> AsyncIterator[Vault]:
    yield Vault()


async def coroutine() -> Vault:
    return Vault()


def named() -> "Vault":
    return Vault()


def unknown() -> "Valt":  # type: ignore[name-defined]  # noqa: F821
    return Vault()


def silent():  # type: ignore[no-untyped-def]  # noqa: ANN201
    return Vault()


@pytest.mark.parametrize(
    ("factory", "expected"),
    [
        (sync_generator, Generator[Vault, None, None]),
        (async_generator, AsyncIterator[Vault]),
        (coroutine, Vault),
        (named, Vault),
        (function, Vault),
        (functools.partial(function), Vault),
        (Callables.made, Callables),
        (Callables(), Vault),
        (unknown, EMPTY),
        (silent, EMPTY),
        (Clock, EMPTY),
    ],
)
def test_return_annotation_says_what_a_factory_gives(factory: Any, expected: Any) -> None:
    assert read_return(factory, NONE) == expected


@pytest.mark.parametrize("annotation", [Iterator[Vault], Generator[Vault, None, None], AsyncIterator[Vault]])
def test_annotation_of_a_generator_says_what_it_yields(annotation: Any) -> None:
    assert yielded(annotation) is Vault


@pytest.mark.parametrize("annotation", [Vault, list[Vault], EMPTY, Iterator])
def test_annotation_that_does_not_say_what_is_yielded_is_empty(annotation: Any) -> None:
    assert yielded(annotation) is EMPTY


def test_marker_is_taken_off_a_type() -> None:
    assert split_annotated(Annotated[Clock, "note", Key(0)]) == (Clock, 0)


@pytest.mark.parametrize("annotation", [Clock, Annotated[Clock, "note"]])
def test_type_without_marker_has_no_key(annotation: Any) -> None:
    assert split_annotated(annotation) == (Clock, None)


@pytest.mark.parametrize("annotation", [Union[Clock, None], Clock | None, Optional[Clock]])  # noqa: UP007, UP045 - all three are in use
def test_members_of_a_union_are_listed(annotation: Any) -> None:
    assert union_members(annotation) == (Clock, type(None))


def test_other_types_have_no_members() -> None:
    assert union_members(list[Clock]) == ()
