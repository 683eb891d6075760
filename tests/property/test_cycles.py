"""Cycles and cuts against networkx, import-linter and brute force, on random graphs and random packages."""

import importlib
import random
import sys
from collections.abc import Collection, Iterable
from itertools import combinations, pairwise
from pathlib import Path

import grimp
import networkx
import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.cycles.cycle_search import cycles_through, find_components, shortest_cycle
from kimera_di.architecture.cycles.feedback import cheapest_cut, cut_of_pairs
from kimera_di.architecture.model.module_graph import Pair
from tests.unit.architecture.trees import check, write_contracts, write_package

pytestmark = pytest.mark.check

HEAD = (
    '[[contract]]\nname = "{level}"\ntype = "kimera_acyclic"\nwhy = "a test"\npackages = ["shop"]\nlevel = "{level}"\n'
)
KINDS = 'kinds = ["runtime", "lazy", "deferred", "typing"]\n'
TWIN = '[[contract]]\nname = "Twin"\ntype = "acyclic_siblings"\nancestors = ["shop"]\n'


def random_pairs(rng: random.Random, nodes: int, count: int) -> list[Pair]:
    names = [f"m{number:02}" for number in range(nodes)]
    every = [(importer, imported) for importer in names for imported in names if importer != imported]
    return sorted(rng.sample(every, min(count, len(every))))


def random_package(rng: random.Random) -> dict[str, str]:
    """Modules and packages of three levels; also ``__init__`` imports and is imported."""
    names = ["shop", *(f"shop.{letter}" for letter in "abcd")]
    names += [f"{rng.choice(names[1:5])}.{letter}" for letter in "xyz"]
    names += [f"{names[-1]}.deep", f"{names[-2]}.deep"]
    lines: dict[str, list[str]] = {name: [] for name in names}
    for _ in range(rng.choice([4, 8, 14, 25])):
        line = f"import {rng.choice(names)}"
        lines[rng.choice(names)].append(line if rng.random() < 0.7 else f"def f():\n    {line}")
    return {name: "\n".join(found) for name, found in lines.items()}


def digraph(pairs: Iterable[Pair]) -> "networkx.DiGraph[str]":
    return networkx.DiGraph(list(pairs))


def is_acyclic(pairs: Iterable[Pair]) -> bool:
    return networkx.is_directed_acyclic_graph(digraph(pairs))


def distance(pairs: Iterable[Pair], start: str, end: str) -> int:
    return len(networkx.bidirectional_shortest_path(digraph(pairs), start, end)) - 1


def lightest_cut(weights: dict[Pair, int]) -> int:
    """Try every set of pairs."""
    every = [frozenset(some) for size in range(len(weights) + 1) for some in combinations(weights, size)]
    return min(sum(weights[pair] for pair in some) for some in every if is_acyclic(weights.keys() - some))


def fewest(pairs: Collection[Pair]) -> int:
    """Try every set of pairs, small ones first."""
    return next(
        size
        for size in range(len(pairs) + 1)
        if any(is_acyclic(set(pairs) - set(some)) for some in combinations(pairs, size))
    )


def pairs_of_grimp(folder: Path) -> set[Pair]:
    """Let grimp find and read ``shop`` by its own public way; a module that imports itself is no cycle."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        graph = grimp.build_graph("shop", cache_dir=None)
    finally:
        sys.path.remove(str(folder))
    imports = ((name, other) for name in graph.modules for other in graph.find_modules_directly_imported_by(name))
    return {pair for pair in imports if pair[0] != pair[1]}


@pytest.mark.parametrize("seed", range(60))
def test_components_are_those_of_networkx(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    pairs = random_pairs(rng, rng.randint(2, 30), rng.randint(1, 60))

    found = {frozenset(component.modules) for component in find_components(pairs)}

    theirs = networkx.strongly_connected_components(digraph(pairs))
    assert found == {frozenset(knot) for knot in theirs if len(knot) > 1}


@pytest.mark.parametrize("seed", range(60))
def test_no_cycle_is_shorter_than_the_shortest(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    pairs = random_pairs(rng, rng.randint(3, 20), rng.randint(5, 40))

    for component in find_components(pairs):
        cycle = shortest_cycle(component)

        ways_back = [distance(component.pairs, imported, importer) for importer, imported in component.pairs]
        assert len(cycle) - 1 == 1 + min(ways_back)
        assert cycle[0] == cycle[-1] == min(cycle)
        assert set(pairwise(cycle)) <= set(component.pairs)


@pytest.mark.parametrize("seed", range(80))
def test_cut_of_a_small_graph_is_the_smallest_there_is(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    pairs = random_pairs(rng, rng.randint(2, 7), rng.randint(2, 12))

    cut = cut_of_pairs(pairs)

    assert is_acyclic(set(pairs) - set(cut.pairs))
    assert len(cut.pairs) == cut.weight == cut.at_least == fewest(pairs)


@pytest.mark.parametrize("seed", range(40))
def test_cut_of_a_small_graph_with_weights_is_the_lightest_there_is(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    weights = {pair: rng.randint(1, 6) for pair in random_pairs(rng, rng.randint(2, 6), rng.randint(2, 10))}

    cut = cheapest_cut(weights)

    assert sum(weights[pair] for pair in cut.pairs) == cut.weight == cut.at_least == lightest_cut(weights)


@pytest.mark.parametrize("seed", range(30))
def test_without_the_cut_no_cycle_is_left_and_none_of_it_could_stay(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    pairs = random_pairs(rng, rng.randint(8, 60), rng.randint(20, 200))

    cut = cut_of_pairs(pairs)
    left = set(pairs) - set(cut.pairs)

    assert is_acyclic(left)
    assert not any(is_acyclic({*left, pair}) for pair in cut.pairs)
    assert cut.at_least <= len(cut.pairs)


@pytest.mark.parametrize("seed", range(20))
def test_every_import_of_a_cut_has_a_shortest_cycle_through_it(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    pairs = random_pairs(rng, 20, 60)
    cut = cut_of_pairs(pairs).pairs

    chains = cycles_through(pairs, cut)

    assert chains.keys() == set(cut)
    for (importer, imported), chain in chains.items():
        assert (chain[0], chain[1], chain[-1]) == (importer, imported, importer)
        assert len(chain) - 2 == distance(pairs, imported, importer)


@pytest.mark.parametrize("seed", range(40))
def test_verdict_about_modules_is_that_of_networkx_on_the_graph_of_grimp(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose

    (ours,) = check(tmp_path, random_package(rng), HEAD.format(level="modules") + KINDS).contracts

    pairs = pairs_of_grimp(tmp_path)
    assert ours.kept is is_acyclic(pairs)
    assert len(ours.findings) == len(cut_of_pairs(pairs).pairs)


@pytest.mark.parametrize("seed", range(60))
def test_verdict_about_packages_is_that_of_acyclic_siblings(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose

    ours, twin = check(tmp_path, random_package(rng), HEAD.format(level="packages") + KINDS + TWIN).contracts

    assert ours.kept is twin.kept
    assert len(ours.findings) <= len(twin.findings)


@pytest.mark.parametrize("level", ["modules", "packages", "both"])
@pytest.mark.parametrize("seed", range(100, 115))
def test_removing_every_finding_leaves_no_cycle(tmp_path: Path, seed: int, level: str) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    contract = HEAD.format(level=level)
    findings = check(tmp_path, random_package(rng), contract).findings
    excused = [f'{{ import = "{found.importer} -> {found.imported}", reason = "r" }}' for found in findings]

    path = write_contracts(tmp_path, f"{contract}ignore = [{', '.join(excused)}]")
    again = Architecture.load(path, root=tmp_path).check()

    assert again.findings == ()


@pytest.mark.parametrize("seed", range(20))
def test_order_of_modules_on_disk_does_not_change_the_findings(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    modules = random_package(rng)
    shuffled = dict(sorted(modules.items(), key=lambda item: item[0][::-1]))
    contract = write_contracts(tmp_path, HEAD.format(level="both"))
    write_package(tmp_path / "one", modules)
    write_package(tmp_path / "two", shuffled)

    one, two = (Architecture.load(contract, root=tmp_path / name).check() for name in ("one", "two"))

    assert [found.fingerprint for found in one.findings] == [found.fingerprint for found in two.findings]
