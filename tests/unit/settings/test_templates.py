"""Env files, reference pages and schemas made from settings models."""

import json
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import pytest
from dotenv import dotenv_values
from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kimera_di import KimeraError, ServiceCollection
from kimera_di.settings.dotenv import dotenv_template, quoted
from kimera_di.settings.makers import SettingsOptions
from kimera_di.settings.reference import json_schema, markdown_page
from tests.unit.settings import models
from tests.unit.settings.models import ShopSettings

pytestmark = pytest.mark.check

NOTHING = SettingsOptions()
SHOP_TEMPLATE = """\
# ShopSettings (tests.unit.settings.models)
# What the shop reads.

# port: Port the shop listens on.
# int, > 0; required
SHOP_PORT=

# hosts
# list[str], as JSON; optional
# SHOP_HOSTS=[]

# api_key
# SecretStr; required; also read from SHOP_KEY; secret
SHOP_API_KEY=

# database
# DatabaseSettings, as JSON in SHOP_DATABASE or field by field; required

# database.url
# str; required
SHOP_DATABASE__URL=

# database.pool
# PoolSettings, as JSON in SHOP_DATABASE__POOL or field by field; required

# database.pool.size
# int; optional
# SHOP_DATABASE__POOL__SIZE=5

# database.pool.token
# SecretStr; required; secret
SHOP_DATABASE__POOL__TOKEN=

# cache
# CacheSettings | None, as JSON in SHOP_CACHE or field by field; optional, default: none

# cache.host
# str; required as soon as SHOP_CACHE or a variable that begins like it is set
# SHOP_CACHE__HOST=
"""


def loaded(template: str, folder: Path, model: type[BaseSettings]) -> Any:
    """Load a filled template as the application would."""
    return ServiceCollection().settings(model, env_file=models.env_file(folder, template)).build()[model]


def uncommented(template: str) -> str:
    """Take the comment signs from the lines that set a variable."""
    lines = [line.removeprefix("# ") for line in template.splitlines()]
    return "\n".join(
        bare if bare.partition("=")[0].isidentifier() and not bare.endswith("=") else line
        for line, bare in zip(template.splitlines(), lines, strict=True)
    )


def test_template_says_what_to_fill_in() -> None:
    assert dotenv_template(ShopSettings, NOTHING) == SHOP_TEMPLATE


def test_filled_template_gives_the_settings(tmp_path: Path) -> None:
    text = dotenv_template(ShopSettings, NOTHING)
    for name, value in {"PORT": "1", "API_KEY": "k", "DATABASE__URL": "u", "DATABASE__POOL__TOKEN": "t"}.items():
        text = text.replace(f"SHOP_{name}=\n", f"SHOP_{name}={value}\n")

    settings = loaded(text, tmp_path, ShopSettings)

    assert (settings.port, settings.database.url, settings.database.pool.size) == (1, "u", 5)


def test_template_that_is_not_filled_in_is_refused_by_its_required_variables(tmp_path: Path) -> None:
    """An empty number is wrong; an empty text is a text, which only the model can refuse."""
    file = models.env_file(tmp_path, dotenv_template(ShopSettings, NOTHING))

    (error,) = ServiceCollection().settings(ShopSettings, env_file=file).validate()

    assert "SHOP_PORT" in str(error)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Point(BaseModel):
    x: int = 0
    y: int = 0


class Defaults(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="D_", env_nested_delimiter="__")

    text: str = "a b # c"
    quote: str = 'it\'s "so" \\ ${HOME}\n\ttab'
    empty: str = ""
    number: float = 1.5
    flag: bool = True
    mode: Literal["dev", "prod"] = "dev"
    colour: Colour = Colour.BLUE
    folder: Path = Path("/var/lib/shop")
    names: list[str] = ["ä", 'b"']
    limits: dict[str, int] = {"a": 1}
    either: list[str] | str = "one"
    nothing: int | None = None
    point: Point = Point(x=3)
    made: list[int] = Field(default_factory=list)


def test_uncommented_defaults_give_the_defaults(tmp_path: Path) -> None:
    text = uncommented(dotenv_template(Defaults, NOTHING))

    assert loaded(text, tmp_path, Defaults) == Defaults()
    assert text.count("\nD_") == 14


def test_default_of_the_model_above_is_shown_for_its_fields() -> None:
    assert "# D_POINT__X=3\n" in dotenv_template(Defaults, NOTHING)


def test_choices_are_shown_as_values() -> None:
    text = dotenv_template(Defaults, NOTHING)

    assert "# 'dev' | 'prod'; optional\n" in text
    assert "# 'red' | 'blue'; optional\n" in text


def test_model_without_a_delimiter_is_one_variable_with_its_fields_told(tmp_path: Path) -> None:
    class Flat(BaseSettings):
        cache: models.CacheSettings

    text = dotenv_template(Flat, NOTHING)

    assert text.endswith("# cache\n# CacheSettings, as JSON; required\n# - host: str, required\nCACHE=\n")
    assert loaded(text.replace("CACHE=", 'CACHE={"host": "h"}'), tmp_path, Flat).cache.host == "h"


def test_model_that_must_be_there_and_needs_nothing_is_an_empty_object(tmp_path: Path) -> None:
    class Outer(BaseSettings):
        model_config = SettingsConfigDict(env_nested_delimiter="__")
        point: Point

    assert loaded(dotenv_template(Outer, NOTHING), tmp_path, Outer).point == Point()


def test_default_that_no_text_gives_is_told(tmp_path: Path) -> None:
    class Odd(BaseSettings):
        thing: Any = object()
        made: str = Field(default_factory=lambda: "x")

    text = dotenv_template(Odd, NOTHING)

    assert text.count("default: set in the code, not shown") == 2
    assert "x" not in text.partition("made")[2].replace("object", "")


@pytest.mark.parametrize("value", ["a", "a=b", "a#b", " a ", "'", '"', "\\", "${A}", "$A", "", "`", "ä", "[1, 2]"])
def test_quoted_value_is_read_back(value: str, tmp_path: Path) -> None:
    file = models.env_file(tmp_path, f"X={quoted(value)}\n")

    assert dotenv_values(file)["X"] == value


def test_page_has_a_row_for_every_variable() -> None:
    page = markdown_page(ShopSettings, NOTHING)

    assert page.startswith("## ShopSettings\n\nWhat the shop reads.\n\n| variable | field | type | default |")
    assert "| `SHOP_PORT` | `port` | `int`, > 0 | **required** | Port the shop listens on. |" in page
    assert "| `SHOP_API_KEY`<br>or `SHOP_KEY` | `api_key` | `SecretStr` | **required** | (secret) |" in page
    assert "| `SHOP_CACHE__HOST` | `cache.host` | `str` | required with `SHOP_CACHE` |  |" in page
    assert "`CacheSettings \\| None` as JSON" in page


def test_page_says_where_in_the_json_a_value_stands() -> None:
    class Flat(BaseSettings):
        cache: models.CacheSettings

    assert "| `CACHE`<br>in its JSON: `host` |" in markdown_page(Flat, NOTHING)


def test_schema_is_that_of_pydantic() -> None:
    document = json.loads(json_schema([(ShopSettings, NOTHING)]))

    assert document == ShopSettings.model_json_schema()


def test_schema_of_several_models_is_by_name() -> None:
    document = json.loads(json_schema([(ShopSettings, NOTHING), (models.Replicas, NOTHING)]))

    assert list(document) == ["Replicas", "ShopSettings"]


def test_type_without_a_schema_is_told() -> None:
    class Called(BaseSettings):
        call: type[int] | Any = Field(default=None)
        made: "Opaque | None" = None

        model_config = SettingsConfigDict(arbitrary_types_allowed=True)

    with pytest.raises(KimeraError, match="Called has no JSON Schema"):
        json_schema([(Called, NOTHING)])


class Opaque:
    """Pydantic knows nothing about it."""


def test_template_is_the_same_every_time() -> None:
    assert dotenv_template(Defaults, NOTHING) == dotenv_template(Defaults, NOTHING)


def test_filled_template_with_a_wrong_value_names_the_line(tmp_path: Path) -> None:
    text = dotenv_template(ShopSettings, NOTHING).replace("SHOP_PORT=", "SHOP_PORT=x")

    with pytest.raises(ValidationError, match="port"):
        ShopSettings(_env_file=models.env_file(tmp_path, text))
