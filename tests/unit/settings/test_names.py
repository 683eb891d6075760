"""Names are those pydantic-settings looks up: its own source is asked what it would read."""

from typing import Any

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, Field
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from kimera_di.settings.fields import settings_of
from kimera_di.settings.makers import SettingsOptions

pytestmark = pytest.mark.check


class Sub(BaseModel):
    plain: int = 0
    aliased: int = Field(0, alias="subAlias")


def model(config: dict[str, Any]) -> type[BaseSettings]:
    """Make a model with every kind of name."""

    class Every(BaseSettings):
        model_config = SettingsConfigDict(**config)  # type: ignore[typeddict-item]

        plain: int = 0
        Mixed: int = 0
        aliased: int = Field(0, alias="theAlias")
        validated: int = Field(0, validation_alias="THE_ALIAS")
        choices: int = Field(0, validation_alias=AliasChoices("ONE", AliasPath("TWO", 0)))
        sub: Sub = Sub()

    return Every


CONFIGS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "prefix": {"env_prefix": "App_"},
    "case": {"env_prefix": "App_", "case_sensitive": True},
    "alias prefix": {"env_prefix": "App_", "env_prefix_target": "alias"},
    "all prefix": {"env_prefix": "App_", "env_prefix_target": "all"},
    "by name": {"env_prefix": "App_", "populate_by_name": True},
    "by name too": {"env_prefix": "App_", "validate_by_name": True},
    "no alias": {"env_prefix": "App_", "validate_by_alias": False, "validate_by_name": True},
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_names_are_those_of_pydantic_settings(config: dict[str, Any]) -> None:
    settings = model(config)
    source = EnvSettingsSource(settings)
    ours = {each.path[0]: each.names for each in settings_of(settings, SettingsOptions()) if len(each.path) == 1}

    theirs = {
        name: tuple(dict.fromkeys(found[1] for found in source._extract_field_info(field, name)))
        for name, field in settings.model_fields.items()
    }

    shown = {
        name: tuple(each if config.get("case_sensitive") else each.lower() for each in ours[name]) for name in ours
    }
    assert shown == theirs


def names_below(config: dict[str, Any]) -> dict[str, tuple[tuple[str, ...], tuple[str | int, ...]]]:
    return {
        each.dotted: (each.names, each.inside)
        for each in settings_of(model(config), SettingsOptions())
        if len(each.path) > 1
    }


def test_nested_fields_stand_behind_the_delimiter() -> None:
    assert names_below({"env_prefix": "APP_", "env_nested_delimiter": "__"}) == {
        "sub.plain": (("APP_SUB__PLAIN",), ()),
        "sub.aliased": (("APP_SUB__SUBALIAS",), ()),
    }


def test_nested_fields_without_a_delimiter_stand_in_the_json() -> None:
    assert names_below({"env_prefix": "APP_"}) == {
        "sub.plain": (("APP_SUB",), ("plain",)),
        "sub.aliased": (("APP_SUB",), ("subAlias",)),
    }


def test_name_that_holds_the_delimiter_cannot_be_a_variable() -> None:
    class Pool(BaseModel):
        max_size: int = 1
        size: int = 1

    class Settings(BaseSettings):
        model_config = SettingsConfigDict(env_nested_delimiter="_")
        pool: Pool = Pool()

    found = {each.dotted: (each.variable, each.inside) for each in settings_of(Settings, SettingsOptions())}

    assert found["pool.size"] == ("POOL_SIZE", ())
    assert found["pool.max_size"] == ("POOL", ("max_size",))


def test_limit_of_splits_lets_the_last_name_hold_the_delimiter() -> None:
    class Deep(BaseModel):
        x: int = 1

    class Pool(BaseModel):
        max_size: int = 1
        deep: Deep = Deep()

    class Settings(BaseSettings):
        model_config = SettingsConfigDict(env_nested_delimiter="_", env_nested_max_split=1)
        pool: Pool = Pool()

    found = {each.dotted: (each.variable, each.inside) for each in settings_of(Settings, SettingsOptions())}

    assert found["pool.max_size"] == ("POOL_MAX_SIZE", ())
    assert found["pool.deep.x"] == ("POOL_DEEP", ("x",))


def test_prefix_of_the_registration_comes_first() -> None:
    found = settings_of(model({"env_prefix": "APP_"}), SettingsOptions(env_prefix="EU_"))

    assert found[0].names == ("EU_PLAIN",)
