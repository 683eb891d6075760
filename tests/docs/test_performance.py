"""The performance page is what the records generate, and its pictures were drawn from the growth record."""

import re

import pytest

from benchmarks import page
from benchmarks.page_behind import behind
from benchmarks.page_growth import check, growth_of_all, threads
from benchmarks.plots import PICTURES, RECORD, digest, names
from benchmarks.record import Entry, Record
from benchmarks.report import Environment

PICTURE = re.compile(r"!\[[^\]]+\]\(pictures/([^)]+)\)")
MOST_BYTES = 150_000


def text() -> str:
    return page.PAGE.read_text("utf-8")


def record(**values: float) -> Record:
    environment = Environment("today", "a machine", 2, "0.1", "Linux", "CPython", True, "thread_time", {})
    kinds = {"kimera": "own", "byhand": "byhand"}
    entries = [
        Entry("W2", "W2 leaf", name, kinds.get(name, "peer"), "ns", "ok", value=value) for name, value in values.items()
    ]
    return Record(environment, 5, tuple(entries))


def point(services: int, build_ms: float, warm_ns: float) -> dict[str, float]:
    return {"services": services, "build_ms": build_ms, "warm_ns": warm_ns}


def test_page_is_what_the_records_generate() -> None:
    written = text()

    assert page.generate(written, page.read_records()) == written


def test_page_shows_every_part_that_is_made() -> None:
    shown = [found["name"] for found in page.GENERATED.finditer(text())]

    assert sorted(shown) == sorted(page.PARTS)


def test_page_shows_every_picture() -> None:
    assert sorted(PICTURE.findall(text())) == sorted(names())


@pytest.mark.parametrize("name", names())
def test_picture_was_drawn_from_the_record_that_is_checked_in(name: str) -> None:
    drawn = (PICTURES / name).read_bytes()

    assert digest(RECORD.read_bytes()).encode() in drawn
    assert len(drawn) < MOST_BYTES


def test_text_between_the_tables_has_no_measured_figure() -> None:
    prose = page.GENERATED.sub("", text())

    assert re.findall(r"\d[\d.,]* (?:ns|us|ms|s|bytes|times)\b", prose) == []


def test_part_that_nobody_makes_is_an_error() -> None:
    asked = "<!-- generated: nothing -->\n<!-- end of generated -->"

    with pytest.raises(KeyError, match="nothing"):
        page.generate(asked, page.read_records())


def test_containers_that_are_ahead_are_listed_the_best_first() -> None:
    lines = list(behind(record(byhand=10.0, kimera=100.0, slow=300.0, near=97.0, second=80.0, best=70.0)))

    assert lines == ["- W2 leaf: ours 100 ns; best 70, second 80"]


def test_nobody_ahead_is_said() -> None:
    assert list(behind(record(byhand=10.0, kimera=100.0, slow=300.0))) == ["None."]


def test_growth_is_the_quotient_of_the_large_sizes_and_says_where_a_curve_ends() -> None:
    ours = {"adapter": "kimera", "note": "", "points": [point(10, 1, 50), point(1_000, 5, 60), point(10_000, 55, 75)]}
    peer = {"adapter": "peer", "note": "left out from 10,000", "points": [point(10, 1, 50), point(1_000, 5, 500)]}

    lines = list(growth_of_all({"curves": [ours, peer]}))

    assert lines[2:] == [
        "| **kimera_di** | 11.0 times | 1.5 times (10 to 10,000) |",
        "| peer | n/a | 10.0 times (10 to 1,000) |",
        "",
        "peer is left out from 10,000.",
    ]


@pytest.mark.parametrize(("load", "shown"), [("0.3", " 1.75 |"), ("9.0", "")], ids=["quiet", "busy"])
def test_threads_are_one_line_for_each_container_and_speed_is_shown_when_cores_were_free(load: str, shown: str) -> None:
    cell = {"workload": "W5", "adapter": "kimera", "python": "3.13.5", "gil": False, "ratio_to_byhand": 2.5}
    one = {**cell, "threads": 1, "cpu_ns": 500.0, "ratio_to_one": 1.0}
    eight = {**cell, "threads": 8, "cpu_ns": 510.0, "ratio_to_one": 1.75}

    lines = list(threads({"environment": {"load": load, "cores": 2}, "threads": [one, eight]}))

    assert lines[2] == f"| W5, 3.13.5, no GIL, kimera_di | 500 | 510 | 2.50 |{shown}"


def test_checkers_are_compared_round_by_round_and_a_missed_target_is_said() -> None:
    head = {"package": "shop", "modules": 1_200, "mode": "cold"}
    ours = {**head, "checker": "ours", "seconds": [1.0, 5.0, 3.0]}
    reference = {**head, "checker": "lint-imports", "seconds": [1.0, 2.0, 1.0]}

    lines = list(check({"date": "today", "machine": "a machine", "cpu": True, "cells": [ours, reference]}))

    assert lines[2:4] == [
        "| shop, 1,200 modules: kimera check, `kimera_layers` | 3.00 (2.50) |",
        "| shop, 1,200 modules: lint-imports | 1.00 (1.00) |",
    ]
    assert "- **not met**: shop, cold, ours: 2.50 of lint-imports, wanted 2.00" in lines
