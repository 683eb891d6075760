"""``kimera services`` and ``kimera explain`` as a user starts them."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.command import kimera

pytestmark = pytest.mark.check

MAIN = """
from typing import Annotated, Generic, TypeVar
from kimera_di import ANY_KEY, Key, ServiceCollection

T = TypeVar("T")

class Vault: ...
class MemoryVault(Vault): ...
class Cached(Vault):
    def __init__(self, inner: Vault) -> None: ...
class Repository(Generic[T]): ...
class Needy:
    def __init__(self, missing: int) -> None: ...
class Order: ...
class Cache: ...
class Hidden: ...
class Desk:
    def __init__(self, orders: Repository[Order], fast: Annotated[Cache, Key("fast")]) -> None: ...
class Above:
    def __init__(self, needy: Needy) -> None: ...
class Keeper:
    def __init__(self, held: Annotated[Vault, Key("eu")]) -> None: ...

services = ServiceCollection()
services.singleton(Vault, MemoryVault)
services.scoped(Vault, MemoryVault, key="eu")
services.singleton(Vault, key="us", when=lambda c: c.platform == "no such platform")
services.decorate(Vault, Cached)
services.singleton(Repository)

broken = services.copy().singleton(Needy).singleton(Above).singleton(Keeper)

billing = ServiceCollection(name="billing").singleton(Hidden, private=True).singleton(Cache, key=ANY_KEY, private=True)
many = services.copy().singleton(Cache, key=ANY_KEY).singleton(Desk).include(billing)
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
    assert first == ["Vault", "singleton", "Cached", "shop/main.py:28"]
    assert keyed == ["Vault['eu']", "scoped", "MemoryVault", "shop/main.py:26"]
    assert repository == ["Repository", "singleton", "Repository", "shop/main.py:29"]
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
    "name",
    ["Vault['us']", 'Vault["us"]', "Vault[us]", "shop.main.Vault[us]"],
    ids=["as repr", "in double quotes", "as text", "with module"],
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


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Repository[Order]", "Repository[Order] <- Repository"),
        ("shop.main.Repository[shop.main.Order]", "Repository[Order] <- Repository"),
        ('Cache["fast"]', "Cache['fast']"),
        ("Hidden[private to billing]", "Hidden[private to billing]"),
    ],
    ids=["closed generic", "closed generic with modules", "key of ANY_KEY", "private"],
)
def test_explain_draws_what_something_needs(shop: Path, name: str, drawn: str) -> None:
    ran = kimera(shop, "explain", "shop.main:many", name)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(drawn)


def test_explain_of_a_private_service_says_whose_it_is(shop: Path) -> None:
    ran = kimera(shop, "explain", "shop.main:many", "Hidden")

    assert ran.returncode == 2
    assert "Hidden is private to a module of shop.main:many" in ran.stderr
    assert "kimera explain shop.main:many 'Hidden[private to billing]'" in ran.stderr
    assert "did you mean" not in ran.stderr


@pytest.mark.parametrize(
    ("name", "code"), [("Needy", "KD201"), ("Above", "KD201"), ("Keeper", "KD203")],
    ids=["broken itself", "built from it", "captive"],
)  # fmt: skip
def test_explain_of_a_broken_service_shows_the_problem(shop: Path, name: str, code: str) -> None:
    ran = kimera(shop, "explain", "shop.main:broken", name)

    assert ran.returncode == 1
    assert ran.stdout.startswith(name)
    assert [line.split()[0] for line in ran.stdout.splitlines() if line.startswith("KD")] == [code]


@pytest.mark.parametrize("name", ["Vault", "Vault[eu]"], ids=["beside", "held by the broken one"])
def test_explain_of_a_sound_service_of_a_broken_collection_exits_with_zero(shop: Path, name: str) -> None:
    ran = kimera(shop, "explain", "shop.main:broken", name)

    assert ran.returncode == 0
    assert "KD2" not in ran.stdout
