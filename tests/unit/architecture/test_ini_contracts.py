"""The same contracts, written as INI and as TOML, are judged the same by every tool."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from kimera_di import ServiceCollection
from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.configuration.contract_files import contract_files
from kimera_di.errors import KimeraError
from tests.unit.architecture.trees import pairs, write_package

pytestmark = pytest.mark.check

MODULES = {"shop.web": "", "shop.core": "import shop.web", "shop.util": "import shop.core", "shop.other": ""}
INI = """
    [importlinter]
    root_package = shop
    contract_types =
        kimera_layers: kimera_di.contracts.LayersContract
        kimera_acyclic: kimera_di.contracts.AcyclicContract

    [importlinter:contract:layers]
    name = Shop layers
    type = kimera_layers
    why = a test
    layers =
        web
        core
    containers =
        shop

    [importlinter:contract:layers-ignored]
    name = Shop layers with an exception
    type = kimera_layers
    why = a test
    layers =
        web
        core
    containers = shop
    ignore =
        shop.core -> shop.web  # being moved; issue=#12

    [importlinter:contract:cycles]
    name = No cycles
    type = kimera_acyclic
    why = a test
    packages = shop

    [importlinter:contract:apart]
    name = Apart
    type = independence
    modules =
        shop.util
        shop.web

    [importlinter:contract:forbidden]
    name = Forbidden
    type = forbidden
    source_modules = shop.web
    forbidden_modules = shop.core
    """
VERDICTS = {"layers": False, "layers-ignored": True, "cycles": True, "apart": False, "forbidden": True}


def written(root: Path, name: str) -> Path:
    write_package(root, MODULES)
    path = root / name
    path.write_text(dedent(INI), encoding="utf-8")
    return path


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=root, capture_output=True, check=False, text=True, encoding="utf-8"
    )


@pytest.mark.parametrize("name", ["setup.cfg", ".importlinter"])
def test_architecture_checks_an_ini_file(tmp_path: Path, name: str) -> None:
    report = Architecture.load(written(tmp_path, name), root=tmp_path).check()

    assert {result.id: result.kept for result in report.contracts} == VERDICTS
    assert pairs(report.contracts[0].findings) == [("shop.core", "shop.web")]


@pytest.mark.parametrize("options", [("--config", "setup.cfg"), ()], ids=["named", "found"])
def test_lint_imports_gives_the_same_verdicts(tmp_path: Path, options: tuple[str, ...]) -> None:
    written(tmp_path, "setup.cfg")

    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"

    ran = run(tmp_path, "-c", program, "--no-cache", "--no-logo", *options)

    shown = {line.rpartition(" ")[0]: line.rpartition(" ")[2] for line in ran.stdout.splitlines() if " " in line}
    assert {name: shown[name] for name in ("Shop layers", "Shop layers with an exception", "No cycles")} == {
        "Shop layers": "BROKEN",
        "Shop layers with an exception": "KEPT",
        "No cycles": "KEPT",
    }
    assert (shown["Apart"], shown["Forbidden"]) == ("BROKEN", "KEPT")
    assert "shop/core.py:1   shop.core -> shop.web" in ran.stdout


def test_lint_imports_that_finds_the_file_itself_shows_its_lines(tmp_path: Path) -> None:
    path = written(tmp_path, ".importlinter")
    path.write_text(path.read_text("utf-8").replace("shop.core -> shop.web  #", "shop.nothing -> shop.web  #"), "utf-8")
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"

    ran = run(tmp_path, "-c", program, "--no-cache", "--no-logo")

    assert ".importlinter:27   the ignore shop.nothing -> shop.web matches nothing" in ran.stdout


@pytest.mark.parametrize("options", [("--config", "setup.cfg"), ()], ids=["named", "found"])
def test_kimera_check_reads_it_and_shows_its_lines(tmp_path: Path, options: tuple[str, ...]) -> None:
    written(tmp_path, "setup.cfg")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")

    ran = run(tmp_path, "-m", "kimera_di.cli", "check", "--no-cache", *options)

    assert ran.returncode == 1
    assert [line.split()[-1] for line in ran.stdout.splitlines() if line.startswith("BROKEN")] == [
        "setup.cfg:8",
        "setup.cfg:35",
    ]


def test_pytest_collects_the_contracts_of_an_ini_file(tmp_path: Path) -> None:
    written(tmp_path, ".importlinter")

    ran = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--kimera")

    assert "2 failed, 4 passed" in ran.stdout


def test_start_up_check_reads_an_ini_file(tmp_path: Path) -> None:
    path = written(tmp_path, "setup.cfg")
    architecture = Architecture.load(path, root=tmp_path)

    with pytest.raises(ExceptionGroup) as caught:
        ServiceCollection().build(architecture=architecture)

    assert "shop.core -> shop.web" in "\n".join(str(problem) for problem in caught.value.exceptions)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["contracts/a.toml", "pyproject.toml", "setup.cfg"], ["contracts/a.toml"]),
        (["pyproject.toml", "setup.cfg", ".importlinter"], ["pyproject.toml"]),
        (["bare/pyproject.toml", "setup.cfg", ".importlinter"], ["setup.cfg"]),
        (["bare/pyproject.toml", "bare/setup.cfg", ".importlinter"], [".importlinter"]),
        (["bare/pyproject.toml", "bare/setup.cfg"], ["pyproject.toml"]),
    ],
    ids=["folder", "pyproject", "setup", "importlinter", "nothing"],
)
def test_first_place_with_contracts_is_taken(tmp_path: Path, files: list[str], found: list[str]) -> None:
    for name in files:
        path = tmp_path / name.removeprefix("bare/")
        path.parent.mkdir(exist_ok=True)
        table = "[tool.importlinter]" if path.suffix == ".toml" else "[importlinter]"
        path.write_text("[other]\n" if name.startswith("bare/") else f"{table}\n", encoding="utf-8")

    assert [path.relative_to(tmp_path).as_posix() for path in contract_files(tmp_path)] == found


def test_folder_without_contracts_names_the_places(tmp_path: Path) -> None:
    with pytest.raises(KimeraError, match=r"no contracts/\*\.toml, pyproject\.toml, setup\.cfg or \.importlinter"):
        contract_files(tmp_path)
