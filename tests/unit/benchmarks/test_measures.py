"""What is measured otherwise than by a timing loop: threads, memory, and how a scope is held."""

import gc
from threading import get_ident

import pytest

from benchmarks.adapters import ENTRIES
from benchmarks.adapters.byhand import ByHand
from benchmarks.adapters.kimera import Kimera
from benchmarks.case import Adapter, Case, NotApplicable, make_holder
from benchmarks.cli import parse
from benchmarks.imports import USUAL
from benchmarks.memory import Weighed, count_cyclic, weigh_kept, weigh_open
from benchmarks.threads import timed
from benchmarks.workloads import WORKLOADS, Workload

SCOPE = next(each for each in WORKLOADS if each.id == "W6")


class Knot:
    """A cycle of one object and its dictionary."""

    def __init__(self) -> None:
        self.me = self


def case_of(adapter: Adapter, workload: Workload = SCOPE) -> Case:
    case = adapter.case(workload)
    assert not isinstance(case, NotApplicable)
    return case


def test_every_thread_runs_its_part_of_the_operations() -> None:
    seen: list[tuple[int, int]] = []

    def loop(n: int) -> float:
        seen.append((get_ident(), n))
        return 0.0

    timed(loop, 100, 4)

    assert [n for _, n in seen] == [25, 25, 25, 25]


def test_error_of_a_thread_is_raised_by_the_caller() -> None:
    def loop(n: int) -> float:
        raise LookupError(n)

    with pytest.raises(LookupError) as caught:
        timed(loop, 8, 2)

    assert caught.value.args == (4,)


def test_cyclic_objects_are_counted_for_each_operation() -> None:
    assert count_cyclic(Case("Knot()", {"Knot": Knot}), SCOPE) >= 1.0


@pytest.mark.parametrize("adapter", [ByHand(), Kimera()], ids=["byhand", "kimera"])
def test_scope_leaves_nothing_to_the_collector(adapter: Adapter) -> None:
    assert count_cyclic(case_of(adapter), SCOPE) == 0.0
    assert gc.isenabled()


def test_what_is_kept_is_weighed() -> None:
    kept: list[object] = []

    assert weigh_kept(Case("kept.append(object())", {"kept": kept}), SCOPE) >= 16 * 2_000


def test_open_scope_weighs_what_was_made_in_it() -> None:
    empty = weigh_open(Case("None", {}, before="pass"), SCOPE)

    full = weigh_open(Case("bytes(1_000)", {}, before="pass"), SCOPE)

    assert 1_000 <= full - empty < 1_200


def test_weighing_stops_when_it_is_left() -> None:
    with Weighed() as weighed:
        held = bytes(10_000)

        assert weighed.now() >= len(held)


def test_held_scope_is_closed_by_its_code_when_the_holder_ends() -> None:
    seen: list[str] = []
    names = {"seen": seen}
    holder = make_holder(Case("seen.append('got')", names, "seen.append('open')", "seen.append('closed')"))()

    before = list(seen)
    next(holder, None)

    assert (before, seen) == (["open", "got"], ["open", "got", "closed"])


def test_quick_run_measures_the_operations_and_leaves_the_rest_out() -> None:
    options = parse(["--quick"])

    assert [each.id for each in options.workloads] == ["W1", "W1r", "W2", "W3", "W4", "W5", "W6", "W7"]
    assert (options.sections, options.json) == ((), None)
    assert len(options.entries) == 7


def test_whole_run_measures_everything_and_writes_it_down() -> None:
    options = parse([])

    assert options.sections == ("W8", "W9", "W10", "W11")
    assert {entry.name for entry in options.entries if entry.kind == "peer"} == USUAL.keys() - {"kimera"}
    assert [path and path.name for path in (options.json, options.markdown)] == ["containers.json", "containers.md"]


def test_thirteen_peers_are_compared() -> None:
    assert sum(entry.kind == "peer" for entry in ENTRIES) == 13


def test_update_without_a_record_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(["--update"])

    assert caught.value.code == 2
    assert "--update needs --json with a record" in capsys.readouterr().err
