"""What is said about wiring, and every picture, has the same bytes for every hash seed."""

import re
from pathlib import Path

import pytest

from tests.unit.architecture.trees import write_contracts, write_package
from tests.unit.cli.command import kimera
from tests.unit.composition.shop_tree import LAYERS, ROOTS, SESSION, WIRING

pytestmark = [pytest.mark.check, pytest.mark.slow]

SEEDS = ["0", "1", "2", "3", "4"]
HOMES = [f"shop.{layer}.m{number}" for layer in ("api", "core") for number in range(6)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve modules with an interface, a class and a consumer each; half of what is wired leads up."""
    root = tmp_path_factory.mktemp("wired")
    modules: dict[str, str] = {}
    main = ["from kimera_di import ServiceCollection", "services = ServiceCollection()"]
    for number, home in enumerate(HOMES):
        before = HOMES[number - 1 :: -1][:3] if number else []
        lines = ["from typing import Protocol", *(f"from {name} import I{HOMES.index(name)}" for name in before)]
        needs = "".join(f", x{HOMES.index(name)}: I{HOMES.index(name)}" for name in before)
        lines += [f"class I{number}(Protocol):\n    def m{number}(self) -> int: ..."]
        lines += [f"class C{number}:\n    def __init__(self{needs}) -> None: ...\n    def m{number}(self) -> int: ..."]
        later = HOMES[(number * 5 + 3) % len(HOMES)]
        lines += [f"def late(c):\n    import {later}\n    from shop.main import services\n    services.build()[int]"]
        modules[home] = "\n".join(lines)
        main.insert(1, f"from {home} import C{number}, I{number}")
        main.append(f"services.{'scoped' if number % 4 == 1 else 'singleton'}(I{number}, C{number})")
    write_package(root, {**modules, "shop.main": "\n".join(main), "shop.bad": "import ("})
    metrics = 'name = "Numbers"\ntype = "kimera_metrics"\nwhy = "a test"\npackages = ["shop"]\nmax_cycles = 0\n'
    roots = ROOTS + 'implementations = ["shop.api"]\nservices = "shop.main:services"\n'
    write_contracts(root, f"{LAYERS}{WIRING}{roots}[[contract]]\n{metrics}", session=SESSION)
    return root


def for_every_seed(project: Path, *words: str) -> tuple[int, str, str]:
    """Run one command with every seed; the answers must be one."""
    answers = {
        (ran.returncode, ran.stdout, ran.stderr)
        for ran in (kimera(project, *words, PYTHONHASHSEED=seed, CI="") for seed in SEEDS)
    }
    (answer,) = answers
    return answer


def test_report_about_wiring_is_the_same_for_every_hash_seed(project: Path) -> None:
    code, text, _ = for_every_seed(project, "check", "--config", "contracts.toml", "--no-cache", "--format", "json")

    assert code == 3
    kinds = set(re.findall(r'"kind": "(\w+)"', text))
    assert kinds >= {"wires", "captive", "resolves", "deferred", "metric", "syntax"}


@pytest.mark.parametrize("form", ["mermaid", "dot", "json", "html"])
def test_picture_is_the_same_for_every_hash_seed(project: Path, form: str) -> None:
    names = ("shop", "shop.main:services")

    code, text, _ = for_every_seed(project, "graph", *names, "--config", "contracts.toml", "--format", form)

    assert code in {1, 3}
    assert "shop.core.m1" in text


@pytest.mark.parametrize(
    "words",
    [
        ("metrics", "shop", "--format", "text"),
        ("metrics", "shop", "shop.core", "--format", "json"),
        ("services", "shop.main:services", "--format", "text"),
        ("services", "shop.main:services", "--format", "json"),
        ("explain", "shop.main:services", "I11"),
    ],
    ids=["metrics-text", "metrics-json", "services-text", "services-json", "explain"],
)
def test_answer_about_numbers_and_services_is_the_same_for_every_hash_seed(
    project: Path, words: tuple[str, ...]
) -> None:
    _, text, _ = for_every_seed(project, *words)

    assert text.count("\n") > 5


def test_proposed_contract_file_is_the_same_for_every_hash_seed(project: Path) -> None:
    folder = project / "contracts"
    written: set[bytes] = set()
    for seed in SEEDS:
        kimera(project, "init", "shop", PYTHONHASHSEED=seed)
        written.add((folder / "shop.toml").read_bytes())
        (folder / "shop.toml").unlink()

    (text,) = written
    assert text.count(b"shop") > 3
