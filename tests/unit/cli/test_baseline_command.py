"""``kimera baseline`` and ``kimera check --baseline`` as a user starts them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.architecture.trees import layers, write_contracts, write_package

pytestmark = pytest.mark.check

MODULES = {"shop.web": "", "shop.core.a": "import shop.web", "shop.core.b": "import shop.web"}
LAYERS = layers('layers = ["web", "core"]\ncontainers = ["shop"]')
OTHER = LAYERS.replace('"layers"', '"other"').replace('"Layers"', '"Other"')
CHECK = ("check", "--config", "contracts.toml", "--baseline", "contracts.baseline.json")
WRITE = ("baseline", "--config", "contracts.toml")


def kimera(folder: Path, *options: str, ci: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kimera_di.cli", *options]
    variables = {**os.environ, "CI": ci, **environment}
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, env=variables, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package with two violations."""
    write_package(tmp_path, MODULES)
    write_contracts(tmp_path, LAYERS)
    return tmp_path


@pytest.fixture
def known(project: Path) -> Path:
    """The same with its baseline."""
    assert kimera(project, *WRITE).returncode == 0
    return project


def entries(folder: Path, name: str = "contracts.baseline.json") -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((folder / name).read_bytes())["findings"]
    return found


def test_baseline_stands_beside_its_contract_file(project: Path) -> None:
    ran = kimera(project, *WRITE)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "wrote contracts.baseline.json: 2 known\n", "")
    assert entries(project) == [
        {"contract": "layers", "kind": "runtime", "importer": f"shop.core.{name}", "imported": "shop.web"}
        for name in "ab"
    ]


def test_known_violations_keep_the_contract(known: Path) -> None:
    ran = kimera(known, *CHECK)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("KEPT    Layers")
    assert ran.stdout.endswith("0 of 1 contracts broken, 0 new, 2 known, 0 stale. Read 5 modules, 2 imports.\n")


def test_baseline_is_not_read_unless_it_is_named(known: Path) -> None:
    ran = kimera(known, "check", "--config", "contracts.toml")

    assert ran.returncode == 1
    assert "known" not in ran.stdout


def test_new_violation_fails_and_is_the_one_that_is_shown(known: Path) -> None:
    write_package(known, {"shop.core.c": "\nimport shop.web"})

    ran = kimera(known, *CHECK)

    assert ran.returncode == 1
    assert "shop/core/c.py:2   shop.core.c -> shop.web" in ran.stdout
    assert "shop/core/a.py" not in ran.stdout
    assert "1 new, 2 known, 0 stale" in ran.stdout


def test_mended_violation_has_to_leave_the_baseline(known: Path) -> None:
    (known / "shop/core/a.py").write_text("", encoding="utf-8")

    stale = kimera(known, *CHECK)
    rewritten = kimera(known, *WRITE)
    after = kimera(known, *CHECK)

    assert (stale.returncode, rewritten.returncode, after.returncode) == (1, 0, 0)
    assert "STALE   contracts.baseline.json:4   the baseline knows shop.core.a -> shop.web" in stale.stdout
    assert rewritten.stdout == "wrote contracts.baseline.json: 1 known (0 more and 1 fewer than before)\n"


def test_json_marks_findings_and_counts_them(known: Path) -> None:
    write_package(known, {"shop.core.c": "import shop.web", "shop.core.a": ""})

    data = json.loads(kimera(known, *CHECK, "--format", "json").stdout)

    assert {key: data["summary"][key] for key in ("findings", "new", "known", "stale")} == {
        "findings": 3, "new": 1, "known": 1, "stale": 1,
    }  # fmt: skip
    assert [(item["code"], item["file"], item["baseline"]) for item in data["findings"]] == [
        ("KD420", "contracts.baseline.json", "new"),
        ("KD411", "shop/core/b.py", "known"),
        ("KD411", "shop/core/c.py", "new"),
    ]


@pytest.mark.parametrize(("ci", "code"), [("true", 2), ("false", 2), ("", 0)])
def test_baseline_is_never_written_where_ci_is_set(project: Path, ci: str, code: int) -> None:
    ran = kimera(project, *WRITE, ci=ci)

    assert ran.returncode == code
    assert (project / "contracts.baseline.json").exists() is (code == 0)
    assert ("where CI is set" in ran.stderr) is (code == 2)


def test_missing_baseline_exits_with_two(project: Path) -> None:
    ran = kimera(project, *CHECK)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "there is no baseline\n\n  at       contracts.baseline.json\n" in ran.stderr


def test_damaged_baseline_exits_with_two_and_its_line(known: Path) -> None:
    file = known / "contracts.baseline.json"
    file.write_text(file.read_text(encoding="utf-8").replace("},", "}"), encoding="utf-8")

    ran = kimera(known, *CHECK)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "  at       contracts.baseline.json:5\n" in ran.stderr


def test_baseline_of_a_run_with_a_bad_contract_is_not_written(project: Path) -> None:
    write_contracts(project, LAYERS + OTHER.replace('"core"', '"cor"'))

    ran = kimera(project, *WRITE)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "the layer 'cor' does not exist in shop" in ran.stderr
    assert ran.stderr.endswith("no baseline was written\n")
    assert not (project / "contracts.baseline.json").exists()


def test_file_that_does_not_parse_is_not_in_the_baseline_and_makes_it_incomplete(project: Path) -> None:
    write_package(project, {"shop.core.c": "import ("})

    written, checked = kimera(project, *WRITE), kimera(project, *CHECK)

    assert (written.returncode, checked.returncode) == (3, 3)
    assert "SYNTAX  shop/core/c.py:1" in written.stderr
    assert [entry["importer"] for entry in entries(project)] == ["shop.core.a", "shop.core.b"]
    assert "KEPT    Layers" in checked.stdout
    assert "1 new, 2 known, 0 stale" in checked.stdout


def test_several_contract_files_share_one_baseline(project: Path) -> None:
    (project / "contracts.toml").rename(project / "one.toml")
    write_contracts(project, OTHER)
    both = ("--config", "one.toml", "--config", "contracts.toml")

    unnamed = kimera(project, "baseline", *both)
    named = kimera(project, "baseline", *both, "--output", "known/all.json")
    checked = kimera(project, "check", *both, "--baseline", "known/all.json")

    assert (unnamed.returncode, named.returncode, checked.returncode) == (2, 0, 0)
    assert "kimera baseline --output baseline.json, then kimera check --baseline baseline.json" in unnamed.stderr
    assert [entry["contract"] for entry in entries(project, "known/all.json")] == ["layers", "layers", "other", "other"]


def test_entries_of_contracts_that_are_left_out_are_not_stale(project: Path) -> None:
    write_contracts(project, LAYERS + OTHER)
    kimera(project, *WRITE)

    assert kimera(project, *CHECK, "--contract", "other").returncode == 0


def test_baseline_that_cannot_be_written_exits_with_two(project: Path) -> None:
    ran = kimera(project, *WRITE, "--output", "contracts.toml/x.json")

    assert ran.returncode == 2
    assert "cannot write the baseline" in ran.stderr


def test_project_without_violations_has_an_empty_baseline(project: Path) -> None:
    write_package(project, dict.fromkeys(MODULES, ""))

    written, checked = kimera(project, *WRITE), kimera(project, *CHECK)

    assert (written.returncode, checked.returncode, entries(project)) == (0, 0, [])
