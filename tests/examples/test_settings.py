from pathlib import Path

import pytest
from pydantic import ValidationError

from kimera.composition import make_services
from kimera.infrastructure.settings import ApiSettings, DatabaseSettings, EmbeddingSettings, KimeraSettings
from tests.examples.support import settings_in

pytestmark = pytest.mark.check


def test_application_listens_on_this_machine_only_unless_told_otherwise() -> None:
    assert ApiSettings().host == "127.0.0.1"


def test_groups_are_services_of_their_own(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, embedding={"dimensions": 64})

    with make_services(settings).build() as container:
        assert container.resolve(EmbeddingSettings) is settings.embedding
        assert container.resolve(KimeraSettings) is settings


def test_groups_are_services_when_the_container_reads_the_settings_itself() -> None:
    with make_services().build() as container:
        assert container.resolve(EmbeddingSettings) == container.resolve(KimeraSettings).embedding


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name", "no url"])
def test_database_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="url"):
        DatabaseSettings.model_validate({"url": url})


def test_password_of_the_database_is_not_shown() -> None:
    settings = KimeraSettings.model_validate({"database": {"url": "postgresql+psycopg://user:hunter2@host/name"}})

    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.database.resolved_url().endswith(":hunter2@host/name")


def test_misspelt_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="max_sesions"):
        KimeraSettings.model_validate({"memory": {"max_sesions": 5}})
