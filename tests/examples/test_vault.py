import sqlite3
from pathlib import Path

import pytest

from kimera.api.handlers import Stored, StoreTexts
from kimera.composition import make_services
from kimera.core.embedding import HashingEmbedding
from kimera.core.interfaces import IEmbeddingService, IVaultService
from kimera.infrastructure.settings import Settings
from kimera_di import ScopeRequiredError, ServiceContainer


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=tmp_path / "new folder" / "test.sqlite3")


def open_container(settings: Settings) -> ServiceContainer:
    return make_services(settings).build()


def rows(settings: Settings) -> list[str]:
    connection = sqlite3.connect(settings.database)
    try:
        return [text for (text,) in connection.execute("SELECT text FROM texts ORDER BY id")]
    finally:
        connection.close()


def store_and_fail(container: ServiceContainer) -> None:
    with container.scope() as scope:
        scope.resolve(IVaultService).store("Ice floats.")
        raise KeyError("stop")


def test_text_is_committed_when_its_scope_ends(settings: Settings) -> None:
    with open_container(settings) as container, container.scope() as scope:
        scope.resolve(IVaultService).store("Ice floats.")

    assert rows(settings) == ["Ice floats."]


def test_nothing_is_kept_when_the_scope_fails(settings: Settings) -> None:
    with open_container(settings) as container:
        with pytest.raises(KeyError, match="stop"):
            store_and_fail(container)

        assert rows(settings) == []


def test_handlers_of_one_scope_share_the_vault_and_its_session(settings: Settings) -> None:
    with open_container(settings) as container, container.scope() as scope:
        scope.resolve(StoreTexts).handle(["Ice floats."])

        seen = [each.text for each in scope.resolve(IVaultService).texts()]

    assert seen == ["Ice floats."]


def test_scopes_have_sessions_of_their_own(settings: Settings) -> None:
    with open_container(settings) as container, container.scope() as one, container.scope() as other:
        first, second = one.resolve(sqlite3.Connection), other.resolve(sqlite3.Connection)

        assert first is not second


def test_session_is_closed_with_its_scope(settings: Settings) -> None:
    with open_container(settings) as container:
        with container.scope() as scope:
            session = scope.resolve(sqlite3.Connection)

        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            session.execute("SELECT 1")


def test_vault_outside_of_a_scope_is_refused(settings: Settings) -> None:
    """Otherwise one transaction would live as long as the process."""
    with open_container(settings) as container, pytest.raises(ScopeRequiredError) as caught:
        container.resolve(IVaultService)

    assert caught.value.service is IVaultService
    assert not settings.database.exists()


def test_stored_vector_comes_back_bit_by_bit(settings: Settings) -> None:
    with open_container(settings) as container, container.scope() as scope:
        vault = scope.resolve(IVaultService)
        vault.store("Ice floats.")

        (text,) = vault.texts()

        assert text.vector == scope.resolve(IEmbeddingService).embed("Ice floats.")


def test_text_that_looks_like_sql_is_only_a_text(settings: Settings) -> None:
    text = "'); DROP TABLE texts; --"

    with open_container(settings) as container, container.scope() as scope:
        scope.resolve(IVaultService).store(text)

    assert rows(settings) == [text]


def test_handler_counts_new_and_known_texts_and_skips_comments(settings: Settings) -> None:
    with open_container(settings) as container, container.scope() as scope:
        stored = scope.resolve(StoreTexts).handle(["# a comment", "", "Ice floats.", " Ice floats. ", "Fish swim."])

    assert stored == Stored(new=2, known=1)


def test_embedding_is_replaced_for_one_test_by_an_override(settings: Settings) -> None:
    fake = HashingEmbedding(Settings(dimensions=3))

    with (
        open_container(settings) as container,
        container.override(IEmbeddingService, fake),
        container.scope() as scope,
    ):
        scope.resolve(IVaultService).store("Ice floats.")
        (text,) = scope.resolve(IVaultService).texts()

    assert len(text.vector) == 3
