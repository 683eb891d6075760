"""Each contract type has one verdict: from ``kimera check`` and from ``lint-imports``, in TOML and in INI."""

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.model.findings import Finding
from kimera_di.architecture.reports.report import Report
from kimera_di.composition import register_composition_runners
from tests.unit.architecture.trees import write_package
from tests.unit.cli.command import lint_imports

pytestmark = [pytest.mark.check, pytest.mark.slow]

TYPES = {
    "kimera_layers": "LayersContract",
    "kimera_acyclic": "AcyclicContract",
    "kimera_wiring": "WiringContract",
    "kimera_composition_root": "CompositionRootContract",
    "kimera_interfaces": "InterfacesContract",
    "kimera_metrics": "MetricsContract",
}
LAYERS = ["web", "adapters", "core", "infra"]
SEEDS = range(8)


class Contract(NamedTuple):
    name: str
    type: str
    options: Mapping[str, Sequence[str] | str | float]


def random_application(rng: random.Random) -> dict[str, str]:
    """Interfaces, classes that fit them and classes that take either, wired up without regard to the layers.

    The package has a name of its own: it is imported, and other tests have grimp look for their ``shop``.

    Imports at run time lead to modules that come before, so that the composition root can always be loaded.
    """
    homes = [f"wired_shop.{layer}.m{number}" for layer in LAYERS for number in range(2)]
    rng.shuffle(homes)
    modules: dict[str, str] = {}
    made: list[tuple[str, str]] = []
    root = ["from kimera_di import ServiceCollection", "services = ServiceCollection()"]
    for number, home in enumerate(homes):
        lines = ["from typing import Protocol, TYPE_CHECKING"]
        needed = rng.sample(made, min(len(made), rng.randint(0, 2)))
        lines += [f"from {module} import {name}" for module, name in needed]
        names = ", ".join(f"x{index}: {name}" for index, (_, name) in enumerate(needed))
        lines += [f"class I{number}(Protocol): ...", f"class C{number}:\n    def __init__(self, {names}) -> None: ..."]
        other = rng.choice(homes)
        lines += rng.choice(
            [
                [],
                [f"def f():\n    import {other}"],
                [f"if TYPE_CHECKING:\n    import {other}"],
                ["def g():\n    from wired_shop.main import services\n    return services.build()[int]"],
            ]
        )
        modules[home] = "\n".join(lines)
        offered = f"I{number}" if rng.random() < 0.5 else f"C{number}"
        root.insert(1, f"from {home} import C{number}, I{number}")
        bound = f"I{number}, C{number}" if offered[0] == "I" else offered
        root.append(f"services.{rng.choice(['singleton', 'scoped', 'transient'])}({bound})")
        made.append((home, offered))
    return {**modules, "wired_shop.main": "\n".join(root)}


def random_contracts(rng: random.Random) -> list[Contract]:
    """One contract of each type, and a second one of layers for the wiring to name."""
    order = rng.sample(LAYERS, len(LAYERS))
    inside = [f"wired_shop.{layer}" for layer in LAYERS]
    ignore = [f"wired_shop.{rng.choice(LAYERS)}.** -> wired_shop.{rng.choice(LAYERS)}.*  # a; test's: reason = x"]
    layers = {"layers": order, "containers": ["wired_shop"], "ignore": ignore if rng.random() < 0.5 else []}
    limit, most = rng.choice([("max_cycles", 0), ("max_distance", 0.5), ("max_efferent_coupling", 2)])
    return [
        Contract("Layers", "kimera_layers", {**layers, "reach": rng.choice(["transitive", "direct"])}),
        Contract(
            "Acyclic", "kimera_acyclic", {"packages": ["wired_shop"], "level": rng.choice(["modules", "packages"])}
        ),
        Contract("Wiring", "kimera_wiring", {"services": "wired_shop.main:services", "layers_from": "layers"}),
        Contract(
            "Roots",
            "kimera_composition_root",
            {
                "roots": ["wired_shop.main"],
                "implementations": rng.sample(inside, 1),
                "services": "wired_shop.main:services",
                "may_resolve": rng.sample(inside, rng.randint(0, 3)),
            },
        ),
        Contract(
            "Interfaces",
            "kimera_interfaces",
            {
                "packages": (parts := rng.sample(inside, 2)),
                "exposes": [f"{parts[0]}.m0"],
                "friends": rng.sample(["wired_shop.main", *inside], rng.randint(0, 2)),
            },
        ),
        Contract("Metrics", "kimera_metrics", {"packages": ["wired_shop"], limit: most}),
    ]


def as_toml(contracts: Sequence[Contract]) -> str:
    types = [f"{name}: kimera_di.contracts.{path}" for name, path in TYPES.items()]
    text = f'[tool.importlinter]\nroot_packages = ["wired_shop"]\ncontract_types = {json.dumps(types)}\n'
    for each in contracts:
        text += f'[[tool.importlinter.contracts]]\nid = "{each.name.lower()}"\nname = "{each.name}"\n'
        text += f'type = "{each.type}"\nwhy = "a test"\n'
        text += "".join(f"{key} = {json.dumps(value)}\n" for key, value in each.options.items() if value != [])
    return text


def as_ini(contracts: Sequence[Contract]) -> str:
    text = "[importlinter]\nroot_package = wired_shop\ncontract_types =\n"
    text += "".join(f"    {name}: kimera_di.contracts.{path}\n" for name, path in TYPES.items())
    for each in contracts:
        text += f"[importlinter:contract:{each.name.lower()}]\nname = {each.name}\ntype = {each.type}\nwhy = a test\n"
        for key, value in each.options.items():
            written = str(value) if isinstance(value, str | float | int) else "".join(f"\n    {item}" for item in value)
            text += f"{key} = {written}\n" if written else ""
    return text


def written(root: Path, seed: int) -> dict[str, Path]:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    write_package(root, random_application(rng))
    contracts = random_contracts(rng)
    files = {"contracts.toml": as_toml(contracts), "setup.cfg": as_ini(contracts)}
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    return {name: root / name for name in files}


def checked(path: Path) -> Report:
    register_composition_runners()
    return Architecture.load(path, root=path.parent).check()


def placeless(finding: Finding) -> Finding:
    """Take out the place of what stands in the contract file itself."""
    return replace(finding, file="", line=None) if finding.kind in {"ignore", "coverage"} else finding


@pytest.mark.parametrize("form", ["contracts.toml", "setup.cfg"])
@pytest.mark.parametrize("seed", SEEDS[:3])
def test_lint_imports_has_the_verdicts_and_the_findings_of_kimera_check(tmp_path: Path, seed: int, form: str) -> None:
    report = checked(written(tmp_path, seed)[form])

    ran = lint_imports(tmp_path, form)

    lines = ran.stdout.splitlines()
    assert ran.returncode == int(not all(result.kept for result in report.contracts)), ran.stderr
    for result in report.contracts:
        assert f"{result.name} {'KEPT' if result.kept else 'BROKEN'}" in lines
        assert result.error is None
    for finding in report.findings:
        said = finding.message if not finding.chain else f"{finding.chain[0].importer} -> {finding.chain[0].imported}"
        assert said in ran.stdout


@pytest.mark.parametrize("seed", SEEDS)
def test_both_forms_give_the_same_report(tmp_path: Path, seed: int) -> None:
    files = written(tmp_path, seed)

    toml, ini = (checked(path) for path in files.values())

    assert {placeless(finding) for finding in toml.findings} == {placeless(finding) for finding in ini.findings}
    assert len(toml.findings) == len(ini.findings)
    assert [(result.id, result.kept, result.error) for result in toml.contracts] == [
        (result.id, result.kept, result.error) for result in ini.contracts
    ]
    assert (toml.modules, toml.imports, toml.unseen) == (ini.modules, ini.imports, ini.unseen)


def test_random_contracts_are_kept_and_broken_for_every_type(tmp_path: Path) -> None:
    """Else the tests above would compare nothing."""
    seen: Counter[tuple[str, bool | None]] = Counter()
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()

        seen.update((result.type, result.kept) for result in checked(written(folder, seed)["contracts.toml"]).contracts)

    assert {kept for _, kept in seen} == {True, False}
    assert {name for name, kept in seen if kept is False} == set(TYPES)
