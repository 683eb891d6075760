import json
import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.architecture.reading.scanning import scan_tree
from kimera_di.architecture.reading.source_files import list_sources
from tests.unit.architecture.trees import read_tree, write_package

pytestmark = pytest.mark.check

KINDS = {
    "shop.kinds": """
        from typing import TYPE_CHECKING
        import shop.runtime
        if TYPE_CHECKING:
            import shop.typed
            import shop.runtime
        def f():
            import shop.late
            import shop.runtime
        """,
    "shop.runtime": "",
    "shop.typed": "",
    "shop.late": "",
}


def test_every_import_has_its_kind_and_line(tmp_path: Path) -> None:
    graph = read_tree(write_package(tmp_path, KINDS)).graph

    assert graph.imports["shop.kinds"] == {
        "shop.late": ((8, "deferred"),),
        "shop.runtime": ((3, "runtime"), (6, "typing"), (9, "deferred")),
        "shop.typed": ((5, "typing"),),
    }


def test_pair_is_called_by_its_strongest_kind(tmp_path: Path) -> None:
    graph = read_tree(write_package(tmp_path, KINDS)).graph

    assert graph.strongest("shop.kinds", "shop.runtime") == ("runtime", 3)
    assert graph.strongest("shop.kinds", "shop.runtime", ["typing", "deferred"]) == ("deferred", 9)


def test_lazy_import_is_told_apart(tmp_path: Path) -> None:
    """Our interpreters do not know PEP 810 yet, but grimp does."""
    graph = read_tree(write_package(tmp_path, {"shop.a": "lazy import shop.b\n", "shop.b": ""})).graph

    assert graph.imports["shop.a"] == {"shop.b": ((1, "lazy"),)}


def test_graph_is_the_one_grimp_builds(tmp_path: Path) -> None:
    modules = {
        "shop.a.x": "from shop import b\nfrom ..b import y, z\nimport os",
        "shop.b.y": "",
        "shop.c": "import shop",
    }
    write_package(tmp_path, modules)
    program = (
        "import grimp, json; g = grimp.build_graph('shop', cache_dir=None);"
        "print(json.dumps({m: sorted(g.find_modules_directly_imported_by(m)) for m in g.modules}))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True)
    theirs = json.loads(ran.stdout)

    ours = read_tree(tmp_path).graph

    assert {module: sorted(ours.imports.get(module, ())) for module in ours.files} == theirs


def test_endless_line_that_does_not_parse_is_cut_in_the_reason(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.bad": f"x = ({'1 ' * 5000}\n"})

    tree = read_tree(tmp_path)

    (item,) = tree.unseen
    assert item.reason == f"does not parse: x = ({'1 ' * 36}..."
    assert len(tree.syntax[0].message) < 120


def test_file_that_does_not_parse_is_one_finding_and_stays_a_module(tmp_path: Path) -> None:
    write_package(
        tmp_path, {"shop.good": "import shop.bad", "shop.bad": "x = 1\nimport (\n", "shop.other": "import shop.good"}
    )

    tree = read_tree(tmp_path)

    assert [(finding.importer, finding.line, finding.kind, finding.contract) for finding in tree.syntax] == [
        ("shop.bad", 2, "syntax", None)
    ]
    assert list(tree.graph.pairs()) == [("shop.good", "shop.bad"), ("shop.other", "shop.good")]
    assert [item.file for item in tree.unseen] == [str(tmp_path / "shop" / "bad.py")]


def test_broken_init_does_not_hide_its_package(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop": "def", "shop.a": "import shop.b", "shop.b": ""})

    assert list(read_tree(tmp_path).graph.pairs()) == [("shop.a", "shop.b")]


def test_many_broken_files_are_all_found(tmp_path: Path) -> None:
    broken = {f"shop.m{number}": "import (" if number % 3 == 0 else "import shop.m0" for number in range(150)}

    tree = read_tree(write_package(tmp_path, broken))

    assert len(tree.syntax) == 50
    assert len(list(tree.graph.pairs())) == 100


def test_file_with_bytes_that_are_no_text_is_a_finding(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.a": "import shop.b", "shop.b": ""})
    (tmp_path / "shop" / "bad.py").write_bytes(b"x = '\xff\xfe'\n")

    tree = read_tree(tmp_path)

    assert [finding.importer for finding in tree.syntax] == ["shop.bad"]
    assert list(tree.graph.pairs()) == [("shop.a", "shop.b")]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("shop/loose/part.py", "the folder 'loose' has no __init__.py"),
        ("shop/my-scripts/run.py", "the folder 'my-scripts' cannot be part of a module name"),
        ("shop/a.b.py", "the file name has a dot too many for a module"),
        ("shop/.hidden.py", "the file is hidden"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_file_the_graph_lacks_is_listed_with_the_reason(tmp_path: Path, file: str, reason: str) -> None:
    write_package(tmp_path, {"shop.a": ""})
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()

    assert [(item.file, item.reason) for item in read_tree(tmp_path).unseen] == [(str(tmp_path / file), reason)]


def test_modules_of_other_distributions_are_taken_in_when_asked(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.a": "import os.path\nimport shop"})
    packages = {"shop": (tmp_path / "shop",)}

    graph = scan_tree(packages, list_sources(packages["shop"]), external=True).graph

    assert (graph.external, graph.imports["shop.a"]["os"]) == ({"os"}, ((1, "runtime"),))


def test_namespace_package_is_a_module_without_a_file(tmp_path: Path) -> None:
    (tmp_path / "space" / "part").mkdir(parents=True)
    (tmp_path / "space" / "part" / "__init__.py").write_text("import space.part.x", encoding="utf-8")
    (tmp_path / "space" / "part" / "x.py").touch()

    graph = read_tree(tmp_path, "space").graph

    assert graph.files["space"] is None
    assert list(graph.pairs()) == [("space.part", "space.part.x")]
