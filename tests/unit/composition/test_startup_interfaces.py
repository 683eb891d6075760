"""Interfaces and metrics at start-up: the same findings as in a check, as errors of the build."""

from pathlib import Path

import pytest

from kimera_di import BuildErrors, LayerViolationError, ServiceCollection
from kimera_di.architecture import Architecture
from tests.unit.architecture.trees import write_contracts, write_package

pytestmark = pytest.mark.check

MODULES = {"shop.a.api": "", "shop.a.core": "", "shop.b": "import shop.a.core", "shop.c": "import shop.b"}
CONTRACTS = """
[[contract]]
name = "Parts"
type = "kimera_interfaces"
why = "a test"
packages = ["shop.a"]

[[contract]]
name = "Numbers"
type = "kimera_metrics"
why = "a test"
packages = ["shop"]
max_afferent_coupling = 0
"""


def load(root: Path, contracts: str) -> Architecture:
    write_package(root, MODULES)
    return Architecture.load(write_contracts(root, contracts), root=root)


def test_findings_of_a_check_are_errors_of_the_build(tmp_path: Path) -> None:
    architecture = load(tmp_path, CONTRACTS)

    with pytest.raises(BuildErrors, match="LayerViolationError") as caught:
        ServiceCollection().build(architecture=architecture)

    errors = [error for error in caught.value.exceptions if isinstance(error, LayerViolationError)]
    assert [error.fingerprint for error in errors] == [each.fingerprint for each in architecture.check().findings]
    assert {error.finding_code for error in errors} == {"KD433", "KD435"}


def test_contracts_that_are_kept_let_the_container_be_built(tmp_path: Path) -> None:
    friendly = CONTRACTS.replace('packages = ["shop.a"]', 'packages = ["shop.a"]\nfriends = ["shop.b"]')
    architecture = load(tmp_path, friendly.replace("coupling = 0", "coupling = 1"))

    container = ServiceCollection().build(architecture=architecture)

    container.close()
    assert architecture.check().kept


def test_without_imports_nothing_of_it_is_checked(tmp_path: Path) -> None:
    architecture = load(tmp_path, CONTRACTS)

    ServiceCollection().build(architecture=architecture, imports=False).close()

    assert not architecture.check().kept
