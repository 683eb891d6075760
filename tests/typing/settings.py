"""Settings as services, for mypy --strict and pyright strict; checked by `make types`, never run."""

from pathlib import Path
from typing import assert_type

from pydantic import BaseModel
from pydantic_settings import BaseSettings

from kimera_di import InvalidSettingsError, ServiceCollection, ServiceContainer


class Database(BaseModel):
    url: str


class Settings(BaseSettings):
    database: Database


def registration_can_be_chained(services: ServiceCollection) -> None:
    assert_type(services.settings(Settings), ServiceCollection)
    services.settings(Settings, key="eu", env_prefix="EU_", env_file=[Path("a"), "b"], secrets_dir="secrets")
    services.settings(Settings, env_file=None)


def models_are_given_as_they_are(container: ServiceContainer) -> None:
    assert_type(container.resolve(Settings), Settings)
    assert_type(container.resolve(Database, key="database"), Database)
    assert_type(container[Database].url, str)


def problems_are_data(error: InvalidSettingsError) -> None:
    assert_type(error.problems[0].variable, str)
    assert_type(error.problems[0].others, tuple[str, ...])


def other_models_are_refused(services: ServiceCollection) -> None:
    services.settings(Database)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    services.settings(Settings, env_prefix=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
