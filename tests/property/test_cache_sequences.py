"""A cache gives what reading everything gives, after any sequence of edits.

One folder serves four sets of options, as in a project with several contract files. Each step makes one edit that a
person, an editor, git or a careless tool may make, among them those that leave size and modification time as they were.
"""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kimera_di.architecture.reading.packages import find_packages
from kimera_di.architecture.reading.source_tree import TreeReader

pytestmark = pytest.mark.check

STEPS = 20
NAMES = ["a", "b", "c", "d"]
SOURCES = [
    "import shop.a\n", "import shop.b\n", "from shop import c\n", "import till.a\n", "import shop.d.x\n",
    "from shop.d import x\n", "import os\n#....\n", "import re\n#....\n", "import (\n#....\n", "",
    "__import__('shop.a')\n", "__import__('shop.b')\n", "__import__(name)\nimport shop.b\n",
]  # fmt: skip
Edit = Callable[[Path, random.Random], None]


def a_file(root: Path, rng: random.Random) -> Path:
    files = sorted(path for path in root.rglob("*.py") if path.name != "__init__.py" and path.is_file())
    return rng.choice(files)


def write(path: Path, rng: random.Random) -> None:
    path.write_text(rng.choice(SOURCES), encoding="utf-8")


def create(root: Path, rng: random.Random) -> None:
    package = root / rng.choice(["shop", "till"])
    write(package / f"{rng.choice(NAMES)}.py", rng)


def delete(root: Path, rng: random.Random) -> None:
    if sum(1 for _ in root.rglob("*.py")) > 6:
        a_file(root, rng).unlink()


def rename(root: Path, rng: random.Random) -> None:
    file = a_file(root, rng)
    file.replace(file.with_name(f"{rng.choice(NAMES)}.py"))


def edit_and_set_the_time_back(root: Path, rng: random.Random) -> None:
    file = a_file(root, rng)
    before = file.stat()
    same_size = [text for text in SOURCES if len(text) == before.st_size] or SOURCES
    file.write_text(rng.choice(same_size), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def swap_contents_and_keep_the_times(root: Path, rng: random.Random) -> None:
    one, other = a_file(root, rng), a_file(root, rng)
    stats, contents = [one.stat(), other.stat()], [one.read_bytes(), other.read_bytes()]
    for file, stat, content in zip((one, other), stats, reversed(contents), strict=True):
        file.write_bytes(content)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def swap_names(root: Path, rng: random.Random) -> None:
    one, other, aside = a_file(root, rng), a_file(root, rng), root / "aside"
    if one != other:
        one.rename(aside)
        other.rename(one)
        aside.rename(other)


def replace_by_a_copy_with_its_times(root: Path, rng: random.Random) -> None:
    source, copy = a_file(root, rng), root / "shop" / "copied.py"
    if not (copy.exists() and copy.samefile(source)):
        shutil.copy2(source, copy)


def touch(root: Path, rng: random.Random) -> None:
    a_file(root, rng).touch()


def module_becomes_package(root: Path, rng: random.Random) -> None:
    package, module = root / "shop" / "d", root / "shop" / "d.py"
    if package.is_dir():
        shutil.rmtree(package)
        write(module, rng)
        return
    module.unlink(missing_ok=True)
    package.mkdir()
    write(package / "__init__.py", rng)
    write(package / "x.py", rng)


def package_loses_its_init(root: Path, rng: random.Random) -> None:
    init = root / "shop" / "d" / "__init__.py"
    if init.exists():
        init.unlink()
    elif init.parent.is_dir():
        init.touch()


def link(root: Path, rng: random.Random) -> None:
    place = root / "shop" / rng.choice(["linked.py", "linked"])
    target = rng.choice([a_file(root, rng), root / "till", root / "nowhere", place])
    place.unlink(missing_ok=True)
    place.symlink_to(target)


EDITS: list[Edit] = [
    create, delete, rename, edit_and_set_the_time_back, swap_contents_and_keep_the_times, swap_names,
    replace_by_a_copy_with_its_times, touch, module_becomes_package, package_loses_its_init, link,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(12), ids=lambda seed: f"seed{seed}")
def test_result_with_a_cache_equals_the_result_without(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    root, cache = tmp_path / "src", tmp_path / "cache"
    for package in ("shop", "till"):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").touch()
        for name in NAMES:
            write(root / package / f"{name}.py", rng)
    sets = [
        (("shop",), False, False),
        (("shop",), True, False),
        (("shop", "till"), False, False),
        (("shop",), False, True),
    ]

    for step, edit in enumerate(rng.sample(EDITS * 2, STEPS)):
        edit(root, rng)
        for names, external, dynamic in rng.sample(sets, 2):
            packages = find_packages(names, [root])
            cached = TreeReader(cache).read(packages, external=external, dynamic=dynamic)

            fresh = TreeReader().read(packages, external=external, dynamic=dynamic)
            assert cached == fresh, f"step {step}: {edit.__name__}"
