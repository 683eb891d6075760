"""Make plain data of a report, and the same report of the data.

In: a `Report`. Out: data for JSON, and back. Not the published JSON report: this form is for the same program a moment
later, is as quick to read as possible, and may change with every version.
"""

import datetime
from collections.abc import Mapping
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, cast

from kimera_di.architecture.model.findings import ContractResult, Finding, IgnoredImport, Link, Undecided, Unseen
from kimera_di.architecture.model.module_graph import Pair, UnresolvedImport
from kimera_di.architecture.reports.report import Report
from kimera_di.errors import InternalError

_TYPES: tuple[type, ...] = (
    ContractResult,
    Finding,
    IgnoredImport,
    Link,
    Report,
    Undecided,
    Unseen,
    UnresolvedImport,
)
KNOWN_TYPES: Mapping[str, type] = {each.__name__: each for each in _TYPES}
"""Every class that a report is made of."""
_VALUES = {name: attrgetter(*(field.name for field in fields(each))) for name, each in KNOWN_TYPES.items()}
_SCALARS = frozenset({"NoneType", "bool", "float", "int", "str"})


def report_to_data(report: Report) -> Mapping[str, object]:
    """Give a report as plain data.

    Args:
        report: The report.

    Returns:
        Data for JSON. Time O(findings + imports).

    Raises:
        InternalError: A class in the report is not in `KNOWN_TYPES`.
    """
    targets: dict[str, list[str]] = {}
    for importer, imported in sorted(report.imports):
        targets.setdefault(importer, []).append(imported)
    rest = replace(report, modules=frozenset(), imports=frozenset())
    return {"report": _plain(rest), "modules": sorted(report.modules), "imports": targets}


def report_from_data(data: Mapping[str, Any]) -> Report:
    """Give the report back.

    Args:
        data: From `report_to_data`, perhaps through JSON.

    Returns:
        An equal report.

    Raises:
        LookupError: The data has another form; likewise the other two.
        TypeError: See above.
        ValueError: See above.
    """
    rest = _value(data["report"])
    if not isinstance(rest, Report):
        raise TypeError("no report")
    targets = cast("dict[str, list[str]]", data["imports"])
    pairs: frozenset[Pair] = frozenset((one, other) for one, others in targets.items() for other in others)
    return replace(rest, modules=frozenset(cast("list[str]", data["modules"])), imports=pairs)


def _plain(value: Any) -> Any:
    """Turn a value into scalars and lists that begin with the name of their type."""
    name = type(value).__name__
    if name in _SCALARS:
        return value
    if name == "tuple":
        return [name, *map(_plain, value)]
    if name == "frozenset" and not value:
        return [name]
    if name == "date":
        return [name, value.isoformat()]
    if type(value) is not KNOWN_TYPES.get(name):
        raise InternalError(f"a report that holds a {name} cannot be kept")
    return [name, *map(_plain, _VALUES[name](value))]


def _value(data: Any) -> Any:
    if data.__class__ is not list:
        return data
    name, items = data[0], tuple(map(_value, data[1:]))
    if name == "tuple":
        return items
    if name == "date":
        return datetime.date.fromisoformat(items[0])
    return frozenset[Any]() if name == "frozenset" else KNOWN_TYPES[name](*items)
