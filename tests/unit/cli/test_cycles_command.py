"""``kimera cycles`` as a user starts it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.architecture.trees import write_package

pytestmark = pytest.mark.check

CYCLE = {
    "shop.system": "\nimport shop.vault",
    "shop.vault": "def f():\n    import shop.system",
    "shop.tools": "import shop.system",
}
TYPING = {
    "shop.a": "import shop.b",
    "shop.b": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.a",
}
EXPECTED = """\
CYCLIC  2 modules: shop.system, shop.vault
  shortest cycle
    shop/system.py:2   shop.system -> shop.vault
    shop/vault.py:2    └─ shop.vault -> shop.system   (deferred)
  cut 1 import, the fewest possible
    shop/system.py:2   shop.system -> shop.vault
        delete it: nothing of it is used here or taken from here; an import for its effects belongs into the \
composition root
  do this  move what two modules need into a third one, or let the importer own an interface and bind the
           implementation in the composition root; an import inside a function still counts
           kimera advise IMPORTER IMPORTED says what to do about one of them; --format json says it about all
2 modules in 1 component, cut 1 import. Read 4 modules, 3 imports.
"""


def kimera(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kimera_di.cli", "cycles", *words]
    env = {**os.environ, **environment}
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, env=env, encoding="utf-8")


def found(folder: Path, *words: str) -> list[dict[str, Any]]:
    components: list[dict[str, Any]] = json.loads(kimera(folder, *words, "--format", "json").stdout)["components"]
    return components


def tree(root: Path, modules: Mapping[str, str]) -> Path:
    return write_package(root, modules)


def test_cycle_is_shown_with_what_to_cut(tmp_path: Path) -> None:
    ran = kimera(tree(tmp_path, CYCLE), "shop")

    assert (ran.returncode, ran.stdout, ran.stderr) == (1, EXPECTED, "")


def test_package_without_a_cycle_exits_with_zero(tmp_path: Path) -> None:
    ran = kimera(tree(tmp_path, {"shop.a": "import shop.b", "shop.b": ""}), "shop")

    assert (ran.returncode, ran.stdout) == (0, "No cycles. Read 3 modules, 1 imports.\n")


def test_json_has_modules_shortest_cycle_and_cut(tmp_path: Path) -> None:
    (component,) = found(tree(tmp_path, CYCLE), "shop")

    first = {"importer": "shop.system", "imported": "shop.vault", "file": "shop/system.py", "line": 2}
    back = {"importer": "shop.vault", "imported": "shop.system", "file": "shop/vault.py", "line": 2}
    assert component["modules"] == ["shop.system", "shop.vault"]
    assert [{key: link[key] for key in first} for link in component["shortest_cycle"]] == [first, back]
    assert [{key: link[key] for key in first} for link in component["cut"]] == [first]
    assert component["cut_at_least"] == 1


def test_typing_import_does_not_count_by_default(tmp_path: Path) -> None:
    assert kimera(tree(tmp_path, TYPING), "shop").returncode == 0


def test_typing_import_counts_when_all_do(tmp_path: Path) -> None:
    (component,) = found(tree(tmp_path, TYPING), "shop", "--kind", "all")

    assert component["modules"] == ["shop.a", "shop.b"]


def test_only_the_named_package_is_looked_at(tmp_path: Path) -> None:
    modules = {**CYCLE, "shop.web.a": "import shop.web.b", "shop.web.b": "import shop.web.a"}

    (component,) = found(tree(tmp_path, modules), "shop.web")

    assert component["modules"] == ["shop.web.a", "shop.web.b"]


def test_cycle_between_two_named_packages_is_found(tmp_path: Path) -> None:
    (component,) = found(tree(tmp_path, {"one.a": "import two.b", "two.b": "import one.a"}), "one", "two")

    assert component["modules"] == ["one.a", "two.b"]


def test_unknown_package_exits_with_two_and_a_guess(tmp_path: Path) -> None:
    ran = kimera(tree(tmp_path, CYCLE), "shp")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "did you mean  shop" in ran.stderr


def test_unknown_part_of_a_package_exits_with_two_and_a_guess(tmp_path: Path) -> None:
    ran = kimera(tree(tmp_path, CYCLE), "shop.systm")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "there is no package or module 'shop.systm'" in ran.stderr
    assert "did you mean  shop.system" in ran.stderr


@pytest.mark.parametrize(
    "words", [("shop", "--format", "xml"), ("shop", "--kind", "lazy"), ()], ids=["format", "kind", "nothing"]
)
def test_wrong_usage_exits_with_two(tmp_path: Path, words: tuple[str, ...]) -> None:
    ran = kimera(tree(tmp_path, CYCLE), *words)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Usage:" in ran.stderr


def test_package_below_another_folder_is_found_with_root(tmp_path: Path) -> None:
    tree(tmp_path / "lib", CYCLE)

    assert kimera(tmp_path, "shop", "--root", "lib").returncode == 1


@pytest.mark.parametrize("modules", [CYCLE, {"shop.a": ""}], ids=["with a cycle", "without"])
def test_files_that_were_not_seen_exit_with_three(tmp_path: Path, modules: dict[str, str]) -> None:
    tree(tmp_path, modules)
    (tmp_path / "shop" / "lost").mkdir()
    (tmp_path / "shop" / "lost" / "a.py").touch()

    ran = kimera(tmp_path, "shop")

    assert ran.returncode == 3
    assert "UNSEEN  shop/lost/a.py   the folder 'lost' has no __init__.py\n" in ran.stdout


def test_file_that_does_not_parse_exits_with_three_and_the_rest_is_checked(tmp_path: Path) -> None:
    tree(tmp_path, {**CYCLE, "shop.broken": "import ("})

    ran = kimera(tmp_path, "shop", "--format", "json")

    assert ran.returncode == 3
    assert [item["file"] for item in json.loads(ran.stdout)["unseen"]] == ["shop/broken.py"]
    assert len(json.loads(ran.stdout)["components"]) == 1


def test_unseen_file_of_another_package_does_not_matter(tmp_path: Path) -> None:
    tree(tmp_path, {"shop.core.a": "", "shop.web": "import ("})

    assert kimera(tmp_path, "shop.core").returncode == 0


def test_many_modules_are_counted_in_the_text_and_all_in_json(tmp_path: Path) -> None:
    ring = {f"shop.m{number:02}": f"import shop.m{(number + 1) % 20:02}" for number in range(20)}
    tree(tmp_path, ring)

    assert "CYCLIC  20 modules: shop.m00, " in kimera(tmp_path, "shop").stdout
    assert "shop.m11 (and 8 more)\n" in kimera(tmp_path, "shop").stdout
    assert len(found(tmp_path, "shop")[0]["modules"]) == 20


def test_output_is_the_same_for_every_hash_seed(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(8)]
    tree(tmp_path, {f"shop.{name}": "\n".join(f"import shop.{other}" for other in names) for name in names})

    outputs = {kimera(tmp_path, "shop", "--format", "json", PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "2")}

    assert len(outputs) == 1


def test_mistyped_package_gets_a_guess_and_no_advice_about_contract_files(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, CYCLE), "shpo")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "did you mean  shop\n" in ran.stderr
    assert "do this       correct the name, or add --root" in ran.stderr
    assert "root_packages" not in ran.stderr


def test_imports_that_do_not_count_are_counted_apart(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, TYPING), "shop")

    assert ran.stdout == "No cycles. Read 3 modules, 1 imports and 1 for type checkers, which do not count.\n"
