"""Random packages on disk: why, cut and init against oracles that share no code with them."""

import json
import random
from collections.abc import Collection
from itertools import combinations, pairwise
from pathlib import Path

import grimp
import networkx as nx
import pytest

from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.cuts.layer_cuts import LayerCut, cut_layers
from kimera_di.architecture.cuts.layer_rules import layer_contracts, layer_rules
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.proposing.proposals import propose_layers
from kimera_di.architecture.routes import shortest_routes
from tests.unit.architecture.trees import layers, read_tree, write_contracts, write_package
from tests.unit.cli.command import kimera, lint_imports

pytestmark = pytest.mark.check

Pair = tuple[str, str]


def random_package(seed: int, *, children: int, imports: int) -> dict[str, str]:
    """Modules and packages with imports of every kind, also of the package itself and by it."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    modules = ["shop"]
    for number in range(children):
        child = f"shop.c{number}"
        inner = [f"{child}.{name}" for name in ("m", "n", "deep.x") if rng.random() < 0.4]
        modules += [child, *inner] if not any(".deep" in name for name in inner) else [child, f"{child}.deep", *inner]
    lines: dict[str, list[str]] = {name: ["x = 1"] for name in modules}
    forms = [
        "import {}",
        "import {}",
        "def f():\n    import {}",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import {}",
    ]
    for _ in range(imports):
        # Mostly downward, as in real packages; otherwise everything would be one tangle.
        first, second = sorted(rng.sample(range(len(modules)), 2))
        importer, imported = (first, second) if rng.random() < 0.9 else (second, first)
        lines[modules[importer]].append(rng.choice(forms).format(modules[imported]))
    return {name: "\n".join(text) for name, text in lines.items()}


def as_grimp(graph: ModuleGraph, gone: Collection[Pair] = ()) -> grimp.ImportGraph:
    copy = grimp.ImportGraph()
    for module in graph.files:
        copy.add_module(module)
    for importer, imported in graph.pairs():
        if (importer, imported) not in gone:
            copy.add_import(importer=importer, imported=imported)
    return copy


def hold(graph: ModuleGraph, contracts: list[list[grimp.Layer]], gone: Collection[Pair]) -> bool:
    """Ask grimp whether layers hold without some imports."""
    rest = as_grimp(graph, gone)
    return not any(rest.find_illegal_dependencies_for_layers(one, containers={"shop"}) for one in contracts)


def random_contracts(seed: int, names: list[str]) -> tuple[str, list[list[grimp.Layer]]]:
    """One or two contracts over some children, for us and for grimp."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    text, grimps = "", list[list[grimp.Layer]]()
    for number in range(rng.choice([1, 1, 2])):
        chosen = rng.sample(names, rng.randint(2, min(4, len(names))))
        rows: list[grimp.Layer] = []
        while chosen:
            taken = [chosen.pop() for _ in range(min(len(chosen), rng.choice([1, 1, 2])))]
            rows.append(grimp.Layer(*taken, independent=rng.random() < 0.5, closed=rng.random() < 0.2))
        written = [(" | " if row.independent else " : ").join(sorted(row.module_tails)) for row in rows]
        closed = [name for row in rows if row.closed for name in sorted(row.module_tails)]
        options = f'layers = {written}\ncontainers = ["shop"]\nclosed = {closed}'
        text += layers(options).replace('"layers"', f'"layers-{number}"')
        grimps.append(rows)
    return text, grimps


def cut_of(root: Path, graph: ModuleGraph, contracts: str, *, work: int | None = None) -> tuple[LayerCut, set[Pair]]:
    file = read_contract_file(write_contracts(root, contracts))
    rules = layer_rules(file, layer_contracts(file), graph)
    found = cut_layers(rules) if work is None else cut_layers(rules, work=work)
    return found, {(each.importer, each.imported) for each in found.imports}


@pytest.mark.parametrize("seed", range(60))
def test_cut_is_as_small_as_brute_force(tmp_path: Path, seed: int) -> None:
    write_package(tmp_path, random_package(seed, children=6, imports=14))
    graph = read_tree(tmp_path).graph
    text, grimps = random_contracts(seed, [f"c{number}" for number in range(6)])

    found, gone = cut_of(tmp_path, graph, text)

    smaller = (some for size in range(len(gone)) for some in combinations(list(graph.pairs()), size))
    assert hold(graph, grimps, gone)
    assert found.minimum
    assert not any(hold(graph, grimps, some) for some in smaller)


@pytest.mark.parametrize("seed", range(30))
def test_every_import_of_a_cut_is_needed_also_without_proof(tmp_path: Path, seed: int) -> None:
    write_package(tmp_path, random_package(seed, children=12, imports=80))
    graph = read_tree(tmp_path).graph
    text, grimps = random_contracts(seed, [f"c{number}" for number in range(12)])

    found, gone = cut_of(tmp_path, graph, text, work=0)
    best, _ = cut_of(tmp_path, graph, text)

    assert hold(graph, grimps, gone)
    assert not any(hold(graph, grimps, gone - {pair}) for pair in gone)
    assert found.at_least <= len(best.imports) <= len(found.imports)
    assert best.minimum


def random_ends(graph: ModuleGraph, seed: int) -> Pair:
    """Two modules or packages, neither inside the other, mostly some imports apart."""
    names = [name for name in graph.files if name != "shop"]
    apart = [
        (a, b) for a in names for b in names if not f"{a}.".startswith(f"{b}.") and not f"{b}.".startswith(f"{a}.")
    ]
    reach = nx.DiGraph(list(graph.pairs()))
    joined = [(a, b) for a, b in apart if a in reach and b in nx.descendants(reach, a)]
    return random.Random(seed).choice(joined if joined and seed % 4 else apart)  # noqa: S311 - repeatable on purpose


@pytest.mark.parametrize("seed", range(40))
def test_chains_are_all_shortest_paths(tmp_path: Path, seed: int) -> None:
    write_package(tmp_path, random_package(seed, children=10, imports=40))
    graph = read_tree(tmp_path).graph
    oracle = nx.DiGraph(list(graph.pairs()))
    oracle.add_nodes_from(graph.files)
    ends = random_ends(graph, seed)
    # A package is everything in it: one node before all of it, one behind.
    below = [[name for name in graph.files if f"{name}.".startswith(f"{end}.")] for end in ends]
    oracle.add_edges_from(("start", name) for name in below[0])
    oracle.add_edges_from((name, "end") for name in below[1])

    routes = shortest_routes(graph, *ends)

    expected = sorted(nx.all_shortest_paths(oracle, "start", "end")) if nx.has_path(oracle, "start", "end") else []
    assert list(routes.chains()) == [tuple(path[1:-1]) for path in expected]
    assert routes.count() == len(expected)
    assert routes.imports() == tuple(sorted({pair for path in expected for pair in pairwise(path[1:-1])}))


@pytest.mark.parametrize("seed", range(8))
def test_what_init_writes_is_kept_by_both_tools(tmp_path: Path, seed: int) -> None:
    write_package(tmp_path, random_package(seed, children=7, imports=4 + 3 * seed))

    ran = kimera(tmp_path, "init", "shop")

    assert ran.returncode == 0, ran.stderr
    checked = kimera(tmp_path, "check", "--no-cache", "--format", "json")
    assert checked.returncode == 0, checked.stdout
    assert all(contract["kept"] for contract in json.loads(checked.stdout)["contracts"])
    assert lint_imports(tmp_path, "contracts/shop.toml").returncode == 0


@pytest.mark.parametrize("seed", range(60))
def test_proposed_rows_hold_for_grimp_and_are_no_looser_than_they_must_be(tmp_path: Path, seed: int) -> None:
    write_package(tmp_path, random_package(seed, children=8, imports=4 + seed))
    graph = read_tree(tmp_path).graph

    rows = propose_layers(graph, "shop").rows

    assert hold(graph, [[grimp.Layer(*row.names, independent=not row.tangled) for row in rows]], ())
    reach = nx.DiGraph(list(graph.pairs()))
    for row in rows:
        if row.tangled:
            # Any two of a tangle reach each other, so no order of them could hold.
            members = {name: [m for m in graph.files if f"{m}.".startswith(f"shop.{name}.")] for name in row.names}
            for one in row.names:
                reach.add_edges_from((("in", one), module) for module in members[one])
                reach.add_edges_from((module, ("in", one)) for module in members[one])
            assert all(nx.has_path(reach, ("in", a), ("in", b)) for a, b in pairwise((*row.names, row.names[0])))
