import json
from dataclasses import replace

import pytest

from kimera_di.architecture.model.codes import BASELINE_STALE
from kimera_di.architecture.model.findings import ContractResult, Finding, Unseen
from kimera_di.architecture.reports.baseline import (
    BaselineEntry,
    apply_baseline,
    baseline_entries,
    read_baseline,
    render_baseline,
)
from kimera_di.architecture.reports.report import Report, report_data
from kimera_di.architecture.reports.text_report import render_text
from kimera_di.errors import BaselineError

FILE = "contracts/shop.baseline.json"


def finding(importer: str, imported: str | None = "shop.web", *, contract: str = "layers", line: int = 1) -> Finding:
    kind = "runtime" if imported else "coverage"
    return Finding("KD411", contract, kind, importer, imported, "shop/a.py", line, f"{importer} is wrong")  # type: ignore[arg-type]


def entry(
    importer: str, imported: str | None = "shop.web", *, contract: str = "layers", line: int = 3
) -> BaselineEntry:
    return BaselineEntry(contract, "runtime" if imported else "coverage", importer, imported, line)


def report(*findings: Finding, errors: tuple[str, ...] = ()) -> Report:
    """Give a report on the contracts ``layers`` and ``other``."""
    results = tuple(
        ContractResult(
            name, name, "kimera_layers", "shop.toml", 1, kept=not own, exit_code=1 if own else 0, findings=own
        )
        for name in ("layers", "other")
        for own in [tuple(item for item in findings if item.contract == name)]
    )
    return Report(contracts=results, findings=findings, errors=errors)


def states(applied: Report) -> list[tuple[str | None, str]]:
    return [(item.importer, "stale" if item.code == BASELINE_STALE else item.baseline) for item in applied.findings]


def test_contract_with_known_findings_only_is_kept() -> None:
    applied = apply_baseline(report(finding("a"), finding("b", None, line=2)), [entry("a"), entry("b", None)], FILE)

    assert states(applied) == [("a", "known"), ("b", "known")]
    assert (applied.kept, applied.exit_code) == (True, 0)
    assert [(result.kept, result.exit_code) for result in applied.contracts] == [(True, 0), (True, 0)]


def test_finding_that_is_not_known_breaks_its_contract_only() -> None:
    applied = apply_baseline(report(finding("a"), finding("a", contract="other")), [entry("a")], FILE)

    assert [(result.id, result.kept) for result in applied.contracts] == [("layers", True), ("other", False)]
    assert applied.exit_code == 1


def test_known_finding_may_move_to_another_line() -> None:
    assert apply_baseline(report(finding("a", line=99)), [entry("a")], FILE).kept


def test_entry_without_a_finding_is_stale_and_fails_though_the_contract_is_kept() -> None:
    applied = apply_baseline(report(), [entry("a", line=7)], FILE)

    (stale,) = applied.findings
    assert (stale.code, stale.kind, stale.file, stale.line) == (BASELINE_STALE, "ignore", FILE, 7)
    assert stale.message == "the baseline knows a -> shop.web (runtime) of 'layers', but the violation is gone"
    assert (applied.contracts[0].kept, applied.exit_code) == (True, 1)


def test_entry_excuses_one_finding() -> None:
    """Otherwise a second call of the container in a module that has one already would go unnoticed."""
    twice = report(finding("a", line=1), finding("a", line=5))

    assert states(apply_baseline(twice, [entry("a")], FILE)) == [("a", "known"), ("a", "new")]
    assert states(apply_baseline(twice, [entry("a"), entry("a")], FILE)) == [("a", "known"), ("a", "known")]


def test_entry_that_is_listed_too_often_is_stale_at_its_last_line() -> None:
    applied = apply_baseline(report(finding("a")), [entry("a", line=3), entry("a", line=4)], FILE)

    (stale,) = applied.stale
    assert stale.line == 4
    assert stale.message.endswith("but it is listed 2 times, which is more often than it is found")


def test_entry_of_an_unknown_contract_is_stale() -> None:
    (stale,) = apply_baseline(report(), [entry("a", contract="gone")], FILE).stale

    assert stale.message.endswith("but there is no contract 'gone'")


def test_entries_of_contracts_that_were_not_asked_for_are_not_judged() -> None:
    entries = [entry("a"), entry("a", contract="other"), entry("a", contract="gone")]

    applied = apply_baseline(report(), entries, FILE, checked=["layers"])

    assert [item.contract for item in applied.stale] == ["layers"]


def test_entries_of_a_contract_that_could_not_be_checked_are_not_judged() -> None:
    unchecked = replace(report().contracts[0], kept=None, error="no", exit_code=2)

    applied = apply_baseline(Report(contracts=(unchecked,)), [entry("a")], FILE)

    assert (applied.stale, applied.exit_code) == ((), 2)


def test_entry_of_a_contract_whose_file_cannot_be_read_is_not_judged() -> None:
    applied = apply_baseline(report(errors=("broken file",)), [entry("a", contract="elsewhere")], FILE)

    assert applied.stale == ()


def test_syntax_error_cannot_be_known() -> None:
    broken = replace(finding("shop.bad", None), contract=None, kind="syntax")
    whole = replace(report(finding("a"), broken), unseen=(Unseen("shop/bad.py", "does not parse"),))

    entries = baseline_entries(whole)
    applied = apply_baseline(whole, [*entries, BaselineEntry("", "syntax", "shop.bad", None)], FILE)

    assert [item.importer for item in entries] == ["a"]
    assert [item.importer for item in applied.new] == ["shop.bad"]
    assert [item.kind for item in applied.stale] == ["ignore"]
    assert applied.exit_code == 3


def test_summary_counts_new_known_and_stale() -> None:
    applied = apply_baseline(report(finding("a"), finding("b")), [entry("a"), entry("c")], FILE)

    summary = report_data(applied)["summary"]

    assert summary == {
        "modules": 0, "imports": 0, "kept": 1, "broken": 1, "findings": 3, "new": 1, "known": 1, "stale": 1,
    }  # fmt: skip


def test_text_shows_new_findings_and_counts_the_known_ones() -> None:
    applied = apply_baseline(report(finding("a"), finding("b")), [entry("a"), entry("c", line=9)], FILE)

    assert render_text(applied) == (
        "BROKEN  layers" + " " * 52 + "shop.toml:1\n"
        "  shop/a.py:1   b is wrong\n"
        "  or       change the order of the layers, or add an ignore with the reason\n"
        "  known    1 in the baseline\n"
        "KEPT    other" + " " * 53 + "shop.toml:1\n"
        "STALE   contracts/shop.baseline.json:9   the baseline knows c -> shop.web (runtime) of 'layers', "
        "but the violation is gone\n"
        "1 of 2 contracts broken, 1 new, 1 known, 1 stale. Read 0 modules, 0 imports.\n"
    )


def test_file_has_one_sorted_line_per_entry() -> None:
    entries = [entry("shop.b.x"), entry("shop.b"), entry("größe", None, contract="a")]

    assert render_baseline(entries) == (
        '{\n  "version": 1,\n  "findings": [\n'
        '    {"contract": "a", "kind": "coverage", "importer": "größe", "imported": null},\n'
        '    {"contract": "layers", "kind": "runtime", "importer": "shop.b", "imported": "shop.web"},\n'
        '    {"contract": "layers", "kind": "runtime", "importer": "shop.b.x", "imported": "shop.web"}\n'
        "  ]\n}\n"
    )


@pytest.mark.parametrize(
    "entries", [(), (entry("a"), entry("a"), entry("b", None, contract="x"))], ids=["none", "some"]
)
def test_what_is_written_is_read(entries: tuple[BaselineEntry, ...]) -> None:
    read = read_baseline(render_baseline(entries).encode(), FILE)

    assert [item.fingerprint for item in read] == [item.fingerprint for item in entries]
    assert [item.line for item in read] == list(range(4, 4 + len(entries)))


def test_lines_are_right_in_a_file_that_somebody_reformatted() -> None:
    data = json.loads(render_baseline([entry("a"), entry('"findings": [')]))
    pretty = json.dumps({"about": '"findings": [', **data}, indent=4)

    read = read_baseline(pretty.encode(), FILE)

    lines = pretty.splitlines()
    assert [lines[item.line - 1].strip() for item in read] == ["{", "{"]
    assert [lines[item.line + 2].strip() for item in read] == ['"importer": "\\"findings\\": [",', '"importer": "a",']


GOOD = '{"contract": "c", "kind": "runtime", "importer": "a", "imported": "b"}'


@pytest.mark.parametrize(
    ("text", "line", "summary"),
    [
        ("", 1, "the baseline is no valid JSON"),
        ('{\n  "version": 1,\n<<<<<<< HEAD\n', 3, "the baseline is no valid JSON"),
        ("[" * 100_000, 1, "the baseline is nested too deeply to be one"),
        (f'{{"version": {"9" * 5000}}}', 1, "the baseline has a number with too many digits to be one"),
        ("[]", 1, '"version" is None'),
        ('{"version": 2, "findings": []}', 1, '"version" is 2'),
        ('{"version": 1}', 1, '"findings" is no list'),
        ('{"version": 1, "findings": [\n3]}', 2, "is no object: 3"),
        (f'{{"version": 1, "findings": [{GOOD},\n{GOOD[:-1]}, "line": 3}}]}}', 2, "has the unknown key 'line'"),
        ('{"version": 1, "findings": [\n\n{"contract": "c", "kind": "k", "importer": "a"}]}', 3, "has no 'imported'"),
        ('{{"version": 1, "findings": [{}]}}'.format(GOOD.replace('"b"', "[]")), 1, "a value that is no text"),
        ('{{"version": 1, "findings": [{}]}}'.format(GOOD.replace('"c"', "null")), 1, "a value that is no text"),
    ],
    ids=[
        "empty",
        "conflict",
        "deep",
        "digits",
        "list",
        "version",
        "no-findings",
        "number",
        "key",
        "missing",
        "type",
        "null",
    ],
)
def test_damaged_file_is_an_error_with_its_line(text: str, line: int, summary: str) -> None:
    with pytest.raises(BaselineError) as caught:
        read_baseline(text.encode(), FILE)

    assert summary in caught.value.summary
    assert (caught.value.file, caught.value.line) == (FILE, line)


def test_file_that_is_no_text_is_an_error_with_its_line() -> None:
    with pytest.raises(BaselineError, match="is not UTF-8") as caught:
        read_baseline(b'{\n"\xff"}', FILE)

    assert caught.value.line == 2
