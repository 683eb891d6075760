"""One test for each blind spot of the base tools: either the check sees it, or it says that it does not.

The table in docs/explanation/what-the-check-sees.md names every test of this file.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.model.module_graph import ScannedTree
from kimera_di.architecture.reading.packages import find_packages, search_folders
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.errors import RootPackageError
from tests.unit.architecture.trees import check, layers, pairs, read_tree, write_contracts, write_package
from tests.unit.composition.shop_tree import write_shop

pytestmark = pytest.mark.check

LAYERS = layers('layers = ["web", "core"]\ncontainers = ["shop"]')
BOTH = 'root_packages = ["shop", "bank"]'


def tree_of(root: Path, file: str, source: str) -> ScannedTree:
    """Read the package ``shop`` with modules ``a`` and ``b`` and one more file."""
    write_package(root, {"shop.a": "", "shop.b": ""})
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return read_tree(root)


def found(root: Path, source: str) -> list[tuple[str, str, str, int]]:
    """Give what a module ``shop.x`` imports, with kind and line."""
    graph = tree_of(root, "shop/x.py", source).graph
    return [(*pair, *graph.strongest(*pair)) for pair in graph.pairs()]


def unseen(tree: ScannedTree, root: Path) -> dict[str, str]:
    return {Path(item.file).relative_to(root).as_posix(): item.reason for item in tree.unseen}


def test_literal_dynamic_import_is_seen_when_asked_for(tmp_path: Path) -> None:
    modules = {"shop.web": "", "shop.core": "import importlib\nimportlib.import_module('shop.web')"}
    asked = LAYERS + 'kinds = ["runtime", "dynamic"]\n'

    assert pairs(check(tmp_path, modules, asked).findings) == [("shop.core", "shop.web")]
    assert check(tmp_path, modules, LAYERS).kept


def test_computed_dynamic_import_is_a_note(tmp_path: Path) -> None:
    modules = {"shop.web": "", "shop.core": "import importlib\nimportlib.import_module(name)"}

    report = check(tmp_path, modules, LAYERS + 'kinds = ["runtime", "dynamic"]\n')

    assert report.kept
    assert [(item.importer, item.line) for item in report.unresolved] == [("shop.core", 2)]


@pytest.mark.parametrize(
    "source",
    [
        "plugins = ['shop.a']",
        "def f(x: 'shop.a.T'): ...",
        "exec('import shop.a')",
        "import runpy; runpy.run_module('shop.a')",
    ],
    ids=["dotted-text", "annotation", "exec", "runpy"],
)
def test_name_in_a_text_is_no_import(tmp_path: Path, source: str) -> None:
    tree = tree_of(tmp_path, "shop/x.py", source)

    assert list(tree.graph.pairs()) == []


def test_folder_without_init_is_unseen(tmp_path: Path) -> None:
    """Grimp drops it, so that a contract that looks kept does not cover it (python-grimp/grimp#298)."""
    tree = tree_of(tmp_path, "shop/loose/x.py", "import shop.a")

    assert unseen(tree, tmp_path) == {"shop/loose/x.py": "the folder 'loose' has no __init__.py"}


def test_unseen_file_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "shop" / "loose").mkdir(parents=True)
    (tmp_path / "shop" / "loose" / "x.py").touch()

    report = check(tmp_path, {"shop.web": "x = 1", "shop.core": "x = 1"}, LAYERS)

    assert [result.kept for result in report.contracts] == [True]
    assert report.exit_code == 3


def test_folder_that_is_no_name_is_unseen(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, "shop/my-tools/x.py", "import shop.a")

    assert unseen(tree, tmp_path) == {"shop/my-tools/x.py": "the folder 'my-tools' cannot be part of a module name"}


def test_file_with_a_dot_in_its_name_is_unseen(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, "shop/x.old.py", "import shop.a")

    assert unseen(tree, tmp_path) == {"shop/x.old.py": "the file name has a dot too many for a module"}


@pytest.mark.parametrize("name", ["x.pyi", "x.pyx", "x.pyw", "x.ipynb"])
def test_file_that_is_no_py_file_is_not_read(tmp_path: Path, name: str) -> None:
    tree = tree_of(tmp_path, f"shop/{name}", "import shop.a")

    assert (list(tree.graph.pairs()), tree.unseen) == ([], ())


@pytest.mark.parametrize(
    "mark",
    [
        "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n",
        "__import__('pkg_resources').declare_namespace(__name__)\n",
    ],
    ids=["pkgutil", "pkg_resources"],
)
def test_portions_of_an_old_style_namespace_are_read(tmp_path: Path, mark: str) -> None:
    """Grimp reads the first one only (python-grimp/grimp#167)."""
    for portion, module, imported in (("one", "a", "b"), ("two", "b", "a")):
        write_package(tmp_path / portion, {"space": mark, f"space.{module}": f"import space.{imported}"})

    folders = [tmp_path / "one", tmp_path / "two"]
    tree = TreeReader().read(find_packages(["space"], folders))

    assert list(tree.graph.pairs()) == [("space.a", "space.b"), ("space.b", "space.a")]
    assert list(unseen(tree, tmp_path)) == ["two/space/__init__.py"]


def test_copy_of_an_old_style_namespace_is_not_read_twice(tmp_path: Path) -> None:
    """As where a project is installed beside its sources."""
    for portion in ("one", "two"):
        write_package(tmp_path / portion, {"space": "__path__ = extend_path(__path__, __name__)", "space.a": ""})

    packages = find_packages(["space"], [tmp_path / "one", tmp_path / "two"])

    assert packages == {"space": (tmp_path / "one" / "space",)}


def test_native_namespace_is_read(tmp_path: Path) -> None:
    for portion, module, imported in (("one", "a", "b"), ("two", "b", "a")):
        write_package(tmp_path / portion, {f"space.{module}": f"import space.{imported}"})
        (tmp_path / portion / "space" / "__init__.py").unlink()

    tree = TreeReader().read(find_packages(["space"], [tmp_path / "one", tmp_path / "two"]))

    assert list(tree.graph.pairs()) == [("space.a", "space.b"), ("space.b", "space.a")]


def test_single_module_as_root_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "tool.py").touch()

    with pytest.raises(RootPackageError, match="'tool' is a module, not a package"):
        find_packages(["tool"], search_folders([tmp_path]))


def test_imports_between_several_roots_are_seen(tmp_path: Path) -> None:
    modules = {"shop.a": "import bank.b", "bank.b": ""}

    report = check(tmp_path, modules, layers('layers = ["bank", "shop"]'), session=BOTH)

    assert pairs(report.findings) == [("shop.a", "bank.b")]


def test_packages_below_src_are_found(tmp_path: Path) -> None:
    write_package(tmp_path / "src", {"shop.web": "", "shop.core": "import shop.web"})
    write_contracts(tmp_path, LAYERS)

    ran = run(tmp_path, "check", "--config", "contracts.toml")

    assert "src/shop/core.py:1   shop.core -> shop.web" in ran


def test_packages_of_a_monorepo_are_found_by_their_folders(tmp_path: Path) -> None:
    """Without being installed, and although the second one could not be installed beside the first."""
    write_package(tmp_path / "one", {"shop.a": "import bank.b"})
    write_package(tmp_path / "two", {"bank.b": ""})
    write_contracts(tmp_path, layers('layers = ["bank", "shop"]'), session=BOTH)

    ran = run(tmp_path, "check", "--config", "contracts.toml", "--root", "one", "--root", "two")

    assert "one/shop/a.py:1   shop.a -> bank.b" in ran


def test_import_of_a_child_is_no_import_of_its_parents(tmp_path: Path) -> None:
    """Python runs ``shop.deep`` too; as an import it would make a cycle of every package that uses its children."""
    write_package(tmp_path, {"shop.deep.c": "", "shop.deep": "import shop.x"})

    assert found(tmp_path, "import shop.deep.c") == [
        ("shop.deep", "shop.x", "runtime", 1),
        ("shop.x", "shop.deep.c", "runtime", 1),
    ]


@pytest.mark.parametrize("source", ["import shop.a.missing", "from shop.a import missing", "from shop.a import *"])
def test_name_that_is_no_module_counts_as_its_package(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source) == [("shop.x", "shop.a", "runtime", 1)]


def test_attribute_of_an_imported_package_is_no_import(tmp_path: Path) -> None:
    assert found(tmp_path, "import shop\nshop.a.f()") == [("shop.x", "shop", "runtime", 1)]


def test_name_that_is_exported_again_counts_where_it_is_taken_from(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop": "from shop.b import f"})

    assert found(tmp_path, "from shop import f") == [
        ("shop", "shop.b", "runtime", 1),
        ("shop.x", "shop", "runtime", 1),
    ]


def test_way_through_another_distribution_ends_there(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.web": "", "shop.core": "import middle", "middle": "import shop.web"})
    session = 'root_packages = ["shop"]\ninclude_external_packages = true'

    report = check(tmp_path, {}, LAYERS, session=session)

    assert report.kept
    assert ("shop.core", "middle") in report.imports


def test_typing_only_imports_are_told_apart_behind_every_guard(tmp_path: Path) -> None:
    source = """
import typing as t
if not t.TYPE_CHECKING:
    import shop.a
else:
    import shop.b
"""

    assert found(tmp_path, source) == [("shop.x", "shop.a", "runtime", 4), ("shop.x", "shop.b", "typing", 6)]


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("lazy import shop.a", "lazy", 1),
        ("try:\n    import shop.a\nexcept A, B:\n    pass", "runtime", 2),
        ("x = t'{y}'\nimport shop.a", "runtime", 2),
        ("type X = int\ndef f[T = int](x: T): import shop.a", "deferred", 2),
    ],
    ids=["pep-810", "pep-758", "pep-750", "pep-695"],
)
def test_syntax_newer_than_the_interpreter_is_read(tmp_path: Path, source: str, kind: str, line: int) -> None:
    assert found(tmp_path, source) == [("shop.x", "shop.a", kind, line)]


def test_relative_import_that_leads_out_of_the_package_is_unseen(tmp_path: Path) -> None:
    """Grimp 3.19 panics over it, which ends ``lint-imports``."""
    tree = tree_of(tmp_path, "shop/x.py", "import shop.a\nfrom ....y import z")

    assert unseen(tree, tmp_path) == {"shop/x.py": "the relative import in line 2 leads out of the package"}


def test_cache_of_one_option_set_never_answers_for_another(tmp_path: Path) -> None:
    """Grimp 3.19 gives the old imports here: its option sets share the times of the files, but not the imports."""
    write_package(tmp_path, {"shop.web": "", "shop.core": ""})
    packages, cache = find_packages(["shop"], [tmp_path]), tmp_path / "cache"
    for external in (False, True):
        TreeReader(cache).read(packages, external=external)

    (tmp_path / "shop" / "core.py").write_text("import shop.web", encoding="utf-8")
    graphs = [TreeReader(cache).read(packages, external=external).graph for external in (True, False)]

    assert [list(graph.pairs()) for graph in graphs] == [[("shop.core", "shop.web")]] * 2


def test_binding_that_leads_up_is_seen_although_every_import_is_legal(tmp_path: Path) -> None:
    """A graph of modules knows no classes: who builds whom stands in the composition root only."""
    write_shop(tmp_path)

    ran = run(tmp_path, "check", "--config", "contracts.toml", "--no-cache")

    assert ran.startswith("KEPT    Layers ")
    assert "shop.core.audit.Auditor -> shop.api.mail.Mailer" in ran


def test_file_that_does_not_parse_does_not_end_the_check(tmp_path: Path) -> None:
    """It ends the graph of grimp, and with it ``lint-imports``."""
    report = check(tmp_path, {"shop.web": "", "shop.core": "import shop.web", "shop.bad": "import ("}, LAYERS)

    found = [(finding.kind, finding.importer) for finding in report.findings]
    assert found == [("syntax", "shop.bad"), ("runtime", "shop.core")]
    assert report.exit_code == 3


def test_edit_that_keeps_size_and_times_is_seen(tmp_path: Path) -> None:
    """Grimp compares modification times only, as a checkout may restore them."""
    write_package(tmp_path, {"shop.web": "", "shop.hub": "", "shop.core": "import shop.hub"})
    path, core = write_contracts(tmp_path, LAYERS), tmp_path / "shop" / "core.py"
    before = core.stat()
    first = Architecture.load(path, root=tmp_path).check(reader=TreeReader(tmp_path / "cache"))

    core.write_text("import shop.web", encoding="utf-8")
    os.utime(core, ns=(before.st_atime_ns, before.st_mtime_ns))
    second = Architecture.load(path, root=tmp_path).check(reader=TreeReader(tmp_path / "cache"))

    assert (core.stat().st_size, core.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert (first.kept, second.kept) == (True, False)


def test_code_under_check_is_never_run(tmp_path: Path) -> None:
    modules = {"shop": "raise SystemExit", "shop.web": "open('ran', 'w')", "shop.core": "import shop.web\n1 / 0"}
    write_package(tmp_path, modules)
    write_contracts(tmp_path, LAYERS)

    ran = run(tmp_path, "check", "--config", "contracts.toml")

    assert "shop/core.py:1   shop.core -> shop.web" in ran
    assert not (tmp_path / "ran").exists()


def test_chains_of_built_in_contracts_are_the_same_for_every_hash_seed(tmp_path: Path) -> None:
    """Grimp breaks ties between shortest chains in the order of a set, which changes from run to run."""
    ways = {f"shop.way{number}": "import shop.web" for number in range(12)}
    write_package(tmp_path, {**ways, "shop.web": "", "shop.core": "".join(f"import {way}\n" for way in ways)})
    contract = '[[contract]]\nname = "Layers"\ntype = "layers"\nlayers = ["web", "core"]\ncontainers = ["shop"]\n'
    write_contracts(tmp_path, contract)

    texts = {run(tmp_path, "check", "--config", "contracts.toml", "--no-cache", seed=seed) for seed in ("0", "1", "2")}

    assert len(texts) == 1
    assert "└─ shop.way0 -> shop.web" in texts.pop()


def test_contract_without_a_module_is_an_error_not_kept(tmp_path: Path) -> None:
    """import-linter calls a wildcard that matches nothing kept."""
    contract = '[[contract]]\nname = "Apart"\ntype = "independence"\nmodules = ["shop.plugins.*"]\n'
    write_package(tmp_path, {"shop.a": ""})

    report = Architecture.load(write_contracts(tmp_path, contract), root=tmp_path).check()

    assert [result.kept for result in report.contracts] == [None]
    assert "'shop.plugins.*' matches no module" in str(report.contracts[0].error)


def run(root: Path, *options: str, seed: str = "0") -> str:
    command = [sys.executable, "-m", "kimera_di.cli", *options]
    variables = {**os.environ, "PYTHONHASHSEED": seed, "CI": ""}
    ran = subprocess.run(
        command, cwd=root, capture_output=True, check=False, text=True, env=variables, encoding="utf-8"
    )
    assert ran.stderr == ""
    return ran.stdout
