"""After an edit only the files that changed are read, and the tree is the one that reading all of them gives.

Most edits here change contents: then the list of files is the same, and the tree of the run before is used. Contents
hold all that a tree can say of a file: imports of every kind, imports by calls, names that no module has, syntax
errors, bytes that are no text. Some edits change the list of files, or nothing.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di.architecture.model.module_graph import ScannedTree
from kimera_di.architecture.reading.packages import find_packages
from kimera_di.architecture.reading.snapshots import Snapshot
from kimera_di.architecture.reading.source_tree import TreeReader
from tests.unit.architecture.trees import write_package

pytestmark = pytest.mark.check

MODULES = (
    "shop", "shop.a", "shop.b", "shop.c", "shop.core", "shop.core.a", "shop.core.b", "shop.core.c", "shop.web",
    "shop.web.a", "shop.web.b", "till", "till.a", "till.b",
)  # fmt: skip
CONTENTS = (
    "", "import shop.a\nimport shop.b\n", "from shop import core, nothing\n", "from shop.core import *\n",
    "import till.a, json\nfrom xml.dom import minidom\n", "from . import a\nfrom .. import b\n",
    "def f():\n    import shop.web.a\n    import shop.c\n",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.web.b\nimport shop.web.b\n",
    "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    import shop.a\nelse:\n    import shop.core.c\n",
    "import importlib\nimportlib.import_module('shop.core.b.c')\nimportlib.import_module('till')\n",
    "__import__(name)\n__import__('yaml.nodes')\nimport yaml\n", "import shop.a\nimport (\n", "x = '\udcff'\n",
    "import shop.core.a  # again\nimport shop.core.a\n",
)  # fmt: skip
OPTIONS: Sequence[tuple[tuple[str, ...], bool, bool]] = (
    (("shop",), False, False), (("shop", "till"), False, True), (("shop", "till"), True, True),
    (("shop", "shop.core"), True, False),
)  # fmt: skip


def path_of(root: Path, module: str) -> Path:
    place = root.joinpath(*module.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def write(root: Path, one: int, other: int) -> None:
    content = CONTENTS[other % len(CONTENTS)].encode("utf-8", "surrogateescape")
    path_of(root, MODULES[one % len(MODULES)]).write_bytes(content)


def write_with_the_old_times(root: Path, one: int, other: int) -> None:
    path = path_of(root, MODULES[one % len(MODULES)])
    before = path.stat() if path.exists() else None
    write(root, one, other)
    if before is not None:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def touch(root: Path, one: int, other: int) -> None:
    path_of(root, MODULES[one % len(MODULES)]).touch()


def delete(root: Path, one: int, other: int) -> None:
    path_of(root, MODULES[1 + one % (len(MODULES) - 1)]).unlink(missing_ok=True)


def become_package_or_module(root: Path, one: int, other: int) -> None:
    package, module = root / "shop" / "b", root / "shop" / "b.py"
    if package.is_dir():
        (package / "__init__.py").touch()
        (package / "__init__.py").rename(module)
        package.rmdir()
    else:
        package.mkdir()
        module.touch()
        module.rename(package / "__init__.py")


EDITS: Sequence[Callable[[Path, int, int], None]] = (
    write, write, write, write_with_the_old_times, touch, delete, become_package_or_module,
)  # fmt: skip
NUMBERS = st.integers(min_value=0, max_value=209)
STEPS = st.lists(st.tuples(st.sampled_from(EDITS), NUMBERS, NUMBERS), min_size=1, max_size=10)


class HourLater(TreeReader):
    """Takes every file for one that has not changed for long, so that stamps have to tell."""

    def snapshot(self, packages: Mapping[str, Sequence[Path]]) -> Snapshot:
        taken = super().snapshot(packages)
        return replace(taken, taken_ns=taken.taken_ns + 3_600_000_000_000)


def let_the_clock_of_the_file_system_tick(root: Path) -> None:
    """It ticks every few milliseconds; two edits in one tick cannot be told apart by their time."""
    latest, probe = max(path.stat().st_ctime_ns for path in root.rglob("*.py")), root / "probe"
    probe.touch()
    while probe.stat().st_ctime_ns <= latest:
        probe.touch()


def order(tree: ScannedTree) -> object:
    """Give what two equal trees may differ in: the order of their mappings, which reports follow."""
    graph = tree.graph
    return list(graph.files), [(name, [*graph.imports[name]]) for name in graph.imports], list(graph.dynamic)


@pytest.mark.parametrize("reader", [TreeReader, HourLater], ids=["young files", "old files"])
@given(steps=STEPS)
def test_tree_after_edits_is_the_one_that_reading_everything_gives(
    reader: type[TreeReader], steps: list[tuple[Callable[[Path, int, int], None], int, int]]
) -> None:
    with TemporaryDirectory() as folder:
        root = write_package(Path(folder) / "src", dict.fromkeys(MODULES, ""))
        for number in range(len(MODULES)):
            write(root, number, number * 4)
        for edit, one, other in [(touch, 0, 0), *steps]:
            let_the_clock_of_the_file_system_tick(root)
            edit(root, one, other)
            for names, external, dynamic in {OPTIONS[one % len(OPTIONS)], OPTIONS[other % len(OPTIONS)]}:
                packages = find_packages(names, [root])

                edited = reader(Path(folder) / "cache").read(packages, external=external, dynamic=dynamic)

                fresh = TreeReader().read(packages, external=external, dynamic=dynamic)
                assert edited == fresh
                assert order(edited) == order(fresh)
