"""``kimera cut`` as a user starts it."""

import json
from pathlib import Path

import pytest

from tests.unit.architecture.trees import layers, write_contracts, write_package
from tests.unit.cli.command import kimera

pytestmark = pytest.mark.check

MODULES = {
    "shop.web": "",
    "shop.core.b": "import os\nimport shop.util",
    "shop.core.a": "import shop.util",
    "shop.util": "def f():\n    import shop.web",
}
ROWS = 'layers = ["web", "core"]\ncontainers = ["shop"]\n'
CONFIG = ("cut", "--config", "contracts.toml")


def project(root: Path, contracts: str = layers(ROWS), *, session: str = 'root_packages = ["shop"]') -> Path:
    write_package(root, MODULES)
    write_contracts(root, contracts, session=session)
    return root


def test_imports_are_shown_with_file_line_and_kind(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), *CONFIG)

    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.startswith(
        "1 import to remove, then all layers hold (layers); fewer are not enough\n"
        "  shop/util.py:2   shop.util -> shop.web   (deferred)\n"
        "      delete it: nothing of it is used here or taken from here; an import for its effects belongs into the"
        " composition root\n"
        "  do this  "
    )


def test_json_has_file_line_kind_and_contracts(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), *CONFIG, "--format", "json")

    link = {"importer": "shop.util", "imported": "shop.web", "file": "shop/util.py", "line": 2, "kind": "deferred"}
    found = json.loads(ran.stdout)
    advice = [each.pop("advice") for each in found["imports"]]
    assert [each["kind"] for each in advice] == ["delete"]
    assert found == {
        "imports": [{**link, "contracts": ["layers"]}],
        "minimum": True,
        "at_least": 1,
        "contracts": [{"id": "layers", "name": "Layers"}],
        "unseen": [],
    }


def test_layers_that_hold_exit_with_zero(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path, layers(ROWS.replace('"web", "core"', '"core", "web"'))), *CONFIG)

    assert (ran.returncode, ran.stdout) == (0, "Nothing to cut: all layers hold (layers).\n")


def test_several_contracts_are_named_beside_the_imports_they_need(tmp_path: Path) -> None:
    twin = f'[[contract]]\nid = "twin"\nname = "Twin"\ntype = "layers"\n{ROWS}'

    ran = kimera(project(tmp_path, layers(ROWS) + twin), *CONFIG)

    assert "shop.util -> shop.web   (deferred)   for layers, twin\n" in ran.stdout


def test_file_without_layers_exits_with_two_and_says_what_to_add(tmp_path: Path) -> None:
    contract = (
        '[[contract]]\nname = "N"\ntype = "forbidden"\nsource_modules = ["shop.a"]\nforbidden_modules = ["shop.b"]'
    )

    ran = kimera(project(tmp_path, contract), *CONFIG)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no contract about layers" in ran.stderr
    assert "kimera init PACKAGE" in ran.stderr


@pytest.mark.parametrize(
    ("contracts", "said"),
    [
        (layers("layers = []"), "layers is empty"),
        (layers('layers = ["wbe", "core"]\ncontainers = ["shop"]'), "did you mean  web"),
    ],
    ids=["option", "layer"],
)
def test_mistake_in_a_contract_exits_with_two(tmp_path: Path, contracts: str, said: str) -> None:
    ran = kimera(project(tmp_path, contracts), *CONFIG)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_mistake_in_the_file_itself_exits_with_two(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path, session='root_package = ["a b"]'), *CONFIG)

    assert ran.returncode == 2
    assert "contracts.toml:2" in ran.stderr


def test_missing_config_exits_with_two(tmp_path: Path) -> None:
    assert kimera(tmp_path, "cut").returncode == 2
    assert "no contract file none.toml" in kimera(tmp_path, "cut", "--config", "none.toml").stderr


def test_file_that_was_not_read_exits_with_three_and_still_answers(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "shop" / "bad.py").write_text("x = (", encoding="utf-8")

    ran = kimera(tmp_path, *CONFIG)

    assert ran.returncode == 3
    assert "shop.util -> shop.web" in ran.stdout
    assert "shop/bad.py" in ran.stderr


def test_file_that_may_be_unseen_changes_nothing(tmp_path: Path) -> None:
    project(tmp_path, session='root_packages = ["shop"]\nkimera = { allow_unseen = ["shop/templates/**"] }')
    (tmp_path / "shop" / "templates").mkdir()
    (tmp_path / "shop" / "templates" / "x.py").touch()

    ran = kimera(tmp_path, *CONFIG)

    assert (ran.returncode, ran.stderr) == (1, "")


def test_glob_that_allows_nothing_exits_with_two(tmp_path: Path) -> None:
    project(tmp_path, session='root_packages = ["shop"]\nkimera = { allow_unseen = ["none/**"] }')

    ran = kimera(tmp_path, *CONFIG)

    assert ran.returncode == 2
    assert "'none/**' matches no unseen file" in ran.stderr


@pytest.mark.parametrize("seed", ["1", "2", "77"])
def test_output_does_not_change_with_the_hash_seed(tmp_path: Path, seed: str) -> None:
    project(tmp_path)

    outputs = {kimera(tmp_path, *CONFIG, "--format", "json", PYTHONHASHSEED=each).stdout for each in ("0", seed)}

    assert len(outputs) == 1


def test_contract_files_of_the_folder_are_taken_when_none_is_named(tmp_path: Path) -> None:
    file = project(tmp_path) / "contracts.toml"
    (tmp_path / "contracts").mkdir()
    file.rename(tmp_path / "contracts" / "shop.toml")
    about_else = '[[contract]]\nname = "No cycles"\ntype = "kimera_acyclic"\nwhy = "a test"\npackages = ["shop"]\n'
    write_contracts(tmp_path, about_else).rename(tmp_path / "contracts" / "cycles.toml")

    ran = kimera(tmp_path, "cut")

    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.startswith("1 import to remove, then all layers hold (layers); fewer are not enough\n")


def test_layers_of_several_files_are_made_to_hold_together(tmp_path: Path) -> None:
    project(tmp_path).joinpath("contracts.toml").rename(tmp_path / "one.toml")
    write_contracts(tmp_path, layers('layers = ["util", "core.b"]\ncontainers = ["shop"]').replace('"layers"', '"low"'))

    ran = kimera(tmp_path, "cut", "--config", "one.toml", "--config", "contracts.toml", "--format", "json")

    found = json.loads(ran.stdout)
    assert [(one["imported"], one["contracts"]) for one in found["imports"]] == [
        ("shop.util", ["low"]),
        ("shop.web", ["layers"]),
    ]


def test_no_contract_file_at_all_says_how_to_get_one(tmp_path: Path) -> None:
    ran = kimera(tmp_path, "cut")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "let kimera init PACKAGE write one" in ran.stderr


def test_folder_without_a_contract_about_layers_says_so(tmp_path: Path) -> None:
    about_else = '[[contract]]\nname = "No cycles"\ntype = "kimera_acyclic"\nwhy = "a test"\npackages = ["shop"]\n'
    (tmp_path / "contracts").mkdir()
    write_contracts(write_package(tmp_path, MODULES), about_else).rename(tmp_path / "contracts" / "cycles.toml")

    ran = kimera(tmp_path, "cut")

    assert ran.returncode == 2
    assert "the file has no contract about layers" in ran.stderr
