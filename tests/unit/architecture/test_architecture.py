import subprocess
import sys
from pathlib import Path

import pytest

import kimera_di.architecture
from kimera_di.architecture import Architecture
from kimera_di.errors import ContractError
from tests.unit.architecture.trees import check, layers, write_contracts, write_package

HOME = Path(__file__).parents[3]
CONTRACT = layers('layers = ["web", "core"]\ncontainers = ["shop"]')


def test_every_public_name_can_be_loaded() -> None:
    assert all(getattr(kimera_di.architecture, name) for name in kimera_di.architecture.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Architektur"):
        kimera_di.architecture.Architektur  # type: ignore[attr-defined]  # noqa: B018


def test_file_that_cannot_be_read_is_raised(tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        Architecture.load(tmp_path / "none.toml")


@pytest.mark.check
def test_mistake_outside_of_contracts_leaves_every_contract_unchecked(tmp_path: Path) -> None:
    report = check(tmp_path, {"shop.web": "", "shop.core": ""}, CONTRACT, session="root_packages = [3]")

    assert [result.kept for result in report.contracts] == [None]
    assert (report.exit_code, len(report.errors)) == (2, 1)


@pytest.mark.check
def test_package_that_is_nowhere_leaves_every_contract_unchecked(tmp_path: Path) -> None:
    report = Architecture.load(write_contracts(tmp_path, CONTRACT), root=tmp_path).check()

    assert report.exit_code == 2
    assert "there is no package 'shop'" in report.errors[0]


@pytest.mark.check
def test_contracts_are_chosen_by_id(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.web": "", "shop.core": "import shop.web"})
    path = write_contracts(
        tmp_path, CONTRACT + CONTRACT.replace('"layers"', '"other"').replace('"web", "core"', '"core", "web"')
    )

    report = Architecture.load(path, root=tmp_path).check(contracts=["other"])

    assert [result.id for result in report.contracts] == ["other"]
    assert report.kept


@pytest.mark.check
def test_code_under_check_is_never_imported(tmp_path: Path) -> None:
    check(tmp_path, {"shop.web": "raise RuntimeError", "shop.core": ""}, CONTRACT)

    assert not any(name == "shop" or name.startswith("shop.") for name in sys.modules)


def test_check_without_the_extra_says_what_to_install(tmp_path: Path) -> None:
    """``-S`` leaves site-packages out; reading the contract file must still work."""
    write_package(tmp_path, {"shop.web": "", "shop.core": ""})
    path = write_contracts(tmp_path, CONTRACT)
    program = (
        f"import sys; sys.path.insert(0, {str(HOME)!r})\n"
        "from kimera_di.architecture import Architecture\n"
        "from kimera_di.errors import MissingExtraError\n"
        f"architecture = Architecture.load({str(path)!r}, root={str(tmp_path)!r})\n"
        "try:\n    architecture.check()\nexcept MissingExtraError as error:\n    print(error)\n"
    )

    ran = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)

    assert 'pip install "kimera-di[check]"' in ran.stdout
