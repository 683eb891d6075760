"""What is kept of a check, and when it is not used. A kept report is forged to tell it from one that was made."""

import datetime
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kimera_di.architecture.caching.results import ResultCache
from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.reading.packages import find_packages
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.report import Report
from tests.unit.architecture.trees import layers, write_contracts, write_package

pytestmark = pytest.mark.check

MODULES = {"shop.web.a": "", "shop.core.a": "import shop.web.a", "shop.core.b": "import (", "shop.free": ""}
LAYERS = layers('layers = ["web", "core"]\ncontainers = ["shop"]')
BUILT_IN = '[[contract]]\nname = "Apart"\ntype = "independence"\nmodules = ["shop.web", "shop.core"]\n'
Edit = Callable[[Path], object]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Files and contracts that are broken in many ways."""
    write_package(tmp_path, MODULES)
    (tmp_path / "shop" / "loose").mkdir()
    (tmp_path / "shop" / "loose" / "x.py").touch()
    write_contracts(tmp_path, LAYERS + BUILT_IN)
    return tmp_path


def check(project: Path, *contracts: str, cached: bool = True, reader: TreeReader | None = None) -> Report:
    architecture = Architecture.load(project / "contracts.toml", root=project)
    used = reader or TreeReader(project / "cache" if cached else None)
    return architecture.check(contracts=contracts or None, reader=used)


def kept(project: Path) -> list[Path]:
    return sorted((project / "cache").glob("*/report.json"))


def forge(project: Path) -> None:
    """Change what is kept so that it can be told from what a check would say, and make the seals fit."""
    for file in kept(project):
        body = file.read_bytes().partition(b"\n")[2].replace(b'"a test"', b'"forged"')
        file.write_bytes(hashlib.blake2b(body, digest_size=16).hexdigest().encode() + b"\n" + body)


def reasons(report: Report) -> set[str | None]:
    return {result.why for result in report.contracts}


def test_kept_report_equals_the_one_without_a_cache(project: Path) -> None:
    first = check(project)

    assert check(project) == first == check(project, cached=False)
    assert (len(first.findings), len(first.unseen)) == (3, 2)


def test_unchanged_tree_is_answered_by_what_was_kept(project: Path) -> None:
    check(project)
    forge(project)

    assert reasons(check(project)) == {"forged", None}


def change_with_the_same_size_and_time(root: Path) -> None:
    file = root / "shop" / "core" / "a.py"
    before = file.stat()
    file.write_text("import shop.free#", encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size


def change_the_contract(root: Path) -> None:
    write_contracts(root, LAYERS.replace('"web", "core"', '"core", "web"') + BUILT_IN)


def allow_what_is_unseen(root: Path) -> None:
    write_contracts(
        root, LAYERS, session='root_packages = ["shop"]\nkimera = { allow_unseen = ["**/loose/**", "**/core/b.py"] }'
    )


EDITS: dict[str, Edit] = {
    "change": change_with_the_same_size_and_time,
    "new module": lambda root: (root / "shop" / "core" / "new.py").write_text("import shop.web.a", encoding="utf-8"),
    "new file out of sight": lambda root: (root / "shop" / "loose" / "y.py").touch(),
    "removal": lambda root: (root / "shop" / "core" / "a.py").unlink(),
    "renaming": lambda root: (root / "shop" / "core" / "a.py").rename(root / "shop" / "core" / "z.py"),
    "mended syntax": lambda root: (root / "shop" / "core" / "b.py").write_text("x = 1", encoding="utf-8"),
    "contract": change_the_contract,
    "allowed": allow_what_is_unseen,
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_edit_is_seen(project: Path, edit: Edit) -> None:
    before = check(project)
    forge(project)
    edit(project)

    after = check(project)

    assert after == check(project, cached=False) != before


def test_touched_file_with_its_old_content_changes_nothing(project: Path) -> None:
    check(project)
    forge(project)
    (project / "shop" / "core" / "a.py").touch()

    assert "forged" in reasons(check(project))


def test_chosen_contracts_have_a_report_of_their_own(project: Path) -> None:
    whole = check(project)

    assert [result.id for result in check(project, "apart").contracts] == ["apart"]
    assert check(project) == whole
    assert len(kept(project)) == 2


@pytest.mark.parametrize(
    "contracts", [LAYERS.replace('"core"', '"coer"'), LAYERS + LAYERS, layers("")], ids=["name", "id", "mistake"]
)
def test_report_with_an_error_is_not_kept(project: Path, contracts: str) -> None:
    """What was missing then may lie anywhere."""
    write_contracts(project, contracts)

    assert check(project).exit_code == 2
    assert kept(project) == []


def test_file_that_changes_during_the_check_keeps_nothing(project: Path) -> None:
    def edit(said: str) -> None:
        if said.startswith("checking"):
            (project / "shop" / "core" / "a.py").write_text("", encoding="utf-8")

    check(project, reader=TreeReader(project / "cache", advance=edit))

    assert kept(project) == []


@pytest.mark.parametrize("damage", ["", "{", "[]", "[" * 100_000, '{"files": {}}', "\0"], ids=range(6))
def test_damaged_report_is_ignored(project: Path, damage: str) -> None:
    first = check(project)
    for file in kept(project):
        file.write_text(damage, encoding="utf-8")

    assert check(project) == first


@pytest.mark.parametrize(
    "content",
    [b'{"options":[]}', b"[]", b"null", b'{"options":%s,"state":"x"}'],
    ids=["others", "list", "null", "part"],
)
def test_sealed_nonsense_is_ignored(project: Path, content: bytes) -> None:
    first = check(project)
    (file,) = kept(project)
    options = file.read_bytes().split(b'"options":')[1].split(b"]")[0] + b"]"
    body = content.replace(b"%s", options)
    file.write_bytes(hashlib.blake2b(body, digest_size=16).hexdigest().encode() + b"\n" + body)

    assert check(project) == first


def test_cache_that_cannot_be_written_fails_nothing(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    (project / "cache").touch()

    assert check(project) == check(project, cached=False)
    assert [record.getMessage().partition(", ")[0] for record in caplog.records] == [
        f"the cache in {project / 'cache'} cannot be written"
    ]


def test_reader_that_must_not_write_uses_what_is_there(project: Path) -> None:
    check(project)
    forge(project)
    before = {file: file.read_bytes() for file in (project / "cache").rglob("*") if file.is_file()}
    (project / "shop" / "core" / "a.py").touch()

    report = check(project, reader=TreeReader(project / "cache", read_only=True))

    assert "forged" in reasons(report)
    assert {file: file.read_bytes() for file in (project / "cache").rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(("until", "used"), [("", True), (", until = 2026-12-31", False)], ids=["always", "dated"])
def test_day_counts_where_an_ignore_ends(project: Path, until: str, used: bool) -> None:
    ignore = f'ignore = [{{ import = "shop.core.a -> shop.web.a", reason = "moved"{until} }}]'
    write_contracts(project, LAYERS + ignore)
    check(project)

    assert (cache_of(project, datetime.date(2027, 1, 1)).load() is not None) is used


def cache_of(project: Path, today: datetime.date) -> ResultCache:
    file = Architecture.load(project / "contracts.toml", root=project).file
    packages = find_packages(file.root_packages, [project])
    cache = ResultCache.of(file, file.contracts, packages, TreeReader(project / "cache"), today=today)
    assert cache is not None
    return cache


def test_unchanged_tree_loads_neither_scanner_nor_linter(project: Path) -> None:
    heavy = ("grimp", "importlinter", "networkx", "pydantic", "rich", "importlib.metadata")
    code = (
        "import sys\nfrom kimera_di.cli.commands import kimera\n"
        f"kimera(['check', '--config', 'contracts.toml', '--cache-dir', 'cache'], standalone_mode=False)\n"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )

    ran = [
        subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]

    first, second = (text.splitlines()[-1] for text in ran)
    assert "grimp" in first
    assert second == "[]"


def test_folder_that_is_shared_between_two_places_keeps_them_apart(project: Path) -> None:
    """Paths in a report are those seen from where the command runs."""
    command = [sys.executable, "-m", "kimera_di.cli", "check", "--config", str(project / "contracts.toml")]
    options = ["--root", str(project), "--cache-dir", str(project / "cache")]

    shown = [
        subprocess.run([*command, *options], cwd=place, capture_output=True, text=True, check=False).stdout
        for place in (project, project / "shop", project, project / "shop")
    ]

    assert shown[:2] == shown[2:]
    assert ["  shop/core/a.py:1" in text for text in shown] == [True, False, True, False]
