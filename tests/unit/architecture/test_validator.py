from pathlib import Path

import pytest

from kimera_di.architecture import Architecture, LayerValidator
from kimera_di.errors import ContractError, KimeraError
from tests.unit.architecture.trees import layers, write_contracts

KIMERA = 'layers = ["api", "engines | adapters", "core"]\ncontainers = ["kimera"]'


def validator(tmp_path: Path, text: str = layers(KIMERA), contract: str | None = None) -> LayerValidator:
    return LayerValidator(Architecture.load(write_contracts(tmp_path, text)), contract)


@pytest.mark.parametrize(
    ("user", "used", "expected"),
    [("api", "engines", True), ("engines", "api", False), ("core", "core", True), ("engines", "adapters", False)],
)
def test_dependency_is_judged_by_the_contract(tmp_path: Path, user: str, used: str, expected: bool) -> None:
    assert validator(tmp_path).validate_dependency(user, used) is expected


def test_unknown_layer_is_an_error_with_a_guess(tmp_path: Path) -> None:
    with pytest.raises(KimeraError, match="did you mean  engines"):
        validator(tmp_path).validate_dependency("engine", "api")


def test_contract_is_chosen_by_its_id(tmp_path: Path) -> None:
    other = layers('layers = ["low", "high"]').replace('id = "layers"', 'id = "other"')

    assert validator(tmp_path, layers(KIMERA) + other, "other").validate_dependency("low", "high")


def test_several_contracts_without_a_choice_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(KimeraError, match="which layers"):
        validator(tmp_path, layers(KIMERA) + layers(KIMERA).replace('id = "layers"', 'id = "other"'))


def test_mistake_of_the_contract_is_raised(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="layers is empty"):
        validator(tmp_path, layers("layers = []"))
