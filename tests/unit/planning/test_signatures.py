"""Whether one method may stand for another; every case is a pair of declarations and the reason, or nothing."""

import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, Protocol

import pytest

from kimera_di.planning.signatures import misfit
from kimera_di.registration.names import KnownTypes


class Animal: ...


class Dog(Animal): ...


class Shape(Protocol):
    def area(self) -> float: ...


class Owner:
    """Stands for interface and implementation; only their names are needed."""


def judge(declared: Any, actual: Any) -> str:
    """The reason why ``actual`` does not fit ``declared``."""
    return misfit(declared, actual, Owner, KnownTypes([Animal, Dog]))


def wrapping(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def nothing(self: Any) -> None: ...
def one(self: Any, a: int) -> None: ...
def one_more(self: Any, a: int, b: int = 0) -> None: ...
def one_needed_more(self: Any, a: int, b: int) -> None: ...
def renamed(self: Any, x: int) -> None: ...
def by_position(self: Any, a: int, /) -> None: ...
def by_position_renamed(self: Any, x: int, /) -> None: ...
def by_keyword(self: Any, *, a: int) -> None: ...
def optional(self: Any, a: int = 0) -> None: ...
def anything(self: Any, *args: Any, **kwargs: Any) -> None: ...
def many(self: Any, *args: int) -> None: ...
def named(self: Any, **kwargs: int) -> None: ...
def two(self: Any, a: int, b: int) -> None: ...
def swapped(self: Any, b: int, a: int) -> None: ...
def text(self: Any, a: str) -> None: ...
def either(self: Any, a: int | str) -> None: ...
def unknown(self: Any, a) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001
def animal(self: Any) -> Animal: ...  # type: ignore[empty-body]
def dog(self: Any) -> Dog: ...  # type: ignore[empty-body]
def dog_text(self: Any) -> "Dog": ...  # type: ignore[empty-body]
def dog_or_none(self: Any) -> Dog | None: ...
def takes_animal(self: Any, a: Animal) -> None: ...
def takes_dog(self: Any, a: Dog) -> None: ...
def takes_shape(self: Any, a: Shape) -> None: ...
def integer(self: Any) -> int: ...  # type: ignore[empty-body]
def real(self: Any) -> float: ...  # type: ignore[empty-body]
def a_list(self: Any) -> list[int]: ...  # type: ignore[empty-body]
def a_sequence(self: Any) -> Sequence[int]: ...  # type: ignore[empty-body]
def an_iterable(self: Any) -> Iterable[int]: ...  # type: ignore[empty-body]
def anything_back(self: Any) -> Any: ...
def an_object(self: Any) -> object: ...
async def waits(self: Any) -> None: ...
def awaitable(self: Any) -> Awaitable[None]: ...  # type: ignore[empty-body]
def awaitable_text(self: Any) -> "Coroutine[Any, Any, None]": ...  # type: ignore[empty-body]
async def streams(self: Any) -> Any:
    yield 1


FITS = [
    (nothing, nothing), (one, one_more), (one, optional), (one, anything), (nothing, anything), (two, anything),
    (one, either), (one, unknown), (unknown, one), (by_position, by_position_renamed), (by_position, renamed),
    (by_keyword, one), (many, many), (named, named), (many, anything), (animal, dog), (animal, dog_text),
    (animal, anything_back), (an_object, animal), (dog_or_none, dog), (takes_dog, takes_animal),
    (takes_dog, takes_shape), (real, integer), (an_iterable, a_list), (a_sequence, a_list), (waits, waits),
    (waits, awaitable), (waits, awaitable_text), (awaitable, waits), (awaitable_text, waits),
    (waits, wrapping(nothing)),
    (staticmethod(nothing), staticmethod(nothing)), (classmethod(nothing), classmethod(nothing)),
    (property(nothing), property(nothing)), (3, 4), (property(nothing), 4), (nothing, len), (wrapping(one), one),
]  # fmt: skip


def names(pair: Any) -> str:
    return getattr(pair, "__name__", type(pair).__name__)


@pytest.mark.parametrize(("declared", "actual"), FITS, ids=names)
def test_method_that_suits_every_caller_fits(declared: Any, actual: Any) -> None:
    assert judge(declared, actual) == ""


MISFITS = [
    (one, nothing, "lacks the parameter a"),
    (one, renamed, "calls the parameter a x"),
    (one, by_position, "takes the parameter a by position only"),
    (one, by_keyword, "takes the parameter a by keyword only"),
    (by_keyword, by_position, "takes the parameter a by position only"),
    (by_position, nothing, "lacks the parameter a"),
    (by_position, by_keyword, "lacks the parameter a"),
    (one, one_needed_more, "needs the parameter b, which is not declared"),
    (nothing, one, "needs the parameter a, which is not declared"),
    (optional, one, "requires the parameter a, which is optional in the declaration"),
    (two, swapped, "has the parameter a at another position"),
    (many, nothing, "does not take *args"),
    (named, nothing, "does not take **kwargs"),
    (one, text, "takes str for a, declared as int"),
    (either, one, "takes int for a, declared as int | str"),
    (takes_animal, takes_dog, "takes Dog for a, declared as Animal"),
    (dog, animal, "returns Animal, declared as Dog"),
    (dog, dog_or_none, "returns Dog | None, declared as Dog"),
    (dog, nothing, "returns None, declared as Dog"),
    (integer, real, "returns float, declared as int"),
    (waits, nothing, "is not async, but declared async"),
    (nothing, waits, "is async, but not declared async"),
    (nothing, property(nothing), "is a property, not a method"),
    (property(nothing), nothing, "is a method, but Owner declares a property"),
    (waits, streams, "is an async generator, but an async function is declared (drop async from the declaration)"),
]


@pytest.mark.parametrize(("declared", "actual", "reason"), MISFITS, ids=names)
def test_method_that_would_break_a_caller_is_refused_with_the_reason(declared: Any, actual: Any, reason: str) -> None:
    assert judge(declared, actual) == reason
