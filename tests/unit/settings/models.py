"""Settings of a shop, and how the tests read them: from an env file, so that no test changes the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kimera_di import BuildErrors, InvalidSettingsError, Key, ServiceCollection

CANARY = "hunter2-canary"


class PoolSettings(BaseModel):
    size: int = 5
    token: SecretStr


class DatabaseSettings(BaseModel):
    url: str
    pool: PoolSettings


class CacheSettings(BaseModel):
    host: str


class ShopSettings(BaseSettings):
    """What the shop reads."""

    model_config = SettingsConfigDict(env_prefix="SHOP_", env_nested_delimiter="__")

    port: int = Field(gt=0, description="Port the shop listens on.")
    hosts: list[str] = []
    api_key: SecretStr = Field(validation_alias=AliasChoices("SHOP_API_KEY", "SHOP_KEY"))
    database: DatabaseSettings
    cache: CacheSettings | None = None


class PickySettings(BaseSettings):
    """Validators that say too much."""

    model_config = SettingsConfigDict(env_prefix="PICKY_")

    password: str
    pin: SecretStr = SecretStr("0000")
    note: str = ""

    @field_validator("password", "note")
    @classmethod
    def refuse(cls, value: str) -> str:
        raise ValueError(f"{value} is too short")


class Users:
    def __init__(self, database: DatabaseSettings, pool: PoolSettings, cache: CacheSettings | None) -> None:
        self.database, self.pool, self.cache = database, pool, cache


class NeedsCache:
    def __init__(self, cache: CacheSettings) -> None:
        self.cache = cache


class Replicas(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="REPLICA_", env_nested_delimiter="__")

    read: PoolSettings
    write: PoolSettings


class AnyPool:
    def __init__(self, pool: PoolSettings) -> None:
        self.pool = pool


class ReadPool:
    def __init__(self, pool: Annotated[PoolSettings, Key("read")]) -> None:
        self.pool = pool


GOOD = f"""
SHOP_PORT=8000
SHOP_API_KEY={CANARY}
SHOP_DATABASE__URL=sqlite://
SHOP_DATABASE__POOL__TOKEN={CANARY}
"""
REPLICAS = "REPLICA_READ__TOKEN=r\nREPLICA_READ__SIZE=1\nREPLICA_WRITE__TOKEN=w\nREPLICA_WRITE__SIZE=2\n"


def env_file(folder: Path, text: str) -> Path:
    """Write an env file."""
    file = folder / "shop.env"
    file.write_text(text, encoding="utf-8")
    return file


def reading(folder: Path, text: str, model: type[BaseSettings] = ShopSettings) -> ServiceCollection:
    """Register a model that reads an env file."""
    return ServiceCollection().settings(model, env_file=env_file(folder, text))


def refused(services: ServiceCollection) -> InvalidSettingsError:
    """Give the one error of a collection whose settings are wrong."""
    (error,) = services.validate()
    assert isinstance(error, InvalidSettingsError), error
    return error


def reasons(services: ServiceCollection) -> dict[str, str]:
    """Give variable -> reason of everything that is wrong with the settings of a collection."""
    return {problem.variable: problem.reason for problem in refused(services).problems}


def build_error(services: ServiceCollection) -> BuildErrors:
    """Give what ``build()`` raises."""
    try:
        services.build()
    except BuildErrors as errors:
        return errors
    raise AssertionError("build() accepted the settings")
