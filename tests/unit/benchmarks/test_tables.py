"""Markdown of a record, and what a size of W9 gives."""

from benchmarks import tables
from benchmarks.adapters import Kind
from benchmarks.adapters.byhand import ByHand
from benchmarks.adapters.kimera import Kimera
from benchmarks.case import Adapter
from benchmarks.cold import measure_size
from benchmarks.record import Entry, Record
from benchmarks.report import Environment
from benchmarks.runner import Contestant

ENVIRONMENT = Environment("2026-11-21", "a processor", 2, "0.1", "Linux", "CPython 3.11.7", True, "thread_time", {})


class Broken:
    """An adapter whose container raises."""

    name = "broken"
    package = None

    def case(self, workload: object) -> object:
        """Never called."""
        raise AssertionError(workload)

    def cold(self, parts: object) -> object:
        """Fail as a container would."""
        raise LookupError("no such service")


def entry(
    row: str, adapter: str, kind: Kind, value: float, to_byhand: float | None = None, to_fastest: float | None = None
) -> Entry:
    basis = (row.partition(" ")[0], row, adapter, kind, "ns", "ok")
    fastest = "dishka" if to_fastest is not None else None
    return Entry(*basis, value=value, to_byhand=to_byhand, to_fastest=to_fastest, fastest=fastest)


def record(*entries: Entry) -> Record:
    return Record(ENVIRONMENT, 31, entries)


def test_targets_say_what_was_measured_and_how_far_away_it_is() -> None:
    found = tables.targets(record(entry("W5 request", "kimera", "own", 1500.0, to_byhand=1.4, to_fastest=0.9)))

    assert "| W5 request | by hand | 1.40 | 1.75 | met |" in found
    assert "| W5 request | the fastest peer (dishka) | 0.90 | 0.45 | **not met**, 100% over |" in found
    assert "1 of 2 targets are met." in found


def test_target_that_is_met_in_another_form_says_so() -> None:
    row = "W11 import of the usual names"

    found = tables.targets(record(entry(row, "kimera", "own", 30.0, to_fastest=1.2)))

    assert "met by its other form (20% over)" in found
    assert "2 of 2 targets are met." in found


def test_containers_are_lines_and_what_is_not_there_is_empty() -> None:
    entries = [
        entry("W2 leaf", "kimera", "own", 150.0),
        entry("W3 chain", "kimera", "own", 650.5),
        entry("W2 leaf", "dishka", "peer", 1234.0),
    ]

    found = tables.render(record(*entries))

    assert "| **kimera** | 150 | 650 |\n| dishka | 1,234 |  |" in found


def test_reason_is_written_once_with_all_it_holds_for() -> None:
    declined = [Entry(name, f"{name} x", "punq", "peer", "ns", "n/a", "has no scopes") for name in ("W5", "W6")]

    assert tables.notes(record(*declined)) == "- punq, n/a (W5; W6): has no scopes"


def test_size_is_measured_and_a_container_that_raises_is_written_down() -> None:
    adapters: list[tuple[Adapter, Kind]] = [(ByHand(), "byhand"), (Kimera(), "own"), (Broken(), "peer")]  # type: ignore[list-item]
    taken: dict[Adapter, float] = {}

    found = measure_size([Contestant(*pair) for pair in adapters], 20, "string", 2, taken)

    assert [(figure.adapter, figure.status, len(figure.samples)) for figure in found] == [
        ("byhand", "ok", 2),
        ("kimera", "ok", 2),
        ("broken", "failed", 0),
    ]
    assert found[2].note == "LookupError: no such service"


def test_size_that_would_take_too_long_is_left_out() -> None:
    slow = Kimera()

    found = measure_size([Contestant(slow, "own")], 20, "real", 1, {slow: 60.0})

    assert [(figure.status, figure.note) for figure in found] == [("n/a", "would take over 5 s")]
