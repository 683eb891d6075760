"""Curves over the number of services, and threads on one container."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import get_ident

import pytest

from benchmarks.adapters.byhand import ByHand
from benchmarks.adapters.kimera import Kimera
from benchmarks.case import Case, NotApplicable
from benchmarks.growth import main, render
from benchmarks.growth_curves import MEMORY_LIMIT, Curve, Point, measure_curves
from benchmarks.growth_threads import together
from benchmarks.parts import Part
from benchmarks.runner import Contestant
from benchmarks.workloads import Workload


class Unable:
    """An adapter that cannot be built from services made up."""

    name = "unable"
    package = None

    def case(self, workload: Workload) -> Case | NotApplicable:
        return NotApplicable("it cannot")


class Slow(ByHand):
    """An adapter that counts on being too slow: it remembers how many services it was asked for."""

    name = "slow"

    def __init__(self) -> None:
        self.asked: list[int] = []

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        self.asked.append(len(parts))
        return super().cold(parts)


def test_a_point_has_every_number() -> None:
    contestants = [Contestant(ByHand(), "byhand"), Contestant(Kimera(), "own")]

    curves = measure_curves(contestants, [4, 8], rounds=1)

    assert [(curve.adapter, [point.services for point in curve.points]) for curve in curves] == [
        ("byhand", [4, 8]),
        ("kimera", [4, 8]),
    ]
    for point in (point for curve in curves for point in curve.points):
        assert min(point.build_ms, point.first_us, point.all_ms, point.warm_ns) > 0.0
        assert point.bytes_built is not None
        assert point.bytes_resolved is not None


def test_what_cannot_be_built_from_many_services_is_left_out() -> None:
    assert measure_curves([Contestant(Unable(), "peer")], [4], rounds=1) == []


def test_a_size_that_would_take_too_long_is_left_out_and_said() -> None:
    slow = Slow()

    (curve,) = measure_curves([Contestant(slow, "peer")], [4, 8], rounds=1, budget_s=0.0)

    assert curve.points[0].services == 4
    assert max(slow.asked) == 4
    assert curve.note == "left out from 8 services on: more than 0.0 s"


def test_memory_of_a_large_peer_is_shown_as_nothing() -> None:
    point = Point(MEMORY_LIMIT + 1, 1.0, 2.0, 3.0, 4.0, None, None)

    shown = render([Curve("peer", "peer", [point])])

    assert shown.splitlines()[1].split() == ["peer", "1,001", "1.00", "2.0", "4"]


def test_every_loop_has_a_thread_of_its_own() -> None:
    seen: list[tuple[int, int]] = []

    def loop(number: int) -> float:
        seen.append((get_ident(), number))
        return 0.0

    sample = together([loop, loop, loop], 5)

    assert [number for ident, number in seen if ident != get_ident()] == [5, 5, 5]
    assert sample.wall_s > 0.0


def test_a_failing_loop_is_not_taken_for_a_quick_one() -> None:
    def loop(number: int) -> float:
        raise LookupError(number)

    with pytest.raises(LookupError, match="5"):
        together([loop], 5)


def test_measuring_one_part_keeps_the_other(tmp_path: Path) -> None:
    path = tmp_path / "growth.json"
    path.write_text('{"threads": ["kept"]}', encoding="utf-8")

    code = main(["--quick", "--rounds", "1", "--only", "byhand", "--part", "curves", "--json", str(path)])

    written = json.loads(path.read_text(encoding="utf-8"))
    assert code == 0
    assert written["threads"] == ["kept"]
    assert [curve["adapter"] for curve in written["curves"]] == ["byhand"]
