"""Orders that the fewest imports are in the way of, ways through the package itself included."""

import random
from itertools import permutations
from pathlib import Path

import pytest

from kimera_di.architecture.cuts.layer_cuts import cut_layers
from kimera_di.architecture.cuts.layer_rules import layer_rules
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.specs import IMPORT_KINDS, ContractFile, ContractSpec, LayersOptions
from kimera_di.architecture.proposing.linear_orders import Uses, weight_up
from kimera_di.architecture.proposing.order_costs import WayCosts
from kimera_di.architecture.proposing.order_search import Order, OrderSearch
from kimera_di.architecture.proposing.proposals import propose_layers
from tests.unit.architecture.trees import read_tree, write_package

pytestmark = pytest.mark.check

NAMES = ("a", "b", "c", "d", "e")
HUB = {
    "shop": "import shop.a",
    "shop.a": "import shop.b",
    "shop.b.one": "import shop",
    "shop.b.two": "import shop",
    "shop.b.three": "import shop",
}
"""b reaches a by three imports of the package, and one import of the package itself is all that leads there."""


def free(_order: Order) -> tuple[int, int]:
    return 0, 1


def random_uses(names: tuple[str, ...], seed: int) -> Uses:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    pairs = [(user, used) for user in names for used in names if user != used]
    return {pair: rng.randint(1, 4) for pair in pairs if rng.random() < 0.6}


def random_shop(root: Path, seed: int) -> ModuleGraph:
    """Write five children that import each other and the package, which imports some of them."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    modules = {"shop": "".join(f"import shop.{name}\n" for name in NAMES if rng.random() < 0.4)}
    for name in NAMES:
        for part in ("one", "two"):
            targets = ["shop", *(f"shop.{other}.one" for other in NAMES if other != name)]
            modules[f"shop.{name}.{part}"] = "".join(f"import {target}\n" for target in targets if rng.random() < 0.3)
    return read_tree(write_package(root, modules)).graph


def real_cut(graph: ModuleGraph, order: tuple[str, ...]) -> int:
    """Count what ``kimera cut`` says for an order."""
    spec = ContractSpec("l", "L", "kimera_layers", "c.toml", 1, "a test", options=LayersOptions(order, ("shop",)))
    return len(cut_layers(layer_rules(ContractFile("c.toml", ("shop",), (spec,)), [spec], graph)).imports)


@pytest.mark.parametrize("seed", range(8))
def test_order_of_few_names_is_the_best_there_is(seed: int) -> None:
    uses = random_uses(NAMES, seed)

    found = OrderSearch(uses, free).best([NAMES])

    assert weight_up(found, uses) == min(weight_up(order, uses) for order in permutations(NAMES))


def test_cost_of_ways_decides_between_orders_of_the_same_weight() -> None:
    found = OrderSearch({}, lambda order: (order.index("c"), 1)).best([("a", "b", "c")])

    assert found[0] == "c"


def test_search_without_steps_keeps_the_order_it_began_with() -> None:
    uses = {("b", "a"): 5}

    assert OrderSearch(uses, free, steps=0).best([("a", "b", "c")]) == ("a", "b", "c")


def test_steps_bound_the_search() -> None:
    names = tuple(f"n{number:02}" for number in range(30))
    calls: list[Order] = []

    def costly(order: Order) -> tuple[int, int]:
        calls.append(order)
        return 1, 100

    OrderSearch(random_uses(names, 1), costly, steps=2_000).best([names])

    assert 1 < len(calls) <= 22


def test_best_start_is_taken() -> None:
    uses = {("b", "a"): 5}

    assert OrderSearch(uses, free, steps=0).best([("a", "b"), ("b", "a")]) == ("b", "a")


@pytest.mark.parametrize("seed", range(6))
def test_cost_of_an_order_is_what_cut_says(seed: int, tmp_path: Path) -> None:
    graph = random_shop(tmp_path, seed)
    costs = WayCosts(NAMES, frozenset(NAMES), (graph, "shop", IMPORT_KINDS))
    home = {module: module.split(".")[1] for module in graph.files if module.count(".")}

    wrong = []
    for order in list(permutations(NAMES))[::7]:
        higher = {pair for pair in graph.pairs() if pair[0] in home and pair[1] in home}
        direct = sum(order.index(home[user]) > order.index(home[used]) for user, used in higher)
        if direct + costs(order)[0] != real_cut(graph, order):
            wrong.append(order)

    assert wrong == []


@pytest.mark.parametrize("seed", range(6))
def test_proposed_order_of_a_tangle_needs_the_smallest_cut_of_all_orders(seed: int, tmp_path: Path) -> None:
    graph = random_shop(tmp_path, seed)

    tangles = propose_layers(graph, "shop").tangles

    for tangle in tangles:
        if len(tangle.names) == len(NAMES):
            assert len(tangle.cut.imports) == min(real_cut(graph, order) for order in permutations(NAMES))


def test_one_import_of_the_package_is_cheaper_than_three_that_reach_it(tmp_path: Path) -> None:
    tangle = propose_layers(read_tree(write_package(tmp_path, HUB)).graph, "shop").tangles[0]

    assert tangle.order == ("a", "b")
    assert [(cut.importer, cut.imported) for cut in tangle.cut.imports] == [("shop", "shop.a")]
