import os
from pathlib import Path

import pytest

from kimera_di.architecture.reading.tools import installed_state, tool_state


def package(place: Path, *, record: str | None = None, folder: str = "import_linter-2.16.dist-info") -> str:
    """Make a package ``importlinter``, with what an installer leaves beside it."""
    (place / "importlinter").mkdir(parents=True)
    (place / "importlinter" / "__init__.py").write_text("x = 1", encoding="utf-8")
    if record is not None:
        (place / folder).mkdir()
        (place / folder / "RECORD").write_text(record, encoding="utf-8")
    return str(place / "importlinter")


def test_installed_package_is_named_with_its_version(tmp_path: Path) -> None:
    state = installed_state("importlinter", package(tmp_path, record="importlinter/__init__.py,sha256=abc,5"))

    assert state.startswith("import_linter-2.16.dist-info ")


def test_same_version_with_other_files_is_another_state(tmp_path: Path) -> None:
    one = package(tmp_path / "one", record="importlinter/__init__.py,sha256=abc,5")
    other = package(tmp_path / "other", record="importlinter/__init__.py,sha256=xyz,5")

    assert installed_state("importlinter", one) != installed_state("importlinter", other)


def test_installed_package_has_the_same_state_wherever_it_is(tmp_path: Path) -> None:
    """Continuous integration installs it anew for each run, with other time stamps."""
    one, other = package(tmp_path / "one", record="same"), package(tmp_path / "other", record="same")

    assert installed_state("importlinter", one) == installed_state("importlinter", other)


def test_package_of_a_source_tree_changes_with_its_files(tmp_path: Path) -> None:
    folder = package(tmp_path)
    before = installed_state("importlinter", folder)
    file = Path(folder) / "__init__.py"
    os.utime(file, ns=(1, 1))

    assert before.startswith("from source ")
    assert installed_state("importlinter", folder) != before


def test_package_of_compiled_files_only_changes_with_them(tmp_path: Path) -> None:
    folder = package(tmp_path)
    file = Path(folder) / "__init__.py"
    compiled = file.rename(file.with_suffix(".pyc"))
    before = installed_state("importlinter", folder)
    os.utime(compiled, ns=(1, 1))

    assert installed_state("importlinter", folder) != before


def test_package_in_an_archive_changes_with_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / "tools.zip"
    archive.write_bytes(b"one")
    before = installed_state("importlinter", str(archive / "importlinter"))
    archive.write_bytes(b"other")

    assert installed_state("importlinter", str(archive / "importlinter")) != before


def test_distribution_of_another_name_says_nothing(tmp_path: Path) -> None:
    folder = package(tmp_path, record="other", folder="importlinter_extras-1.0.dist-info")

    assert installed_state("importlinter", folder).startswith("from source ")


@pytest.mark.check
def test_tools_are_named_with_the_interpreter() -> None:
    assert [line.split()[0] for line in tool_state() or ()] == ["python", "grimp", "importlinter", "kimera_di"]
