"""Import cycles and wiring cycles at start-up, together in one group."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from kimera_di import BuildErrors, CircularDependencyError, LayerViolationError, ServiceCollection
from kimera_di.architecture import Architecture
from tests.spec.test_golden_errors import assert_golden
from tests.unit.architecture.trees import write_contracts, write_package

pytestmark = pytest.mark.check

MODULES = {
    "ringed.system": """
        from __future__ import annotations

        import ringed.vault

        class System:
            def __init__(self, vault: ringed.vault.Vault) -> None: ...
        """,
    "ringed.vault": """
        from __future__ import annotations

        import ringed.system

        class Vault:
            def __init__(self, system: ringed.system.System) -> None: ...
        """,
}
ACYCLIC = """
[[contract]]
name = "No cycles"
type = "kimera_acyclic"
why = "each module can be tested without the others"
packages = ["ringed"]
"""
SESSION = 'root_packages = ["ringed"]'


@pytest.fixture
def architecture(tmp_path: Path) -> Architecture:
    write_package(tmp_path, MODULES)
    return Architecture.load(write_contracts(tmp_path, ACYCLIC, session=SESSION), root=tmp_path)


@pytest.fixture
def services(architecture: Architecture) -> Iterator[ServiceCollection]:
    """Services that need each other, of modules that import each other."""
    folder = str(architecture.roots[0])
    sys.path.insert(0, folder)
    try:
        system, vault = import_module("ringed.system"), import_module("ringed.vault")
        yield ServiceCollection().singleton(system.System).singleton(vault.Vault)
    finally:
        sys.path.remove(folder)
        for name in [name for name in sys.modules if name.partition(".")[0] == "ringed"]:
            del sys.modules[name]


@pytest.mark.parametrize("imports", [None, True])
def test_import_cycle_and_wiring_cycle_are_reported_together(
    services: ServiceCollection, architecture: Architecture, imports: bool | None
) -> None:
    with pytest.raises(BuildErrors, match="2 problems") as caught:
        services.build(architecture=architecture, imports=imports)

    wired, imported = caught.value.exceptions
    assert isinstance(wired, CircularDependencyError)
    assert isinstance(imported, LayerViolationError)
    assert (imported.finding_code, imported.importer, imported.imported) == ("KD431", "ringed.system", "ringed.vault")


def test_import_cycle_has_the_fingerprint_of_the_report(
    services: ServiceCollection, architecture: Architecture
) -> None:
    with pytest.raises(BuildErrors, match="LayerViolationError") as caught:
        services.build(architecture=architecture)

    violations = [error for error in caught.value.exceptions if isinstance(error, LayerViolationError)]
    assert [error.fingerprint for error in violations] == [
        finding.fingerprint for finding in architecture.check().findings
    ]


def test_import_cycle_is_reported_without_a_wiring_cycle(architecture: Architecture) -> None:
    with pytest.raises(BuildErrors, match="1 problem in") as caught:
        ServiceCollection().build(architecture=architecture)

    (error,) = caught.value.exceptions
    assert isinstance(error, LayerViolationError)
    assert_golden(error, "KD207_import_cycle")


def test_without_imports_only_the_wiring_cycle_is_reported(
    services: ServiceCollection, architecture: Architecture
) -> None:
    with pytest.raises(BuildErrors, match="1 problem in") as caught:
        services.build(architecture=architecture, imports=False)

    assert [type(error) for error in caught.value.exceptions] == [CircularDependencyError]


def test_ignored_import_lets_the_container_be_built(architecture: Architecture, tmp_path: Path) -> None:
    rule = 'ignore = [{ import = "ringed.vault -> ringed.system", reason = "a test" }]'
    excused = Architecture.load(write_contracts(tmp_path, ACYCLIC + rule, session=SESSION), root=tmp_path)

    assert ServiceCollection().build(architecture=excused)
