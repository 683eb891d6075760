"""``kimera metrics`` as a user starts it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.architecture.trees import write_package
from tests.unit.cli.command import kimera

pytestmark = pytest.mark.check

MODULES = {
    "shop.ports": "from typing import Protocol\nclass Store(Protocol): ...",
    "shop.core": "import shop.ports\nclass Cart: ...",
    "shop.db": "import shop.ports\nfrom shop import web\nclass Db: ...\nclass Row: ...",
    "shop.web": "import shop.core, shop.db",
}
EXPECTED = """\
shop   5 modules, 5 imports
  propagation cost  0.480: a module reaches 2.4 on average
  cycles            1, the largest with 2 modules

    D     A     I    Ca    Ce  module
 0.50  0.00  0.50     1     1  shop.core
 0.33  0.00  0.67     1     2  shop.db
 0.00  1.00  0.00     2     0  shop.ports
    -     -  0.67     1     2  shop.web
    -     -  0.00     0     0  shop
Ca importers, Ce imported modules, I = Ce / (Ca + Ce) instability, A share of
abstract classes, D = |A + I - 1| distance; - without classes. The worst first.
"""


def measured(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return kimera(folder, "metrics", *words, **environment)


def as_json(folder: Path, *words: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(measured(folder, *words, "--format", "json").stdout)
    return data


def test_table_has_the_worst_module_first(tmp_path: Path) -> None:
    ran = measured(write_package(tmp_path, MODULES), "shop")

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, EXPECTED, "")


def test_json_has_every_number(tmp_path: Path) -> None:
    data = as_json(write_package(tmp_path, MODULES), "shop")

    assert data["packages"] == [
        {
            "package": "shop",
            "modules": 5,
            "imports": 5,
            "cycles": 1,
            "modules_in_cycles": 2,
            "propagation_cost": 0.48,
        }
    ]
    assert [each["module"] for each in data["modules"]] == ["shop", *sorted(MODULES)]
    assert data["modules"][2] == {
        "module": "shop.db",
        "afferent": 1,
        "efferent": 2,
        "instability": 2 / 3,
        "abstractness": 0.0,
        "distance": 1 / 3,
    }
    assert data["unseen"] == []


def test_module_without_classes_has_neither_abstractness_nor_distance(tmp_path: Path) -> None:
    web = as_json(write_package(tmp_path, MODULES), "shop")["modules"][-1]

    assert (web["module"], web["abstractness"], web["distance"]) == ("shop.web", None, None)


def test_part_of_a_package_is_measured_with_importers_from_outside(tmp_path: Path) -> None:
    data = as_json(write_package(tmp_path, MODULES), "shop.ports")

    assert [each["package"] for each in data["packages"]] == ["shop.ports"]
    assert [(each["module"], each["afferent"]) for each in data["modules"]] == [("shop.ports", 2)]


def test_several_packages_are_measured_each_on_its_own(tmp_path: Path) -> None:
    data = as_json(write_package(tmp_path, {"one.a": "import two.b", "two.b": "import one.a"}), "two", "one")

    assert [(each["package"], each["cycles"]) for each in data["packages"]] == [("one", 0), ("two", 0)]
    assert [each["afferent"] for each in data["modules"]] == [0, 1, 0, 1]


def test_many_modules_are_counted_in_the_text_and_all_in_json(tmp_path: Path) -> None:
    write_package(tmp_path, {f"shop.m{number:02}": "" for number in range(40)})

    ran = measured(tmp_path, "shop")

    assert "\nand 11 more; --format json has all\n" in ran.stdout
    assert len(as_json(tmp_path, "shop")["modules"]) == 41


def test_no_line_is_longer_than_eighty_columns(tmp_path: Path) -> None:
    long = ".".join(["shop", *(f"a_rather_long_name_{number}" for number in range(5))])

    ran = measured(write_package(tmp_path, {long: "class A: ..."}), "shop")

    assert max(len(line) for line in ran.stdout.splitlines()) == 80
    assert "  ...me_2.a_rather_long_name_3.a_rather_long_name_4\n" in ran.stdout


def test_unknown_package_exits_with_two_and_a_guess(tmp_path: Path) -> None:
    ran = measured(write_package(tmp_path, MODULES), "shop.prots")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "there is no package or module 'shop.prots'" in ran.stderr
    assert "did you mean  shop.ports" in ran.stderr


@pytest.mark.parametrize("words", [("shop", "--format", "xml"), ()], ids=["format", "nothing"])
def test_wrong_usage_exits_with_two(tmp_path: Path, words: tuple[str, ...]) -> None:
    ran = measured(write_package(tmp_path, MODULES), *words)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Usage:" in ran.stderr


def test_package_below_another_folder_is_found_with_root(tmp_path: Path) -> None:
    write_package(tmp_path / "lib", MODULES)

    assert measured(tmp_path, "shop", "--root", "lib").stdout == EXPECTED


def test_file_that_does_not_parse_exits_with_three_and_the_rest_is_measured(tmp_path: Path) -> None:
    write_package(tmp_path, {**MODULES, "shop.broken": "import ("})

    ran = measured(tmp_path, "shop")

    assert ran.returncode == 3
    assert ran.stdout.count("UNSEEN") == 1
    assert "UNSEEN  shop/broken.py   does not parse" in ran.stdout
    assert " 0.50  0.00  0.50     1     1  shop.core" in ran.stdout


def test_file_whose_classes_cannot_be_counted_exits_with_three(tmp_path: Path) -> None:
    """No CPython reads more than 100 levels of indentation, the import scanner does."""
    deep = "".join(" " * depth + "if 1:\n" for depth in range(110)) + " " * 110 + "class A: ..."
    write_package(tmp_path, {**MODULES, "shop.deep": deep})

    ran = measured(tmp_path, "shop")

    assert ran.returncode == 3
    assert "UNSEEN  shop/deep.py   the classes of shop.deep were not counted: Python " in ran.stdout


def test_unseen_file_of_another_package_does_not_matter(tmp_path: Path) -> None:
    write_package(tmp_path, {**MODULES, "shop.jobs.broken": "import ("})

    assert measured(tmp_path, "shop.core").returncode == 0


def test_output_is_the_same_for_every_hash_seed(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(8)]
    write_package(
        tmp_path, {f"shop.{name}": "\n".join(f"import shop.{other}" for other in names[::3]) for name in names}
    )

    outputs = {
        tuple(measured(tmp_path, "shop", "--format", form, PYTHONHASHSEED=seed).stdout for form in ("text", "json"))
        for seed in ("0", "1", "2")
    }

    assert len(outputs) == 1
