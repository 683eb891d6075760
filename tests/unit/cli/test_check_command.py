"""``kimera check`` as a user starts it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.architecture.trees import layers, write_contracts, write_package

pytestmark = pytest.mark.check

MODULES = {"shop.web": "", "shop.core": "import shop.web"}
BROKEN = layers('layers = ["web", "core"]\ncontainers = ["shop"]')
KEPT = (
    layers('layers = ["core", "web"]\ncontainers = ["shop"]')
    .replace('"layers"', '"kept"')
    .replace('"Layers"', '"Kept"')
)


def kimera(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kimera_di.cli", "check", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, env={**os.environ, **environment})


def project(root: Path, contracts: str = BROKEN) -> Path:
    write_package(root, MODULES)
    write_contracts(root, contracts)
    return root


CONFIG = ("--config", "contracts.toml")


def test_broken_contract_exits_with_one_and_paths_below_the_current_folder(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), *CONFIG)

    assert ran.returncode == 1
    assert b"  shop/core.py:1   shop.core -> shop.web\n" in ran.stdout
    assert ran.stderr == b""


def test_kept_contract_exits_with_zero(tmp_path: Path) -> None:
    assert kimera(project(tmp_path, KEPT), *CONFIG).returncode == 0


def test_contract_is_chosen_by_id(tmp_path: Path) -> None:
    assert kimera(project(tmp_path, BROKEN + KEPT), *CONFIG, "--contract", "kept").returncode == 0


def test_file_that_is_named_twice_is_checked_once(tmp_path: Path) -> None:
    twice = ("--config", "../one/contracts.toml", *CONFIG)

    ran = kimera(project(tmp_path / "one"), *CONFIG, *twice, "--format", "json")

    found = json.loads(ran.stdout)
    assert [result["id"] for result in found["contracts"]] == ["layers"]
    assert len(found["findings"]) == 1


def test_name_of_a_file_cannot_command_the_terminal(tmp_path: Path) -> None:
    project(tmp_path, layers('layers = ["web", "core"]\ncontainers = ["shop"]\nexhaustive = true'))
    (tmp_path / "shop" / "\x1b[31mred\x07.py").write_text("import shop.web", encoding="utf-8")

    ran = kimera(tmp_path, *CONFIG)

    assert b"shop/red.py" in ran.stdout
    assert {byte for byte in ran.stdout if byte < 32} == {10}


@pytest.mark.parametrize("option", ["--config", "--root", "--cache-dir"])
def test_empty_path_is_a_usage_error(tmp_path: Path, option: str) -> None:
    """As it comes of a variable that is not set."""
    ran = kimera(project(tmp_path), option, "")

    assert ran.returncode == 2
    assert f"Invalid value for '{option}': the path is empty" in ran.stderr.decode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["contracts.toml", "shop"]


def test_unknown_contract_id_is_guessed(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), *CONFIG, "--contract", "layer")

    assert ran.returncode == 2
    assert b"did you mean  layers" in ran.stderr


def test_contract_that_cannot_be_checked_exits_with_two_and_says_so_on_stderr(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path, layers("layers = []") + KEPT), *CONFIG)

    assert ran.returncode == 2
    assert b"layers is empty" in ran.stderr
    assert b"KEPT    Kept" in ran.stdout


def test_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), "--config", "none.toml", *CONFIG)

    assert ran.returncode == 2
    assert b"there is no contract file none.toml" in ran.stderr
    assert b"BROKEN  Layers" in ran.stdout


def test_contracts_folder_is_found(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts.toml").rename(tmp_path / "contracts" / "shop.toml")

    assert b"contracts/shop.toml:3" in kimera(tmp_path).stdout


def test_pyproject_is_read_without_a_contracts_folder(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "contracts.toml").rename(tmp_path / "pyproject.toml")

    assert b"pyproject.toml:3" in kimera(tmp_path).stdout


def test_folder_without_contracts_exits_with_two(tmp_path: Path) -> None:
    ran = kimera(tmp_path)

    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"there are no contract files" in ran.stderr


def test_package_is_found_below_root_and_src(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "shop").rename(tmp_path / "src" / "shop")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    assert kimera(tmp_path, *CONFIG).returncode == 1
    assert kimera(elsewhere, "--config", "../contracts.toml", "--root", "../src").returncode == 1


def test_package_that_is_nowhere_exits_with_two(tmp_path: Path) -> None:
    write_contracts(tmp_path, BROKEN)

    ran = kimera(tmp_path, *CONFIG)

    assert ran.returncode == 2
    assert b"there is no package 'shop'" in ran.stderr


def test_json_goes_to_stdout(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), *CONFIG, "--format", "json")

    assert json.loads(ran.stdout)["findings"][0]["file"] == "shop/core.py"


def test_several_formats_are_written_and_their_folders_made(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), *CONFIG, "--format", "text", "--format", "json:out/deep/report.json")

    assert b"BROKEN  Layers" in ran.stdout
    assert json.loads((tmp_path / "out/deep/report.json").read_bytes())["summary"]["broken"] == 1


@pytest.mark.parametrize(
    "options",
    [
        ("--format", "text", "--format", "json"),
        ("--format", "yaml"),
        ("--format", "json:"),
        ("--no-cache", "--cache-dir", "x"),
        ("--unknown",),
    ],
)
def test_wrong_usage_exits_with_two(tmp_path: Path, options: tuple[str, ...]) -> None:
    ran = kimera(project(tmp_path), *CONFIG, *options)

    assert (ran.returncode, ran.stdout) == (2, b"")


def test_report_that_cannot_be_written_exits_with_two(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), *CONFIG, "--format", "json:contracts.toml/report.json")

    assert ran.returncode == 2
    assert b"cannot write the report" in ran.stderr


def test_output_is_utf8_in_every_locale(tmp_path: Path) -> None:
    project(tmp_path, BROKEN.replace("a test", "wegen der Größe"))

    ran = kimera(tmp_path, *CONFIG, PYTHONIOENCODING="ascii", LC_ALL="C")

    assert "wegen der Größe" in ran.stdout.decode("utf-8")


def test_cache_is_kept_where_it_is_wanted(tmp_path: Path) -> None:
    project(tmp_path)

    kimera(tmp_path, *CONFIG, "--no-cache")
    assert not (tmp_path / ".kimera_cache").exists()

    kimera(tmp_path, *CONFIG)
    kimera(tmp_path, *CONFIG, "--cache-dir", "elsewhere")
    assert list((tmp_path / ".kimera_cache").glob("*/tree.json"))
    assert list((tmp_path / "elsewhere").glob("*/tree.json"))
    assert not (tmp_path / ".import_linter_cache").exists()


def test_code_under_check_is_not_run(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "shop" / "__init__.py").write_text("raise SystemExit('ran')", encoding="utf-8")

    assert kimera(tmp_path, *CONFIG).returncode == 1


def test_missing_extra_says_what_to_install(tmp_path: Path) -> None:
    """Only the standard library and this package: ``-S`` leaves site-packages out."""
    home = Path(__file__).parents[3]
    program = f"import sys; sys.path.insert(0, {str(home)!r}); from kimera_di.cli import main; main()"

    ran = subprocess.run([sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, capture_output=True, check=False)

    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b'pip install "kimera-di[check]"' in ran.stderr


def test_mistake_of_an_ignore_is_told_once(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.web": "", "shop.core": ""})
    write_contracts(
        tmp_path, layers('layers = ["web", "core"]\ncontainers = ["shop"]\nignore = [{ import = "a -> b" }]')
    )

    ran = kimera(tmp_path, *CONFIG, "--no-cache")

    assert (ran.returncode, (ran.stdout + ran.stderr).count(b"ignore[0].reason is missing")) == (2, 1)
    assert b"  not checked, see the error\n" in ran.stdout
