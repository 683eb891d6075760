import datetime
from pathlib import Path

import pytest

from kimera_di.architecture.ignoring.ignores import apply_ignores
from kimera_di.architecture.model.codes import IGNORE_EXPIRED, IGNORE_IRRELEVANT, IGNORE_UNUSED
from kimera_di.architecture.model.findings import Finding
from kimera_di.architecture.model.specs import IgnoreRule
from kimera_di.architecture.reports.text_report import render_text
from tests.unit.architecture.trees import check, layers

Pair = tuple[str, str]
PAIRS: set[Pair] = {("core.a", "web.a"), ("core.a", "core.b"), ("core.b", "web.b")}
TODAY = datetime.date(2026, 11, 21)


def applied(*rules: IgnoreRule, broken: set[Pair] | None = None) -> tuple[frozenset[Pair], list[str]]:
    bad = {("core.a", "web.a"), ("core.b", "web.b")} if broken is None else broken
    found = apply_ignores(
        rules, PAIRS, lambda pairs: bad & set(pairs), file="c.toml", contract="c", known=[("x", "y")], today=TODAY
    )
    return found.kept, [finding.code for finding in found.findings]


def rule(importer: str, imported: str, until: datetime.date | None = None) -> IgnoreRule:
    return IgnoreRule(importer, imported, "reason", until, line=4)


def test_ignored_edge_does_not_count() -> None:
    kept, findings = applied(rule("core.a", "web.a"))

    assert (("core.a", "web.a") in kept, findings) == (False, [])


def test_wildcard_takes_out_every_edge_that_matches() -> None:
    assert applied(rule("core.*", "web.**")) == (frozenset({("core.a", "core.b")}), [])


def test_ignore_that_matches_nothing_is_unused() -> None:
    assert applied(rule("core.a", "nowhere"))[1] == [IGNORE_UNUSED]


def test_ignore_that_matches_only_legal_edges_is_irrelevant() -> None:
    assert applied(rule("core.a", "core.b"))[1] == [IGNORE_IRRELEVANT]


def test_ignore_that_matches_only_edges_that_do_not_count_is_irrelevant() -> None:
    assert applied(rule("x", "y"))[1] == [IGNORE_IRRELEVANT]


def test_ignore_holds_on_its_last_day() -> None:
    assert applied(rule("core.a", "web.a", TODAY))[1] == []


def test_ignore_past_its_last_day_excuses_nothing_and_is_a_finding() -> None:
    kept, findings = applied(rule("core.a", "web.a", TODAY - datetime.timedelta(days=1)))

    assert (("core.a", "web.a") in kept, findings) == (True, [IGNORE_EXPIRED])


def test_of_two_ignores_for_the_same_edge_the_first_is_irrelevant() -> None:
    assert applied(rule("core.a", "web.a"), rule("core.*", "web.a"))[1] == [IGNORE_IRRELEVANT]


@pytest.mark.check
def test_of_two_ignores_on_one_chain_only_the_first_is_irrelevant(tmp_path: Path) -> None:
    modules = {"shop.web": "", "shop.core": "import shop.util", "shop.util": "import shop.web"}
    text = """
        layers = ["web", "core"]
        containers = ["shop"]
        ignore = [
            { import = "shop.core -> shop.util", reason = "r" },
            { import = "shop.util -> shop.web", reason = "r" },
        ]
    """

    (finding,) = check(tmp_path, modules, layers(text)).findings

    assert (finding.code, finding.importer, finding.line) == (IGNORE_IRRELEVANT, "shop.core", 11)


@pytest.mark.check
def test_useless_ignore_is_a_finding_in_the_contract_file(tmp_path: Path) -> None:
    text = 'layers = ["web", "core"]\ncontainers = ["shop"]\nignore = [{ import = "a -> b", reason = "r" }]'

    report = check(tmp_path, {"shop.web": "", "shop.core": ""}, layers(text))

    finding: Finding = report.findings[0]
    assert (finding.kind, finding.file, finding.line) == ("ignore", (tmp_path / "contracts.toml").as_posix(), 10)
    assert report.exit_code == 1


@pytest.mark.parametrize(
    ("importer", "imported", "guess"),
    [
        ("core.a", "web.aa", "core.a -> web.a"),
        ("coer.b", "web.b", "core.b -> web.b"),
        ("core.a", "nowhere", ""),
        ("**", "nowhere", ""),
    ],
    ids=["imported", "importer", "nothing-near", "wildcard"],
)
def test_mistyped_ignore_gets_a_guess(importer: str, imported: str, guess: str) -> None:
    found = apply_ignores([rule(importer, imported)], PAIRS, lambda _: (), file="c.toml", contract="c", today=TODAY)

    expected = f"the ignore {importer} -> {imported} matches nothing" + (f"; did you mean {guess}?" if guess else "")
    assert [finding.message for finding in found.findings] == [expected]


def test_every_ignored_edge_is_named_with_the_first_rule_in_use() -> None:
    first, second = rule("core.a", "web.*"), rule("**", "web.**")

    found = apply_ignores(
        [rule("core.a", "core.b"), first, second],
        PAIRS,
        lambda pairs: {pair for pair in pairs if pair[1].startswith("web")},
        file="c.toml",
        contract="c",
        today=TODAY,
    )

    assert found.taken == {("core.a", "web.a"): second, ("core.b", "web.b"): second}


CHAINED = {"shop.web": "", "shop.core": "import shop.util\nimport shop.web", "shop.util": "import shop.web"}


@pytest.mark.check
@pytest.mark.parametrize("container", ["shop", "*"], ids=["one-container", "wildcard"])
def test_ignored_imports_are_in_the_report_with_place_and_reason(tmp_path: Path, container: str) -> None:
    text = f"""
        layers = ["web", "core"]
        containers = ["{container}"]
        ignore = [
            {{ import = "shop.core -> shop.web", reason = "moves", until = "2099-01-31", issue = "#7" }},
            {{ import = "shop.util -> shop.web", reason = "also" }},
        ]
    """

    report = check(tmp_path, CHAINED, layers(text))

    first, second = report.contracts[0].ignored
    assert (report.findings, report.kept) == ((), True)
    assert (first.importer, first.line, first.reason, first.until, first.issue) == (
        "shop.core", 2, "moves", datetime.date(2099, 1, 31), "#7",
    )  # fmt: skip
    assert (second.file, second.reason) == ((tmp_path / "shop" / "util.py").as_posix(), "also")
    assert "  ignored  2 imports\n" in render_text(report)


@pytest.mark.check
def test_ignores_of_import_linters_own_types_are_in_the_report_without_reason(tmp_path: Path) -> None:
    text = """
        [[contract]]
        name = "Forbidden"
        type = "forbidden"
        source_modules = ["shop.util"]
        forbidden_modules = ["shop.web"]
        ignore_imports = ["shop.util -> shop.*"]
    """

    (result,) = check(tmp_path, CHAINED, text).contracts

    assert (result.kept, [(one.importer, one.imported, one.line, one.reason) for one in result.ignored]) == (
        True, [("shop.util", "shop.web", 1, None)],
    )  # fmt: skip


@pytest.mark.check
def test_ignores_of_a_cycle_are_in_the_report(tmp_path: Path) -> None:
    text = """
        [[contract]]
        name = "Acyclic"
        type = "kimera_acyclic"
        why = "a test"
        packages = ["shop"]
        ignore = [{ import = "shop.web -> shop.core", reason = "r" }]
    """

    (result,) = check(tmp_path, {**CHAINED, "shop.web": "import shop.core"}, text).contracts

    assert (result.findings, [(one.importer, one.imported) for one in result.ignored]) == (
        (), [("shop.web", "shop.core")],
    )  # fmt: skip
