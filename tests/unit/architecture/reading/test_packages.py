from pathlib import Path

import pytest

from kimera_di.architecture.reading.packages import find_packages, search_folders
from kimera_di.errors import RootPackageError
from tests.unit.architecture.trees import write_package


def test_first_folder_with_the_package_wins(tmp_path: Path) -> None:
    first, second = (write_package(tmp_path / name, {"shop.a": ""}) for name in ("one", "two"))

    assert find_packages(["shop"], [first, second]) == {"shop": (first / "shop",)}


def test_portions_of_a_namespace_package_are_all_found(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "space").mkdir(parents=True)
        (tmp_path / name / "space" / f"{name}.py").touch()

    found = find_packages(["space"], [tmp_path / "one", tmp_path / "two"])

    assert found["space"] == (tmp_path / "one" / "space", tmp_path / "two" / "space")


def test_package_inside_a_namespace_is_found_by_its_dotted_name(tmp_path: Path) -> None:
    (tmp_path / "space" / "shop").mkdir(parents=True)
    (tmp_path / "space" / "shop" / "__init__.py").touch()

    assert find_packages(["space.shop"], [tmp_path]) == {"space.shop": (tmp_path / "space" / "shop",)}


def test_package_under_src_is_found() -> None:
    folders = search_folders()

    assert folders[0] == Path.cwd()


def test_user_folders_come_first(tmp_path: Path) -> None:
    assert search_folders([tmp_path])[:2] == (tmp_path, Path.cwd())


def test_unknown_package_is_guessed(tmp_path: Path) -> None:
    write_package(tmp_path, {"shopping.a": ""})

    with pytest.raises(RootPackageError, match="did you mean  shopping"):
        find_packages(["shoping"], [tmp_path])


def test_module_is_no_root_package(tmp_path: Path) -> None:
    (tmp_path / "shop.py").touch()

    with pytest.raises(RootPackageError, match="'shop' is a module, not a package"):
        find_packages(["shop"], [tmp_path])


def test_root_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RootPackageError, match="is no folder"):
        search_folders([tmp_path / "none"])


def test_package_is_found_without_being_imported(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop": "raise RuntimeError", "shop.a": ""})

    assert find_packages(["shop"], [tmp_path])
