"""Markdown: everything is there, and nothing in a name is taken for Markdown."""

from dataclasses import replace

import pytest

from kimera_di.architecture.reports.markdown import render_markdown
from kimera_di.architecture.reports.report import Report
from tests.unit.architecture.reports.rich_report import EMPTY, KNOWN, LAYERS, RICH, UP, WIRED, WIRING, WRONG, only


def test_contracts_are_a_table_with_verdict_and_reason() -> None:
    lines = render_markdown(RICH).splitlines()

    assert "| Layers of the shop | **broken** | 4 | 1 | the core is tested alone |" in lines
    assert "| No cycles | kept | 0 | 0 | w |" in lines
    assert "| Wrong | **not checked** | 0 | 0 |  |" in lines


def test_counts_are_above_the_table() -> None:
    assert render_markdown(RICH).splitlines()[2] == (
        "Contracts: 2 kept, 3 broken, 2 not checked. Findings: 8 new, 2 known, 1 stale. "
        "Files not seen: 2. Read 2 modules, 1 imports."
    )


def test_finding_has_place_chain_and_advice() -> None:
    assert (
        "- `shop/core/cart.py:3` shop.core.cart (core) reaches, through shop.util, shop.web (web), a layer above core\n"
        "  - `shop/core/cart.py:3` `shop.core.cart -> shop.util`\n"
        "  - `shop/util.py:7` `shop.util -> shop.web`\n"
        "\n"
        "**Do this:** let core own an interface, and bind its implementation from web in the composition root\n"
    ) in render_markdown(only(LAYERS, UP))


def test_advice_for_many_findings_is_given_once() -> None:
    found = [replace(UP, importer=f"shop.m{number}", advice=f"move m{number}") for number in range(3)]

    text = render_markdown(only(LAYERS, *found))

    assert text.count("**Do this:**") == 1


def test_every_finding_and_file_is_there() -> None:
    text = render_markdown(RICH)

    places = [f"`{found.file}:{found.line}`" for found in RICH.findings if found.file is not None]
    assert [place for place in places if place not in text] == []
    assert "`shop/loose/a.py`" in text
    assert "`shop/plugins.py:6` shop.plugins: a|b" in text.replace("\\", "")
    assert "contracts/other.toml is no TOML" in text


def test_known_findings_are_folded_away() -> None:
    text = render_markdown(only(replace(LAYERS, kept=True), KNOWN))

    assert "<details><summary>1 known in Layers of the shop</summary>\n\n- `shop/core/old.py:9` " in text


def test_markup_in_names_is_escaped() -> None:
    row = next(line for line in render_markdown(only(WIRING, WIRED)).splitlines() if line.startswith("| a"))

    name = (
        r"a\|b \`c\` &lt;i&gt;&amp;amp; @<!-- -->home, 100 %: red nul ::error::two \]\]&gt; \_\_init\_\_ "
        "\U0001f600"
    )
    assert row == f"| {name} | **broken** | 1 | 0 | {name} |"


@pytest.mark.parametrize(
    ("file", "span"),
    [("a`b.py", "``a`b.py:3``"), ("a``b.py", "```a``b.py:3```"), ("`a.py", "`` `a.py:3 ``")],
    ids=["one", "two", "first"],
)
def test_backticks_in_a_path_do_not_end_the_code_span(file: str, span: str) -> None:
    assert f"- {span} " in render_markdown(only(LAYERS, replace(UP, file=file, chain=())))


def test_fence_is_longer_than_any_in_the_error() -> None:
    text = render_markdown(Report(contracts=(replace(WRONG, error="a\n````\nb"),)))

    assert "\n`````text\na\n````\nb\n`````\n" in text


def test_kept_contracts_need_nothing_but_the_table() -> None:
    assert render_markdown(EMPTY) == (
        "### kimera: all contracts are kept\n\n"
        "Contracts: 1 kept, 0 broken, 0 not checked. Findings: 0 new, 0 known, 0 stale. "
        "Files not seen: 0. Read 1 modules, 0 imports.\n\n"
        "| contract | result | new | known | why |\n"
        "|---|---|---:|---:|---|\n"
        "| No cycles | kept | 0 | 0 | w |\n"
    )
