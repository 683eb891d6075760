"""The layers that a package already has."""

from pathlib import Path

import pytest

from kimera_di.architecture.proposing.proposals import Proposal, propose_layers
from kimera_di.architecture.proposing.tangles import MutualPair
from tests.unit.architecture.trees import read_tree, write_package

pytestmark = pytest.mark.check

TYPING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.web"


def propose(root: Path, modules: dict[str, str], package: str = "shop") -> Proposal:
    write_package(root, modules)
    return propose_layers(read_tree(root).graph, package)


def rows(found: Proposal) -> list[str]:
    return [str(row) for row in found.rows]


def test_importers_stand_above_what_they_import(tmp_path: Path) -> None:
    found = propose(tmp_path, {"shop.web": "import shop.core", "shop.core": "import shop.db", "shop.db": ""})

    assert rows(found) == ["web", "core", "db"]
    assert found.tangles == ()


def test_children_that_do_not_reach_each_other_are_independent(tmp_path: Path) -> None:
    found = propose(tmp_path, {"shop.web": "import shop.core", "shop.cli": "import shop.core", "shop.core": ""})

    assert rows(found) == ["cli | web", "core"]


def test_children_that_import_each_other_share_a_row(tmp_path: Path) -> None:
    found = propose(tmp_path, {"shop.a": "import shop.b", "shop.b": "import shop.a", "shop.c": "import shop.a"})

    assert rows(found) == ["c", "a : b"]


def test_circle_through_three_children_is_one_row(tmp_path: Path) -> None:
    found = propose(tmp_path, {"shop.a": "import shop.b", "shop.b": "import shop.c", "shop.c": "import shop.a"})

    assert rows(found) == ["a : b : c"]
    assert found.tangles[0].mutual == ()


def test_child_that_nobody_imports_stands_at_the_top(tmp_path: Path) -> None:
    modules = {"shop.web": "import shop.core", "shop.core": "import shop.db", "shop.tool": "import shop.db"}

    assert rows(propose(tmp_path, {**modules, "shop.db": ""})) == ["tool | web", "core", "db"]


def test_child_without_imports_either_way_stands_at_the_bottom(tmp_path: Path) -> None:
    found = propose(tmp_path, {"shop.web": "import shop.core", "shop.core": "", "shop.alone": ""})

    assert rows(found) == ["web", "alone | core"]


def test_way_through_the_package_itself_counts(tmp_path: Path) -> None:
    """``import shop`` runs ``shop/__init__.py``, which imports b: so a is above b."""
    found = propose(tmp_path, {"shop": "import shop.b", "shop.a": "import shop", "shop.b": ""})

    assert rows(found) == ["a", "b"]


def test_circle_through_the_package_itself_is_a_tangle(tmp_path: Path) -> None:
    found = propose(tmp_path, {"shop": "import shop.a, shop.b", "shop.a": "import shop", "shop.b": "import shop"})

    assert rows(found) == ["a : b"]


def test_inner_package_is_ordered_with_ways_through_the_rest_of_the_root(tmp_path: Path) -> None:
    modules = {"shop.in.a": "import shop.out", "shop.out": "import shop.in.b", "shop.in.b": ""}

    found = propose(
        tmp_path,
        {key.replace(".in", ".inner"): text.replace(".in.", ".inner.") for key, text in modules.items()},
        "shop.inner",
    )

    assert rows(found) == ["a", "b"]


def test_tangle_names_its_pairs_and_the_order_that_comes_closest(tmp_path: Path) -> None:
    modules = {"shop.db.a": "import shop.web", "shop.web.a": "import shop.db.a", "shop.web.b": "import shop.db.a"}

    tangle = propose(tmp_path, modules).tangles[0]

    assert tangle.order == ("web", "db")
    assert tangle.mutual == (MutualPair("web", "db", down=2, up=1),)
    assert [(cut.importer, cut.imported) for cut in tangle.cut.imports] == [("shop.db.a", "shop.web")]


def test_imports_for_type_checkers_count_unless_told_otherwise(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.web": "import shop.core", "shop.core": TYPING})
    graph = read_tree(tmp_path).graph

    assert rows(propose_layers(graph, "shop")) == ["core : web"]
    assert rows(propose_layers(graph, "shop", kinds=("runtime",))) == ["web", "core"]


def test_package_without_modules_has_no_rows(tmp_path: Path) -> None:
    assert propose(tmp_path, {"shop.a": ""}, "shop.a").rows == ()
