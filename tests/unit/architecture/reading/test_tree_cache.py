import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from kimera_di.architecture.model.module_graph import ScannedTree
from kimera_di.architecture.reading.packages import find_packages
from kimera_di.architecture.reading.snapshots import digest_of
from kimera_di.architecture.reading.source_files import SourceFile, Stamp, list_sources
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reading.tree_cache import CachedTree, TreeCache
from tests.unit.architecture.trees import read_tree, write_package

pytestmark = pytest.mark.check


def cached(root: Path, tmp_path: Path) -> ScannedTree:
    return read_tree(root, cache=tmp_path / "cache")


def only_file(folder: Path) -> Path:
    (file,) = folder.glob("*/tree.json")
    return file


def forge(file: Path) -> None:
    """Change a tree in the cache so that it can be told from a scanned one, and make the seal fit."""
    body = file.read_bytes().partition(b"\n")[2].replace(b'"shop.b":1', b'"shop.b":[[1,"lazy"]]')
    file.write_bytes(hashlib.blake2b(body, digest_size=16).hexdigest().encode() + b"\n" + body)


def test_tree_from_the_cache_equals_the_scanned_one(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": "import (", "shop.c.d": ""})
    first = cached(root, tmp_path)

    assert cached(root, tmp_path) == first == read_tree(root)


def test_unchanged_tree_is_read_from_the_cache(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    cached(root, tmp_path)
    forge(only_file(tmp_path / "cache"))

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


@pytest.mark.parametrize("damage", ["", "{", "[]", "[" * 100_000, '{"files": {}}', "\0"], ids=range(6))
def test_damaged_cache_is_ignored(tmp_path: Path, damage: str) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    first = cached(root, tmp_path)
    only_file(tmp_path / "cache").write_text(damage, encoding="utf-8")

    assert cached(root, tmp_path) == first


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_truncated_cache_is_ignored(tmp_path: Path, kept: float) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    first = cached(root, tmp_path)
    file = only_file(tmp_path / "cache")
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * kept)])

    assert cached(root, tmp_path) == first


def test_flipped_byte_in_the_cache_is_noticed(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    first = cached(root, tmp_path)
    file = only_file(tmp_path / "cache")
    file.write_bytes(file.read_bytes().replace(b'"shop.b":1', b'"shop.b":2'))

    assert cached(root, tmp_path) == first


def test_cache_file_of_other_options_is_ignored(tmp_path: Path) -> None:
    """Somebody copied it: the files are the same, the imports of other distributions are not in it."""
    root = write_package(tmp_path / "src", {"shop.a": "import os"})
    packages = find_packages(["shop"], [root])
    TreeReader(tmp_path / "cache").read(packages)
    without = only_file(tmp_path / "cache")
    with_external = TreeReader(tmp_path / "cache").read(packages, external=True)
    (other,) = set((tmp_path / "cache").glob("*/tree.json")) - {without}
    other.write_bytes(without.read_bytes())

    assert TreeReader(tmp_path / "cache").read(packages, external=True) == with_external


def test_cache_that_cannot_be_written_is_reported_once_and_harmless(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "", "till.a": ""})
    (tmp_path / "cache").touch()
    reader = TreeReader(tmp_path / "cache")

    trees = [reader.read(find_packages([name], [root])) for name in ("shop", "till")]

    assert [sorted(tree.graph.files) for tree in trees] == [["shop", "shop.a"], ["till", "till.a"]]
    assert [record.getMessage().partition(", ")[0] for record in caplog.records] == [
        f"the cache in {tmp_path / 'cache'} cannot be written"
    ]


def test_new_cache_folder_tells_other_programs_to_leave_it_alone(tmp_path: Path) -> None:
    cached(write_package(tmp_path / "src", {"shop.a": ""}), tmp_path)

    assert (tmp_path / "cache/.gitignore").read_bytes() == b"*\n"
    assert (tmp_path / "cache/CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55")


def test_folder_that_was_there_before_gets_no_marks(tmp_path: Path) -> None:
    """``--cache-dir .`` must not hide the project from git."""
    (tmp_path / "cache").mkdir()

    cached(write_package(tmp_path / "src", {"shop.a": ""}), tmp_path)

    assert not (tmp_path / "cache/.gitignore").exists()
    assert only_file(tmp_path / "cache")


def test_file_touched_around_the_snapshot_is_compared_by_content(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    sources = list_sources([root / "shop"])
    cache = TreeCache(tmp_path / "cache")

    cache.save(max(source.stamp.ctime_ns for source in sources), wrong(sources), sources, read_tree(root))

    assert cache.load(sources) is None


def test_file_that_was_settled_at_the_snapshot_is_known_by_its_stamp(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    sources = list_sources([root / "shop"])
    cache = TreeCache(tmp_path / "cache")

    cache.save(hour_later(sources), wrong(sources), sources, read_tree(root))

    assert cache.load(sources) == CachedTree(read_tree(root), wrong(sources), settled=True)


@pytest.mark.parametrize("field", Stamp._fields)
def test_stamp_that_differs_in_one_field_is_not_trusted(tmp_path: Path, field: str) -> None:
    """A program can set size and modification time back, but not the time of the last status change."""
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    sources = list_sources([root / "shop"])
    cache = TreeCache(tmp_path / "cache")
    older = [source._replace(stamp=source.stamp._replace(**{field: 1})) for source in sources]

    cache.save(hour_later(sources), wrong(sources), older, read_tree(root))

    assert cache.load(sources) is None


def test_where_stamps_can_be_set_back_only_the_content_counts(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    sources = list_sources([root / "shop"])
    cache = TreeCache(tmp_path / "cache", stamps_tell=False)

    cache.save(hour_later(sources), wrong(sources), sources, read_tree(root))

    assert cache.load(sources) is None


def test_touched_file_with_its_old_content_is_read_once(tmp_path: Path) -> None:
    """A fresh checkout gives every file a new stamp; the second run need not read any of them."""
    root = write_package(tmp_path / "src", {"shop.a": "import shop.b", "shop.b": ""})
    sources = list_sources([root / "shop"])
    cache = TreeCache(tmp_path / "cache")
    old = [source._replace(stamp=source.stamp._replace(mtime_ns=1)) for source in sources]
    digests = {source.path: digest_of(source) for source in sources}
    cache.save(hour_later(sources), digests, old, read_tree(root))

    known = cache.load(sources)

    assert known == CachedTree(read_tree(root), digests, settled=False)


def test_writers_at_the_same_time_leave_a_whole_file(tmp_path: Path) -> None:
    root = write_package(tmp_path / "src", {f"shop.m{n}": "import shop" for n in range(30)})
    sources = list_sources([root / "shop"])
    digests = {source.path: digest_of(source) for source in sources}
    tree = read_tree(root)
    writing = "from tests.unit.architecture.reading.test_tree_cache import write_often; write_often"
    command = [sys.executable, "-c", f"{writing}({str(root)!r}, {str(tmp_path / 'cache')!r})"]

    writers = [subprocess.Popen(command, cwd=Path(__file__).parents[4], stdout=subprocess.PIPE) for _ in range(2)]
    started = [writer.stdout.readline() for writer in writers if writer.stdout]
    loaded = [TreeCache(tmp_path / "cache").load(sources) for _ in range(20)]
    for writer in writers:
        writer.communicate()

    assert (started, [writer.returncode for writer in writers]) == ([b"started\n"] * 2, [0, 0])
    assert {None if known is None else (known.tree == tree, known.digests == digests) for known in loaded} == {
        (True, True)
    }
    assert len(list((tmp_path / "cache").glob("*/*"))) == 1


def write_often(root: str, cache: str) -> None:
    """Run by the test above in processes of their own."""
    sources = list_sources([Path(root) / "shop"])
    digests, tree = {source.path: digest_of(source) for source in sources}, read_tree(Path(root))
    for number in range(12):
        TreeCache(Path(cache)).save(hour_later(sources), digests, sources, tree)
        if number == 0:
            print("started", flush=True)  # noqa: T201 - tells the test that the file is there


def wrong(sources: Sequence[SourceFile]) -> dict[str, str]:
    """Give hashes that no content has: a file that is compared by content has changed then."""
    return dict.fromkeys((source.path for source in sources), "other")


def hour_later(sources: Sequence[SourceFile]) -> int:
    return max(source.stamp.ctime_ns for source in sources) + 3_600_000_000_000
