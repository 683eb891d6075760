"""A canary that stands in every secret is searched for in everything that comes out."""

import pickle
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field, PostgresDsn, SecretBytes, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kimera_di import BuildErrors
from kimera_di.settings.dotenv import dotenv_template
from kimera_di.settings.makers import SettingsOptions
from kimera_di.settings.reference import json_schema, markdown_page
from kimera_di.settings.secrecy import is_secret_name
from tests.unit.settings import models
from tests.unit.settings.models import CANARY, build_error, reading

pytestmark = pytest.mark.check


def repeat(value: Any) -> Any:
    raise ValueError(f"{value!r} / {getattr(value, 'get_secret_value', lambda: value)()}")


class LeakyInner(BaseModel):
    token: Annotated[str, AfterValidator(repeat)]
    tags: dict[str, SecretStr] = {}


class Leaky(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="LEAKY_", env_nested_delimiter="__")

    password: Annotated[str, AfterValidator(repeat)]
    key: Annotated[SecretStr, AfterValidator(repeat)]
    raw: Annotated[SecretBytes, AfterValidator(repeat)]
    secrets: dict[str, int]
    tokens: list[int]
    inner: LeakyInner
    note: Annotated[str, AfterValidator(repeat)] = ""


LEAKS = f"""
LEAKY_PASSWORD={CANARY}
LEAKY_KEY={CANARY}
LEAKY_RAW={CANARY}
LEAKY_SECRETS={{"{CANARY}": "x"}}
LEAKY_TOKENS=[{CANARY}
LEAKY_INNER__TOKEN={CANARY}
LEAKY_INNER__TAGS={{"{CANARY}": 3}}
LEAKY_NOTE=x{CANARY}x
"""


class Plain(BaseSettings):
    """Its own repr shows the password, so nothing of ours may ask for it."""

    password: str


def everything_said(error: BaseException) -> str:
    """The error as text, repr and traceback, with what hangs on it, and the locals of kimera_di's own frames."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    own: list[str] = []
    for frame in shown.stack:
        if "kimera_di" in frame.filename:
            own.extend((frame.locals or {}).values())
    parts = ["".join(traceback.format_exception(error)), repr(error), *own, repr(vars(error))]
    for each in getattr(error, "exceptions", ()):
        parts += [str(each), repr(each), repr(vars(each))]
    return "\n".join(parts)


def test_no_error_shows_a_secret(tmp_path: Path) -> None:
    error = build_error(reading(tmp_path, LEAKS, Leaky))

    assert CANARY not in everything_said(error)
    assert CANARY.encode() not in pickle.dumps(error)
    assert len(error.exceptions[0].problems) == 8  # type: ignore[attr-defined]


def test_error_of_another_service_shows_no_settings(tmp_path: Path) -> None:
    """The plan that failed holds the settings that were read."""
    services = reading(tmp_path, f"PASSWORD={CANARY}", Plain).singleton(models.NeedsCache)

    with pytest.raises(BuildErrors, match="1 MissingServiceError") as caught:
        services.build()

    assert CANARY not in everything_said(caught.value)


def test_validator_of_the_whole_model_cannot_repeat_a_secret(tmp_path: Path) -> None:
    class Whole(BaseSettings):
        api_key: str
        other: int = 0

        @model_validator(mode="after")
        def refuse(self) -> "Whole":
            raise ValueError(f"no such key: {self.api_key}")

    error = build_error(reading(tmp_path, f"API_KEY={CANARY}", Whole))

    assert CANARY not in everything_said(error)


def test_exception_of_a_validator_cannot_repeat_a_secret(tmp_path: Path) -> None:
    class Raising(BaseSettings):
        api_key: str

        @model_validator(mode="after")
        def refuse(self) -> "Raising":
            raise LookupError(self.api_key)

    error = build_error(reading(tmp_path, f"API_KEY={CANARY}", Raising))

    assert "reading it raised LookupError" in everything_said(error)
    assert CANARY not in everything_said(error)


def test_container_shows_no_secret(tmp_path: Path) -> None:
    container = reading(tmp_path, f"PASSWORD={CANARY}", Plain).build()
    graph = container.graph()

    shown = [container.explain(Plain), graph.to_mermaid(), graph.to_dot(), graph.to_json(), repr(container)]
    container.resolve(Plain)
    shown += [repr(container), repr(graph), repr(container.graph())]

    assert CANARY not in "\n".join(shown)


def test_note_on_an_error_of_a_factory_shows_no_secret(tmp_path: Path) -> None:
    class Client:
        def __init__(self, settings: models.ShopSettings) -> None:
            raise OSError("no route to host")

    container = reading(tmp_path, models.GOOD).singleton(Client).build()

    with pytest.raises(OSError, match="no route") as caught:
        container.resolve(Client)

    assert caught.value.__notes__
    assert CANARY not in "".join(traceback.format_exception(caught.value))


class Defaults(BaseSettings):
    """Secrets that stand in the code."""

    model_config = SettingsConfigDict(env_prefix="D_", env_nested_delimiter="__")

    key: SecretStr = SecretStr(CANARY)
    smtp_password: str = CANARY
    login: dict[str, str] = {"user": "me", "password": CANARY}
    url: str = f"postgres://me:{CANARY}@host/db"
    dsn: PostgresDsn = PostgresDsn(f"postgres://me:{CANARY}@host/db")
    inner: LeakyInner = Field(default=LeakyInner.model_construct(token=CANARY))
    many: list[LeakyInner] = [LeakyInner.model_construct(token=CANARY, tags={})]
    apiKey: str = Field(default=CANARY, examples=[CANARY])  # noqa: N815 - as users write it
    pool_size: int = 5


@pytest.mark.parametrize("format_", ["dotenv", "markdown", "schema"])
def test_no_format_shows_a_secret_default(format_: str) -> None:
    options = SettingsOptions()

    text = {
        "dotenv": lambda: dotenv_template(Defaults, options),
        "markdown": lambda: markdown_page(Defaults, options),
        "schema": lambda: json_schema([(Defaults, options)]),
    }[format_]()

    assert CANARY not in text
    assert "5" in text


def test_module_that_reads_settings_when_imported_shows_no_secret(tmp_path: Path) -> None:
    from kimera_di.composition.loading import load_wiring  # needs the extra
    from kimera_di.errors import CompositionRootError

    (tmp_path / "eager_settings.py").write_text(
        f"from pydantic import BaseModel\nclass S(BaseModel):\n    n: int\nS(n='{CANARY}')\n", encoding="utf-8"
    )

    with pytest.raises(CompositionRootError, match="S is not valid; its values are not shown") as caught:
        load_wiring("eager_settings:services", [str(tmp_path)])

    sys.modules.pop("eager_settings", None)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("name", ["password", "smtp_password", "apiKey", "API_KEY", "access_token", "client_secret"])
def test_name_that_speaks_of_a_secret_is_one(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["tokenizer", "keys", "author", "passwordless", "monkey", "public_key"])
def test_name_that_only_sounds_like_a_secret_is_none(name: str) -> None:
    assert not is_secret_name(name)


def test_number_is_no_secret_whatever_its_name() -> None:
    """A language model's ``max_tokens`` is no password."""

    class Model(BaseSettings):
        max_tokens: int | None = 4096

    assert "# MAX_TOKENS=4096" in dotenv_template(Model, SettingsOptions())
    assert '"default": 4096' in json_schema([(Model, SettingsOptions())])
