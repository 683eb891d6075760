"""Every variable that is missing or wrong is named, all at once."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from kimera_di import BuildErrors, InvalidSettingsError, MissingServiceError, ServiceCollection
from tests.spec.test_golden_errors import assert_golden
from tests.unit.settings import models
from tests.unit.settings.models import ShopSettings, build_error, reading, reasons, refused

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[3]
WRONG_FILE = Path(__file__).parent / "wrong.env"
WRONG = WRONG_FILE.read_text(encoding="utf-8")


def test_everything_wrong_is_reported_at_once(tmp_path: Path) -> None:
    assert list(reasons(reading(tmp_path, WRONG))) == [
        "SHOP_PORT",
        "SHOP_HOSTS",
        "SHOP_API_KEY",
        "SHOP_DATABASE__URL",
        "SHOP_DATABASE__POOL__SIZE",
        "SHOP_DATABASE__POOL__TOKEN",
    ]


def test_text_of_the_error_is_the_golden_one() -> None:
    assert_golden(refused(ServiceCollection().settings(ShopSettings, env_file=WRONG_FILE)), "KD208_everything_at_once")


def test_missing_nested_model_is_reported_as_its_fields(tmp_path: Path) -> None:
    found = reasons(reading(tmp_path, "SHOP_PORT=1\nSHOP_KEY=k"))

    assert found == {"SHOP_DATABASE__URL": "is missing", "SHOP_DATABASE__POOL__TOKEN": "is missing"}


def test_build_raises_the_problems_of_settings_and_wiring_together(tmp_path: Path) -> None:
    class Lonely:
        def __init__(self, clock: Path) -> None: ...

    error = build_error(reading(tmp_path, "").singleton(Lonely).singleton(models.Users))

    assert [type(each) for each in error.exceptions] == [InvalidSettingsError, MissingServiceError]


def test_several_models_are_reported_each(tmp_path: Path) -> None:
    problems = reading(tmp_path, "").settings(models.Replicas, env_file=None).validate()

    assert [problem.model for problem in problems if isinstance(problem, InvalidSettingsError)] == [
        ShopSettings,
        models.Replicas,
    ]


def test_wrong_value_names_the_line_of_the_env_file(tmp_path: Path) -> None:
    (problem,) = refused(reading(tmp_path, f"{models.GOOD}\nSHOP_PORT=0")).problems

    assert problem.origin.endswith("shop.env:7")
    assert (problem.field, problem.reason) == ("port", "should be greater than 0")


def test_value_under_the_second_alias_names_that_alias(tmp_path: Path) -> None:
    class Aliased(BaseSettings):
        port: int = Field(validation_alias=AliasChoices("FIRST_PORT", "SECOND_PORT"))

    (problem,) = refused(reading(tmp_path, "SECOND_PORT=x", Aliased)).problems

    assert problem.variable == "SECOND_PORT"


def test_missing_variable_names_the_other_aliases(tmp_path: Path) -> None:
    (problem,) = [each for each in refused(reading(tmp_path, "SHOP_PORT=1")).problems if each.field == "api_key"]

    assert (problem.variable, problem.others) == ("SHOP_API_KEY", ("SHOP_KEY",))


def test_variable_of_the_environment_says_so() -> None:
    program = """
from tests.unit.settings.models import ShopSettings
from kimera_di import ServiceCollection
(error,) = ServiceCollection().settings(ShopSettings, env_file=None).validate()
print([(problem.variable, problem.origin) for problem in error.problems])
"""
    environment = {**os.environ, "SHOP_PORT": "x", "SHOP_HOSTS": "[", "SHOP_DATABASE": '{"url": 3}', "shop_key": "k"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert eval(done.stdout) == [  # noqa: S307 - printed by the program above
        ("SHOP_PORT", "the environment"),
        ("SHOP_HOSTS", "the environment"),
        ("SHOP_DATABASE", "the environment"),
        ("SHOP_DATABASE__POOL__TOKEN", ""),
    ]


def test_wrong_secret_file_names_its_path(tmp_path: Path) -> None:
    class Filed(BaseSettings):
        hosts: list[str]
        port: int

    (tmp_path / "hosts").write_text("[no json", encoding="utf-8")
    (tmp_path / "port").write_text("many", encoding="utf-8")

    found = refused(ServiceCollection().settings(Filed, secrets_dir=tmp_path)).problems

    assert [problem.variable for problem in found] == ["HOSTS", "PORT"]
    assert found[0].reason.startswith("is not valid JSON")
    assert found[1].origin.endswith("/port")


def test_unparsable_json_of_a_nested_model_hides_no_other_variable(tmp_path: Path) -> None:
    found = reasons(reading(tmp_path, "SHOP_DATABASE={\nSHOP_PORT=x"))

    assert list(found) == ["SHOP_PORT", "SHOP_API_KEY", "SHOP_DATABASE"]


def test_unparsable_variable_deep_inside_is_named_exactly(tmp_path: Path) -> None:
    class Deep(BaseModel):
        tags: dict[str, int]
        name: str

    class Outer(BaseSettings):
        model_config = SettingsConfigDict(env_nested_delimiter="__")
        deep: Deep

    found = reasons(reading(tmp_path, "DEEP__TAGS={\nDEEP__NAME=x", Outer))

    assert list(found) == ["DEEP__TAGS"]
    assert found["DEEP__TAGS"].startswith("is not valid JSON: Expecting property name")


def test_field_that_is_reached_through_json_only_says_where(tmp_path: Path) -> None:
    class Flat(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="FLAT_")
        database: models.CacheSettings

    (problem,) = refused(reading(tmp_path, "", Flat)).problems

    assert problem.reason == "is missing: host in the JSON of FLAT_DATABASE"


def test_alias_path_names_the_variable_and_the_place(tmp_path: Path) -> None:
    class Listed(BaseSettings):
        port: int = Field(validation_alias=AliasPath("PORTS", 0))

    assert reasons(reading(tmp_path, "", Listed)) == {"PORTS": "is missing: 0 in the JSON of PORTS"}
    assert list(reasons(reading(tmp_path, 'PORTS=["x"]', Listed))) == ["PORTS"]


def test_misspelt_variable_is_named_beside_the_missing_one() -> None:
    """The environment holds variables of everybody, so that pydantic-settings cannot forbid unknown ones."""
    program = """
from tests.unit.settings.models import Replicas
from kimera_di import ServiceCollection
(error,) = ServiceCollection().settings(Replicas, env_file=None).validate()
print([problem.reason for problem in error.problems])
"""
    environment = {**os.environ, "REPLICA_REED__TOKEN": "x", "REPLICA_WRITE__SIZE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert eval(done.stdout) == [  # noqa: S307 - printed by the program above
        "is missing, but REPLICA_REED__TOKEN is set, which is not known",
        "is missing",
    ]


def test_unknown_variable_of_a_strict_model_is_guessed(tmp_path: Path) -> None:
    class Strict(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="APP_", extra="forbid")
        port: int = 1

    assert reasons(reading(tmp_path, "APP_PROT=3", Strict)) == {"APP_PROT": "is not known: did you mean APP_PORT?"}


def test_unknown_nested_variable_is_guessed(tmp_path: Path) -> None:
    class Inner(BaseModel, extra="forbid"):
        url: str = ""

    class Strict(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="APP_", env_nested_delimiter="__")
        db: Inner = Inner()

    assert reasons(reading(tmp_path, "APP_DB__ULR=3", Strict)) == {
        "APP_DB__ULR": "is not known: did you mean APP_DB__URL?"
    }


def test_case_sensitive_names_are_shown_as_they_are(tmp_path: Path) -> None:
    class Exact(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="app_", case_sensitive=True, extra="ignore")
        Port: int

    assert list(reasons(reading(tmp_path, "APP_PORT=1", Exact))) == ["app_Port"]


def test_member_of_a_union_is_named(tmp_path: Path) -> None:
    class Chosen(BaseSettings):
        model_config = SettingsConfigDict(env_nested_delimiter="__")
        backend: models.CacheSettings | models.PoolSettings

    found = refused(reading(tmp_path, "BACKEND__SIZE=x", Chosen)).problems

    assert [problem.field for problem in found] == [
        "backend.CacheSettings.host",
        "backend.PoolSettings.size",
        "backend.PoolSettings.token",
    ]


def test_validator_of_the_whole_model_is_reported(tmp_path: Path) -> None:
    class Pair(BaseSettings):
        low: int = 2
        high: int = 1

        @model_validator(mode="after")
        def ordered(self) -> "Pair":
            raise ValueError("low is above high")

    (problem,) = refused(reading(tmp_path, "", Pair)).problems

    assert (problem.variable, problem.reason) == ("", "low is above high")


def test_validator_that_raises_something_else_is_reported_with_its_line(tmp_path: Path) -> None:
    class Broken(BaseSettings):
        port: int = 1

        @field_validator("port", mode="before")
        @classmethod
        def look_up(cls, value: object) -> object:
            return {}[value]

    error = refused(reading(tmp_path, "PORT=3", Broken))

    assert error.problems[0].reason == "reading it raised KeyError: '3'"
    assert "tests/unit/settings/test_reading.py" in error.problems[0].origin


def test_parser_of_the_user_that_fails_is_one_problem_of_many(tmp_path: Path) -> None:
    class Split(BaseSettings):
        ports: Annotated[list[int], NoDecode]
        name: str

        @field_validator("ports", mode="before")
        @classmethod
        def split(cls, value: str) -> list[str]:
            return value.split(",")

    assert list(reasons(reading(tmp_path, "PORTS=1,x", Split))) == ["PORTS", "NAME"]


def test_env_file_that_cannot_be_read_is_reported_and_hides_nothing(tmp_path: Path) -> None:
    file = tmp_path / "shop.env"
    file.write_bytes(b"SHOP_PORT=\xff")

    found = refused(ServiceCollection().settings(ShopSettings, env_file=file)).problems

    assert {"", "SHOP_PORT"} <= {problem.variable for problem in found}
    assert "cannot be read: it is not utf-8" in {problem.reason for problem in found}


def test_source_of_the_user_that_fails_is_reported(tmp_path: Path) -> None:
    class Broken(PydanticBaseSettingsSource):
        def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
            raise NotImplementedError

        def __call__(self) -> dict[str, Any]:
            raise OSError(13, "Permission denied")

    class Sourced(BaseSettings):
        port: int

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (*sources, *named.values(), Broken(settings_cls))

    found = refused(reading(tmp_path, "PORT=x", Sourced)).problems

    assert [(each.variable, each.reason) for each in found] == [
        ("PORT", "should be a valid integer, unable to parse string as an integer"),
        ("", "cannot be read: Permission denied"),
    ]


class Inner(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="INNER_")

    url: str
    size: int


def test_nested_settings_that_read_themselves_are_reported_with_their_own_names(tmp_path: Path) -> None:
    class Outer(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="OUTER_", env_nested_delimiter="__")
        port: int
        inner: Inner = Field(default_factory=Inner)

    assert list(reasons(reading(tmp_path, "", Outer))) == ["OUTER_PORT", "INNER_URL", "INNER_SIZE"]


def test_nested_settings_that_do_not_read_themselves_are_told(tmp_path: Path) -> None:
    class Outer(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="OUTER_", env_nested_delimiter="__")
        inner: Inner

    error = refused(reading(tmp_path, "", Outer))

    assert [problem.variable for problem in error.problems] == ["OUTER_INNER__URL", "OUTER_INNER__SIZE"]
    assert "Outer.inner is a BaseSettings, whose own prefix 'INNER_' does not make it given here" in str(error)


def test_error_survives_pickling(tmp_path: Path) -> None:
    error = refused(reading(tmp_path, WRONG))

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert str(copy) == str(error)
    assert copy.problems == error.problems


def test_validate_freezes_nothing_and_may_be_repeated(tmp_path: Path) -> None:
    services = reading(tmp_path, "")
    services.validate()
    models.env_file(tmp_path, models.GOOD)

    assert services.singleton(models.Users).validate() == []


def test_no_exception_of_pydantic_hangs_on_the_error(tmp_path: Path) -> None:
    with pytest.raises(BuildErrors, match="1 InvalidSettingsError") as caught:
        reading(tmp_path, WRONG).build()

    (error,) = caught.value.exceptions
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert (error.__cause__, error.__context__) == (None, None)
