"""The published schema holds for everything a report can have."""

import json
from importlib.resources import files
from typing import Any, get_args

import jsonschema
import pytest

from kimera_di.architecture.model.findings import Kind
from kimera_di.architecture.reports.report import Report
from tests.unit.architecture.reports.rich_report import EMPTY, RICH

pytestmark = pytest.mark.check

SCHEMA: dict[str, Any] = json.loads(
    files("kimera_di.architecture").joinpath("check-report-v1.schema.json").read_text("utf-8")
)


@pytest.mark.parametrize("report", [RICH, EMPTY, Report()], ids=["rich", "kept", "nothing"])
def test_report_follows_the_schema(report: Report) -> None:
    data = json.loads(report.to_json())

    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert len(data["findings"]) == len(report.findings)


def test_schema_knows_every_kind_and_no_other() -> None:
    assert set(SCHEMA["$defs"]["finding"]["properties"]["kind"]["enum"]) == set(get_args(Kind))


def test_schema_describes_every_key_that_is_written() -> None:
    """A key that nobody described is a key that nobody may rely on."""
    data = json.loads(RICH.to_json())
    described = SCHEMA["properties"]
    definitions = SCHEMA["$defs"]

    assert data.keys() == described.keys()
    assert data["summary"].keys() == described["summary"]["properties"].keys()
    assert data["contracts"][0].keys() == definitions["contract"]["properties"].keys()
    assert data["findings"][0].keys() == definitions["finding"]["properties"].keys()
    assert data["contracts"][0]["ignored"][0].keys() == definitions["ignored"]["properties"].keys()
    assert data["unresolved"][0].keys() == described["unresolved"]["items"]["properties"].keys()


def test_keys_of_later_versions_are_allowed_everywhere() -> None:
    data = with_extra(json.loads(RICH.to_json()))

    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert data["findings"][0]["chain"] == [] or "later" in data["findings"][0]["chain"][0]


def with_extra(value: Any) -> Any:
    """Put a key into every object; a number, because counts may be all that an object has."""
    if isinstance(value, dict):
        return {**{key: with_extra(inner) for key, inner in value.items()}, "later": 1}
    return [with_extra(inner) for inner in value] if isinstance(value, list) else value
