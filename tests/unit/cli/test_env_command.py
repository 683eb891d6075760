"""``kimera env`` as a user starts it."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.command import kimera

pytestmark = pytest.mark.check

CONFIG = """
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

class AppSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_")
    port: int = 8000
    api_key: SecretStr

class OtherSettings(BaseSettings):
    name: str = "x"

limit = 3
"""
MAIN = """
from kimera_di import ServiceCollection
from shop.config import AppSettings, OtherSettings

def services() -> ServiceCollection:
    return ServiceCollection().settings(AppSettings, env_prefix="EU_").settings(OtherSettings)

empty = ServiceCollection()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    package = tmp_path / "lib" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "config.py").write_text(CONFIG, encoding="utf-8")
    (package / "main.py").write_text(MAIN, encoding="utf-8")
    return tmp_path


def test_template_of_a_class_goes_to_stdout(shop: Path) -> None:
    ran = kimera(shop, "env", "shop.config:AppSettings", "--root", "lib")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\n# APP_PORT=8000\n" in ran.stdout
    assert ran.stdout.endswith("\nAPP_API_KEY=\n")


def test_variables_are_neither_needed_nor_shown(shop: Path) -> None:
    ran = kimera(shop, "env", "shop.config:AppSettings", "--root", "lib", APP_PORT="wrong", APP_API_KEY="canary")

    assert ran.returncode == 0
    assert "wrong" not in ran.stdout + ran.stderr
    assert "canary" not in ran.stdout + ran.stderr


def test_every_model_of_a_collection_is_written_with_its_own_prefix(shop: Path) -> None:
    ran = kimera(shop, "env", "shop.main:services", "--root", "lib", "--format", "markdown")

    assert ran.returncode == 0
    assert "`EU_PORT`" in ran.stdout
    assert "## OtherSettings" in ran.stdout


def test_schema_is_json(shop: Path) -> None:
    ran = kimera(shop, "env", "shop.config:AppSettings", "--root", "lib", "--format", "json-schema")

    assert json.loads(ran.stdout)["required"] == ["api_key"]


def test_output_is_the_same_for_every_hash_seed(shop: Path) -> None:
    words = ("env", "shop.main:services", "--root", "lib", "--format", "json-schema")

    assert kimera(shop, *words, PYTHONHASHSEED="1").stdout == kimera(shop, *words, PYTHONHASHSEED="2").stdout


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("shop.config:AppSetings", "did you mean  AppSettings"),
        ("shop.confg:AppSettings", "did you mean  shop.config"),
        ("shop.config", "write MODULE:SETTINGS"),
        ("shop.config:limit", "shop.config:limit is of type int, not a subclass of BaseSettings"),
        ("shop.config:SecretStr", "is the class SecretStr, not a subclass of BaseSettings"),
        ("shop.main:empty", "shop.main:empty registers no settings"),
    ],
    ids=["name", "module", "form", "value", "class", "empty"],
)
def test_wrong_target_exits_with_two_and_a_guess(shop: Path, target: str, said: str) -> None:
    ran = kimera(shop, "env", target, "--root", "lib")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_unknown_format_exits_with_two(shop: Path) -> None:
    ran = kimera(shop, "env", "shop.config:AppSettings", "--format", "yaml")

    assert ran.returncode == 2
    assert "'dotenv', 'markdown', 'json-schema'" in ran.stderr
