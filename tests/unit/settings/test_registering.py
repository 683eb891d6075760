"""``services.settings(Model)`` checks what it is given, and reads nothing yet."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

import kimera_di
from kimera_di import FrozenCollectionError, RegistrationError, ServiceCollection
from tests.unit.settings import models

pytestmark = pytest.mark.check


def test_registration_can_be_chained_and_reads_nothing() -> None:
    services = ServiceCollection()

    assert services.settings(models.ShopSettings) is services
    assert len(services) == 1


def test_plain_model_is_refused() -> None:
    with pytest.raises(RegistrationError, match="CacheSettings is a BaseModel, which reads no variables"):
        ServiceCollection().settings(models.CacheSettings)  # type: ignore[arg-type]


def test_object_is_refused_without_showing_it() -> None:
    class Password(BaseSettings):
        password: str = models.CANARY

    with pytest.raises(RegistrationError, match=r"an object of .*Password is given, not the class") as caught:
        ServiceCollection().settings(Password())  # type: ignore[arg-type]

    assert models.CANARY not in str(caught.value)


@pytest.mark.parametrize("model", [BaseSettings, int, "ShopSettings"], ids=["base", "int", "text"])
def test_anything_else_is_refused(model: object) -> None:
    with pytest.raises(RegistrationError, match="is no settings model") as caught:
        ServiceCollection().settings(model)  # type: ignore[arg-type]

    assert "test_registering.py" in str(caught.value)


def test_frozen_collection_is_refused() -> None:
    services = ServiceCollection()
    services.build()

    with pytest.raises(FrozenCollectionError, match="ShopSettings cannot be registered any more"):
        services.settings(models.ShopSettings)


def test_unhashable_key_is_refused() -> None:
    with pytest.raises(RegistrationError, match="the key must be hashable"):
        ServiceCollection().settings(models.ShopSettings, key=[])  # type: ignore[arg-type]


def test_option_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(RegistrationError, match="secrets_dir is neither a path nor a list of paths"):
        ServiceCollection().settings(models.ShopSettings, secrets_dir=3)  # type: ignore[arg-type]
    with pytest.raises(RegistrationError, match="env_prefix is no text"):
        ServiceCollection().settings(models.ShopSettings, env_prefix=3)  # type: ignore[arg-type]


def test_last_of_several_env_files_wins(tmp_path: Path) -> None:
    first, last = tmp_path / "first.env", tmp_path / "last.env"
    first.write_text(models.GOOD, encoding="utf-8")
    last.write_text("SHOP_PORT=1", encoding="utf-8")

    container = ServiceCollection().settings(models.ShopSettings, env_file=[first, last]).build()

    assert container[models.ShopSettings].port == 1


WITHOUT = """
import sys
sys.path.insert(0, sys.argv[1])
from kimera_di import KimeraError, ServiceCollection
assert "pydantic" not in sys.modules
try:
    ServiceCollection().settings(int)
except KimeraError as error:
    print(error)
"""


def test_missing_extra_says_what_to_install() -> None:
    """``-S`` leaves the installed packages out."""
    folder = str(Path(kimera_di.__file__).parents[1])

    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", WITHOUT, folder], capture_output=True, text=True, check=True
    )

    assert "KD403 services.settings needs pydantic-settings" in done.stdout
    assert 'pip install "kimera-di[settings]"' in done.stdout


def test_container_with_settings_is_checked_without_reading_them(tmp_path: Path) -> None:
    """An architecture does not depend on values, and CI has no environment."""
    from kimera_di.composition.loading import load_wiring  # needs the extra

    (tmp_path / "readless.py").write_text(
        "from kimera_di import ServiceCollection\n"
        "from tests.unit.settings.models import NeedsCache, ShopSettings, Users\n"
        "services = ServiceCollection().settings(ShopSettings).singleton(Users).singleton(NeedsCache)\n",
        encoding="utf-8",
    )

    wiring = load_wiring("readless:services", [str(tmp_path)])

    assert wiring.problems == ()
    assert len(wiring.graph.nodes) > 3
