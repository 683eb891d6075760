"""Settings and the models nested in them, as services."""

from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from kimera_di import AmbiguousServiceError, BuildErrors, InvalidSettingsError, MissingServiceError, ServiceCollection
from kimera_di.settings.makers import SettingsMaker, SettingsOptions
from tests.unit.settings import models
from tests.unit.settings.models import CacheSettings, DatabaseSettings, PoolSettings, ShopSettings, Users, reading

pytestmark = pytest.mark.check


def test_settings_are_a_singleton_with_the_values_of_the_file(tmp_path: Path) -> None:
    container = reading(tmp_path, models.GOOD).build()

    assert container[ShopSettings].port == 8000
    assert container[ShopSettings] is container[ShopSettings]


def test_nested_models_are_injected_by_their_type(tmp_path: Path) -> None:
    container = reading(tmp_path, models.GOOD).singleton(Users).build()

    users = container[Users]

    assert users.database is container[ShopSettings].database
    assert users.pool is users.database.pool


def test_nested_model_is_found_under_the_path_of_its_field(tmp_path: Path) -> None:
    container = reading(tmp_path, models.GOOD).build()

    assert container.resolve(PoolSettings, key="database.pool") is container[PoolSettings]


def test_optional_nested_model_without_a_value_is_none_for_an_optional_parameter(tmp_path: Path) -> None:
    container = reading(tmp_path, models.GOOD).singleton(Users).build()

    assert container[Users].cache is None
    assert container.get(CacheSettings) is None


def test_optional_nested_model_with_a_value_is_injected(tmp_path: Path) -> None:
    services = reading(tmp_path, models.GOOD + "SHOP_CACHE__HOST=c").singleton(Users).singleton(models.NeedsCache)

    container = services.build()

    assert container[models.NeedsCache].cache is container[Users].cache
    assert container[CacheSettings].host == "c"


def test_parameter_that_needs_an_unset_nested_model_is_refused_with_its_variable(tmp_path: Path) -> None:
    (error,) = reading(tmp_path, models.GOOD).singleton(models.NeedsCache).validate()

    assert isinstance(error, MissingServiceError)
    assert error.service is CacheSettings
    assert "ShopSettings.cache is None" in error.summary
    assert "set SHOP_CACHE" in str(error)


def test_type_of_two_fields_is_ambiguous_and_names_both(tmp_path: Path) -> None:
    (error,) = reading(tmp_path, models.REPLICAS, models.Replicas).singleton(models.AnyPool).validate()

    assert isinstance(error, AmbiguousServiceError)
    assert error.summary == "PoolSettings could be any of Replicas.read or Replicas.write"
    assert "Annotated[PoolSettings, Key('read')]" in str(error)


class MaybePool:
    def __init__(self, pool: PoolSettings | None) -> None:
        self.pool = pool


POOL = PoolSettings(token=SecretStr("x"))


class DefaultPool:
    def __init__(self, pool: PoolSettings = POOL) -> None:
        self.pool = pool


class EveryPool:
    def __init__(self, pools: list[PoolSettings]) -> None:
        self.pools = pools


@pytest.mark.parametrize("consumer", [MaybePool, DefaultPool, EveryPool])
def test_ambiguous_type_is_not_replaced_in_silence(tmp_path: Path, consumer: type) -> None:
    """``None``, the default or an empty list would look as if nothing had been configured."""
    (error,) = reading(tmp_path, models.REPLICAS, models.Replicas).singleton(consumer).validate()

    assert isinstance(error, AmbiguousServiceError)
    assert [step.service for step in error.path] == [consumer, PoolSettings]


def test_type_of_two_fields_is_found_under_the_path_of_each(tmp_path: Path) -> None:
    container = reading(tmp_path, models.REPLICAS, models.Replicas).singleton(models.ReadPool).build()

    assert container[models.ReadPool].pool.size == 1
    assert container.resolve(PoolSettings, key="write").size == 2


def test_explicit_registration_comes_before_a_nested_model(tmp_path: Path) -> None:
    mine = PoolSettings(size=9, token=SecretStr("x"))

    container = reading(tmp_path, models.GOOD).instance(PoolSettings, mine).singleton(Users).build()

    assert container[Users].pool is mine
    assert container.resolve_all(PoolSettings) == [mine]


def test_two_readings_of_one_model_stand_side_by_side(tmp_path: Path) -> None:
    file = models.env_file(tmp_path, "A_HOST=a\nB_HOST=b")

    class Host(BaseSettings):
        model_config = SettingsConfigDict(extra="ignore")
        host: str

    services = ServiceCollection()
    for key in ("a", "b"):
        services.settings(Host, key=key, env_prefix=f"{key.upper()}_", env_file=file)
    container = services.build()

    assert [container.resolve(Host, key=key).host for key in ("a", "b")] == ["a", "b"]


def test_nested_models_of_keyed_settings_have_the_key(tmp_path: Path) -> None:
    services = ServiceCollection().settings(ShopSettings, key="eu", env_file=models.env_file(tmp_path, models.GOOD))

    container = services.build()

    assert container.resolve(DatabaseSettings, key="eu").url == "sqlite://"
    assert container.resolve(PoolSettings, key=("eu", "database.pool")).size == 5
    assert DatabaseSettings not in container


def test_model_registered_again_replaces_the_first_with_its_nested_models(tmp_path: Path) -> None:
    services = reading(tmp_path, models.GOOD).settings(ShopSettings, env_file=tmp_path / "shop.env").singleton(Users)

    container = services.build()

    assert container[Users].pool is container[ShopSettings].database.pool


def test_maker_that_was_not_read_reads_when_it_is_called(tmp_path: Path) -> None:
    """A plan made without values, as for a check, still gives a factory that works."""
    file = models.env_file(tmp_path, models.GOOD)
    maker = SettingsMaker(ShopSettings, SettingsOptions(env_file=(str(file),)))

    assert maker().port == 8000

    models.env_file(tmp_path, "")
    with pytest.raises(InvalidSettingsError, match="ShopSettings cannot be read"):
        maker()


def test_override_of_the_settings_changes_the_nested_models(tmp_path: Path) -> None:
    container = reading(tmp_path, models.GOOD).singleton(Users).build()
    other = container[ShopSettings].model_copy(update={"cache": CacheSettings(host="other")})

    with container.override(ShopSettings, other):
        inside = container[Users].cache

    assert inside is other.cache
    assert container[Users].cache is None


def test_override_of_a_nested_model_changes_what_is_nested_in_it(tmp_path: Path) -> None:
    container = reading(tmp_path, models.GOOD).singleton(Users).build()
    other = DatabaseSettings(url="x", pool=PoolSettings(size=7, token=SecretStr("x")))

    with container.override(DatabaseSettings, other):
        users = container[Users]

    assert (users.database, users.pool) == (other, other.pool)


def test_override_of_a_nested_model_is_seen_under_the_path_of_its_field(tmp_path: Path) -> None:
    container = reading(tmp_path, models.GOOD).build()
    other = PoolSettings(size=7, token=SecretStr("x"))

    with container.override(PoolSettings, other):
        assert container.resolve(PoolSettings, key="database.pool") is other


def test_override_without_a_value_that_somebody_needs_is_refused(tmp_path: Path) -> None:
    services = reading(tmp_path, models.GOOD + "SHOP_CACHE__HOST=c").singleton(models.NeedsCache)
    container = services.build()
    empty = container[ShopSettings].model_copy(update={"cache": None})

    with (
        container.override(ShopSettings, empty),
        pytest.raises(MissingServiceError, match=r"ShopSettings\.cache is None in the settings that override it"),
    ):
        container.resolve(models.NeedsCache)


def test_model_that_contains_itself_is_followed_once(tmp_path: Path) -> None:
    container = reading(tmp_path, "", Tree).build()

    assert container.get(Node) is None


class Node(BaseModel):
    child: "Node | None" = None


class Tree(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TREE_", env_nested_delimiter="__")

    root: Node | None = None


def test_explain_shows_the_way_to_the_settings_and_no_value(tmp_path: Path) -> None:
    text = reading(tmp_path, models.GOOD).singleton(Users).build().explain(Users)

    assert "pool: PoolSettings <- ShopSettings.database.pool" in text
    assert "ShopSettings <- environment" in text
    assert "tests/unit/settings/models.py" in text
    assert models.CANARY not in text


def test_every_build_reads_again_and_keeps_what_it_read(tmp_path: Path) -> None:
    services = reading(tmp_path, models.GOOD)
    first = services.build()
    models.env_file(tmp_path, models.GOOD.replace("8000", "9000"))

    second = services.build()

    assert (first[ShopSettings].port, second[ShopSettings].port) == (8000, 9000)


def test_instance_registered_after_the_settings_brings_its_nested_models(tmp_path: Path) -> None:
    real = reading(tmp_path, models.GOOD).build()[ShopSettings]
    pool = PoolSettings(size=99, token=SecretStr("t"))
    fake = real.model_copy(update={"database": real.database.model_copy(update={"pool": pool})})

    container = reading(tmp_path, models.GOOD).instance(ShopSettings, fake).singleton(Users).build()

    assert container[Users].pool is pool
    assert container[ShopSettings] is fake


def test_settings_given_to_a_variant_are_not_read_and_bring_their_nested_models(tmp_path: Path) -> None:
    real = reading(tmp_path, models.GOOD).build()[ShopSettings]
    unreadable = reading(tmp_path, "").singleton(Users)

    variant = unreadable.build(overrides={ShopSettings: real})

    assert variant[Users].database is real.database
    with pytest.raises(BuildErrors):
        reading(tmp_path, "").build()


def test_nested_model_may_be_overridden_in_a_variant(tmp_path: Path) -> None:
    pool = PoolSettings(size=99, token=SecretStr("t"))

    variant = reading(tmp_path, models.GOOD).singleton(Users).build(overrides={PoolSettings: pool})

    assert variant[Users].pool is pool
