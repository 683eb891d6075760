"""Without options of our own the verdict is that of import-linter's ``layers`` contract."""

import random
from pathlib import Path

import pytest

from kimera_di.architecture.checking import Architecture
from tests.unit.architecture.trees import check, layers, write_contracts

pytestmark = pytest.mark.check

NAMES = ["a", "b", "c", "d"]


def random_modules(rng: random.Random) -> dict[str, str]:
    """A package of layers (modules and packages), containers inside containers, and modules of no layer."""
    homes = ["shop", "shop.x", "shop.y"]
    modules = [f"{home}.{name}" for home in homes for name in NAMES if home == "shop" or rng.random() < 0.9]
    modules += [f"{name}.{leaf}" for name in list(modules) if rng.random() < 0.5 for leaf in ("m", "n")]
    modules += [f"shop.free{number}" for number in range(rng.randint(0, 5))]
    every = [*modules, *homes]
    count = rng.choice([2, 5, 12, 30])
    imports: dict[str, list[str]] = {}
    for _ in range(count):
        line = f"import {rng.choice(every)}"
        imports.setdefault(rng.choice(every), []).append(line if rng.random() < 0.8 else f"def f():\n    {line}")
    return {name: "\n".join(imports.get(name, [])) for name in every}


def random_layers(rng: random.Random) -> str:
    """Rows in random order, with siblings, optional layers and containers, but without nested layers."""
    names = rng.sample(NAMES, rng.randint(2, 4))
    containers = rng.choice([[], ["shop"], ["shop.x", "shop.y"], ["shop.*"], ["shop", "shop.x"]])
    tails = [f"shop.{name}" for name in names] if not containers else names
    tails = [f"({tail})" if containers else tail for tail in tails]
    rows: list[str] = []
    while tails:
        taken = [tails.pop() for _ in range(min(len(tails), rng.choice([1, 1, 2])))]
        rows.append(rng.choice([" | ", " : "]).join(taken))
    return f"layers = {rows}\n" + (f"containers = {containers}\n" if containers else "")


@pytest.mark.parametrize("seed", range(60))
def test_verdict_equals_that_of_import_linter(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    options = random_layers(rng)
    twin = f'[[contract]]\nname = "Twin"\ntype = "layers"\n{options}'

    ours, theirs = check(tmp_path, random_modules(rng), layers(options) + twin).contracts

    # No layer exists at all: kept for import-linter, an error for us, because nothing was checked.
    assert ours.kept is theirs.kept or "none of the layers" in (ours.error or "")


@pytest.mark.parametrize("seed", range(60, 90))
def test_removing_every_finding_makes_the_layers_hold(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    options = random_layers(rng).replace("shop.*", "shop.x")
    report = check(tmp_path, random_modules(rng), layers(options))
    excused = [f'{{ import = "{found.importer} -> {found.imported}", reason = "r" }}' for found in report.findings]

    path = write_contracts(tmp_path, layers(f"{options}ignore = [{', '.join(excused)}]"))
    again = Architecture.load(path, root=tmp_path).check()

    assert [finding for finding in again.findings if finding.kind != "ignore"] == []


@pytest.mark.parametrize("seed", range(90, 120))
def test_verdict_about_coverage_equals_that_of_import_linter(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    every = random_modules(rng)
    inner = ("shop.x", "shop.y") if seed % 2 else ("shop.x", "shop.y", "shop.free")
    modules = {name: text for name, text in every.items() if not name.startswith(inner)}
    rows = [f"({name})" for name in rng.sample(NAMES, rng.randint(3, 4))]
    options = f'layers = {rows}\ncontainers = ["shop"]\nexhaustive = true\n'
    twin = f'[[contract]]\nname = "Twin"\ntype = "layers"\n{options}'

    ours, theirs = check(tmp_path, modules, layers(options) + twin).contracts

    assert ours.kept is theirs.kept
    assert {found.importer for found in ours.findings if found.kind == "coverage"} == {
        found.importer for found in theirs.findings if found.kind == "coverage"
    }
