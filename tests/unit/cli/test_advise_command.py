"""``kimera advise`` as a user starts it."""

import json
from pathlib import Path

import pytest

from tests.unit.architecture.trees import write_package
from tests.unit.cli.command import kimera

pytestmark = pytest.mark.check

MODULES = {
    "shop.vault": "import shop.system\nclass Vault:\n    def __init__(self, system: 'shop.system.System'):\n"
    "        self._system = system\n    def keep(self, text: str) -> None:\n        self._system.warn(text)\n",
    "shop.system": "class System:\n    def warn(self, text: str) -> None: ...\n",
}


def test_import_that_can_move_is_shown_with_the_code(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "advise", "shop.vault", "shop.system")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        "shop/vault.py:1   shop.vault -> shop.system\n"
        "  do this  move it under TYPE_CHECKING: shop.system is used in annotations only\n"
        "  change   shop/vault.py:1  take shop.system out of this import\n"
        "  note     constructors of registered classes may keep the name: the container follows imports under"
        " TYPE_CHECKING\n\n"
        "# shop.vault\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import shop.system\n"
    )


def test_interface_is_asked_for_with_a_kind(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "advise", "shop.vault", "shop.system", "--kind", "all")

    assert "class ISystem(Protocol):" in ran.stdout
    assert "def warn(self, text: str) -> None: ..." in ran.stdout
    assert "services.singleton(ISystem, System)" in ran.stdout


def test_json_has_the_import_and_the_advice(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "advise", "shop.vault", "shop.system", "--format", "json")

    found = json.loads(ran.stdout)
    assert (found["file"], found["line"], found["kind"]) == ("shop/vault.py", 1, "runtime")
    assert found["advice"]["kind"] == "typing"
    assert sorted(found["advice"]) == ["changes", "code", "kind", "notes", "place", "registration", "text"]


def test_modules_without_an_import_exit_with_two(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "advise", "shop.system", "shop.vault")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "shop.system does not import shop.vault itself" in ran.stderr
    assert "kimera why shop.system shop.vault" in ran.stderr


def test_unknown_module_exits_with_two_and_a_guess(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "advise", "shop.vault", "shop.sytem")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "did you mean  shop.system" in ran.stderr


def test_contract_file_about_other_packages_says_nothing(tmp_path: Path) -> None:
    write_package(tmp_path, MODULES)
    contract = (
        '[tool.importlinter]\nroot_packages = ["other"]\n[[tool.importlinter.contracts]]\nname = "R"\nwhy = "w"\n'
    )
    contract += 'type = "kimera_composition_root"\nroots = ["other.main"]\nimplementations = ["other.infra"]\n'
    (tmp_path / "pyproject.toml").write_text(contract, encoding="utf-8")

    ran = kimera(tmp_path, "advise", "shop.vault", "shop.system", "--kind", "all")

    assert "System is bound to it in the composition root\n" in ran.stdout


@pytest.mark.parametrize(
    ("kinds", "advice"),
    [("", "interface"), ('kinds = ["runtime", "deferred"]\n', "typing")],
    ids=["every kind", "no typing"],
)
def test_layers_that_are_against_the_import_say_which_kinds_count(tmp_path: Path, kinds: str, advice: str) -> None:
    write_package(tmp_path, MODULES)
    contract = '[tool.importlinter]\nroot_packages = ["shop"]\n[[tool.importlinter.contracts]]\nname = "L"\nwhy = "w"\n'
    contract += f'type = "kimera_layers"\nlayers = ["shop.system", "shop.vault"]\n{kinds}'
    (tmp_path / "pyproject.toml").write_text(contract, encoding="utf-8")

    ran = kimera(tmp_path, "advise", "shop.vault", "shop.system", "--format", "json")

    assert json.loads(ran.stdout)["advice"]["kind"] == advice


def test_layers_that_allow_the_import_do_not_count(tmp_path: Path) -> None:
    write_package(tmp_path, MODULES)
    contract = '[tool.importlinter]\nroot_packages = ["shop"]\n[[tool.importlinter.contracts]]\nname = "L"\nwhy = "w"\n'
    contract += 'type = "kimera_layers"\nlayers = ["shop.vault", "shop.system"]\n'
    (tmp_path / "pyproject.toml").write_text(contract, encoding="utf-8")

    ran = kimera(tmp_path, "advise", "shop.vault", "shop.system", "--format", "json")

    assert json.loads(ran.stdout)["advice"]["kind"] == "typing"
