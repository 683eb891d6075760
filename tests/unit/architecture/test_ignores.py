import datetime
from pathlib import Path

import pytest

from kimera_di.architecture.codes import IGNORE_EXPIRED, IGNORE_IRRELEVANT, IGNORE_UNUSED
from kimera_di.architecture.findings import Finding
from kimera_di.architecture.ignores import apply_ignores
from kimera_di.architecture.specs import IgnoreRule
from tests.unit.architecture.trees import check, layers

Pair = tuple[str, str]
PAIRS: set[Pair] = {("core.a", "web.a"), ("core.a", "core.b"), ("core.b", "web.b")}
TODAY = datetime.date(2026, 11, 21)


def applied(*rules: IgnoreRule, broken: set[Pair] | None = None) -> tuple[frozenset[Pair], list[str]]:
    bad = {("core.a", "web.a"), ("core.b", "web.b")} if broken is None else broken
    kept, findings = apply_ignores(
        rules, PAIRS, lambda pairs: bad & set(pairs), file="c.toml", contract="c", known=[("x", "y")], today=TODAY
    )
    return kept, [finding.code for finding in findings]


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
