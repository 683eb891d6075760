"""Whether a class may stand for an interface."""

from abc import ABC, abstractmethod
from collections.abc import Sized
from typing import Any, Generic, NewType, Protocol, TypeVar
from unittest.mock import Mock

import pytest

from kimera_di.planning.fit import implements, is_subclass, unfit
from kimera_di.registration.names import KnownTypes

T = TypeVar("T")
NONE = KnownTypes(())
UserId = NewType("UserId", int)


class Port(Protocol):
    limit: int

    def go(self) -> None: ...


class WiderPort(Port, Protocol):
    def stop(self) -> None: ...


class Base(ABC):
    @abstractmethod
    def go(self) -> None: ...

    def helper(self, a: int) -> None:
        self.helped = a


class Done(Base):
    def go(self) -> None: ...


class AssignsLimit:
    def __init__(self) -> None:
        self.limit = 1

    def go(self) -> None: ...


class SlotsLimit:
    __slots__ = ("limit",)

    def go(self) -> None: ...


class OneSlot:
    __slots__ = "limit"  # noqa: PLC0205 - a single string is legal

    def go(self) -> None: ...


class AnnotatesLimit:
    limit: int

    def go(self) -> None: ...


class PropertyLimit:
    @property
    def limit(self) -> int:
        return 1

    def go(self) -> None: ...


class AnswersAnything:
    def __getattr__(self, name: str) -> Any:
        return None


class HasNothing: ...


class Half(Base): ...


class BadHelper(Done):
    def helper(self, b: int) -> None: ...  # type: ignore[override]


class Box(Generic[T]):
    def put(self, thing: T) -> None: ...


class IntBox(Box[int]): ...


class Measured:
    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("interface", "implementation"),
    [
        (Port, AssignsLimit), (Port, SlotsLimit), (Port, OneSlot), (Port, AnnotatesLimit), (Port, PropertyLimit),
        (Port, AnswersAnything), (Base, Done), (Done, Done), (Box[int], IntBox), (Box, IntBox), (Sized, Measured),
        (object, HasNothing), (UserId, HasNothing), (int | HasNothing, HasNothing), (Port, Mock), (Port, 3),
    ],
)  # fmt: skip
def test_class_that_keeps_every_promise_fits(interface: Any, implementation: Any) -> None:
    assert unfit(interface, implementation, NONE, built=True) == []


@pytest.mark.parametrize(
    ("interface", "implementation", "reasons"),
    [
        (
            Port,
            HasNothing,
            ["HasNothing has no go, which Port declares", "HasNothing has no limit, which Port declares"],
        ),
        (WiderPort, AssignsLimit, ["AssignsLimit has no stop, which WiderPort declares"]),
        (Base, HasNothing, ["HasNothing is not a subclass of Base"]),
        (Base, Half, ["Half leaves go abstract, so it cannot be built"]),
        (Base, Base, ["Base leaves go abstract, so it cannot be built"]),
        (object, Half, ["Half leaves go abstract, so it cannot be built"]),
        (Done, Half, ["Half is not a subclass of Done", "Half leaves go abstract, so it cannot be built"]),
        (Port, Port, ["Port is a Protocol: it cannot be built, only implemented"]),
        (int | str, HasNothing, ["HasNothing fits none of int | str"]),
        (Base, BadHelper, ["BadHelper.helper calls the parameter a b"]),
    ],
)
def test_class_that_breaks_a_promise_is_refused_with_every_reason(
    interface: Any, implementation: Any, reasons: list[str]
) -> None:
    assert unfit(interface, implementation, NONE, built=True) == reasons


def test_supplied_object_of_an_abstract_class_was_built_by_somebody() -> None:
    assert unfit(Base, Half, NONE, built=False) == []


@pytest.mark.parametrize(("cls", "wanted", "expected"), [(Done, Base, True), (HasNothing, Base, False)])
def test_class_is_a_subclass_or_not(cls: type, wanted: type, expected: bool) -> None:
    assert is_subclass(cls, wanted) is expected


def test_protocol_with_data_that_python_refuses_to_judge_has_only_its_real_subclasses() -> None:
    class Adapter(Port):
        limit = 1

        def go(self) -> None: ...

    assert is_subclass(Adapter, Port)
    assert not is_subclass(AssignsLimit, Port)


@pytest.mark.parametrize(("cls", "expected"), [(AssignsLimit, True), (HasNothing, False)])
def test_class_is_a_likely_implementation_when_it_has_all_that_a_protocol_declares(cls: type, expected: bool) -> None:
    assert implements(cls, Port) is expected
