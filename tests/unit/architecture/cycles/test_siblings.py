import pytest

from kimera_di.architecture.cycles.siblings import imports_by_edge, outermost, parent_of, sibling_edge

SHOP = ("shop",)


def test_package_inside_another_one_is_left_out() -> None:
    assert outermost(["shop.core", "shop", "shopping", "shop.web.api"]) == ("shop", "shopping")


def test_import_counts_for_the_children_of_the_nearest_common_package() -> None:
    assert sibling_edge("shop.core.a.x", "shop.core.b", SHOP) == ("shop.core.a", "shop.core.b")


@pytest.mark.parametrize(
    ("importer", "imported"),
    [("shop.core", "shop.core.a"), ("shop.core.a.x", "shop.core"), ("shop", "shop.core.a.x")],
    ids=["down", "up", "from far"],
)
def test_import_between_a_package_and_what_is_below_it_is_none_of_siblings(importer: str, imported: str) -> None:
    """``__init__`` imports its children to export them again; that is no dependency between siblings."""
    assert sibling_edge(importer, imported, SHOP) is None


def test_packages_of_a_contract_are_siblings_of_each_other() -> None:
    assert sibling_edge("tools.a", "shop.core.b", ("shop", "tools")) == ("tools", "shop")


def test_names_that_begin_alike_are_different_packages() -> None:
    assert sibling_edge("shop.core", "shop.core_tools.a", SHOP) == ("shop.core", "shop.core_tools")


@pytest.mark.parametrize(("importer", "imported"), [("shop.a", "other.b"), ("other.b", "shop.a")], ids=["out", "in"])
def test_import_that_leaves_the_packages_is_none_of_siblings(importer: str, imported: str) -> None:
    assert sibling_edge(importer, imported, SHOP) is None


def test_parent_of_a_package_of_the_contract_is_no_package() -> None:
    assert [parent_of(name, SHOP) for name in ("shop", "shop.core", "shop.core.a")] == ["", "shop", "shop.core"]


def test_imports_between_the_same_siblings_are_one_dependency() -> None:
    imports = [("shop.core.b", "shop.web"), ("shop.core.a", "shop.web.x"), ("shop.core", "shop.core.a")]
    edge_of = {pair: sibling_edge(*pair, SHOP) for pair in imports}

    found = imports_by_edge(imports, edge_of)

    assert found == {("shop.core", "shop.web"): (imports[1], imports[0])}
