from pathlib import Path

import pytest

from kimera_di.architecture.model.findings import ContractResult, Finding, Link, Unseen
from kimera_di.architecture.model.module_graph import UnresolvedImport
from kimera_di.architecture.reports.report import Report
from kimera_di.architecture.reports.report_parts import results_of
from kimera_di.architecture.reports.repository_paths import seen_from

pytestmark = pytest.mark.check


def report(file: str) -> Report:
    """Make a report that names one file everywhere."""
    link = Link("shop.core", "shop.web", file, 1)
    finding = Finding("KD411", "layers", "runtime", "shop.core", "shop.web", file, 1, "up", chain=(link,))
    return Report(
        contracts=(ContractResult("layers", "Layers", "kimera_layers", file, 3, kept=False, findings=(finding,)),),
        findings=(finding,),
        unseen=(Unseen(file, "a test"),),
        unresolved=(UnresolvedImport("shop.core", file, 2, "a test"),),
    )


def files_of(seen: Report) -> set[str | None]:
    links = {link.file for finding in seen.findings for link in finding.chain}
    found = {finding.file for finding in seen.findings} | {call.file for call in seen.unresolved}
    return links | found | {result.file for result in seen.contracts} | {item.file for item in seen.unseen}


@pytest.mark.parametrize(
    ("file", "seen"),
    [
        ("shop/core.py", "services/shop/core.py"),
        ("{checkout}/other/core.py", "other/core.py"),
        ("/elsewhere/core.py", "/elsewhere/core.py"),
        ("{checkout}-2/core.py", "{checkout}-2/core.py"),
    ],
    ids=["below", "beside", "outside", "same-beginning"],
)
def test_every_file_of_the_checkout_is_named_from_its_root(tmp_path: Path, file: str, seen: str) -> None:
    file, seen = (text.format(checkout=tmp_path) for text in (file, seen))

    moved = seen_from(report(file), str(tmp_path), here=str(tmp_path / "services"))

    assert files_of(moved) == {seen}


def test_finding_still_belongs_to_its_contract(tmp_path: Path) -> None:
    moved = seen_from(report("core.py"), str(tmp_path), here=str(tmp_path / "shop"))

    assert results_of(moved) == {moved.findings[0]: moved.contracts[0]}


@pytest.mark.parametrize("here", [".", ".."], ids=["root", "outside"])
def test_check_at_the_root_or_outside_of_the_checkout_keeps_its_paths(tmp_path: Path, here: str) -> None:
    original = report("shop/core.py")

    assert seen_from(original, str(tmp_path), here=str(tmp_path / here)) is original


def test_checkout_behind_a_link_is_the_folder_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real" / "sub").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")

    moved = seen_from(report("core.py"), str(tmp_path / "link"), here=str(tmp_path / "real" / "sub"))

    assert files_of(moved) == {"sub/core.py"}


def test_finding_without_a_file_has_none(tmp_path: Path) -> None:
    finding = Finding("KD414", "layers", "coverage", None, None, None, None, "empty")

    moved = seen_from(Report(findings=(finding,)), str(tmp_path), here=str(tmp_path / "shop"))

    assert moved.findings == (finding,)
