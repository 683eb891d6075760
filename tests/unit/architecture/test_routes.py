"""All shortest chains between modules and packages."""

from pathlib import Path

import pytest

from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.reading.packages import root_package_of
from kimera_di.architecture.routes import shortest_routes
from kimera_di.errors import KimeraError
from tests.unit.architecture.trees import write_package

pytestmark = pytest.mark.check


def graph(*imports: str, modules: str = "") -> ModuleGraph:
    """A graph from ``a > b`` and the names of modules that import nothing."""
    pairs = sorted(
        (importer.strip(), imported.strip()) for importer, _, imported in (i.partition(">") for i in imports)
    )
    names = sorted({name for pair in pairs for name in pair} | set(modules.split()))
    found: dict[str, dict[str, tuple[tuple[int, str], ...]]] = {}
    for importer, imported in pairs:
        found.setdefault(importer, {})[imported] = ((1, "runtime"),)
    return ModuleGraph(files=dict.fromkeys(names), imports=found)  # type: ignore[arg-type]


DIAMOND = graph("s.a > s.m", "s.a > s.n", "s.m > s.z", "s.n > s.z", "s.a > s.far", "s.far > s.m", modules="s")


def test_all_chains_of_the_shortest_length_are_given_sorted() -> None:
    routes = shortest_routes(DIAMOND, "s.a", "s.z")

    assert list(routes.chains()) == [("s.a", "s.m", "s.z"), ("s.a", "s.n", "s.z")]
    assert routes.count() == routes.length == 2


def test_imports_are_exactly_those_on_the_chains() -> None:
    routes = shortest_routes(DIAMOND, "s.a", "s.z")

    assert routes.imports() == (("s.a", "s.m"), ("s.a", "s.n"), ("s.m", "s.z"), ("s.n", "s.z"))


def test_package_means_everything_in_it() -> None:
    tree = graph("s.a.x.deep > s.b", "s.b > s.c.y", modules="s s.a s.a.x s.c")

    assert list(shortest_routes(tree, "s.a", "s.c").chains()) == [("s.a.x.deep", "s.b", "s.c.y")]


def test_shorter_chain_of_another_module_of_the_package_wins() -> None:
    tree = graph("s.a.x > s.b", "s.b > s.c", "s.a.y > s.c", modules="s s.a")

    assert list(shortest_routes(tree, "s.a", "s.c").chains()) == [("s.a.y", "s.c")]


def test_package_inside_the_other_one_does_not_count_as_both_ends() -> None:
    tree = graph("s.a.x > s.a.y", "s.b > s.a.x", modules="s s.a")

    assert list(shortest_routes(tree, "s", "s.a").chains()) == [("s.b", "s.a.x")]
    assert list(shortest_routes(tree, "s.a", "s").chains()) == []


def test_nothing_leads_backwards() -> None:
    routes = shortest_routes(DIAMOND, "s.z", "s.a")

    assert (list(routes.chains()), routes.count(), routes.length, routes.imports()) == ([], 0, 0, ())


def test_exponentially_many_chains_are_counted_without_making_them() -> None:
    """Sixty steps with two ways each: 2 to the power of 60 chains."""
    steps = [f"s.n{k} > s.{side}{k}" for k in range(60) for side in "ab"]
    steps += [f"s.{side}{k} > s.n{k + 1}" for k in range(60) for side in "ab"]

    routes = shortest_routes(graph(*steps), "s.n0", "s.n60")

    assert routes.count() == 2**60
    assert len(routes.imports()) == 240
    assert next(routes.chains())[:3] == ("s.n0", "s.a0", "s.n1")


def test_unknown_module_is_guessed_and_its_package_named() -> None:
    with pytest.raises(KimeraError) as caught:
        shortest_routes(graph(modules="shop shop.core shop.web"), "shop.cor", "shop.web")

    assert "there is no module 'shop.cor'" in caught.value.summary
    assert ("did you mean", "shop.core, shop, shop.web") in caught.value.facts
    assert ("exists", "shop, with 2 modules directly below it") in caught.value.facts


def test_same_name_twice_is_refused() -> None:
    with pytest.raises(KimeraError, match="named twice"):
        shortest_routes(DIAMOND, "s.a", "s.a")


def test_root_package_is_the_outermost_regular_one(tmp_path: Path) -> None:
    write_package(tmp_path, {"acme.shop.web": ""})
    (tmp_path / "acme" / "__init__.py").unlink()

    assert root_package_of("acme.shop.web", [tmp_path]) == "acme.shop"
    assert root_package_of("other.web", [tmp_path]) == "other"
