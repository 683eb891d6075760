"""What is read after an edit. A kept tree is forged, to tell what was taken from it."""

import hashlib
import re
from pathlib import Path

import pytest

from kimera_di.architecture.model.module_graph import Lines, ModuleGraph, ScannedTree
from kimera_di.architecture.reading.packages import find_packages
from kimera_di.architecture.reading.rereading import merged
from kimera_di.architecture.reading.source_tree import TreeReader
from tests.unit.architecture.trees import read_tree, write_package

pytestmark = pytest.mark.check

MODULES = {"shop.a": "import shop.b", "shop.b": "", "shop.c": "import shop.b", "shop.d": "", "shop.e": ""}


def forge(cache: Path) -> None:
    """Change every import in the cache so that it can be told from a scanned one, and make the seal fit."""
    (file,) = cache.glob("*/tree.json")
    body = re.sub(rb'("shop[.][a-z]":)1', rb'\1[[1,"lazy"]]', file.read_bytes().partition(b"\n")[2])
    file.write_bytes(hashlib.blake2b(body, digest_size=16).hexdigest().encode() + b"\n" + body)


def known(tmp_path: Path) -> Path:
    """Read a package once, and forge what is known of it."""
    root = write_package(tmp_path / "src", MODULES)
    read_tree(root, cache=tmp_path / "cache")
    forge(tmp_path / "cache")
    return root


def imports(tmp_path: Path) -> dict[str, dict[str, object]]:
    graph = read_tree(tmp_path / "src", cache=tmp_path / "cache").graph
    return {importer: dict(targets) for importer, targets in graph.imports.items()}


def test_edit_of_one_file_leaves_what_is_known_of_the_others(tmp_path: Path) -> None:
    root = known(tmp_path)

    (root / "shop" / "c.py").write_text("import shop.d", encoding="utf-8")

    assert imports(tmp_path) == {"shop.a": {"shop.b": ((1, "lazy"),)}, "shop.c": {"shop.d": ((1, "runtime"),)}}


def test_tree_after_an_edit_is_kept(tmp_path: Path) -> None:
    root = known(tmp_path)
    (root / "shop" / "c.py").write_text("import shop.d", encoding="utf-8")
    once = imports(tmp_path)

    (root / "shop" / "d.py").write_text("import shop.e", encoding="utf-8")

    assert imports(tmp_path) == {**once, "shop.d": {"shop.e": ((1, "runtime"),)}}


@pytest.mark.parametrize("edit", ["new", "gone"])
def test_file_that_came_or_went_has_all_files_read(tmp_path: Path, edit: str) -> None:
    """``from shop import x`` is an import of a module only while there is one."""
    root = known(tmp_path)

    if edit == "new":
        (root / "shop" / "f.py").touch()
    else:
        (root / "shop" / "e.py").unlink()

    assert imports(tmp_path) == {"shop.a": {"shop.b": ((1, "runtime"),)}, "shop.c": {"shop.b": ((1, "runtime"),)}}


def test_edit_of_most_files_has_all_files_read(tmp_path: Path) -> None:
    root = known(tmp_path)

    for name in ("b", "c", "d", "e"):
        (root / "shop" / f"{name}.py").write_text("# edited", encoding="utf-8")

    assert imports(tmp_path) == {"shop.a": {"shop.b": ((1, "runtime"),)}}


def test_file_that_changed_since_it_was_listed_keeps_nothing(tmp_path: Path) -> None:
    """It may have been hashed and scanned in different versions."""
    root = known(tmp_path)
    (kept,) = (tmp_path / "cache").glob("*/tree.json")
    before, packages = kept.read_bytes(), find_packages(["shop"], [root])
    reader = TreeReader(tmp_path / "cache")
    reader.snapshot(packages)
    (root / "shop" / "c.py").write_text("import shop.d", encoding="utf-8")

    tree = reader.read(packages)

    assert tree.graph.imports["shop.c"] == {"shop.d": ((1, "runtime"),)}
    assert kept.read_bytes() == before


def test_file_that_parses_again_is_no_longer_named(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {**MODULES, "shop.c": "import ("})
    broken = read_tree(root, cache=tmp_path / "cache")
    (root / "shop" / "c.py").write_text("", encoding="utf-8")

    mended = read_tree(root, cache=tmp_path / "cache")

    assert (len(broken.syntax), len(broken.unseen), mended.syntax, mended.unseen) == (1, 1, (), ())


def test_call_in_an_edited_file_is_found_and_an_old_one_is_forgotten(tmp_path: Path) -> None:
    calls = "import importlib\nimportlib.import_module('shop.{}')\n"
    root = write_package(tmp_path / "src", {**MODULES, "shop.c": calls.format("d"), "shop.e": calls.format("a")})
    packages = find_packages(["shop"], [root])
    TreeReader(tmp_path / "cache").read(packages, dynamic=True)
    (root / "shop" / "c.py").write_text("", encoding="utf-8")
    (root / "shop" / "d.py").write_text(calls.format("b"), encoding="utf-8")

    graph = TreeReader(tmp_path / "cache").read(packages, dynamic=True).graph

    assert graph.dynamic == {"shop.d": {"shop.b": (2,)}, "shop.e": {"shop.a": (2,)}}


def test_distribution_that_nobody_imports_any_more_leaves_the_graph() -> None:
    files = {"shop": "/shop/__init__.py", "shop.a": "/shop/a.py"}
    lines: Lines = ((1, "runtime"),)
    earlier = ScannedTree(
        ModuleGraph({**files, "yaml": None}, {"shop": {"yaml": lines}, "shop.a": {"shop": lines}}, frozenset({"yaml"}))
    )
    part = ScannedTree(ModuleGraph({**files, "attr": None}, {"shop": {"attr": lines}}, frozenset({"attr"})))

    graph = merged(earlier, part, {"/shop/__init__.py"}).graph

    assert list(graph.files) == ["attr", "shop", "shop.a"]
    assert graph.imports == {"shop": {"attr": lines}, "shop.a": {"shop": lines}}
    assert sorted(graph.external) == ["attr"]
