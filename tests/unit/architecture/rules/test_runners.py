import os
import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.architecture.checking import run_contract
from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.results import checked
from kimera_di.architecture.model.specs import ContractSpec
from kimera_di.architecture.rules.runners import CheckContext, register_runner, runner_for
from kimera_di.errors import KimeraError
from tests.unit.architecture.trees import write_contracts


def refuse(spec: ContractSpec, context: CheckContext) -> object:
    raise KimeraError("cannot check this")


def spec_of(tmp_path: Path) -> tuple[ContractSpec, CheckContext]:
    file = read_contract_file(write_contracts(tmp_path, '[[contract]]\nname = "X"\ntype = "layers"'))
    return file.contracts[0], CheckContext(file, ModuleGraph({}, {}), ())


def test_registered_runner_checks_contracts_of_its_type() -> None:
    def keep(spec: ContractSpec, context: CheckContext) -> object:
        return checked(spec, ())

    register_runner("test_type", keep)  # type: ignore[arg-type]

    assert runner_for("test_type") is keep


def test_type_without_a_runner_has_none() -> None:
    assert runner_for("nobody") is None


def test_error_of_a_runner_becomes_the_result(tmp_path: Path) -> None:
    from dataclasses import replace

    register_runner("refused", refuse)  # type: ignore[arg-type]
    spec, context = spec_of(tmp_path)

    result = run_contract(replace(spec, type="refused"), context)

    assert (result.kept, result.exit_code) == (None, 2)
    assert "cannot check this" in (result.error or "")


@pytest.mark.parametrize(
    "module",
    [
        "kimera_di.architecture",
        "kimera_di.architecture.validator",
        "kimera_di.architecture.configuration.contract_file",
    ],
)
def test_contract_files_are_read_with_the_standard_library_only(module: str) -> None:
    program = (
        f"import sys, {module}; print([m for m in ('grimp', 'importlinter', 'rich', 'click') if m in sys.modules])"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=dict(os.environ)
    )

    assert ran.stdout.strip() == "[]"
