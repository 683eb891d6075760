"""The rules about ports under every command: equal verdicts, baseline, text, start-up."""

import json
from pathlib import Path

import pytest

from kimera_di import BuildErrors, ServiceCollection
from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.reports.text_report import render_text
from kimera_di.composition.loading import load_wiring
from kimera_di.composition.startup import architecture_problems
from kimera_di.errors import LayerViolationError
from tests.spec.test_golden_errors import assert_golden
from tests.unit.cli.command import kimera, lint_imports
from tests.unit.composition.ports_tree import check_ports, triples, write_ports
from tests.unit.composition.worlds import make_class

pytestmark = pytest.mark.check

ALL = "unbound = true\nconcrete = true\n"
BROKEN = {
    "shop.core.ports": """
        from typing import TYPE_CHECKING, Protocol
        if TYPE_CHECKING:
            from shop.api.store import Row
        class Store(Protocol):
            def rows(self) -> "list[Row]": ...
        class Clock(Protocol):
            def now(self) -> float: ...
        """,
    "shop.core.tables": """
        from shop.core.ports import Store
        class Table(Store):
            def __init__(self) -> None: ...
            def rows(self): ...
        """,
    "shop.api.clocks": """
        from shop.core.ports import Clock
        class WallClock(Clock): ...
        """,
    "shop.api.pages": """
        from shop.core.tables import Table
        class Page:
            def __init__(self, table: Table) -> None: ...
        """,
    "shop.main": """
        from kimera_di import ServiceCollection
        from shop.api.pages import Page
        from shop.core.tables import Table
        def report(table: Table) -> None: ...
        report.__module__ = "shop.api.pages"
        services = ServiceCollection().singleton(Table).singleton(Page).validate_call(report)
        """,
}
EDGES = [
    ("KD426", "shop.core.ports.Clock", "shop.api.clocks.WallClock"),
    ("KD427", "shop.api.pages.Page", "shop.core.tables.Table"),
    ("KD427", "shop.api.pages.report", "shop.core.tables.Table"),
]
BOUND = {
    **BROKEN,
    "shop.main": BROKEN["shop.main"]
    .replace("singleton(Table)", "singleton(Store, Table).alias(Table, Store)")
    .replace("from shop.core.tables", "from shop.core.ports import Store\n        from shop.core.tables"),
}
LEAK = ("KD425", "shop.core.ports.Store", "shop.api.store.Row")


def test_each_rule_finds_its_own(tmp_path: Path) -> None:
    assert sorted(triples(check_ports(tmp_path, BROKEN, options=ALL))) == EDGES


def test_interface_that_is_registered_but_not_asked_for_may_not_leak_either(tmp_path: Path) -> None:
    assert LEAK in triples(check_ports(tmp_path, BOUND, options=ALL))


@pytest.mark.slow
def test_lint_imports_and_kimera_check_say_the_same(tmp_path: Path) -> None:
    write_ports(tmp_path, BOUND, options=ALL)

    checked = kimera(tmp_path, "check", "--config", "contracts.toml", "--format", "json")
    linted = lint_imports(tmp_path, "contracts.toml")

    findings = [each for each in json.loads(checked.stdout)["findings"] if each["contract"] == "wiring"]
    assert (checked.returncode, linted.returncode) == (1, 1)
    assert {each["code"] for each in findings} == {"KD425", "KD426", "KD427"}
    for finding in findings:
        assert finding["message"] in linted.stdout


@pytest.mark.slow
def test_baseline_holds_the_findings_about_ports(tmp_path: Path) -> None:
    write_ports(tmp_path, BOUND, options=ALL)

    written = kimera(tmp_path, "baseline", "--config", "contracts.toml", "--output", "known.json", CI="")
    checked = kimera(tmp_path, "check", "--config", "contracts.toml", "--baseline", "known.json")

    assert written.returncode == 0, written.stderr
    assert checked.returncode == 0, checked.stdout


def test_report_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    text = render_text(check_ports(tmp_path, BOUND, options=ALL))

    assert "shop.core.ports.Store (core) shows shop.api.store.Row (api) in 'rows'" in text
    assert "└─ shop.core.ports.Store -> shop.api.store.Row" in text
    assert "do this  move Row to core or a layer below it" in text


@pytest.mark.parametrize("option", ["leaks", "unbound", "concrete"])
def test_option_that_is_no_boolean_is_a_mistake(tmp_path: Path, option: str) -> None:
    report = check_ports(tmp_path, options=f'{option} = "sometimes"')

    assert report.exit_code == 2
    assert f"{option} must be true or false" in (report.contracts[1].error or "")


@pytest.mark.parametrize("value", ["true", "True", "false", "False"])
def test_text_of_an_ini_file_is_a_boolean(tmp_path: Path, value: str) -> None:
    """import-linter's INI files know no booleans."""
    report = check_ports(tmp_path, BROKEN, options=f'unbound = "{value}"')

    assert (EDGES[0] in triples(report)) is (value.lower() == "true")


def started(root: Path, options: str) -> tuple[LayerViolationError, ...]:
    file = write_ports(root, BOUND, options=options)
    wiring = load_wiring("shop.main:services", [str(root)])
    loaded = Architecture.load(file, root=root)
    return architecture_problems(wiring.graph, loaded, False, wiring.targets)


def test_start_up_judges_what_the_wiring_alone_shows(tmp_path: Path) -> None:
    problems = started(tmp_path, ALL)

    assert [(each.finding_code, each.importer) for each in problems] == [
        ("KD427", "shop.api.pages.Page"),
        ("KD427", "shop.api.pages.report"),
    ]


def test_text_of_a_class_for_its_interface_at_start_up_is_the_golden_one(tmp_path: Path) -> None:
    first, *_ = started(tmp_path, ALL)

    assert_golden(first, "KD207_class_for_its_interface")


@pytest.mark.parametrize(
    ("rule", "judged"),
    [
        pytest.param("shop.core.ports.Store -> shop.api.store.Row", False, id="may excuse a leak"),
        pytest.param("shop.core.** -> shop.api.**", False, id="may excuse a leak of some interface"),
        pytest.param("shop.core.nobody.Nobody -> shop.api.store.Row", True, id="names no interface"),
    ],
)
def test_start_up_does_not_judge_an_ignore_that_only_sources_can(tmp_path: Path, rule: str, judged: bool) -> None:
    problems = started(tmp_path, f'ignore = [{{ import = "{rule}", reason = "a test" }}]')

    assert [each.finding_code for each in problems] == (["KD416"] if judged else [])


def test_start_up_judges_no_unused_ignore_where_any_interface_may_be_unbound(tmp_path: Path) -> None:
    rule = 'ignore = [{ import = "shop.core.nobody.Nobody -> shop.api.store.Row", reason = "a test" }]'

    assert started(tmp_path, f"unbound = true\n{rule}") == ()


def test_start_up_tells_of_an_expired_ignore(tmp_path: Path) -> None:
    rule = 'import = "shop.core.ports.Store -> shop.api.store.Row", reason = "a test", until = "2020-01-31"'

    problems = started(tmp_path, f"ignore = [{{ {rule} }}]")

    assert [each.finding_code for each in problems] == ["KD418"]


def test_build_judges_functions_that_are_called_with_services(tmp_path: Path) -> None:
    higher = make_class("shop.api.store.SqlStore")

    def report(store: object) -> None: ...

    report.__module__, report.__qualname__ = "shop.core.pages", "report"
    report.__annotations__["store"] = higher
    services = ServiceCollection().singleton(higher).validate_call(report)

    with pytest.raises(BuildErrors) as caught:
        services.build(architecture=write_ports(tmp_path), imports=False)

    (problem,) = caught.value.exceptions
    assert isinstance(problem, LayerViolationError)
    assert (problem.importer, problem.imported) == ("shop.core.pages.report", "shop.api.store.SqlStore")
