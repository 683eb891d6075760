"""``kimera why`` as a user starts it."""

import json
from pathlib import Path

import pytest

from kimera_di.cli.why import MOST_LINKS
from tests.unit.architecture.trees import write_package
from tests.unit.cli.command import kimera

pytestmark = pytest.mark.check

MODULES = {
    "shop.web.views": "import shop.core\n\nimport shop.util",
    "shop.core": "def f():\n    import shop.db",
    "shop.util": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.db import x",
    "shop.db": "",
    "pay.api": "import shop.core",
}


def test_chains_are_shown_with_file_line_and_kind(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "why", "shop.web", "shop.db")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        "shop.web imports shop.db through 1 other: 2 shortest chains\n"
        "\n"
        "  shop/web/views.py:1   shop.web.views -> shop.core\n"
        "  shop/core.py:2        └─ shop.core -> shop.db   (deferred)\n"
        "\n"
        "  shop/web/views.py:3   shop.web.views -> shop.util\n"
        "  shop/util.py:3        └─ shop.util -> shop.db   (typing)\n"
    )


def test_json_has_every_chain_and_every_import_on_them(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "why", "shop.web", "shop.db", "--format", "json")

    found = json.loads(ran.stdout)
    assert [[(link["importer"], link["imported"]) for link in chain] for chain in found["chains"]] == [
        [("shop.web.views", "shop.core"), ("shop.core", "shop.db")],
        [("shop.web.views", "shop.util"), ("shop.util", "shop.db")],
    ]
    first = found["chains"][0][1]
    assert first == {
        "importer": "shop.core",
        "imported": "shop.db",
        "file": "shop/core.py",
        "line": 2,
        "kind": "deferred",
    }
    assert (found["count"], found["complete"], len(found["imports"])) == (2, True, 4)


def test_no_chain_exits_with_one(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "why", "shop.db", "shop.web")

    assert ran.returncode == 1
    assert ran.stdout == "shop.db does not import shop.web, neither directly nor through other modules.\n"


def test_no_chain_in_json_is_an_empty_list(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "why", "shop.db", "shop.web", "--format", "json")

    assert (ran.returncode, json.loads(ran.stdout)["chains"]) == (1, [])


def test_two_root_packages_in_another_folder_are_read(tmp_path: Path) -> None:
    write_package(tmp_path / "lib", MODULES)

    ran = kimera(tmp_path, "why", "pay", "shop.db", "--root", "lib")

    assert ran.returncode == 0
    assert "lib/pay/api.py:1" in ran.stdout


def test_unknown_module_exits_with_two_and_a_guess(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "why", "shop.web", "shop.bd")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "did you mean  shop.db" in ran.stderr


def test_unknown_package_exits_with_two(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "why", "shpo.web", "shop.db")

    assert ran.returncode == 2
    assert "did you mean  shop" in ran.stderr


def test_path_in_the_place_of_a_name_is_guessed(tmp_path: Path) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "why", "shop/web/views.py", "shop.db")

    assert ran.returncode == 2
    assert "did you mean  shop.web.views" in ran.stderr


def test_file_that_was_not_read_is_named(tmp_path: Path) -> None:
    write_package(tmp_path, {**MODULES, "shop.bad": "x = ("})

    ran = kimera(tmp_path, "why", "shop.web", "shop.db", "--format", "json")

    assert ran.returncode == 0
    assert [item["file"] for item in json.loads(ran.stdout)["unseen"]] == ["shop/bad.py"]
    assert "not read, so imports in it are missing here: shop/bad.py" in ran.stderr


def test_more_chains_than_fit_are_counted_and_the_rest_announced(tmp_path: Path) -> None:
    """Thirteen steps with two ways each are 8,192 chains of 26 links; each of their imports is still there."""
    modules = {f"shop.n{step}": f"import shop.a{step}, shop.b{step}" for step in range(13)}
    modules |= {f"shop.{side}{step}": f"import shop.n{step + 1}" for step in range(13) for side in "ab"}
    write_package(tmp_path, {**modules, "shop.n13": ""})

    ran = kimera(tmp_path, "why", "shop.n0", "shop.n13", "--format", "json")

    found = json.loads(ran.stdout)
    assert (found["count"], found["complete"], len(found["chains"])) == (2**13, False, MOST_LINKS // 26)
    assert len(found["imports"]) == 13 * 4
    assert "8192 chains are too many for JSON" in ran.stderr


def test_many_chains_are_not_all_shown_as_text(tmp_path: Path) -> None:
    modules = {f"shop.m{number:02}": "import shop.db" for number in range(25)}

    ran = kimera(
        write_package(tmp_path, {**modules, "shop.web": f"import {', '.join(modules)}", "shop.db": ""}),
        "why",
        "shop.web",
        "shop.db",
    )

    assert "through 1 other: 25 shortest chains" in ran.stdout
    assert ran.stdout.endswith("5 more chains; --format json has every import on them\n")


@pytest.mark.parametrize("seed", ["1", "2", "77"])
def test_output_does_not_change_with_the_hash_seed(tmp_path: Path, seed: str) -> None:
    write_package(tmp_path, MODULES)

    outputs = {
        kimera(tmp_path, "why", "shop", "shop.db", "--format", "json", PYTHONHASHSEED=each).stdout
        for each in ("0", seed)
    }

    assert len(outputs) == 1


@pytest.mark.parametrize("name", ["../shop", "shop.", ""])
def test_guess_is_a_name_that_could_be_imported(tmp_path: Path, name: str) -> None:
    ran = kimera(write_package(tmp_path, MODULES), "why", name, "shop.db")

    assert ran.returncode == 2
    assert f"{name!r} is no module name" in ran.stderr
    assert "did you mean" not in ran.stderr
