import os
from pathlib import Path

import pytest

from kimera_di.architecture.reading.source_files import list_sources


def faults(folder: Path) -> dict[str, str]:
    return {os.path.relpath(file.path, folder): file.fault for file in list_sources([folder])}


def test_file_is_listed_with_its_stamp(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1", encoding="utf-8")
    found = (tmp_path / "a.py").stat()

    (file,) = list_sources([tmp_path])

    assert (file.path, file.fault) == (str(tmp_path / "a.py"), "")
    assert file.stamp == (5, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)


@pytest.mark.parametrize("name", ["a.pyi", "a.pyc", "a.so", "README", "__pycache__/a.py"])
def test_what_is_no_python_source_is_not_listed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()

    assert faults(tmp_path) == {}


@pytest.mark.parametrize("target", ["nowhere.py", "a.py"], ids=["missing", "itself"])
def test_link_that_leads_nowhere_has_a_fault(tmp_path: Path, target: str) -> None:
    (tmp_path / "a.py").symlink_to(target)

    assert faults(tmp_path)["a.py"].startswith("the link leads nowhere: ")


def test_link_to_a_folder_around_it_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.py").touch()
    (tmp_path / "inner" / "round").symlink_to(tmp_path)

    assert faults(tmp_path) == {"a.py": "", "inner/round": "the link leads to a folder around it"}


def test_links_to_one_folder_are_all_followed(tmp_path: Path) -> None:
    """Python imports each of them under a name of its own."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").touch()
    for name in ("one", "two"):
        (tmp_path / name).symlink_to(tmp_path / "real")

    assert sorted(faults(tmp_path)) == ["one/a.py", "real/a.py", "two/a.py"]


def test_links_that_lead_into_each_other_end(tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").touch()
        (tmp_path / name / "link").symlink_to(tmp_path / other)

    assert [path for path, fault in faults(tmp_path).items() if fault] == ["one/link/link", "two/link/link"]


def test_pipe_named_like_a_module_has_a_fault(tmp_path: Path) -> None:
    """Reading it would wait for ever."""
    os.mkfifo(tmp_path / "a.py")

    assert faults(tmp_path) == {"a.py": "it is no regular file"}


def test_folder_that_is_gone_has_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path / "gone") == {".": "the folder cannot be read: No such file or directory"}


def test_folder_named_like_a_module_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "a.py").mkdir()
    (tmp_path / "a.py" / "b.py").touch()

    assert faults(tmp_path) == {"a.py/b.py": ""}


def test_deeply_nested_folders_are_all_listed(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["d"] * 300)
    folder.mkdir(parents=True)
    (folder / "a.py").touch()

    assert list(faults(tmp_path).values()) == [""]


def test_folder_below_a_link_that_is_around_the_link_is_not_followed(tmp_path: Path) -> None:
    """No link itself: the link above it leads out of the package, and from there it is the package again."""
    (tmp_path / "outer" / "package").mkdir(parents=True)
    (tmp_path / "outer" / "a.py").touch()
    (tmp_path / "outer" / "package" / "up").symlink_to(tmp_path / "outer")

    found = faults(tmp_path / "outer" / "package")

    assert found == {"up/a.py": "", "up/package": "the link leads to a folder around it"}
