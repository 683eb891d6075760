import os
import random
from pathlib import Path

import pytest

from kimera_di.architecture.module_graph import ScannedTree
from kimera_di.architecture.packages import find_packages
from kimera_di.architecture.source_files import list_sources
from kimera_di.architecture.source_tree import TreeReader
from kimera_di.architecture.tree_cache import TreeCache
from tests.unit.architecture.trees import read_tree, write_package

pytestmark = pytest.mark.check


def cached(root: Path, tmp_path: Path) -> ScannedTree:
    return read_tree(root, cache=tmp_path / "cache")


def only_file(folder: Path) -> Path:
    (file,) = folder.glob("*/tree.json")
    return file


def test_tree_from_the_cache_equals_the_scanned_one(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": "import (", "shop.c.d": ""})
    first = cached(root, tmp_path)

    assert cached(root, tmp_path) == first == read_tree(root)


def test_unchanged_tree_is_read_from_the_cache(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    cached(root, tmp_path)
    file = only_file(tmp_path / "cache")
    file.write_text(file.read_text(encoding="utf-8").replace('"runtime"', '"lazy"'), encoding="utf-8")

    assert cached(root, tmp_path).graph.imports["shop.a"]["shop.b"] == ((1, "lazy"),)


def test_change_of_the_same_size_with_the_old_time_is_seen(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": "", "shop.c": ""})
    cached(root, tmp_path)
    file = root / "shop" / "a.py"
    before = file.stat()
    file.write_text("import shop.c", encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert list(cached(root, tmp_path).graph.pairs()) == [("shop.a", "shop.c")]


def test_new_module_changes_what_an_old_import_means(tmp_path: Path) -> None:
    """A name imported from a package becomes a module without the importer being touched."""
    root = write_package(tmp_path / "src", {"shop.a": "from shop import thing", "shop.b": ""})
    assert list(cached(root, tmp_path).graph.pairs()) == [("shop.a", "shop")]

    write_package(root, {"shop.thing": ""})

    assert list(cached(root, tmp_path).graph.pairs()) == [("shop.a", "shop.thing")]


def test_option_sets_do_not_share_a_cache(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import os"})
    packages = find_packages(["shop"], [root])
    without = TreeReader(tmp_path / "cache").read(packages)

    assert TreeReader(tmp_path / "cache").read(packages, external=True) != without
    assert len(list((tmp_path / "cache").glob("*/tree.json"))) == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"files": {}}', '{"taken": 1, "files": [], "tree": {}}', "\0"])
def test_damaged_cache_is_ignored(tmp_path: Path, damage: str) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    first = cached(root, tmp_path)
    only_file(tmp_path / "cache").write_text(damage, encoding="utf-8")

    assert cached(root, tmp_path) == first


def test_cache_that_cannot_be_written_is_reported_and_harmless(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = write_package(tmp_path / "src", {"shop.a": ""})
    (tmp_path / "cache").touch()

    assert cached(root, tmp_path).graph.files.keys() == {"shop", "shop.a"}
    assert "cannot be written" in caplog.text


def test_file_touched_around_the_snapshot_is_compared_by_content(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    sources = list_sources([root / "shop"])
    tree = read_tree(root)
    cache = TreeCache(tmp_path / "cache")

    cache.save(
        max(source.stamp.ctime_ns for source in sources),
        dict.fromkeys((s.path for s in sources), "other"),
        sources,
        tree,
    )

    assert cache.load(sources) is None


@pytest.mark.parametrize("seed", range(8))
def test_result_with_a_cache_equals_the_result_without(tmp_path: Path, seed: int) -> None:
    """Random edits, also ones that keep size and time, under two option sets that share one cache folder."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    root = write_package(tmp_path / "src", {f"shop.m{n}": "" for n in range(4)})
    packages = find_packages(["shop"], [root])
    for _ in range(12):
        file = root / "shop" / f"m{rng.randrange(6)}.py"
        if file.exists() and rng.random() < 0.2:
            file.unlink()
        else:
            before = file.stat() if file.exists() else None
            file.write_text(f"import shop.m{rng.randrange(6)}\nimport os\n", encoding="utf-8")
            if before is not None and rng.random() < 0.5:
                os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        external = rng.random() < 0.5
        with_cache = TreeReader(tmp_path / "cache").read(packages, external=external)
        assert with_cache == TreeReader().read(packages, external=external)
