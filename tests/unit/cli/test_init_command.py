"""``kimera init`` as a user starts it: what it writes holds under both tools."""

import re
import tomllib
from pathlib import Path

import pytest

from kimera_di.architecture.model.specs import KIMERA_TYPES
from tests.unit.architecture.trees import write_package
from tests.unit.cli.command import kimera, lint_imports

pytestmark = pytest.mark.check

MODULES = {"shop.web": "import shop.core", "shop.cli": "import shop.core", "shop.core": "x = 1"}
TANGLE = {"shop.a": "import shop.b, shop.c", "shop.b": "import shop.a", "shop.c": "import shop.a", "shop.d": "x = 1"}
TYPING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.web"


def layers_of(root: Path, package: str = "shop") -> list[str]:
    text = (root / "contracts" / f"{package}.toml").read_text(encoding="utf-8")
    rows: list[str] = tomllib.loads(text)["tool"]["importlinter"]["contracts"][0]["layers"]
    return rows


def assert_kept(root: Path, package: str = "shop", path: str = "") -> None:
    checked = kimera(root, "check", "--no-cache", *(("--root", path) if path else ()))
    linted = lint_imports(root, f"contracts/{package}.toml", PYTHONPATH=path)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    assert linted.returncode == 0, linted.stdout


def test_layers_of_the_code_are_written_and_kept(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "init", "shop")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert layers_of(tmp_path) == ["cli | web", "core"]
    assert_kept(tmp_path)


def test_next_commands_are_shown(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "init", "shop")

    assert ran.stdout == (
        "wrote contracts/shop.toml: 3 children of shop in 2 rows\n"
        "  next           kimera check --config contracts/shop.toml\n"
        "                 lint-imports --config contracts/shop.toml\n"
    )


def test_existing_file_is_left_as_it_is(tmp_path: Path) -> None:
    write_package(tmp_path, MODULES)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "shop.toml").write_text("mine", encoding="utf-8")

    ran = kimera(tmp_path, "init", "shop")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "contracts/shop.toml exists already, and is left as it is" in ran.stderr
    assert (tmp_path / "contracts" / "shop.toml").read_text(encoding="utf-8") == "mine"


def test_written_file_names_every_contract_type_of_ours(tmp_path: Path) -> None:
    kimera(write_package(tmp_path, MODULES), "init", "shop")

    session = tomllib.loads((tmp_path / "contracts" / "shop.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert "kimera_layers: kimera_di.contracts.LayersContract" in session["contract_types"]
    assert "kimera_wiring: kimera_di.contracts.WiringContract" in session["contract_types"]
    assert [each.partition(":")[0] for each in session["contract_types"]] == [*KIMERA_TYPES]
    assert session["contracts"][0]["exhaustive"] is True


def test_cycles_are_forbidden_when_there_are_none(tmp_path: Path) -> None:
    kimera(write_package(tmp_path, MODULES), "init", "shop")

    assert "KEPT    No import cycles in shop" in kimera(tmp_path, "check", "--no-cache").stdout


def test_cycles_that_exist_are_counted_in_a_comment(tmp_path: Path) -> None:
    kimera(write_package(tmp_path, TANGLE), "init", "shop")

    text = (tmp_path / "contracts" / "shop.toml").read_text(encoding="utf-8")
    assert "# Not kept that day: 2 imports closed circles between modules." in text
    assert '\n# type = "kimera_acyclic"\n' in text
    assert_kept(tmp_path)


def test_proposed_order_of_a_tangle_needs_the_cut_that_the_comment_names(tmp_path: Path) -> None:
    kimera(write_package(tmp_path, TANGLE), "init", "shop")
    file = tmp_path / "contracts" / "shop.toml"
    text = file.read_text(encoding="utf-8")

    proposed = re.findall(r'^#     ("\w+",)$', text, flags=re.MULTILINE)
    file.write_text(text.replace('    "a : b : c",', "\n".join(proposed)), encoding="utf-8")
    cut = kimera(tmp_path, "cut", "--config", "contracts/shop.toml")

    assert "Then 2 imports had to go" in text
    assert len(proposed) == 3
    assert cut.stdout.startswith("2 imports to remove")


def test_circle_of_typing_imports_is_kept_and_its_way_out_shown(tmp_path: Path) -> None:
    kimera(write_package(tmp_path, {"shop.web": "import shop.core", "shop.core": TYPING}), "init", "shop")

    text = (tmp_path / "contracts" / "shop.toml").read_text(encoding="utf-8")
    assert layers_of(tmp_path) == ["core : web"]
    assert "# Some of these imports were for type checkers only." in text
    assert_kept(tmp_path)


def test_files_that_no_graph_holds_are_listed_with_the_reason(tmp_path: Path) -> None:
    write_package(tmp_path, MODULES)
    (tmp_path / "shop" / "templates").mkdir()
    (tmp_path / "shop" / "templates" / "page.py").touch()

    ran = kimera(tmp_path, "init", "shop")

    text = (tmp_path / "contracts" / "shop.toml").read_text(encoding="utf-8")
    assert "\"shop/templates/page.py\",  # the folder 'templates' has no __init__.py" in text
    assert "not checked    files that no import graph holds" in ran.stdout
    assert_kept(tmp_path)


def test_folder_with_many_unseen_files_is_one_glob(tmp_path: Path) -> None:
    write_package(tmp_path, MODULES)
    for number in range(6):
        (tmp_path / "shop" / "templates" / "deep").mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / "templates" / "deep" / f"t{number}.py").touch()

    kimera(tmp_path, "init", "shop")

    text = (tmp_path / "contracts" / "shop.toml").read_text(encoding="utf-8")
    assert '"shop/templates/**",  # 6 files: ' in text
    assert_kept(tmp_path)


def test_file_that_does_not_parse_is_named_and_exits_with_three(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, {**MODULES, "shop.bad": "x = ("}), "init", "shop")

    text = (tmp_path / "contracts" / "shop.toml").read_text(encoding="utf-8")
    checked = kimera(tmp_path, "check", "--no-cache")
    assert (ran.returncode, checked.returncode) == (3, 3)
    assert "shop/bad.py" in ran.stderr
    assert '#   "shop/bad.py"' in text
    assert "KEPT    Layers of shop" in checked.stdout


KEPT = {
    "empty packages": {**MODULES, "shop.legacy.__init__": ""},
    "package that imports its children": {**MODULES, "shop": "from shop import web, core"},
    "tests inside": {**MODULES, "shop.tests.test_web": "import shop.web", "shop.tests": "x = 1"},
    "names that are keywords": {**MODULES, "shop.class": "x = 1", "shop.async": "import shop.core"},
    "letters beyond ASCII": {**MODULES, "shop.größe": "import shop.core"},
    "circle through the package": {"shop": "import shop.a, shop.b", "shop.a": "import shop", "shop.b": "import shop"},
    "one module": {"shop.__init__": ""},
    "one module with code": {"shop.__init__": "x = 1"},
    "entry point": {**MODULES, "shop.__main__": "import shop.cli"},
}


@pytest.mark.parametrize("modules", KEPT.values(), ids=KEPT)
def test_what_is_written_is_kept_by_both_tools(tmp_path: Path, modules: dict[str, str]) -> None:
    parents = {name.removesuffix(".__init__"): text for name, text in modules.items() if name.endswith(".__init__")}
    write_package(tmp_path, {name: text for name, text in modules.items() if not name.endswith(".__init__")})
    for name, text in parents.items():
        folder = tmp_path.joinpath(*name.split("."))
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(text, encoding="utf-8")

    ran = kimera(tmp_path, "init", "shop")

    assert ran.returncode == 0, ran.stderr
    assert_kept(tmp_path)


def test_empty_package_is_an_optional_layer(tmp_path: Path) -> None:
    write_package(tmp_path, {**MODULES, "shop.legacy.gone": ""})
    (tmp_path / "shop" / "legacy" / "gone.py").unlink()

    kimera(tmp_path, "init", "shop")

    assert layers_of(tmp_path) == ["cli | web", "core | (legacy)"]


@pytest.mark.parametrize(("folder", "option"), [("src", ()), ("my lib", ("--root", "my lib"))], ids=["src", "root"])
def test_package_in_another_folder_is_found_and_the_way_there_shown(
    tmp_path: Path, folder: str, option: tuple[str, ...]
) -> None:
    write_package(tmp_path / folder, MODULES)

    ran = kimera(tmp_path, "init", "shop", *option)

    shown = folder if folder == "src" else f"'{folder}'"
    assert f"PYTHONPATH={shown} lint-imports --config contracts/shop.toml" in ran.stdout
    assert_kept(tmp_path, path=folder)


def test_inner_package_gets_a_file_of_its_own(tmp_path: Path) -> None:
    modules = {"shop.pay.api": "import shop.util", "shop.util": "import shop.pay.core", "shop.pay.core": "x = 1"}

    kimera(write_package(tmp_path, modules), "init", "shop.pay")

    assert layers_of(tmp_path, "shop.pay") == ["api", "core"]
    assert_kept(tmp_path, "shop.pay")


def test_part_of_a_namespace_package_is_a_root_of_its_own(tmp_path: Path) -> None:
    write_package(tmp_path, {"acme.shop.web": "import acme.shop.core", "acme.shop.core": "x = 1"})
    (tmp_path / "acme" / "__init__.py").unlink()

    kimera(tmp_path, "init", "acme.shop")

    assert layers_of(tmp_path, "acme.shop") == ["web", "core"]
    assert_kept(tmp_path, "acme.shop")


def test_namespace_package_is_refused_with_the_packages_in_it(tmp_path: Path) -> None:
    write_package(tmp_path, {"acme.shop.web": "", "acme.pay.web": ""})
    (tmp_path / "acme" / "__init__.py").unlink()

    ran = kimera(tmp_path, "init", "acme")

    assert ran.returncode == 2
    assert "'acme' is a namespace package" in ran.stderr
    assert "acme.pay, acme.shop" in ran.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shpo", "did you mean  shop"),
        ("shop.wbe", "did you mean  shop.web"),
        ("shop.web", "has no modules below it"),
        ("shop/web", "is no package name"),
    ],
    ids=["package", "inner package", "module", "path"],
)
def test_name_that_is_no_package_exits_with_two(tmp_path: Path, name: str, said: str) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "init", name)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert not (tmp_path / "contracts").exists()


def test_folder_that_cannot_be_made_exits_with_two(tmp_path: Path) -> None:
    (write_package(tmp_path, MODULES) / "contracts").write_text("a file", encoding="utf-8")

    ran = kimera(tmp_path, "init", "shop")

    assert ran.returncode == 2
    assert "cannot write contracts/shop.toml" in ran.stderr


@pytest.mark.parametrize("seed", ["1", "77"])
def test_file_does_not_change_with_the_hash_seed(tmp_path: Path, seed: str) -> None:
    texts: set[bytes] = set()
    for number, each in enumerate(("0", seed)):
        folder = write_package(tmp_path / str(number), {**TANGLE, **MODULES})
        kimera(folder, "init", "shop", PYTHONHASHSEED=each)
        texts.add((folder / "contracts" / "shop.toml").read_bytes())

    assert len(texts) == 1


def test_code_of_the_package_is_not_run(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, {**MODULES, "shop": "raise SystemExit('ran')"}), "init", "shop")

    assert (ran.returncode, ran.stderr) == (0, "")


def test_commented_ignore_can_be_taken_in(tmp_path: Path) -> None:
    kimera(write_package(tmp_path, TANGLE), "init", "shop")
    file = tmp_path / "contracts" / "shop.toml"
    text = file.read_text(encoding="utf-8")

    ignore = re.search(r"^# ignore = \[\n#     \{.*\},\n# \]$", text, flags=re.MULTILINE)
    assert ignore is not None
    taken_in = "\n".join(line.removeprefix("# ") for line in ignore.group().splitlines())
    rows = re.findall(r'^#     ("\w+",)$', text, flags=re.MULTILINE)
    file.write_text(text.replace(ignore.group(), taken_in).replace('    "a : b : c",', "\n".join(rows)), "utf-8")

    cut = kimera(tmp_path, "cut", "--config", "contracts/shop.toml")
    checked = kimera(tmp_path, "check", "--no-cache")
    assert cut.stdout.startswith("1 import to remove")
    assert "  ignored  1 import\n" in checked.stdout


def test_comments_say_when_they_were_true(tmp_path: Path) -> None:
    """The rows are edited later, and nobody edits the comments."""
    kimera(write_package(tmp_path, TANGLE), "init", "shop")

    comments = re.findall(r"^# (.*)$", (tmp_path / "contracts" / "shop.toml").read_text("utf-8"), flags=re.MULTILINE)
    assert comments[0].endswith("The comments say what it saw that day.")
    assert [
        line for line in comments if re.search(r"hold now|have no order|import each other, the|Not kept now", line)
    ] == []
