from pathlib import Path

import pytest

from kimera_di.architecture.reports.report import Report
from tests.unit.architecture.trees import check, layers

pytestmark = pytest.mark.check

CONTRACT = layers('layers = ["web", "core"]\ncontainers = ["shop"]')
MODULES = {"shop.web": "", "shop.core": ""}


def checked(tmp_path: Path, allow: str = "") -> Report:
    (tmp_path / "shop/templates").mkdir(parents=True)
    (tmp_path / "shop/templates/x.py").touch()
    return check(tmp_path, MODULES, CONTRACT, session=f'root_packages = ["shop"]\n{allow}')


def test_unseen_file_makes_the_analysis_incomplete(tmp_path: Path) -> None:
    report = checked(tmp_path)

    assert [(item.file, item.reason) for item in report.unseen] == [
        ((tmp_path / "shop/templates/x.py").as_posix(), "the folder 'templates' has no __init__.py")
    ]
    assert (report.exit_code, report.contracts[0].kept) == (3, True)


def test_allowed_file_is_not_reported(tmp_path: Path) -> None:
    report = checked(tmp_path, f'kimera = {{ allow_unseen = ["{tmp_path.as_posix()}/shop/templates/**"] }}')

    assert (report.unseen, report.exit_code) == ((), 0)


def test_glob_without_a_match_is_an_error_with_its_line(tmp_path: Path) -> None:
    report = checked(tmp_path, 'kimera = { allow_unseen = [\n    "shop/none/**",\n] }')

    assert report.exit_code == 2
    assert "'shop/none/**' matches no unseen file" in report.errors[0]
    assert "contracts.toml:4" in report.errors[0]


def test_file_that_does_not_parse_is_a_finding_and_unseen(tmp_path: Path) -> None:
    report = check(tmp_path, {**MODULES, "shop.bad": "x = (", "shop.core": "import shop.web"}, CONTRACT)

    assert [finding.kind for finding in report.findings] == ["syntax", "runtime"]
    assert [item.file for item in report.unseen] == [report.findings[0].file]
    assert report.exit_code == 3
