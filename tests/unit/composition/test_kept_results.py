"""Which contracts are answered from what was kept: those that run no code of the user."""

import hashlib
from pathlib import Path

import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.report import Report
from kimera_di.composition import register_composition_runners
from tests.unit.composition.shop_tree import LAYERS, ROOTS, WIRING, write_shop

pytestmark = pytest.mark.check

SERVICES = """
    import pathlib
    from kimera_di.registration import Registry
    from shop.api.mail import Mailer

    def services():
        with open(pathlib.Path(__file__).parents[1] / "loaded", "a") as file:
            file.write("x")
        services = Registry()
        services.register(Mailer)
        return services
    """


def check(root: Path) -> Report:
    register_composition_runners()
    architecture = Architecture.load(root / "contracts.toml", root=root)
    return architecture.check(reader=TreeReader(root / "cache"))


def forge(root: Path) -> None:
    """Change what is kept so that it can be told from what a check would say, and make the seal fit."""
    (file,) = (root / "cache").glob("*/report.json")
    body = file.read_bytes().partition(b"\n")[2].replace(b'"a test"', b'"forged"')
    file.write_bytes(hashlib.blake2b(body, digest_size=16).hexdigest().encode() + b"\n" + body)


@pytest.mark.parametrize(
    "contract",
    [WIRING, ROOTS.replace("a test", "each time") + 'services = "shop.main:services"'],
    ids=["wires", "roots"],
)
def test_contract_that_loads_a_composition_root_is_checked_each_time(tmp_path: Path, contract: str) -> None:
    """Its module may read a clock or a variable of the environment."""
    write_shop(tmp_path, LAYERS, contract, main=SERVICES)
    first = check(tmp_path)
    forge(tmp_path)

    second = check(tmp_path)

    assert first.contracts[0].why == "a test"
    assert second.contracts[0].why == "forged"
    assert second.contracts[1] == first.contracts[1]
    assert (tmp_path / "loaded").read_text(encoding="utf-8") == "xx"


def test_composition_root_without_services_is_answered_from_what_was_kept(tmp_path: Path) -> None:
    write_shop(tmp_path, LAYERS, ROOTS + 'implementations = ["shop.api"]')
    check(tmp_path)
    forge(tmp_path)

    assert [result.why for result in check(tmp_path).contracts] == ["forged", "forged"]
