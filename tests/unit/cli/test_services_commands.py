"""``kimera services`` and ``kimera explain`` as a user starts them."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.command import kimera

pytestmark = pytest.mark.check

MAIN = """
from typing import Generic, TypeVar
from kimera_di import ServiceCollection

T = TypeVar("T")

class Vault: ...
class MemoryVault(Vault): ...
class Cached(Vault):
    def __init__(self, inner: Vault) -> None: ...
class Repository(Generic[T]): ...
class Needy:
    def __init__(self, missing: int) -> None: ...

services = ServiceCollection()
services.singleton(Vault, MemoryVault)
services.scoped(Vault, MemoryVault, key="eu")
services.singleton(Vault, key="us", when=lambda c: c.platform == "no such platform")
services.decorate(Vault, Cached)
services.singleton(Repository)

broken = services.copy().singleton(Needy)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "main.py").write_text(MAIN, encoding="utf-8")
    return tmp_path


def test_services_lists_what_was_chosen_and_what_was_not(shop: Path) -> None:
    ran = kimera(shop, "services", "shop.main:services")

    assert (ran.returncode, ran.stderr) == (0, "")
    first, keyed, repository, lost = [line.split() for line in ran.stdout.splitlines()]
    assert first == ["Vault", "singleton", "Cached", "shop/main.py:19"]
    assert keyed == ["Vault['eu']", "scoped", "MemoryVault", "shop/main.py:17"]
    assert repository == ["Repository", "singleton", "Repository", "shop/main.py:20"]
    assert lost[:4] == ["Vault['us']", "not", "chosen:", "Vault"]


def test_services_as_json_name_every_registration(shop: Path) -> None:
    ran = kimera(shop, "services", "shop.main:services", "--format", "json")

    data = json.loads(ran.stdout)
    lost = data["services"][-1]
    assert lost["service"] == "shop.main.Vault"
    assert lost["key"] == "'us'"
    assert lost["lifetime"] is None
    assert lost["registrations"][0]["chosen"] is False
    assert lost["registrations"][0]["reason"].startswith("its when= said no")
    assert data["problems"] == []


def test_services_of_a_collection_with_problems_exits_with_one(shop: Path) -> None:
    ran = kimera(shop, "services", "shop.main:broken")

    assert ran.returncode == 1
    assert "  KD201 nothing provides int" in ran.stdout


def test_explain_draws_the_chain_of_a_service(shop: Path) -> None:
    ran = kimera(shop, "explain", "shop.main:services", "Vault")

    assert ran.returncode == 0
    assert ran.stdout.splitlines()[0].startswith("Vault <- Cached")
    assert "inner: Vault[inside Cached] <- MemoryVault" in ran.stdout


@pytest.mark.parametrize(
    "name", ["Vault['us']", "Vault[us]", "shop.main.Vault[us]"], ids=["as repr", "as text", "with module"]
)
def test_explain_takes_a_key_in_brackets(shop: Path, name: str) -> None:
    ran = kimera(shop, "explain", "shop.main:services", name)

    assert ran.returncode == 0
    assert "nothing registered" in ran.stdout
    assert "its when= said no" in ran.stdout


def test_explain_of_an_open_generic_draws_it(shop: Path) -> None:
    ran = kimera(shop, "explain", "shop.main:services", "Repository")

    assert ran.stdout.startswith("Repository   singleton")


def test_explain_of_an_unknown_service_guesses(shop: Path) -> None:
    ran = kimera(shop, "explain", "shop.main:services", "Vualt")

    assert ran.returncode == 2
    assert "shop.main:services registers no service Vualt" in ran.stderr
    assert "did you mean  Vault" in ran.stderr
