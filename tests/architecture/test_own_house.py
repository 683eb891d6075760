"""We eat our own food: the house of kimera_di holds its own contract, asked both ways."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.architecture import Architecture, LayerValidator

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "contracts" / "kimera_di.toml"


def test_own_contract_is_kept_by_kimera_check() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "kimera_di.cli", "check", "--config", str(CONTRACT), "--format", "json", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert {contract["kept"] for contract in json.loads(result.stdout)["contracts"]} == {True}


def test_own_contract_is_kept_by_lint_imports() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")

    result = subprocess.run(
        [lint_imports, "--no-logo", "--no-cache", "--config", str(CONTRACT)],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert " kept, 0 broken" in result.stdout


def test_every_module_of_ours_lies_in_a_layer() -> None:
    """The contract is exhaustive, so a new package without a place in the house is a finding."""
    contract = next(spec for spec in Architecture.load(CONTRACT).file.contracts if spec.type == "kimera_layers")

    assert contract.options.exhaustive  # type: ignore[union-attr]


def test_stages_may_not_use_what_lies_above_them() -> None:
    validator = LayerValidator(Architecture.load(CONTRACT), "house")

    assert not validator.validate_dependency("planning", "resolution")
    assert validator.validate_dependency("resolution", "planning")
