"""Figures, the record of a run, and the verdicts about it."""

import dataclasses
import json

import pytest

from benchmarks.adapters import Kind
from benchmarks.figures import Figure
from benchmarks.record import Entry, Record, from_json, to_record, update
from benchmarks.report import Environment
from benchmarks.targets import ABSOLUTE, BY_HAND, FASTEST, TARGETS, Target, is_good, judge

ENVIRONMENT = Environment(
    date="2026-11-21 20:00 UTC",
    machine="a processor",
    cores=2,
    load="0.1",
    system="Linux x86_64",
    python="CPython 3.11.7",
    gil=True,
    clock="thread_time",
    packages={"dishka": "1.10.1"},
)
ROW = "W5 request scope"


def figure(adapter: str, kind: Kind, *samples: float) -> Figure:
    return Figure("W5", ROW, adapter, kind, "ns", samples=list(samples))


def measured() -> list[Figure]:
    declined = figure("punq", "peer")
    declined.decline("has no scopes")
    return [
        figure("byhand", "byhand", 100.0, 200.0, 100.0),
        figure("kimera", "own", 150.0, 300.0, 160.0),
        figure("dishka", "peer", 600.0, 600.0, 640.0),
        figure("wireup", "peer", 300.0, 600.0, 320.0),
        figure("dishka-nolock", "unlocked", 10.0, 10.0, 10.0),
        declined,
    ]


def record(*figures: Figure) -> Record:
    return to_record(figures or measured(), ENVIRONMENT, 3)


def test_ratios_are_the_median_of_the_quotients_within_a_round() -> None:
    mine = record().find(ROW, "kimera")

    assert mine is not None
    assert (mine.value, mine.to_byhand, mine.to_fastest, mine.fastest) == (160.0, 1.5, 0.5, "wireup")


def test_container_with_its_locks_turned_off_is_not_the_fastest_peer() -> None:
    assert {entry.fastest for entry in record().entries if entry.status == "ok"} == {"wireup"}


def test_figure_that_was_declined_has_a_reason_and_no_number() -> None:
    found = record().entries[-1]

    assert (found.status, found.note, found.value) == ("n/a", "has no scopes", None)
    assert record().find(ROW, "punq") is None


def test_figures_of_different_rounds_compare_their_medians() -> None:
    one, other = figure("kimera", "own", 10.0, 30.0, 20.0), figure("byhand", "byhand", 10.0)

    assert one.ratio_to(other) == 2.0


def test_nothing_has_a_ratio_to_zero() -> None:
    assert figure("kimera", "own", 1.0).ratio_to(figure("byhand", "byhand", 0.0)) is None


def test_record_comes_back_from_json_unchanged() -> None:
    assert from_json(record().to_json()) == record()


def test_record_of_another_version_is_refused() -> None:
    data = json.loads(record().to_json()) | {"schema_version": 1}

    with pytest.raises(ValueError, match="schema version 2"):
        from_json(json.dumps(data))


def test_record_with_an_unknown_field_is_refused() -> None:
    data = json.loads(record().to_json())
    data["entries"][0]["speed"] = 1

    with pytest.raises(ValueError, match="Entry has no field speed"):
        from_json(json.dumps(data))


def test_update_replaces_the_rows_that_were_measured_again() -> None:
    old = Record(
        ENVIRONMENT, 3, (Entry("W10", "W10 bytes", "kimera", "own", "bytes", "ok", value=1.0), *record().entries)
    )

    found = update(old, record(figure("kimera", "own", 7.0)))

    assert [(entry.row, entry.adapter, entry.value) for entry in found.entries] == [
        (ROW, "kimera", 7.0),
        ("W10 bytes", "kimera", 1.0),
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"python": "CPython 3.13.0"}, "same python"), ({"packages": {"dishka": "2.0"}}, "same version of dishka")],
    ids=["interpreter", "peer"],
)
def test_update_refuses_what_cannot_be_compared(changed: dict[str, object], said: str) -> None:
    other = dataclasses.replace(ENVIRONMENT, **changed)  # type: ignore[arg-type]

    with pytest.raises(ValueError, match=said):
        update(record(), Record(other, 3, ()))


@pytest.mark.parametrize(
    ("target", "value", "is_met"),
    [
        (Target("W5", BY_HAND, 1.75), 1.5, True),
        (Target("W5", BY_HAND, 1.4), 1.5, False),
        (Target("W5", FASTEST, 0.45), 0.5, False),
        (Target("W5", "dishka", 0.3), 160.0 / 600.0, True),
        (Target(ROW, ABSOLUTE, 200.0), 160.0, True),
    ],
    ids=["by hand", "missed", "fastest", "named peer", "absolute"],
)
def test_target_is_compared_with_what_it_names(target: Target, value: float, is_met: bool) -> None:
    (verdict,) = judge(record(), (target,))

    assert verdict.value == pytest.approx(value)
    assert verdict.is_met is is_met


def test_distance_is_a_part_of_the_limit() -> None:
    (verdict,) = judge(record(), (Target("W5", FASTEST, 0.4),))

    assert verdict.distance == pytest.approx(0.25)


def test_one_of_two_forms_of_a_target_is_enough() -> None:
    verdicts = judge(record(), (Target("W5", BY_HAND, 1.0, "any"), Target("W5", FASTEST, 1.0, "any")))

    assert [verdict.is_met for verdict in verdicts] == [False, True]
    assert all(is_good(verdict, verdicts) for verdict in verdicts)


def test_what_was_not_measured_has_no_verdict() -> None:
    assert [verdict.row for verdict in judge(record())] == [ROW, ROW]


def test_every_target_names_one_thing_once() -> None:
    named = [(target.row, target.against) for target in TARGETS]

    assert len(set(named)) == len(named)


def test_update_keeps_the_rounds_of_the_timing_loops() -> None:
    threads = Entry("W8", "W8 W5, 1 thread", "kimera", "own", "ns", "ok", value=1.0, samples=99)

    assert update(record(), Record(ENVIRONMENT, 99, (threads,))).rounds == 3
