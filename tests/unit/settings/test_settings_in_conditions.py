"""``when=`` predicates may ask for settings, which are read once per build."""

import pytest
from pydantic_settings import BaseSettings

from kimera_di import InvalidSettingsError, ServiceCollection
from tests.spec.helpers import problem

pytestmark = pytest.mark.check


class CacheSettings(BaseSettings):
    backend: str = "memory"


class NeedySettings(BaseSettings):
    backend_of_nobody: str


class Cache:
    pass


class RedisCache(Cache):
    pass


def test_predicate_asks_for_settings_that_were_read() -> None:
    services = ServiceCollection().singleton(Cache).settings(CacheSettings)
    services.singleton(Cache, RedisCache, when=lambda c: c.settings(CacheSettings).backend == "memory")

    assert type(services.build().resolve(Cache)) is RedisCache


def test_settings_that_cannot_be_read_are_one_problem() -> None:
    services = ServiceCollection().settings(NeedySettings)
    services.singleton(Cache, when=lambda c: c.settings(NeedySettings).backend_of_nobody == "x")

    error = problem(services, InvalidSettingsError)

    assert error.model is NeedySettings
