"""The gate on branches: what it counts, and when it fails."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.branch_coverage import ROOT, measured, percent

pytestmark = pytest.mark.check


def file(covered: int, total: int, *missing: tuple[int, int]) -> dict[str, Any]:
    return {"summary": {"covered_branches": covered, "num_branches": total}, "missing_branches": list(missing)}


def test_branches_of_other_parts_do_not_count() -> None:
    report = {"files": {"kimera_di/planning/a.py": file(9, 10, (3, 5)), "kimera_di/cli/b.py": file(0, 1000)}}

    found = measured(report)

    assert percent(found) == 90.0
    assert [each.file for each in found] == ["kimera_di/planning/a.py"]


def test_file_that_misses_most_comes_first_with_its_branches() -> None:
    report = {
        "files": {
            "kimera_di/planning/a.py": file(90, 91, (3, 5)),
            "kimera_di/resolution/b.py": file(1, 3, (7, -2), (8, 9)),
        }
    }

    first, second = (str(each) for each in measured(report))

    assert first.split() == ["2", "kimera_di/resolution/b.py", "7->exit,", "8->9"]
    assert second.split() == ["1", "kimera_di/planning/a.py", "3->5"]


def test_run_that_measured_no_branch_is_refused() -> None:
    with pytest.raises(SystemExit, match="no branch of the stages was measured"):
        percent(measured({"files": {"kimera_di/planning/a.py": {"summary": {}}}}))


def test_missing_data_says_what_to_run(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "branch_coverage.py"), "--data", str(tmp_path / "nothing")]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "run `make unit` first" in done.stderr
