"""The text of every refusal of the integration with dependency-injector, compared with tests/golden/."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers

from kimera_di import KimeraError, ServiceCollection
from kimera_di.cli.migrate import migrate_text
from kimera_di.integrations.dependency_injector import as_container, as_provider, from_provider, include_container
from kimera_di.integrations.dependency_injector_views import ServiceProvider
from tests.spec.test_golden_errors import REGENERATE, masked
from tests.unit.integrations import library_shop as shop

pytestmark = pytest.mark.check

GOLDEN = Path(__file__).parents[2] / "golden" / "dependency_injector"
NOTHING: Any = 3


class Cache: ...


def include(container: Any, **types: Any) -> None:
    include_container(ServiceCollection(), container, types=types)


def late_coroutine() -> None:
    async def late() -> shop.Cache:
        return shop.Cache()

    def disguised() -> Any:
        return late()

    factory = from_provider(providers.Callable(disguised))
    ServiceCollection().singleton(shop.Cache, factory).build().resolve(shop.Cache)


def built(*classes: type) -> Any:
    services = ServiceCollection()
    for cls in classes:
        services.singleton(cls)
    return services.build()


CASES: dict[str, Callable[[], object]] = {
    "KD101_no_provider": lambda: from_provider(NOTHING),
    "KD101_no_container": lambda: include(shop.Mail),
    "KD101_undefined": lambda: include(shop.Storage(config={"url": "x", "limit": 3})),
    "KD101_misspelt": lambda: include(shop.app(), mial=shop.Mail),
    "KD101_misfit": lambda: include(shop.app(), mail=shop.MovieFinder, reader=shop.MovieFinder),
    "KD101_source_is_no_container": lambda: as_provider(NOTHING, shop.Cache),
    "KD101_called_with_arguments": lambda: as_provider(built(shop.Cache), shop.Cache)("x"),
    "KD101_name_is_taken": lambda: as_container(built(shop.Cache), {"wire": shop.Cache}),
    "KD101_two_of_one_name": lambda: as_container(built(shop.Cache, Cache)),
    "KD101_provider_without_a_service": ServiceProvider(),
    "KD201_provider_of_the_unknown": lambda: as_provider(built(shop.Cache), shop.Mail),
    "KD302_late_coroutine": late_coroutine,
    "KD404_no_container_to_migrate": lambda: migrate_text("tests.unit.integrations.library_shop:Mail", []),
}


@pytest.mark.parametrize("name", CASES)
def test_text_of_a_refusal_is_the_golden_one(name: str) -> None:
    with pytest.raises(KimeraError) as caught:
        CASES[name]()

    text, file = masked(str(caught.value)) + "\n", GOLDEN / f"{name}.txt"
    if REGENERATE:
        file.write_text(text, encoding="utf-8")
    assert name.startswith(caught.value.code)
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_text_belongs_to_a_case() -> None:
    assert {file.stem for file in GOLDEN.glob("*.txt")} == set(CASES)
