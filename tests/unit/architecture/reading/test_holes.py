"""Never a silent hole: whatever is odd about a file, either its imports are checked or the report names it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kimera_di.architecture.reading.packages import find_packages, search_folders
from kimera_di.architecture.reading.scanning import scan_tree
from kimera_di.architecture.reading.source_files import list_sources
from kimera_di.errors import RootPackageError
from tests.unit.architecture.trees import check, layers, read_tree, write_package

pytestmark = pytest.mark.check

BOM = b"\xef\xbb\xbf"


def seen(root: Path) -> tuple[list[tuple[str, str]], dict[str, str], list[tuple[str | None, int | None]]]:
    """Give the imports, the unseen files with their reasons, and the syntax findings with their lines."""
    tree = read_tree(root)
    unseen = {os.path.relpath(item.file, root / "shop"): item.reason for item in tree.unseen}
    return list(tree.graph.pairs()), unseen, [(finding.importer, finding.line) for finding in tree.syntax]


@pytest.mark.parametrize(
    "source",
    [
        BOM + b"import shop.a\n",
        b"# -*- coding: latin-1 -*-\nname = '\xe9'\nimport shop.a\n",
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nname = '\x80'\nimport shop.a\n",
        "größe = 1\nimport shop.a\n".encode(),
        b"import shop.a\r\nx = 1\r\n",
        b"x = 1\x0cimport shop.a\n".replace(b"\x0c", b"\n\x0c"),
        b"import shop.a",
    ],
    ids=["bom", "latin-1", "cp1252", "utf-8", "crlf", "form-feed", "no-line-break"],
)
def test_import_is_found_in_every_encoding(tmp_path: Path, source: bytes) -> None:
    write_package(tmp_path, {"shop.a": ""})
    (tmp_path / "shop" / "odd.py").write_bytes(source)

    assert seen(tmp_path) == ([("shop.odd", "shop.a")], {}, [])


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        (b"x = 1\nimport shop.a\0\n", 2, "import shop.a\0"),
        (b"x = 1\ny = 2\nname = '\xe9'\n", 3, "byte 0xe9 is no utf-8"),
        ("import shop.a\n".encode("utf-16"), 1, "byte 0xff is no utf-8"),
        (b"# coding: nonsense\n", 1, "unknown encoding: nonsense"),
        (b"\n# coding: nonsense\n", 2, "unknown encoding: nonsense"),
        (b"import (\n", 1, "import ("),
        (b"x = " + b"(" * 5000 + b")" * 5000, 1, "x = ((("),
        (b"\nx = " + b"-" * 50_000 + b"1", 2, "an expression is nested too deeply"),
    ],
    ids=["null", "no-utf8", "utf-16", "cookie", "cookie-in-line-2", "syntax", "brackets", "signs"],
)
def test_file_that_does_not_parse_is_one_finding_with_its_line_and_unseen(
    tmp_path: Path, source: bytes, line: int, reason: str
) -> None:
    write_package(tmp_path, {"shop.a": "import shop.odd", "shop.b": "import shop.a"})
    (tmp_path / "shop" / "odd.py").write_bytes(source)

    pairs, unseen, syntax = seen(tmp_path)

    assert pairs == [("shop.a", "shop.odd"), ("shop.b", "shop.a")]
    assert syntax == [("shop.odd", line)]
    assert list(unseen) == ["odd.py"]
    assert unseen["odd.py"].startswith(f"does not parse: {reason}")


@pytest.mark.parametrize(
    "expression",
    ["x = " + "1+" * 1_000_000 + "1\n", "x = (\n" + "1 +\n" * 300_000 + "1)\n", "x = a" + ".b" * 200_000 + "\n"],
    ids=["sum", "lines", "attributes"],
)
def test_expression_that_would_kill_the_parser_is_one_finding(tmp_path: Path, expression: str) -> None:
    write_package(tmp_path, {"shop.a": "import shop.odd", "shop.odd": expression})

    pairs, unseen, syntax = seen(tmp_path)

    assert pairs == [("shop.a", "shop.odd")]
    assert unseen == {"odd.py": "does not parse: an expression is nested too deeply"}
    assert syntax == [("shop.odd", 1)]


def test_large_table_is_not_taken_for_a_deep_expression(tmp_path: Path) -> None:
    rows = "".join(f"    ({number}, -{number}, f({number})),\n" for number in range(10_000))
    write_package(tmp_path, {"shop.a": "", "shop.data": f"import shop.a\nx = [\n{rows}]\n"})

    assert seen(tmp_path) == ([("shop.data", "shop.a")], {}, [])


@pytest.mark.parametrize(
    ("make", "file", "reason"),
    [
        (lambda place: place.symlink_to("nowhere.py"), "b.py", "the link leads nowhere: No such file or directory"),
        (os.mkfifo, "b.py", "it is no regular file"),
        (lambda place: place.symlink_to(place.parent), "round", "the link leads to a folder around it"),
        (lambda place: place.touch(), os.fsdecode(b"\xff.py"), "the file name is no UTF-8"),
        (lambda place: place.touch(), "a.b.py", "the file name has a dot too many for a module"),
        (lambda place: write_to(place / "x.py"), "b.py", "the folder 'b.py' cannot be part of a module name"),
        (lambda place: write_to(place / "x.py"), "loose", "the folder 'loose' has no __init__.py"),
        (lambda place: write_to(place / "__init__.py"), "a", "'a.py' beside the folder has the same module name"),
    ],
    ids=["dangling", "pipe", "round", "name", "dots", "folder.py", "loose", "twin"],
)
def test_file_that_is_no_module_is_named_with_the_reason(
    tmp_path: Path, make: Callable[[Path], object], file: str, reason: str
) -> None:
    write_package(tmp_path, {"shop.a": "import shop"})
    make(tmp_path / "shop" / file)

    pairs, unseen, syntax = seen(tmp_path)

    assert (pairs, syntax) == ([("shop.a", "shop")], [])
    assert [(path.partition("/")[0], why) for path, why in unseen.items()] == [(file, reason)]


def test_script_whose_name_is_no_identifier_is_checked(tmp_path: Path) -> None:
    """Nobody can import it, but it imports."""
    write_package(tmp_path, {"shop.a": ""})
    (tmp_path / "shop" / "my-script.py").write_text("import shop.a", encoding="utf-8")

    assert seen(tmp_path) == ([("shop.my-script", "shop.a")], {}, [])


def test_linked_package_is_read_under_its_own_name(tmp_path: Path) -> None:
    write_package(tmp_path / "elsewhere", {"common.x": "import shop.a"})
    write_package(tmp_path, {"shop.a": ""})
    (tmp_path / "shop" / "one").symlink_to(tmp_path / "elsewhere" / "common")

    assert seen(tmp_path) == ([("shop.one.x", "shop.a")], {}, [])


def test_names_that_differ_in_case_only_are_two_modules(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.a": "import shop.A", "shop.A": ""})

    assert seen(tmp_path)[0] == [("shop.a", "shop.A")]


def test_stub_without_a_module_changes_nothing(tmp_path: Path) -> None:
    """Stubs are for type checkers; what is imported at run time is a compiled module, which has no imports to read."""
    write_package(tmp_path, {"shop.a": "from shop import fast"})
    (tmp_path / "shop" / "fast.pyi").write_text("import shop.a", encoding="utf-8")

    assert seen(tmp_path) == ([("shop.a", "shop")], {}, [])


def test_file_deleted_after_it_was_listed_is_unseen_and_stays_a_module(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.a": "import shop.b", "shop.b": "import shop.a"})
    packages = find_packages(["shop"], [tmp_path])
    sources = list_sources(packages["shop"])
    (tmp_path / "shop" / "b.py").unlink()

    tree = scan_tree(packages, sources)

    assert list(tree.graph.pairs()) == [("shop.a", "shop.b")]
    assert [(item.file, item.reason) for item in tree.unseen] == [
        (str(tmp_path / "shop" / "b.py"), "it cannot be read: No such file or directory")
    ]
    assert tree.syntax == ()


@pytest.mark.parametrize(
    ("closed", "line"),
    [
        ("shop/b.py", "shop/b.py: it cannot be read: Permission denied"),
        ("shop/deep", "shop/deep: the folder cannot be read: Permission denied"),
    ],
)
def test_what_may_not_be_read_is_unseen(tmp_path: Path, closed: str, line: str) -> None:
    """Root may read everything, so the reading is done by a process that gives that up."""
    write_package(tmp_path, {"shop.a": "import shop.b", "shop.b": "", "shop.deep.c": ""})
    (tmp_path / closed).chmod(0)
    tmp_path.chmod(0o755)
    program = (
        "import os, sys; from pathlib import Path\n"
        "from tests.unit.architecture.trees import read_tree; import kimera_di.architecture.reading.scanning\n"
        "import importlib.metadata; importlib.metadata.version('grimp'), importlib.metadata.version('kimera-di')\n"
        "os.chdir(sys.argv[1]); os.geteuid() or os.seteuid(65534)\n"
        "tree = read_tree(Path('.')); os.seteuid(os.getuid())\n"
        "print(*(f'{os.path.relpath(item.file)}: {item.reason}' for item in tree.unseen), len(tree.graph.imports))"
    )
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path(__file__).parents[4])!r})\n{program}"]

    ran = subprocess.run([*command, str(tmp_path)], cwd=tmp_path, capture_output=True, check=False, text=True)
    (tmp_path / closed).chmod(0o755)

    assert (ran.stdout, ran.stderr) == (f"{line} 1\n", "")


def test_package_in_an_archive_is_a_clear_error(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "libs.zip", "w") as archive:
        archive.writestr("zipped_shop/__init__.py", "")
    program = (
        "import sys; sys.path.insert(0, 'libs.zip')\n"
        "from kimera_di.architecture.reading.packages import find_packages, search_folders\n"
        "from kimera_di.errors import RootPackageError\n"
        "try: find_packages(['zipped_shop'], search_folders())\n"
        "except RootPackageError as error: print(error)"
    )

    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=False, text=True)

    assert "the package 'zipped_shop' is in an archive" in ran.stdout
    assert "libs.zip/zipped_shop" in ran.stdout


def test_root_that_is_no_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RootPackageError, match="is no folder"):
        search_folders([tmp_path / "none"])


def test_module_in_two_portions_of_a_namespace_package_is_taken_from_the_first(tmp_path: Path) -> None:
    for root, imported in (("one", "os"), ("two", "re")):
        write_package(tmp_path / root, {"space.part.x": f"import {imported}"})
        (tmp_path / root / "space" / "__init__.py").unlink()
    packages = {"space": (tmp_path / "one" / "space", tmp_path / "two" / "space")}

    tree = scan_tree(packages, list_sources(packages["space"]), external=True)

    assert list(tree.graph.pairs()) == [("space.part.x", "os")]
    assert {item.reason for item in tree.unseen} == {
        "another folder of the package has a module of that name, which is found first"
    }
    assert [os.path.relpath(item.file, tmp_path) for item in tree.unseen] == [
        "two/space/part/__init__.py",
        "two/space/part/x.py",
    ]


def test_layer_whose_init_cannot_be_parsed_is_not_called_empty(tmp_path: Path) -> None:
    report = check(
        tmp_path,
        {"shop.web": "x = " + "1+" * 50_000 + "1", "shop.core": ""},
        layers('layers = ["web", "core"]\ncontainers = ["shop"]'),
    )

    assert [finding.kind for finding in report.findings] == ["syntax"]
    assert report.exit_code == 3


def test_contract_file_without_contracts_is_a_mistake(tmp_path: Path) -> None:
    report = check(tmp_path, {"shop.a": ""}, "contracts = []")

    assert report.exit_code == 2
    assert "the file has no contracts" in report.errors[0]


def write_to(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("", encoding="utf-8")
