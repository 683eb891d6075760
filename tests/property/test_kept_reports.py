"""A report that was kept is the one that a check would give now, after any sequence of edits.

One folder serves several sets of options: two contract files, chosen contracts, other root packages. Each step makes
one edit that a person, an editor, git or a careless tool may make, among them those that leave size and modification
time as they were. Files as young as these are compared by content; where a test pretends that they are old, the stamps
have to tell.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.reading.snapshots import Snapshot
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.report import Report

pytestmark = pytest.mark.check

NAMES = ("a", "b", "c")
SOURCES = (
    "import shop.web.a\n", "import shop.web.b\n", "import shop.core.a\n", "from shop import core\n",
    "import till.c  \n", "import os\n#......\n", "import (\n#.......\n",
    "def f():\n  import shop.web.c\n", "from shop.web import b, c\n",
    "",
)  # fmt: skip
LAYERS = """
[[tool.importlinter.contracts]]
id = "layers"
name = "Layers"
type = "kimera_layers"
why = "a test"
layers = [{layers}]
containers = ["shop"]
{options}
"""
OTHERS = """
[[tool.importlinter.contracts]]
id = "cycles"
name = "No cycles"
type = "kimera_acyclic"
why = "a test"
packages = ["shop"]

[[tool.importlinter.contracts]]
id = "apart"
name = "Apart"
type = "independence"
modules = ["shop.web", "shop.core"]
"""
CONTRACTS = (
    LAYERS.format(layers='"web", "core"', options=""),
    LAYERS.format(layers='"core", "web"', options='kinds = ["runtime"]'),
    LAYERS.format(layers='"web", "(none)", "core"', options="exhaustive = true"),
    LAYERS.format(layers='"web", "coer"', options=""),
    LAYERS.format(
        layers='"web", "core"',
        options='ignore = [{ import = "shop.core.* -> shop.web.*", reason = "b", until = 2999-01-01 }]',
    ),
)
SESSIONS = (
    'root_packages = ["shop"]\n',
    'root_packages = ["shop"]\nkimera = { allow_unseen = ["**/b.py"] }\n',
    'root_packages = ["shop", "till"]\ninclude_external_packages = true\n',
)


class Step(NamedTuple):
    """One edit: which, and what it takes."""

    edit: Callable[[Path, int, int], None]
    one: int
    other: int


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if path.name != "__init__.py" and path.is_file())


def a_file(root: Path, number: int) -> Path:
    found = files(root)
    return found[number % len(found)]


def place(root: Path, number: int) -> Path:
    """Give where a module may be, also out of sight: ``shop/loose`` has no ``__init__.py``."""
    folders = [root / "shop" / "web", root / "shop" / "core", root / "till", root / "shop" / "loose"]
    return folders[number % len(folders)] / f"{NAMES[number // 4 % len(NAMES)]}.py"


def write(root: Path, one: int, other: int) -> None:
    path = place(root, one)
    path.parent.mkdir(exist_ok=True)
    path.write_text(SOURCES[other % len(SOURCES)], encoding="utf-8")


def delete(root: Path, one: int, other: int) -> None:
    if len(files(root)) > 4:
        a_file(root, one).unlink()


def rename(root: Path, one: int, other: int) -> None:
    target = place(root, other)
    target.parent.mkdir(exist_ok=True)
    a_file(root, one).replace(target)


def edit_and_set_the_time_back(root: Path, one: int, other: int) -> None:
    file = a_file(root, one)
    before = file.stat()
    same_size = [text for text in SOURCES if len(text) == before.st_size] or list(SOURCES)
    file.write_text(same_size[other % len(same_size)], encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def swap_names(root: Path, one: int, other: int) -> None:
    first, second, aside = a_file(root, one), a_file(root, other), root / "aside"
    if first != second:
        first.rename(aside)
        second.rename(first)
        aside.rename(second)


def copy_with_its_times(root: Path, one: int, other: int) -> None:
    source, target = a_file(root, one), place(root, other)
    target.parent.mkdir(exist_ok=True)
    if source != target:
        shutil.copy2(source, target)


def touch(root: Path, one: int, other: int) -> None:
    a_file(root, one).touch()


def give_or_take_an_init(root: Path, one: int, other: int) -> None:
    init = root / "shop" / ("loose", "core")[one % 2] / "__init__.py"
    if init.exists():
        init.unlink()
    elif init.parent.is_dir():
        init.touch()


def change_contracts(root: Path, one: int, other: int) -> None:
    session, layers = SESSIONS[one % len(SESSIONS)], CONTRACTS[other % len(CONTRACTS)]
    name = ("one.toml", "other.toml")[one // len(SESSIONS) % 2]
    (root / name).write_text(f"[tool.importlinter]\n{session}{layers}{OTHERS}", encoding="utf-8")


EDITS = (
    write, delete, rename, edit_and_set_the_time_back, swap_names, copy_with_its_times, touch, give_or_take_an_init,
    change_contracts,
)  # fmt: skip
NUMBERS = st.integers(min_value=0, max_value=59)
STEPS = st.lists(st.builds(Step, st.sampled_from(EDITS), NUMBERS, NUMBERS), min_size=1, max_size=8)
ASKED: Sequence[tuple[str, tuple[str, ...] | None]] = (
    ("one.toml", None), ("other.toml", None), ("one.toml", ("layers",)), ("one.toml", ("cycles", "apart")),
    ("other.toml", ()),
)  # fmt: skip


def make_project(root: Path) -> None:
    for package in ("shop", "shop/web", "shop/core", "till"):
        (root / package).mkdir()
        (root / package / "__init__.py").touch()
    for number in range(12):
        write(root, number, number * 7)
    change_contracts(root, 0, 0)
    change_contracts(root, 5, 1)


class HourLater(TreeReader):
    """Takes every file for one that has not changed for long."""

    def snapshot(self, packages: Mapping[str, Sequence[Path]]) -> Snapshot:
        taken = super().snapshot(packages)
        return replace(taken, taken_ns=taken.taken_ns + 3_600_000_000_000)


def check(root: Path, asked: int, reader: TreeReader) -> Report:
    name, ids = ASKED[asked % len(ASKED)]
    return Architecture.load(root / name, root=root).check(contracts=ids, reader=reader)


def let_the_clock_of_the_file_system_tick(root: Path) -> None:
    """It ticks every few milliseconds; two edits in one tick cannot be told apart by their time."""
    latest, probe = max(path.stat().st_ctime_ns for path in root.rglob("*.py")), root / "probe"
    probe.touch()
    while probe.stat().st_ctime_ns <= latest:
        probe.touch()


@pytest.mark.parametrize("reader", [TreeReader, HourLater], ids=["young files", "old files"])
@given(steps=STEPS)
def test_report_with_a_cache_equals_the_report_without(reader: type[TreeReader], steps: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        make_project(root)
        for number, step in enumerate([Step(touch, 0, 0), *steps]):
            let_the_clock_of_the_file_system_tick(root)
            step.edit(root, step.one, step.other)
            for asked in {step.one % len(ASKED), step.other % len(ASKED), number % 2}:
                cached = check(root, asked, reader(root / "cache"))
                uncached = check(root, asked, TreeReader())

                assert cached == uncached
                assert cached.to_json() == uncached.to_json()
