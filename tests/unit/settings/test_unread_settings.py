"""A settings model that is registered like any class is read late; ``build()`` says so."""

import pytest
from pydantic_settings import BaseSettings

from kimera_di import ServiceCollection

pytestmark = pytest.mark.check


class CacheSettings(BaseSettings):
    backend: str = "memory"


class Cache:
    pass


def test_settings_registered_as_a_class_warn_at_their_line() -> None:
    services = ServiceCollection().singleton(Cache).singleton(CacheSettings)

    with pytest.warns(UserWarning, match=r"say services\.settings\(CacheSettings\)") as caught:
        services.build().close()

    assert [warning.filename for warning in caught] == [__file__]


def test_settings_registered_as_settings_do_not_warn() -> None:
    services = ServiceCollection().settings(CacheSettings)

    with services.build() as container:
        assert container.resolve(CacheSettings).backend == "memory"


def test_settings_given_as_an_object_do_not_warn() -> None:
    services = ServiceCollection().instance(CacheSettings, CacheSettings(backend="redis"))

    with services.build() as container:
        assert container.resolve(CacheSettings).backend == "redis"
