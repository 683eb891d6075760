"""Which types are collections, and which keys are of a type."""

import enum
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Literal, NewType, Protocol

import pytest

from kimera_di.planning.collected import Collected, collected_by, takes_key


class Colour(enum.Enum):
    RED = 1


class Named(Protocol):
    name: str


TenantId = NewType("TenantId", str)


@pytest.mark.parametrize(
    ("interface", "expected"),
    [
        (list[int], Collected("list", int)),
        (Sequence[int], Collected("list", int)),
        (Iterable[int], Collected("list", int)),
        (tuple[int, ...], Collected("tuple", int)),
        (dict[str, int], Collected("mapping", int, str)),
        (Mapping[str, int], Collected("mapping", int, str)),
        (tuple[int, str], None),
        (tuple[int], None),
        (set[int], None),
        (list, None),
        (int, None),
    ],
    ids=str,
)
def test_collection_is_recognised(interface: Any, expected: Collected | None) -> None:
    assert collected_by(interface) == expected


@pytest.mark.parametrize(
    ("annotation", "key", "expected"),
    [
        (str, "a", True), (str, 1, False), (str, None, False), (str | None, None, True), (None, None, True),
        (Any, 1, True), (object, 1, True), (Hashable, "a", True), (Literal["a", 1], "a", True),
        (Literal[1], True, False), (TenantId, "a", True), (TenantId, 1, False), (float, 1, True),
        (float, True, False), (Colour, Colour.RED, True), (Colour, 1, False), (tuple[str, int], ("a", 1), True),
        (tuple[str, int], "a", False), (Named, "a", True), (int, True, True),
    ],
    ids=str,
)  # fmt: skip
def test_key_is_of_a_type(annotation: Any, key: Hashable, *, expected: bool) -> None:
    assert takes_key(annotation, key) is expected
