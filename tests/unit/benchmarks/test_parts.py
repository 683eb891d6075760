"""The services of W9 and W10."""

import sys
from typing import get_type_hints

import pytest

from benchmarks.adapters.byhand import ByHand
from benchmarks.adapters.kimera import Kimera
from benchmarks.case import ColdAdapter
from benchmarks.cold import check
from benchmarks.parts import Part, forget, make_parts, needs_of


@pytest.mark.parametrize("strings", [False, True], ids=["real", "string"])
def test_parts_need_what_their_annotations_say(strings: bool) -> None:
    parts = make_parts(40, strings=strings)

    hints = [get_type_hints(part.kind.__init__) for part in parts]  # type: ignore[misc]
    raw = parts[-1].kind.__init__.__annotations__  # type: ignore[misc]
    forget(parts)

    assert [tuple(list(hint.values())[:-1]) for hint in hints] == [part.needs for part in parts]
    assert isinstance(next(iter(raw.values())), str) is strings


def test_no_part_needs_more_than_three_or_one_after_it() -> None:
    needs = [needs_of(number) for number in range(500)]

    assert max(map(len, needs)) == 3
    assert all(need < number for number, found in enumerate(needs) for need in found)


def test_forgotten_parts_are_not_importable() -> None:
    parts = make_parts(2)
    module = parts[0].kind.__module__

    forget(parts)

    assert module not in sys.modules


@pytest.mark.parametrize("adapter", [ByHand(), Kimera()], ids=["byhand", "kimera"])
def test_adapter_gives_the_singletons_that_were_registered(adapter: ColdAdapter) -> None:
    parts = make_parts(30)

    get = adapter.cold(parts)

    check(get, parts)
    forget(parts)


def _transients(parts: list[Part]) -> dict[type, object]:
    made: dict[type, object] = {}
    for part in parts:
        made[part.kind] = part.kind(*(made[need] for need in part.needs))
    return made


def test_look_up_that_makes_new_objects_is_refused() -> None:
    parts = list(make_parts(3))

    with pytest.raises(ValueError, match="Part0 is not a singleton"):
        check(lambda kind: _transients(parts)[kind], parts)
    forget(parts)


def test_service_with_another_object_than_the_singleton_is_refused() -> None:
    parts = list(make_parts(3))
    made, others = _transients(parts), _transients(parts)
    made[parts[2].kind] = others[parts[2].kind]

    with pytest.raises(ValueError, match="Part2 was not given"):
        check(made.__getitem__, parts)
    forget(parts)
