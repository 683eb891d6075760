"""Metrics against networkx and brute force, interfaces against a naive reading, both tools with one verdict."""

import random
import subprocess
import sys
from collections.abc import Collection, Iterable
from fractions import Fraction
from itertools import product
from pathlib import Path

import networkx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.layering.placement import ModuleNames
from kimera_di.architecture.metrics.measures import counted_pairs, measure_modules, measure_packages
from kimera_di.architecture.metrics.propagation import find_reach
from kimera_di.architecture.model.module_graph import Lines, ModuleGraph, Pair
from kimera_di.architecture.model.patterns import covers
from tests.unit.architecture.trees import read_tree, write_contracts, write_package

pytestmark = pytest.mark.check

NAMES = [f"m{number:02}" for number in range(12)]
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=40)
SESSION = """
root_packages = ["shop"]
contract_types = [
    "kimera_interfaces: kimera_di.contracts.InterfacesContract",
    "kimera_metrics: kimera_di.contracts.MetricsContract",
]
"""
LIMITS: dict[str, list[float]] = {
    "max_afferent_coupling": [0, 1, 2, 3],
    "max_efferent_coupling": [0, 1, 2, 3],
    "max_instability": [0, 0.5, 0.7],
    "max_distance": [0.3, 0.5, 0.9],
    "max_propagation_cost": [0.1, 0.2, 0.3, 0.5],
    "max_cycles": [0, 1],
}


def reachable(modules: Iterable[str], pairs: Iterable[Pair]) -> set[Pair]:
    """Close a relation over and over, as its definition says."""
    closed = {(module, module) for module in modules} | set(pairs)
    while True:
        more = {(one, three) for one, two in closed for other, three in closed if two == other} - closed
        if not more:
            return closed
        closed |= more


def graph_of(modules: Iterable[str], pairs: Iterable[Pair]) -> ModuleGraph:
    imports: dict[str, dict[str, Lines]] = {}
    for one, two in sorted(pairs):
        imports.setdefault(one, {})[two] = ((1, "runtime"),)
    return ModuleGraph(files=dict.fromkeys(modules), imports=imports)


def random_package(rng: random.Random) -> dict[str, str]:
    """Modules of four packages, some with classes, with imports of several kinds."""
    names = [f"shop.{home}.{leaf}" for home in "abcd" for leaf in ("api", "core", "deep.x")] + ["shop.main"]
    every = ["shop.a", "shop.b", *names]
    lines: dict[str, list[str]] = {name: [] for name in every}
    for name in names:
        lines[name] += rng.choice([[], ["class A: ..."], ["from typing import Protocol", "class P(Protocol): ..."]])
    for _ in range(rng.choice([3, 8, 20, 40])):
        target = rng.choice(every)
        text = rng.choice(
            [
                f"import {target}",
                f"from {target} import x",
                f"def f():\n    import {target}",
                f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import {target}",
            ]
        )
        lines[rng.choice(every)].append(text)
    return {name: "\n".join(found) for name, found in lines.items()}


def contracts(rng: random.Random) -> str:
    """A few contracts with random options."""
    parts = ["shop.a", "shop.b", "shop.c", "shop.d"]
    texts: list[str] = []
    for number in range(2):
        packages = rng.sample(parts, rng.randint(1, 3))
        exposes = [f"{package}.api" for package in packages if rng.random() < 0.5]
        friends = rng.sample(["shop.main", "shop.d", "shop.a.core"], rng.randint(0, 2))
        lines = [f"packages = {packages}", f"exposes = {exposes}", f"friends = {friends}"]
        texts.append(contract("kimera_interfaces", f"parts {number}", lines))
    for name, limits in LIMITS.items():
        lines = [f"packages = {rng.choice([['shop'], ['shop.*'], ['shop.a', 'shop.b']])}"]
        texts.append(contract("kimera_metrics", name, [*lines, f"{name} = {rng.choice(limits)}"]))
    return "\n".join(texts)


def contract(type_name: str, name: str, lines: Iterable[str]) -> str:
    head = f'[[contract]]\nname = "{name}"\ntype = "{type_name}"\nwhy = "a test"\n'
    return head + "\n".join(lines) + "\n"


@given(PAIRS)
@example([("m00", "m01"), ("m01", "m02"), ("m02", "m00"), ("m02", "m03")])
def test_reached_pairs_are_those_of_brute_force(pairs: list[Pair]) -> None:
    reach = find_reach(NAMES, pairs)

    assert reach.reached == len(reachable(NAMES, pairs))


@given(PAIRS)
def test_components_are_those_of_networkx(pairs: list[Pair]) -> None:
    graph: networkx.DiGraph[str] = networkx.DiGraph(pairs)

    reach = find_reach(NAMES, pairs)

    theirs = [knot for knot in networkx.strongly_connected_components(graph) if len(knot) > 1]
    assert {each.modules for each in reach.components} == {tuple(sorted(knot)) for knot in theirs}
    assert [len(each.modules) for each in reach.components] == sorted((len(knot) for knot in theirs), reverse=True)


@given(PAIRS)
def test_coupling_is_that_of_a_naive_count(pairs: list[Pair]) -> None:
    graph = graph_of(NAMES, pairs)

    measured = measure_modules(graph, counted_pairs(graph), NAMES, classes=False)

    for each in measured:
        importers = {one for one, two in pairs if two == each.module and one != two}
        imported = {two for one, two in pairs if one == each.module and one != two}
        both = len(importers) + len(imported)
        assert (each.afferent, each.efferent) == (len(importers), len(imported))
        assert each.instability == (Fraction(len(imported), both) if both else 0)


@given(PAIRS, st.sets(st.sampled_from(NAMES), min_size=1))
def test_package_counts_nothing_outside_of_itself(pairs: list[Pair], inside: set[str]) -> None:
    named = {name: f"p.{name}" if name in inside else name for name in NAMES}
    renamed = [(named[one], named[two]) for one, two in pairs if one != two]

    names = ModuleNames(graph_of(sorted(["p", *named.values()]), renamed))

    (package,) = measure_packages(names, renamed, ["p"])

    own = {pair for pair in renamed if all(covers("p", name) for name in pair)}
    modules = [name for name in names.names if covers("p", name)]
    assert (package.modules, package.reached) == (len(inside) + 1, len(reachable(modules, own)))


def naive_breaks(pairs: Iterable[Pair], package: str, exposed: Collection[str], friends: Collection[str]) -> set[Pair]:
    public = [name for name in exposed if covers(package, name)] or [package]
    return {
        (importer, imported)
        for importer, imported in pairs
        if covers(package, imported)
        and imported not in public
        and not any(covers(inside, importer) for inside in (package, *friends))
    }


@pytest.mark.parametrize("seed", range(30))
def test_imports_of_internals_are_those_of_a_naive_reading(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    write_package(tmp_path, random_package(rng))
    packages = rng.sample(["shop.a", "shop.b", "shop.c"], 2)
    exposed = [f"{package}.api" for package in packages if rng.random() < 0.5]
    friends = rng.sample(["shop.main", "shop.d"], rng.randint(0, 2))
    lines = [f"packages = {packages}", f"exposes = {exposed}", f"friends = {friends}"]
    path = write_contracts(tmp_path, contract("kimera_interfaces", "parts", lines))

    (result,) = Architecture.load(path, root=tmp_path).check().contracts

    pairs = set(read_tree(tmp_path).graph.pairs())
    expected = {pair for package in packages for pair in naive_breaks(pairs, package, exposed, friends)}
    found = {(each.importer, each.imported) for each in result.findings if each.code == "KD433"}
    useless = {each.importer for each in result.findings if each.code == "KD434"}
    without = {pair for package in packages for pair in naive_breaks(pairs, package, exposed, ())}
    assert found == expected
    assert useless == {each for each in friends if not any(covers(each, importer) for importer, _ in without)}


@pytest.mark.parametrize("seed", range(6))
def test_lint_imports_has_the_verdict_and_the_findings_of_kimera_check(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    write_package(tmp_path, random_package(rng))
    path = write_contracts(tmp_path, contracts(rng), session=SESSION)
    ours = Architecture.load(path, root=tmp_path).check().contracts

    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--config", "contracts.toml", "--no-cache", "--no-logo"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8")

    assert ran.returncode == int(not all(each.kept for each in ours))
    for each in ours:
        assert f"{each.name} {'KEPT' if each.kept else 'BROKEN'}" in ran.stdout
    for finding, shown in product((found for each in ours for found in each.findings), (ran.stdout,)):
        assert (finding.message if not finding.chain else f"{finding.importer} -> {finding.imported}") in shown
