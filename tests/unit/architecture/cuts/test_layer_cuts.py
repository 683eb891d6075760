"""The fewest imports whose removal makes layers hold."""

import datetime
from pathlib import Path

import pytest

from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.cuts.layer_cuts import LayerCut, cut_layers
from kimera_di.architecture.cuts.layer_rules import layer_contracts, layer_rules
from kimera_di.errors import ContractError
from tests.unit.architecture.trees import layers, read_tree, write_contracts, write_package

pytestmark = pytest.mark.check

ROWS = 'layers = ["web", "core"]\ncontainers = ["shop"]\n'


def cut(root: Path, modules: dict[str, str], contracts: str, *, session: str = 'root_packages = ["shop"]') -> LayerCut:
    write_package(root, modules)
    file = read_contract_file(write_contracts(root, contracts, session=session))
    today = datetime.date(2026, 6, 1)
    return cut_layers(layer_rules(file, layer_contracts(file), read_tree(root).graph, today=today))


def pairs(found: LayerCut) -> list[tuple[str, str]]:
    return [(each.importer, each.imported) for each in found.imports]


def test_layers_that_hold_need_no_cut(tmp_path: Path) -> None:
    found = cut(tmp_path, {"shop.web": "import shop.core", "shop.core": ""}, layers(ROWS))

    assert found == LayerCut((), 0)


def test_import_into_a_higher_layer_is_cut(tmp_path: Path) -> None:
    found = cut(tmp_path, {"shop.web": "import shop.core", "shop.core": "import shop.web"}, layers(ROWS))

    assert pairs(found) == [("shop.core", "shop.web")]
    assert found.minimum


def test_narrow_place_of_many_ways_is_cut_once(tmp_path: Path) -> None:
    """Three modules reach two others through one import between modules of no layer: one import, not three."""
    modules = {f"shop.core.m{number}": "import shop.util" for number in range(3)}
    modules |= {"shop.util": "import shop.deep", "shop.deep": "import shop.web.a, shop.web.b", "shop.web.a": ""}

    found = cut(tmp_path, {**modules, "shop.web.b": ""}, layers(ROWS))

    assert pairs(found) == [("shop.util", "shop.deep")]


def test_one_import_that_serves_two_contracts_is_preferred(tmp_path: Path) -> None:
    """Each contract alone could also be mended at its own end."""
    modules = {
        "shop.core": "import shop.a",
        "shop.data": "import shop.a",
        "shop.a": "import shop.b",
        "shop.b": "import shop.web",
        "shop.web": "",
    }
    other = layers('layers = ["web", "data"]\ncontainers = ["shop"]').replace('"layers"', '"data"')

    found = cut(tmp_path, modules, layers(ROWS) + other)

    assert len(found.imports) == 1
    assert found.imports[0].contracts == ("layers", "data")


def test_contract_that_an_import_does_not_serve_is_not_named(tmp_path: Path) -> None:
    kept = layers('layers = ["core", "web"]\ncontainers = ["shop"]').replace('"layers"', '"kept"')

    found = cut(tmp_path, {"shop.web": "", "shop.core": "import shop.web"}, layers(ROWS) + kept)

    assert found.imports[0].contracts == ("layers",)


def test_contract_of_the_built_in_type_counts_too(tmp_path: Path) -> None:
    twin = f'[[contract]]\nid = "twin"\nname = "Twin"\ntype = "layers"\n{ROWS}'

    found = cut(tmp_path, {"shop.web": "", "shop.core": "import shop.web"}, twin)

    assert [each.contracts for each in found.imports] == [("twin",)]


@pytest.mark.parametrize(
    "contract",
    [
        layers(ROWS + 'ignore = [{ import = "shop.core -> shop.web", reason = "r" }]'),
        f'[[contract]]\nname = "Twin"\ntype = "layers"\n{ROWS}ignore_imports = ["shop.core -> shop.*"]',
    ],
    ids=["ours", "built-in"],
)
def test_ignored_import_is_gone_already(tmp_path: Path, contract: str) -> None:
    found = cut(tmp_path, {"shop.web": "", "shop.core": "import shop.web"}, contract)

    assert found.imports == ()


def test_ignore_that_has_run_out_does_not_count(tmp_path: Path) -> None:
    ignore = 'ignore = [{ import = "shop.core -> shop.web", reason = "r", until = "2026-05-31" }]'

    found = cut(tmp_path, {"shop.web": "", "shop.core": "import shop.web"}, layers(ROWS + ignore))

    assert pairs(found) == [("shop.core", "shop.web")]


INDIRECT = {"shop.web": "", "shop.util": "import shop.web", "shop.core": "import shop.util"}
CASES = {
    "kinds": ({"shop.web": "", "shop.core": "def f():\n    import shop.web"}, 'kinds = ["runtime"]', 0),
    "kinds that count": ({"shop.web": "", "shop.core": "def f():\n    import shop.web"}, 'kinds = ["deferred"]', 1),
    "reach direct": (INDIRECT, 'reach = "direct"', 0),
    "reach transitive": (INDIRECT, 'reach = "transitive"', 1),
}


@pytest.mark.parametrize(("modules", "option", "size"), CASES.values(), ids=CASES)
def test_options_of_the_contract_are_respected(tmp_path: Path, modules: dict[str, str], option: str, size: int) -> None:
    assert len(cut(tmp_path, modules, layers(ROWS + option)).imports) == size


ORDERS = {
    "closed layer": ('layers = ["a", "b", "c"]\nclosed = ["b"]', {"shop.a": "import shop.c"}, 1),
    "open layer": ('layers = ["a", "b", "c"]', {"shop.a": "import shop.c"}, 0),
    "independent siblings": ('layers = ["a | b", "c"]', {"shop.a": "import shop.b", "shop.b": "import shop.a"}, 2),
    "open siblings": ('layers = ["a : b", "c"]', {"shop.a": "import shop.b", "shop.b": "import shop.a"}, 0),
    "optional layer": ('layers = ["a", "(none)", "b : c"]', {"shop.b": "import shop.a"}, 1),
}


@pytest.mark.parametrize(("rows", "modules", "size"), ORDERS.values(), ids=ORDERS)
def test_rules_between_rows_are_respected(tmp_path: Path, rows: str, modules: dict[str, str], size: int) -> None:
    every = {"shop.a": "", "shop.b": "", "shop.c": "", **modules}

    assert len(cut(tmp_path, every, layers(f'{rows}\ncontainers = ["shop"]')).imports) == size


def test_containers_are_cut_one_by_one(tmp_path: Path) -> None:
    modules = {
        "shop.x.web": "",
        "shop.x.core": "import shop.x.web",
        "shop.y.web": "",
        "shop.y.core": "import shop.y.web, shop.x.web",
    }

    found = cut(tmp_path, modules, layers('layers = ["web", "core"]\ncontainers = ["shop.*"]'))

    assert pairs(found) == [("shop.x.core", "shop.x.web"), ("shop.y.core", "shop.y.web")]


def test_typing_imports_that_the_file_leaves_out_stay(tmp_path: Path) -> None:
    session = 'root_packages = ["shop"]\nexclude_type_checking_imports = true'
    modules = {"shop.web": "", "shop.core": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.web"}

    assert cut(tmp_path, modules, layers(ROWS), session=session).imports == ()


SIBLINGS = {
    "shop.a.x": "import shop.f",
    "shop.b.x": "import shop.f",
    "shop.f": "import shop.g",
    "shop.g": "import shop.a.y, shop.b.y",
    "shop.a.y": "",
    "shop.b.y": "",
}


def test_smaller_cut_than_one_minimum_cut_per_layer_is_found(tmp_path: Path) -> None:
    """Each sibling alone is as well cut off behind the narrow place, which would need one import for each."""
    found = cut(tmp_path, SIBLINGS, layers('layers = ["a | b"]\ncontainers = ["shop"]'))

    assert pairs(found) == [("shop.f", "shop.g")]
    assert found.minimum


def test_without_work_the_cut_is_complete_and_its_bound_honest(tmp_path: Path) -> None:
    write_package(tmp_path, SIBLINGS)
    file = read_contract_file(write_contracts(tmp_path, layers('layers = ["a | b"]\ncontainers = ["shop"]')))
    rules = layer_rules(file, layer_contracts(file), read_tree(tmp_path).graph)

    found = cut_layers(rules, work=0)

    assert (len(found.imports), found.at_least, found.minimum) == (2, 1, False)


def test_layer_that_does_not_exist_is_an_error_with_a_guess(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="the layer 'wbe' does not exist in shop") as caught:
        cut(tmp_path, {"shop.web": "", "shop.core": ""}, layers('layers = ["wbe", "core"]\ncontainers = ["shop"]'))

    assert ("did you mean", "web") in caught.value.facts


def test_mistake_in_a_built_in_contract_is_an_error_with_its_line(tmp_path: Path) -> None:
    twin = '[[contract]]\nname = "Twin"\ntype = "layers"\nlayers = ["a | b : c"]'

    with pytest.raises(ContractError, match="mixes") as caught:
        cut(tmp_path, {"shop.web": ""}, twin)

    assert caught.value.line == 3
