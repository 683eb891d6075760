"""What can be set: read from the environment (``KIMERA_DATABASE__URL=...``), checked here, passed on as services.

Models only: nothing is read when this module is imported, and no folder is made; the database makes its own.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

Seconds = Annotated[float, Field(gt=0)]


class _Group(BaseModel):
    """A group of settings that services ask for on its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(_Group):
    """Where texts are kept."""

    folder: Path = Field(Path("kimera-data"), description="Folder of the SQLite file; made when it is first needed.")
    url: SecretStr | None = Field(
        None, description="Another database, such as postgresql+psycopg://user:password@host/name."
    )
    recycle_s: Seconds = Field(1800.0, description="Connections older than this are replaced.")
    busy_timeout_s: Seconds = Field(20.0, description="How long a request waits for a connection or a lock.")
    pool_size: int = Field(10, ge=1, le=100, description="Connections at the same time.")

    @field_validator("url")
    @classmethod
    def _usable_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        try:
            parsed = make_url(url.get_secret_value())
        except ArgumentError:
            raise ValueError("write it as postgresql+psycopg://user:password@host/name") from None
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise ValueError(f"{parsed.get_backend_name()} is not supported, only sqlite and postgresql")
        if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
            raise ValueError("a database in memory is another one for every connection: name a file")
        return url

    def resolved_url(self) -> str:
        """Give the URL of the database, its password included: for the driver, never for a log."""
        return f"sqlite:///{self.folder / 'kimera.sqlite3'}" if self.url is None else self.url.get_secret_value()


class ApiSettings(_Group):
    """How the server listens, and how it stops."""

    host: str = Field("127.0.0.1", description="This machine only, unless told otherwise.")
    port: int = Field(8000, ge=0, le=65535, description="0 takes a free one and prints it.")
    stop_notice_s: float = Field(0.0, ge=0, description="How long readiness says no before listening ends.")
    drain_timeout_s: int = Field(30, ge=1, description="How long requests in flight may take to end.")
    check_timeout_s: Seconds = Field(1.0, description="How long one health check may take.")
    health_cache_s: float = Field(1.0, ge=0, description="How long a health report is used again.")


class EmbeddingSettings(_Group):
    """How texts become vectors."""

    dimensions: int = Field(512, ge=8, le=8192, description="With fewer, more words share one by accident.")
    cache_size: int = Field(4096, ge=0, le=1_000_000, description="Vectors kept, the least recently used go first.")


class EngineSettings(_Group):
    """What counts as a contradiction."""

    threshold: float = Field(0.7, gt=0, le=1, description="Least score that is reported.")


class MemorySettings(_Group):
    """How much of conversations is remembered."""

    max_sessions: int = Field(1000, ge=1, description="The least recently used one is given up for a new one.")
    max_interactions: int = Field(10, ge=1, description="Per session, the oldest go first.")
    expiry_s: Seconds = Field(86_400.0, description="A session that was not used for so long is forgotten.")
    cleanup_every_s: Seconds = Field(300.0, description="How often expired sessions are removed.")


class LoggingSettings(_Group):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class KimeraSettings(BaseSettings):
    """Everything that can be set, one group per concern."""

    model_config = SettingsConfigDict(env_prefix="KIMERA_", env_nested_delimiter="__", frozen=True, extra="forbid")

    database: DatabaseSettings = DatabaseSettings()
    api: ApiSettings = ApiSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    engine: EngineSettings = EngineSettings()
    memory: MemorySettings = MemorySettings()
    logging: LoggingSettings = LoggingSettings()
