"""The contract of the reference application: kept as it is, broken where somebody breaks it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kimera.composition import make_services
from kimera_di import BuildErrors, LayerViolationError
from kimera_di.architecture import Architecture

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "contracts" / "kimera_example.toml"
UPWARD_BINDING = """

def open_vault(
    session: Session, system: IKimeraSystem, clock: Clock, tables: VaultTables, listener: StoreTexts
) -> SqlVault:
    return SqlVault(session, system, clock, tables)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "kimera", tmp_path / "kimera", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def broken(tree: Path) -> dict[str, list[tuple[str | None, str | None]]]:
    report = Architecture.load(CONTRACT, root=[tree]).check()
    assert report.exit_code in {0, 1}, report.errors
    return {
        result.id: [(finding.importer, finding.imported) for finding in result.findings]
        for result in report.contracts
        if not result.kept
    }


def append(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_contract_of_the_example_is_kept(tree: Path) -> None:
    assert broken(tree) == {}


def test_lint_imports_agrees_that_it_is_kept() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", str(CONTRACT), "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "examples"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "4 kept, 0 broken" in done.stdout


def test_application_starts_with_its_contract() -> None:
    with make_services().build(architecture=CONTRACT) as container:
        services = {node.label for node in container.graph().nodes}

    assert {"IVaultService", "Engine", "HealthService", "DatabaseSettings", "KimeraSettings"} <= services


def test_upward_import_breaks_the_layers(tree: Path) -> None:
    append(tree / "kimera/core/words.py", "\nfrom kimera.api.threads import in_thread\n")

    assert broken(tree) == {"kimera-layers": [("kimera.core.words", "kimera.api.threads")]}


def test_import_cycle_between_modules_of_a_layer_is_found(tree: Path) -> None:
    append(tree / "kimera/api/threads.py", "\n\ndef later() -> None:\n    from kimera.api import geoids\n")

    findings = broken(tree)

    assert list(findings) == ["kimera-acyclic"]


def test_import_of_an_implementation_breaks_the_composition_root(tree: Path) -> None:
    append(tree / "kimera/api/reports.py", "\nfrom kimera.core.vault import SqlVault\n")

    assert broken(tree) == {"kimera-composition-root": [("kimera.api.reports", "kimera.core.vault")]}


def test_binding_that_goes_up_breaks_the_wiring_alone(tree: Path) -> None:
    file = tree / "kimera/composition.py"
    append(file, UPWARD_BINDING)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("IVaultService, SqlVault)", "IVaultService, open_vault)"), encoding="utf-8")

    findings = broken(tree)

    assert list(findings) == ["kimera-wiring"]
    assert ("kimera.core.vault.SqlVault", "kimera.api.handlers.StoreTexts") in findings["kimera-wiring"]


def test_container_is_not_built_over_an_upward_binding() -> None:
    from kimera.api.handlers import ReportContradictions
    from kimera.engines.contradictions import ContradictionEngine
    from kimera.engines.interfaces import IContradictionEngine

    def make_engine(report: ReportContradictions) -> ContradictionEngine:
        raise AssertionError("nothing is built")

    services = make_services()
    services.singleton(IContradictionEngine, make_engine)

    with pytest.raises(BuildErrors) as caught:
        services.build(architecture=CONTRACT)

    (violation,) = [error for error in caught.value.exceptions if isinstance(error, LayerViolationError)]
    assert (violation.importer, violation.imported) == (
        "kimera.engines.contradictions.ContradictionEngine",
        "kimera.api.handlers.ReportContradictions",
    )
