import datetime
import json
import typing
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import pytest

from kimera_di.architecture.caching.report_data import KNOWN_TYPES, report_from_data, report_to_data
from kimera_di.architecture.model.findings import ContractResult, Finding, IgnoredImport, Link, Undecided, Unseen
from kimera_di.architecture.reports.report import Report
from kimera_di.errors import InternalError

FINDING = Finding(
    code="KD411", contract="layers", kind="runtime", importer="shop.a", imported="shop.b", file="shop/a.py", line=3,
    message="shop.a imports shop.b", chain=(Link("shop.a", "shop.b", "shop/a.py", 3),), advice="do not",
)  # fmt: skip
RESULT = ContractResult(
    id="layers", name="Layers [1]", type="kimera_layers", file="c.toml", line=2, kept=False, why="a \N{SNOWMAN}",
    findings=(FINDING,),
    ignored=(IgnoredImport("a", "b", None, None, "why", datetime.date(2026, 12, 31), "#1"),),
    undecided=(Undecided("Vault", None, 7),),
)  # fmt: skip
REPORT = Report(
    contracts=(RESULT,),
    findings=(FINDING,),
    unseen=(Unseen("shop/\udcff.py", "the file name is no UTF-8"),),
    modules=frozenset({"shop", "shop.a", "shop.b"}),
    imports=frozenset({("shop.a", "shop.b"), ("shop.a", "shop"), ("shop.b", "shop")}),
)


def through_json(report: Report) -> Report:
    return report_from_data(json.loads(json.dumps(report_to_data(report))))


@pytest.mark.parametrize("report", [Report(), REPORT], ids=["empty", "full"])
def test_report_survives(report: Report) -> None:
    assert through_json(report) == report


def test_equal_reports_give_equal_bytes() -> None:
    shuffled = replace(REPORT, imports=frozenset(sorted(REPORT.imports, reverse=True)))

    assert json.dumps(report_to_data(shuffled)) == json.dumps(report_to_data(REPORT))


def test_every_class_in_a_report_is_known() -> None:
    """Who adds a class to a report without adding it there would find nothing kept any more."""
    assert {each.__name__ for each in classes_in(Report)} == set(KNOWN_TYPES)


def test_class_that_is_not_known_is_refused() -> None:
    @dataclass(frozen=True)
    class Remark:
        text: str

    report = replace(REPORT, errors=typing.cast("tuple[str, ...]", (Remark("new"),)))

    with pytest.raises(InternalError, match="a report that holds a Remark cannot be kept"):
        report_to_data(report)


@pytest.mark.parametrize("data", [{}, {"report": None}, {"report": ["Finding"]}, {"report": ["str"]}], ids=range(4))
def test_data_of_another_form_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError), match=r"report|argument|str"):
        report_from_data(data)


def classes_in(kind: Any, found: set[type] | None = None) -> set[type]:
    found = set() if found is None else found
    for part in (kind, *parts_of(kind)):
        if is_dataclass(part) and isinstance(part, type) and part not in found:
            found.add(part)
            hints = typing.get_type_hints(part)
            for field in fields(part):
                classes_in(hints[field.name], found)
    return found


def parts_of(kind: Any) -> Iterator[Any]:
    for part in typing.get_args(kind):
        yield part
        yield from parts_of(part)
